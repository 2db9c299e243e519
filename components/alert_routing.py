"""AlertRouting: who is told, by how bad it is, and when nobody is."""

from typing import Any, NotRequired, TypedDict, cast

import pulumi
from pulumi_azure_native import alertsmanagement, monitor

from components.alerts import processing_rule, suppression_window
from components.alerts.suppression_window import SuppressionWindow
from components.limits import receiver
from components.limits.receiver import ReceiverProblem
from components.naming import action_group_short_name


class SmsNumber(TypedDict):
    """A telephone that gets text messages."""

    country_code: str
    """Required. Digits of the country code, such as 49, without a plus sign."""
    number: str
    """Required. The rest of the telephone number, digits only."""


class LogicAppTarget(TypedDict):
    """A Logic App that is started with each alert."""

    name: str
    """Required. Name of the receiver, unique among all receivers."""
    workflow_id: pulumi.Input[str]
    """Required. Azure id of the workflow."""
    callback_url: pulumi.Input[str]
    """Required. URL of the workflow's request trigger; kept secret."""


class AlertRoutingArgs(TypedDict):
    """Inputs of AlertRouting."""

    resource_group_name: pulumi.Input[str]
    """Required. Resource group that will hold the action groups."""
    alert_emails: list[pulumi.Input[str]]
    """Required. Addresses that get every alert; Azure asks each to confirm itself once."""
    urgent_emails: NotRequired[list[pulumi.Input[str]]]
    """Optional. Addresses that get urgent alerts only (severity 0 and 1); none by default."""
    sms_numbers: NotRequired[list[SmsNumber]]
    """Optional. Telephones that get urgent alerts as text messages; none by default."""
    routine_sms: NotRequired[bool]
    """Optional. Send routine alerts as text messages too; false by default."""
    webhook_url: NotRequired[pulumi.Input[str]]
    """Optional. URL that gets every alert as a POST in the common alert schema; kept secret."""
    logic_apps: NotRequired[list[LogicAppTarget]]
    """Optional. Logic Apps that are started with every alert, at most 10."""
    suppression_windows: NotRequired[list[SuppressionWindow]]
    """Optional. Times in which alerts are recorded, but nobody is told; none by default."""
    resource_group_id: NotRequired[pulumi.Input[str]]
    """Conditional. Resource group whose alerts are silenced; required with suppressionWindows."""
    tags: NotRequired[dict[str, pulumi.Input[str]]]
    """Optional. Tags of every child; none by default."""


