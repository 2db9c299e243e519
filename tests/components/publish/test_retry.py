"""Waiting with an end."""

import pytest

from components.limits.refusal import FailedError
from components.publish.retry import Retry


def test_steps_grow_and_end_at_the_deadline_exactly() -> None:
    slept: list[float] = []
    retry = Retry(30, now=lambda: sum(slept), sleep=slept.append)
    while sum(slept) < 30:
        retry.wait("no tea", "cold")
    with pytest.raises(FailedError, match=r"^no tea within 30 s; last answer: cold$"):
        retry.wait("no tea", "cold")
    assert sum(slept) == pytest.approx(30)
    assert slept[0] == 0.25
    assert max(slept) == 5
    assert slept[:-1] == sorted(slept[:-1])


def test_half_a_second_is_still_waited_for() -> None:
    slept: list[float] = []
    retry = Retry(0.5, now=lambda: sum(slept), sleep=slept.append)
    retry.wait("no tea", "cold")
    retry.wait("no tea", "cold")
    assert slept == [0.25, 0.25]
