"""The geometry of the timeline: everything inside, in proportion, in order."""

from dataclasses import replace
from datetime import timedelta

import pytest

from lab.report.timeline import BARS_HEIGHT, BARS_TOP, NARROW, RIGHT, WIDE, Layout, draw
from tests.support.reports import SLUG, START, failed, replayed, report

ATTACKS = {SLUG: (START + timedelta(minutes=5), START + timedelta(minutes=9))}


@pytest.mark.parametrize("layout", [WIDE, NARROW])
def test_bars_are_inside_and_as_high_as_their_share_of_the_peak(layout: Layout) -> None:
    drawn = draw(report(), ATTACKS, layout)
    assert drawn.peak == 79
    assert len(drawn.bars) == 60
    for minute, bar in enumerate(drawn.bars):
        assert layout.left <= bar.x <= bar.x + bar.width <= drawn.right
        assert bar.ordinary_height + bar.attack_height == pytest.approx(
            (20 + minute) / 79 * BARS_HEIGHT
        )
        assert bar.attack_y >= BARS_TOP - 1e-6
        assert bar.ordinary_y + bar.ordinary_height == pytest.approx(BARS_TOP + BARS_HEIGHT)


def test_an_alert_begins_after_its_attack_began_and_ends_when_resolved() -> None:
    (lane,) = draw(report(), ATTACKS).lanes
    assert lane.attack is not None
    (alert,) = lane.alerts
    assert lane.attack.x < alert.x
    minute = (WIDE.width - WIDE.left - RIGHT) / 120
    assert alert.width == pytest.approx(30 * minute, abs=0.2)


def test_an_alert_that_never_ended_lasts_to_the_edge() -> None:
    found = report()
    lasting = replace(found.alerts[0], resolved_at=None)
    (lane,) = draw(replace(found, alerts=[lasting]), {}).lanes
    assert lane.alerts[0].x + lane.alerts[0].width == pytest.approx(WIDE.width - RIGHT)
    assert lane.attack is None


def test_rules_that_were_not_judged_have_a_lane_when_they_fired() -> None:
    assert [lane.slug for lane in draw(replayed(), {}).lanes] == [SLUG]
    assert [lane.slug for lane in draw(failed(), {}).lanes] == [SLUG]


@pytest.mark.parametrize("hours", [0, 0.5, 2, 49])
@pytest.mark.parametrize("layout", [WIDE, NARROW])
def test_ticks_are_few_and_inside(hours: float, layout: Layout) -> None:
    drawn = draw(replace(report(), ended=START + timedelta(hours=hours), minutes=()), {}, layout)
    assert len(drawn.ticks) <= layout.ticks + 1
    assert all(layout.left <= tick.x <= drawn.right for tick in drawn.ticks)
    assert len({tick.x for tick in drawn.ticks}) == len(drawn.ticks)
