"""What settings say together: each function speaks of the settings that its parameters name.

It is asked where all of these are sound themselves.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from components.content import detection
from components.content.detection import OPTIONAL_TABLES, Detection
from components.detection_set import (
    DetectionException,
    DetectionOverride,
    chosen_detections,
    exceptions_of,
)
from components.limits.app_service import refusals
from components.limits.letter_case import camel
from components.limits.receiver import is_placeholder
from components.limits.refusal import Place, Refusal, RefusedError
from components.monitored_login import optional_tables
from settings.rows import ROWS

Judge = Callable[..., Iterator[Refusal]]

EVERY_TABLE: Final = tuple(OPTIONAL_TABLES)


def plan(
    app_service_sku: str,
    instances: int,
    zone_redundant: bool,
    database: str,
    database_public_access: Sequence[str],
    shared_limits: bool,
) -> Iterator[Refusal]:
    """What the plan takes of what is asked of it."""
    has_database = database != "none"
    for each in refusals(
        app_service_sku,
        instances=instances,
        zone_redundant=zone_redundant,
        joins_network=(has_database and not database_public_access) or shared_limits,
        shares_limits=shared_limits,
        shares_users=has_database,
    ):
        value = str(each.value).lower() if isinstance(each.value, bool) else each.value
        yield Refusal(Place(key=camel(each.key)), f"{value} {each.problem}", each.expectation)


def playbook(playbook: str, playbook_url: str | None) -> Iterator[Refusal]:
    """A playbook tells a channel."""
    if playbook != "none" and not playbook_url:
        row = ROWS["playbookUrl"]
        expected = f"expected the incoming webhook of the channel that it tells: {row.command}"
        yield Refusal(Place(key=row.key), "is missing", expected)


def known(detections: Sequence[str]) -> Iterator[Refusal]:
    """Each chosen detection is one of the library."""
    yield from _asked("detections", partial(chosen_detections, detections, {}, None, EVERY_TABLE))


def own_values(detection_overrides: Mapping[str, DetectionOverride]) -> Iterator[Refusal]:
    """Each detection is one that Azure takes, with a stack's own values too."""
    for slug, changes in detection_overrides.items():
        yield from _asked(f"detectionOverrides.{slug}", partial(_changed, slug, changes))


def fed(
    detections: Sequence[str],
    daily_cap_gb: int,
    activity_log: bool,
    database: str,
    login_sources: Sequence[str],
) -> Iterator[Refusal]:
    """Each detection that is chosen by its slug gets rows."""
    if not (_is_a_set(detections) or list(known(detections))):
        tables = optional_tables(
            daily_cap_gb=daily_cap_gb, activity_log=activity_log, database=database
        )
        chosen = partial(chosen_detections, detections, {}, None, tables, login_sources)
        yield from _asked("detections", chosen)


def muted(
    detections: Sequence[str],
    detection_overrides: Mapping[str, DetectionOverride],
    mute_duration: str | None,
) -> Iterator[Refusal]:
    """Azure takes the silence after an alert at each detection's frequency."""
    if mute_duration and not [*known(detections), *own_values(detection_overrides)]:
        chosen = partial(chosen_detections, detections, detection_overrides)
        yield from _asked("muteDuration", partial(chosen, mute_duration, EVERY_TABLE))


def _changed(slug: str, changes: Mapping[str, object]) -> Detection:
    try:
        return detection.override(detection.load(slug), changes)
    except RefusedError as error:
        told = (
            each.below("detection_overrides") if each.where.key else each for each in error.refusals
        )
        raise RefusedError(*told) from error


def _is_a_set(detections: Sequence[str]) -> bool:
    """One word for several, which leaves out by itself what gets no rows."""
    return list(detections) in (["essential"], ["all"])


def _asked(path: str, question: Callable[[], object]) -> Iterator[Refusal]:
    try:
        question()
    except RefusedError as error:
        yield from (_said_of(path, each) for each in error.refusals)


