"""The teardown: the lab's stacks, all of them, and no other."""

import json
import subprocess
from collections.abc import Sequence

import pytest

from components.limits.refusal import RefusedError
from pipeline import teardown

LISTED = json.dumps(
    [
        {"name": name}
        for name in (
            "prod",
            "dev",
            "lab-try",
            "organization/login-monitor/lab-two",
            "prod-lab-x",
            "lab",
        )
    ]
)


def test_only_stacks_of_the_lab_are_chosen() -> None:
    assert teardown.chosen(LISTED) == ["lab-try", "organization/login-monitor/lab-two"]
    assert teardown.chosen("[]") == []


@pytest.mark.parametrize("text", ["", "no stacks", "[1]", '[{"title": "x"}]', "5"])
def test_a_list_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match="pulumi stack ls --json"):
        teardown.chosen(text)


def test_a_stack_that_cannot_be_destroyed_keeps_no_other_alive() -> None:
    asked: list[Sequence[str]] = []

    def run(arguments: Sequence[str]) -> str:
        asked.append(arguments)
        if arguments[0] == "destroy" and arguments[-1] == "lab-try":
            raise subprocess.CalledProcessError(255, ["pulumi", *arguments])
        return LISTED if arguments[1] == "ls" else ""

    assert teardown.tear_down(run) == (["organization/login-monitor/lab-two"], ["lab-try"])
    removed = [each[-1] for each in asked if list(each[:2]) == ["stack", "rm"]]
    assert removed == ["organization/login-monitor/lab-two"], "a stack with resources is kept"
    assert not [each for each in asked if {"prod", "dev", "prod-lab-x", "lab"} & set(each)]
