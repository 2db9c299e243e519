"""DetectionSet: one alert rule for each chosen detection of kql/."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_azure_native import monitor

from components.content import detection, login_sources, rule_exception
from components.content.deployed_rule import deployed, moment, rings_for_silence
from components.content.detection import OPTIONAL_TABLES, Detection
from components.content.login_sources import DEFAULT, Lack
from components.content.rule_exception import RuleException
from components.event_sources import event_sources
from components.limits import alert_rule
from components.limits.refusal import NOWHERE, Place, Refusal, RefusedError, nearest
from components.log_owners import are_named, owners

URGENT_SEVERITY = 1
# "Stateful alerts are not supported for a frequency of more than 12 hours" (Alerts overview).
_STATEFUL_LIMIT = timedelta(hours=12)


class DetectionOverride(TypedDict):
    """What a stack changes of one detection."""

    severity: NotRequired[int]
    """Optional. 0 (critical) to 4 (verbose)."""
    threshold: NotRequired[float]
    """Optional. Number that the measured value is compared with."""
    sensitivity: NotRequired[str]
    """Optional. Low, Medium or High: Azure learns the threshold, from three days on."""
    window: NotRequired[str]
    """Optional. ISO 8601 duration that one evaluation looks back."""
    frequency: NotRequired[str]
    """Optional. ISO 8601 duration between evaluations, at most the window."""
    enabled: NotRequired[bool]
    """Optional. False keeps the rule and switches it off."""


class DetectionException(TypedDict):
    """Whose rows do not count, why, and until when; of several conditions all hold together."""

    reason: str
    """Required. Why, for whoever reads an alert."""
    expires: str
    """Required. Day (its end, UTC) or RFC 3339 time from which it no longer applies, within a
    year: the rule's own query knows it."""
    detections: NotRequired[list[str]]
    """Optional. Slugs; every detection that can tell by default."""
    address: NotRequired[str]
    """Optional. One client address."""
    network: NotRequired[str]
    """Optional. IPv4 network of client addresses, /16 or smaller."""
    account: NotRequired[str]
    """Optional. One account."""
    user_agent: NotRequired[str]
    """Optional. One whole user agent."""
    path: NotRequired[str]
    """Optional. One path, or /folder/* for what lies below it."""


class DetectionSetArgs(TypedDict):
    """Inputs of DetectionSet."""

    resource_group_name: pulumi.Input[str]
    """Required. Resource group that will hold the rules."""
    location: pulumi.Input[str]
    """Required. Azure region of the rules: the workspace's."""
    workspace_id: pulumi.Input[str]
    """Required. Log Analytics workspace that the queries read."""
    urgent_action_group_id: pulumi.Input[str]
    """Required. Action group told about severity 0 and 1."""
    routine_action_group_id: pulumi.Input[str]
    """Required. Action group told about severity 2 to 4."""
    detections: NotRequired[list[str]]
    """Optional. Slugs, or the one word essential or all; essential by default."""
    detection_overrides: NotRequired[dict[str, DetectionOverride]]
    """Optional. Own values by slug; none by default."""
    exceptions: NotRequired[list[DetectionException]]
    """Optional. Rows that do not count, each with a reason and an end; none by default."""
    mute_duration: NotRequired[str]
    """Optional. ISO 8601 duration of silence after an alert; alerts resolve themselves instead."""
    app_ids: NotRequired[list[pulumi.Input[str]]]
    """Optional. Azure ids of the web apps whose rows count; every app in the workspace by default.
    Two stacks that share a workspace each name their own."""
    database_ids: NotRequired[list[pulumi.Input[str]]]
    """Optional. Azure ids of the PostgreSQL servers whose rows count; every one by default."""
    optional_tables: NotRequired[list[str]]
    """Optional. Log tables beside App Service's that get rows, such as PGSQLServerLogs; none by
    default. Essential and all leave out what reads another one, a listed slug is refused."""
    logs_since: NotRequired[pulumi.Input[str]]
    """Optional. When the workspace was made, as LogStore tells. Rules that ring for missing rows
    wait two hours from then, because Azure's first rows do; by default they do not wait."""
    login_sources: NotRequired[list[str]]
    """Optional. Where login events come from, of docs/sources.md; json, the lines that the
    project's own apps write, by default."""
    runbook_url: NotRequired[pulumi.Input[str]]
    """Optional. Page that says how to answer each alert; a link to it travels with each alert."""
    tags: NotRequired[dict[str, pulumi.Input[str]]]
    """Optional. Tags of every child; none by default."""