def _said_of(path: str, refusal: Refusal) -> Refusal:
    """What is wrong with detections, said of the setting that asks for them."""
    if refusal.where.file:
        return refusal
    if not refusal.where.key:
        return replace(refusal, where=Place(key=path), what=f"cannot work: {refusal.what}")
    argument, dot, rest = refusal.where.key.partition(".")
    return replace(refusal, where=Place(key=f"{camel(argument)}{dot}{rest}"))


def excepted(
    exceptions: Sequence[DetectionException], login_sources: Sequence[str]
) -> Iterator[Refusal]:
    """Each exception is from detections that there are, and that it can be told in."""
    try:
        exceptions_of(exceptions, login_sources)
    except RefusedError as error:
        yield from error.refusals


JUDGES: Final[Sequence[Judge]] = (plan, playbook, known, own_values, excepted, fed, muted)


def placeholders(
    alert_emails: Sequence[str],
    urgent_emails: Sequence[str],
    webhook_url: str | None,
    playbook_url: str | None,
) -> Iterator[Refusal]:
    """Receivers that nobody has, as the project's own stack files name them: alerts would reach
    nobody, and Azure would not say so.
    """
    for name, addresses in (("alert_emails", alert_emails), ("urgent_emails", urgent_emails)):
        for number, address in enumerate(addresses):
            if is_placeholder(address.rpartition("@")[2]):
                key = f"{camel(name)}[{number}]"
                expected = f"expected one of yours: pulumi config set --path '{key}' <address>"
                yield Refusal(Place(key=key), "is an address for documents", expected, address)
    for name, url in (("webhook_url", webhook_url), ("playbook_url", playbook_url)):
        if url and is_placeholder(urlsplit(url).hostname or ""):
            row = ROWS[camel(name)]
            what, expected = (
                "leads to a host for documents",
                f"expected one of yours: {row.command}",
            )
            yield Refusal(Place(key=row.key), f"(hidden) {what}", expected)


def without_effect(values: Mapping[str, Any]) -> Iterator[Refusal]:
    """What is set for nothing: told, and no reason to refuse it."""
    for row in ROWS.values():
        if (
            row.only_with
            and not _is_on(values[row.only_with])
            and values[row.name] != row.rule.read(row.default_text)
        ):
            needed = camel(row.only_with)
            expected = f"expected it with {needed}, or nothing: pulumi config rm {row.key}"
            yield Refusal(Place(key=row.key), f"has no effect without {needed}", expected)
    yield from ask(_idle_overrides, values)
    yield from ask(_ended_exceptions, values)


def _ended_exceptions(
    exceptions: Sequence[DetectionException], login_sources: Sequence[str]
) -> Iterator[Refusal]:
    now = datetime.now(UTC)
    for number, each in enumerate(exceptions_of(exceptions, login_sources)):
        if each.has_ended(now):
            what = f"has ended ({each.told()}) and no longer applies"
            expected = "expected a later day, or no such entry"
            yield Refusal(Place(key=f"exceptions[{number}]"), what, expected)


def _is_on(value: object) -> bool:
    return bool(value) and value != "none"


def _idle_overrides(
    detections: Sequence[str],
    detection_overrides: Mapping[str, DetectionOverride],
    daily_cap_gb: int,
    activity_log: bool,
    database: str,
    login_sources: Sequence[str],
) -> Iterator[Refusal]:
    if not detection_overrides:
        return
    tables = optional_tables(
        daily_cap_gb=daily_cap_gb, activity_log=activity_log, database=database
    )
    try:
        chosen = chosen_detections(detections, {}, None, tables, login_sources)
        running = {each.slug for each in chosen}
    except RefusedError:
        return
    for slug in detection_overrides:
        if slug not in running:
            words = "has no effect, because the stack does not have this detection"
            expected = "expected its slug among detections, or no own values for it"
            yield Refusal(Place(key=f"detectionOverrides.{slug}"), words, expected)


def ask(judge: Judge, values: Mapping[str, Any]) -> Iterator[Refusal]:
    """What a function says, where every setting that it speaks of is known."""
    spoken_of = inspect.signature(judge).parameters
    if spoken_of.keys() <= values.keys():
        yield from judge(**{name: values[name] for name in spoken_of})