class AlertRouting(pulumi.ComponentResource):
    """Action groups for urgent (severity 0, 1) and routine alerts (2 to 4), and their pauses.

    Text messages are for urgent alerts unless asked for: a number gets one in 5 minutes at most,
    the rest are dropped ("Azure Monitor service limits"), and each costs far more than a mail.
    """

    urgent_action_group_id: pulumi.Output[str]
    """Azure id of the action group for severity 0 and 1."""
    routine_action_group_id: pulumi.Output[str]
    """Azure id of the action group for severity 2 to 4."""

    def __init__(
        self, name: str, args: AlertRoutingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("login-monitor:index:AlertRouting", name, {}, opts)
        _refuse_bad_input(args)
        texts = args.get("sms_numbers") or []
        self.urgent_action_group_id = self._action_group(
            name, "urgent", args, [*args["alert_emails"], *(args.get("urgent_emails") or [])], texts
        ).id
        self.routine_action_group_id = self._action_group(
            name, "routine", args, args["alert_emails"], texts if args.get("routine_sms") else []
        ).id
        for window in args.get("suppression_windows") or []:
            self._suppress(name, args, window)
        self.register_outputs(
            {
                "urgent_action_group_id": self.urgent_action_group_id,
                "routine_action_group_id": self.routine_action_group_id,
            }
        )

    def _action_group(
        self,
        name: str,
        urgency: str,
        args: AlertRoutingArgs,
        addresses: list[pulumi.Input[str]],
        texts: list[SmsNumber],
    ) -> monitor.ActionGroup:
        return monitor.ActionGroup(
            f"{name}-{urgency}",
            resource_group_name=args["resource_group_name"],
            location="global",  # else the provider takes the group's region, where none may be
            group_short_name=action_group_short_name(urgency),
            enabled=True,
            email_receivers=email_receivers(addresses),
            sms_receivers=sms_receivers(texts),
            webhook_receivers=webhook_receivers(args.get("webhook_url")),
            logic_app_receivers=logic_app_receivers(args.get("logic_apps") or []),
            tags=args.get("tags"),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _suppress(self, name: str, args: AlertRoutingArgs, window: SuppressionWindow) -> None:
        properties: Any = processing_rule.rule_properties(window, [args["resource_group_id"]])
        alertsmanagement.AlertProcessingRuleByName(
            f"{name}-window-{window['name']}",
            resource_group_name=args["resource_group_name"],
            location="global",
            properties=cast(alertsmanagement.AlertProcessingRulePropertiesArgsDict, properties),
            tags=args.get("tags"),
            opts=pulumi.ResourceOptions(parent=self),
        )


def email_receivers(
    addresses: list[pulumi.Input[str]],
) -> list[monitor.MicrosoftCommonEmailReceiverArgs]:
    """One receiver an address; names are unique over all receivers of a group, as Azure wants."""
    return [
        monitor.MicrosoftCommonEmailReceiverArgs(
            name=f"mail-{position}", email_address=address, use_common_alert_schema=True
        )
        for position, address in enumerate(addresses, start=1)
    ]


def sms_receivers(
    numbers: list[SmsNumber],
) -> list[monitor.MicrosoftCommonSmsReceiverArgs] | None:
    """One receiver a telephone; None without any."""
    return [
        monitor.MicrosoftCommonSmsReceiverArgs(
            name=f"sms-{position}", country_code=each["country_code"], phone_number=each["number"]
        )
        for position, each in enumerate(numbers, start=1)
    ] or None


def webhook_receivers(url: pulumi.Input[str] | None) -> list[monitor.WebhookReceiverArgs] | None:
    """The webhook, if any; its URL often carries a key, so that it is a secret."""
    if url is None:
        return None
    return [
        monitor.WebhookReceiverArgs(
            name="webhook", service_uri=pulumi.Output.secret(url), use_common_alert_schema=True
        )
    ]


def logic_app_receivers(
    targets: list[LogicAppTarget],
) -> list[monitor.LogicAppReceiverArgs] | None:
    """One receiver a Logic App; whoever has the callback URL can start it, so it is a secret."""
    return [
        monitor.LogicAppReceiverArgs(
            name=each["name"],
            resource_id=each["workflow_id"],
            callback_url=pulumi.Output.secret(each["callback_url"]),
            use_common_alert_schema=True,
        )
        for each in targets
    ] or None


def _refuse_bad_input(args: AlertRoutingArgs) -> None:
    emails, urgent = args["alert_emails"], args.get("urgent_emails") or []
    if not emails:
        raise pulumi.InputPropertyError("alert_emails", "is empty; expected an address or more")
    texts = args.get("sms_numbers") or []
    names = [each["name"] for each in args.get("logic_apps") or []]
    taken = [f"mail-{position + 1}" for position in range(len(emails) + len(urgent))]
    taken += [f"sms-{position + 1}" for position in range(len(texts))] + ["webhook"]
    found: list[ReceiverProblem] = [
        *receiver.address_problems("alert_emails", emails),
        *receiver.address_problems("urgent_emails", urgent),
        *receiver.number_problems(
            "sms_numbers", [(each["country_code"], each["number"]) for each in texts]
        ),
        *receiver.name_problems("logic_apps", names, taken),
    ]
    windows = args.get("suppression_windows") or []
    for each in suppression_window.problems(windows):
        found.append(ReceiverProblem("suppression_windows", str(each)))
    if windows and args.get("resource_group_id") is None:
        reason = "is missing; expected with suppression windows, which are for its alerts"
        found.append(ReceiverProblem("resource_group_id", reason))
    if found:
        reasons = [found[0].reason, *(f"{each.path}: {each.reason}" for each in found[1:])]
        raise pulumi.InputPropertyError(found[0].path, "\n".join(reasons))