class DetectionSet(pulumi.ComponentResource):
    """One scheduled-query alert rule for each chosen detection of kql/."""

    rule_ids: pulumi.Output[dict[str, str]]
    """Azure id of each rule, by slug."""

    def __init__(
        self, name: str, args: DetectionSetArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("login-monitor:index:DetectionSet", name, {}, opts)
        mute = args.get("mute_duration") or None
        sources = event_sources(args)
        chosen = _chosen(args, sources)
        if unfed := left_out(args.get("detections") or ["essential"], sources):
            pulumi.log.warn(login_sources.in_one_sentence(unfed), self)
        page = args.get("runbook_url")
        runbook = {} if page is None else {"runbook": page}
        excepted = exceptions_of(args.get("exceptions") or (), event_sources(args))
        rules = {
            found.slug: monitor.ScheduledQueryRule(
                f"{name}-{found.slug}",
                resource_group_name=args["resource_group_name"],
                location=args["location"],
                scopes=[args["workspace_id"]],
                actions=monitor.ActionsArgs(
                    action_groups=[
                        args["urgent_action_group_id"]
                        if found.severity <= URGENT_SEVERITY
                        else args["routine_action_group_id"]
                    ],
                    custom_properties={**custom_properties(found, excepted), **runbook},
                    action_properties={"Email.Subject": email_subject(found)},
                ),
                tags=args.get("tags"),
                **rule_arguments(found, mute, args, excepted),
                opts=pulumi.ResourceOptions(parent=self, replace_on_changes=["scopes"]),
            )
            for found in chosen
        }
        self.rule_ids = pulumi.Output.all(**{slug: rule.id for slug, rule in rules.items()})
        self.register_outputs({"rule_ids": self.rule_ids})


def chosen_detections(
    selection: Sequence[str],
    overrides: Mapping[str, Mapping[str, object]],
    mute: str | None,
    optional_tables: Collection[str] = (),
    sources: Sequence[str] = DEFAULT,
) -> list[Detection]:
    """The detections as a stack wants them; RefusedError has everything that cannot work.

    `optional_tables`: which of OPTIONAL_TABLES get rows. `sources`: where login events come from.
    A named set leaves out what these do not feed, a list may not.
    """
    refusals: list[Refusal] = []
    found: dict[str, Detection] = {}
    try:
        word = selection[0] if list(selection) in (["essential"], ["all"]) else None
        found = {each.slug: each for each in detection.choose(word or list(selection), sources)}
        blind = {
            slug: lack for slug, each in found.items() if (lack := _lacking(each, optional_tables))
        }
        if word is None:
            refusals += blind.values()
        found = {slug: each for slug, each in found.items() if slug not in blind}
    except RefusedError as error:
        refusals += error.refusals
    for slug, changes in overrides.items():
        try:
            changed = detection.override(found.get(slug) or _known(slug, sources), changes)
        except RefusedError as error:
            refusals += (
                each if each.where.file else each.below("detection_overrides")
                for each in error.refusals
            )
            continue
        if slug in found:
            found[slug] = changed
    refusals += [refusal for each in found.values() for refusal in _mute_refusals(each, mute)]
    if refusals:
        raise RefusedError(*refusals)
    return list(found.values())


def exceptions_of(
    given: Sequence[Mapping[str, Any]], sources: Sequence[str] = DEFAULT
) -> list[RuleException]:
    """The exceptions of a stack; RefusedError has everything that is wrong with them.

    `sources`: where its login events come from, which may not tell what is excepted.
    """
    found: list[RuleException] = []
    refusals: list[Refusal] = []
    known = detection.load_all(sources=sources) if given else {}
    for number, entry in enumerate(given):
        try:
            found.append(each := rule_exception.read(entry))
            wrong = rule_exception.refusals(each, known)
        except RefusedError as error:
            wrong = list(error.refusals)
        refusals += (each.below(f"[{number}]") for each in wrong)
    if refusals:
        raise RefusedError(*(each.below("exceptions") for each in refusals))
    return found


def left_out(selection: Sequence[str], sources: Sequence[str]) -> list[Lack]:
    """Why detections of a named set are missing, where no source tells what they need."""
    if list(selection) not in (["essential"], ["all"]):
        return []
    return [each.lack for each in detection.choose(selection[0], sources) if each.lack]


def rule_arguments(
    found: Detection,
    mute: str | None,
    whose: Mapping[str, Any] | None = None,
    exceptions: Sequence[RuleException] = (),
) -> dict[str, Any]:
    """ScheduledQueryRule's arguments that come from the detection, and from `whose` rows count.

    `whose` has app_ids and database_ids as the component takes them.
    """
    query = _query(found, whose or {}, exceptions)
    found = deployed(found, exceptions=exceptions)
    return {
        "kind": "LogAlert",
        "display_name": found.name,
        "description": found.description,
        "severity": found.severity,
        "enabled": found.enabled,
        "evaluation_frequency": found.frequency,
        "window_size": found.window,
        # AppService* tables appear with their first record; until then Azure knows no column.
        "skip_query_validation": True,
        **_mitigation(found, mute),
        "criteria": monitor.ScheduledQueryRuleCriteriaArgs(
            all_of=[
                monitor.ConditionArgs(
                    query=query,
                    metric_measure_column=found.measure_column,
                    time_aggregation=found.aggregation,
                    # Plain text: the SDK's ConditionOperator belongs to another API ("gt").
                    operator=found.operator,
                    **_criterion(found),
                    dimensions=[
                        monitor.DimensionArgs(name=column, operator="Include", values=["*"])
                        for column in found.dimensions
                    ],
                    failing_periods=monitor.ConditionFailingPeriodsArgs(
                        number_of_evaluation_periods=found.failing_periods,
                        min_failing_periods_to_alert=found.min_failing_periods,
                    ),
                )
            ]
        ),
    }


def _query(
    found: Detection, whose: Mapping[str, Any], exceptions: Sequence[RuleException]
) -> pulumi.Input[str]:
    """Plain where nothing of it is made by the stack: then a preview can show and judge it."""
    since = whose.get("logs_since") if rings_for_silence(found) else None
    if since is not None:
        return pulumi.Output.all(owners(whose), since).apply(
            lambda known: deployed(found, known[0], exceptions, moment(str(known[1]))).query
        )
    if not are_named(whose):
        return deployed(found, exceptions=exceptions).query
    return owners(whose).apply(lambda known: deployed(found, known, exceptions).query)


def _criterion(found: Detection) -> dict[str, Any]:
    """The threshold; a dynamic one is Azure's own (2025-01-01-preview, the SDK's default)."""
    if found.is_dynamic:
        return {
            "criterion_type": "DynamicThresholdCriterion",
            "alert_sensitivity": found.sensitivity,
        }
    return {"threshold": found.threshold}


def custom_properties(found: Detection, exceptions: Sequence[RuleException] = ()) -> dict[str, str]:
    """What travels with each alert, for whoever or whatever answers it."""
    told = rule_exception.in_words(exceptions, found)
    return {
        "detection": found.slug,
        "attack": ", ".join(found.attack),
        "response": found.response,
        **({"exceptions": told} if told else {}),
    }


def email_subject(found: Detection) -> str:
    """Severity first, because that is what one reads on a phone."""
    return f"[Sev{found.severity}] {found.name}"


def _chosen(args: DetectionSetArgs, sources: Sequence[str]) -> list[Detection]:
    overrides = {
        slug: {key: _whole(value) if key == "severity" else value for key, value in changes.items()}
        for slug, changes in args.get("detection_overrides", {}).items()
    }
    try:
        return chosen_detections(
            args.get("detections") or ["essential"],
            overrides,
            args.get("mute_duration") or None,
            args.get("optional_tables") or (),
            sources,
        )
    except RefusedError as error:
        raise pulumi.InputPropertyError("detections", str(error)) from error


def _lacking(found: Detection, filled: Collection[str]) -> Refusal | None:
    """Why a detection would never see a row; None when it can."""
    if found.lack:
        expected = f"expected one that tells {' and '.join(found.needs)} among login_sources"
        return Refusal(NOWHERE, f"detection {found.lack}", expected)
    empty = [each for each in found.tables if each in OPTIONAL_TABLES and each not in filled]
    if not empty:
        return None
    sources = ", ".join(OPTIONAL_TABLES[each] for each in empty)
    what = f"detection {found.slug} reads {', '.join(empty)}, which gets no rows"
    return Refusal(NOWHERE, what, f"expected {sources}")


def _known(slug: str, sources: Sequence[str]) -> Detection:
    if slug not in (known := detection.load_all(sources=sources)):
        raise RefusedError(Refusal(Place(key=slug), "is not a detection", nearest(slug, known)))
    return known[slug]


def _whole(value: object) -> object:
    """Programs in other languages reach us with every number as a float."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _mitigation(found: Detection, mute: str | None) -> dict[str, Any]:
    """Resolve by itself, or be silent for a while: Azure refuses both, its default is the first."""
    if mute is not None:
        return {"auto_mitigate": False, "mute_actions_duration": mute}
    return {"auto_mitigate": alert_rule.duration(found.frequency) <= _STATEFUL_LIMIT}


def _mute_refusals(found: Detection, mute: str | None) -> list[Refusal]:
    if mute is None:
        return []
    values = replace(found.rule_values(), mute_actions_duration=mute, auto_mitigate=False)
    return [
        replace(
            each, where=Place(key="mute_duration"), what=f"is refused by Azure for {found.slug}"
        )
        for each in alert_rule.refusals(values)
        if each.where.property == "muteActionsDuration"
    ]
