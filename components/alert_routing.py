"""AlertRouting: who is told, by how bad it is."""

from typing import NotRequired, TypedDict

import pulumi
from pulumi_azure_native import monitor

from components.naming import action_group_short_name


class AlertRoutingArgs(TypedDict):
    """Inputs of AlertRouting."""

    resource_group_name: pulumi.Input[str]
    """Required. Resource group that will hold the action groups."""
    alert_emails: list[pulumi.Input[str]]
    """Required. Addresses that get every alert; Azure asks each to confirm itself once."""
    webhook_url: NotRequired[pulumi.Input[str]]
    """Optional. URL that gets every alert as a POST in the common alert schema; kept secret."""
    tags: NotRequired[dict[str, pulumi.Input[str]]]
    """Optional. Tags of every child; none by default."""


class AlertRouting(pulumi.ComponentResource):
    """An action group for urgent alerts (severity 0 and 1) and one for routine ones (2 to 4)."""

    urgent_action_group_id: pulumi.Output[str]
    """Azure id of the action group for severity 0 and 1."""
    routine_action_group_id: pulumi.Output[str]
    """Azure id of the action group for severity 2 to 4."""

    def __init__(
        self, name: str, args: AlertRoutingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("login-monitor:index:AlertRouting", name, {}, opts)
        if not args["alert_emails"]:
            raise pulumi.InputPropertyError("alert_emails", "is empty; expected an address or more")
        self.urgent_action_group_id = self._action_group(name, "urgent", args).id
        self.routine_action_group_id = self._action_group(name, "routine", args).id
        self.register_outputs(
            {
                "urgent_action_group_id": self.urgent_action_group_id,
                "routine_action_group_id": self.routine_action_group_id,
            }
        )

    def _action_group(self, name: str, urgency: str, args: AlertRoutingArgs) -> monitor.ActionGroup:
        return monitor.ActionGroup(
            f"{name}-{urgency}",
            resource_group_name=args["resource_group_name"],
            location="global",  # else the provider takes the group's region, where none may be
            group_short_name=action_group_short_name(urgency),
            enabled=True,
            email_receivers=email_receivers(args["alert_emails"]),
            webhook_receivers=webhook_receivers(args.get("webhook_url")),
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


def webhook_receivers(url: pulumi.Input[str] | None) -> list[monitor.WebhookReceiverArgs] | None:
    """The webhook, if any; its URL often carries a key, so that it is a secret."""
    if url is None:
        return None
    return [
        monitor.WebhookReceiverArgs(
            name="webhook", service_uri=pulumi.Output.secret(url), use_common_alert_schema=True
        )
    ]
