"""ResponsePlaybook: what is done about an alert, by a Logic App."""

import re
from typing import NotRequired, TypedDict

import pulumi
from pulumi_azure_native import authorization, logic

from components.playbook import block
from components.playbook import definition as playbook_definition
from components.playbook.definition import PlaybookChoices

# "Azure built-in roles" (learn.microsoft.com): manages web apps, not their plans.
WEBSITE_CONTRIBUTOR = "de139f84-1756-47ae-9be6-808fbbe84772"
_CHANNEL = re.compile(r"https://[^/\s]+|http://(127\.0\.0\.1|localhost)[:/]")


class ResponsePlaybookArgs(TypedDict):
    """Inputs of ResponsePlaybook."""

    resource_group_name: pulumi.Input[str]
    """Required. Resource group that will hold the Logic Apps."""
    location: pulumi.Input[str]
    """Required. Azure region of the Logic Apps."""
    notify_url: pulumi.Input[str]
    """Required. Incoming webhook of a Teams or Slack channel; kept secret."""
    message_format: NotRequired[str]
    """Optional. Form of the message, teams or slack; teams by default."""
    mode: NotRequired[str]
    """Optional. Simulate (only say what would be blocked) or block, in lower case; simulate."""
    web_app_id: NotRequired[pulumi.Input[str]]
    """Conditional. Azure id of the web app that is protected; required with block."""
    block_minutes: NotRequired[int]
    """Optional. Minutes that an address stays blocked, 5 to 1440; 60 by default."""
    block_severities: NotRequired[list[int]]
    """Optional. Severities whose source address is blocked; 0, 1 and 2 by default."""
    never_block: NotRequired[list[str]]
    """Optional. Addresses and networks that the playbook never blocks; none by default."""
    role_definition_id: NotRequired[pulumi.Input[str]]
    """Optional. Role that may change access restrictions; Website Contributor by default."""
    tags: NotRequired[dict[str, pulumi.Input[str]]]
    """Optional. Tags of everything that takes tags; none by default."""


class ResponsePlaybook(pulumi.ComponentResource):
    """Tells a channel of each alert and, in mode block, shuts its source address out for a while.

    A block is an access restriction of the web app whose name says when it ends; a second Logic
    App takes back what has ended. Limits: only single public IPv4 addresses, at most 100 at a
    time, and only of an app that has no allow list. Both Logic Apps write the whole list, so that
    of two changes in the same second one may be lost. Before leaving mode block, let the last
    block end: nothing takes it back afterwards. A role of its own needs no more than
    Microsoft.Web/sites/config/read and .../write.
    """

    workflow_id: pulumi.Output[str]
    """Azure id of the Logic App that answers alerts."""
    trigger_url: pulumi.Output[str]
    """Secret. URL that starts it; whoever has it can send it alerts."""
    principal_id: pulumi.Output[str]
    """Object id of its managed identity."""

    def __init__(
        self, name: str, args: ResponsePlaybookArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("login-monitor:index:ResponsePlaybook", name, {}, opts)
        choices = _choices(args)
        web_app_id = args.get("web_app_id")
        parameters = {"notifyUrl": pulumi.Output.secret(args["notify_url"])}
        blocks = choices.mode == "block" and web_app_id is not None
        if blocks and web_app_id is not None:
            parameters["webAppId"] = pulumi.Output.from_input(web_app_id)
        workflow = self._workflow(name, args, playbook_definition.respond(choices), parameters)
        self.workflow_id = workflow.id
        self.principal_id = _principal_of(workflow)
        if blocks and web_app_id is not None:
            self._allow(f"{name}-role", args, web_app_id, self.principal_id)
            self._expire(name, args, web_app_id)
        url = logic.list_workflow_trigger_callback_url_output(
            resource_group_name=args["resource_group_name"],
            workflow_name=workflow.name,  # so that it is asked for when the workflow is there
            trigger_name=playbook_definition.TRIGGER,
            opts=pulumi.InvokeOutputOptions(parent=self),
        ).value
        self.trigger_url = pulumi.Output.secret(url)
        self.register_outputs(
            {
                "workflow_id": self.workflow_id,
                "trigger_url": self.trigger_url,
                "principal_id": self.principal_id,
            }
        )

    def _workflow(
        self,
        name: str,
        args: ResponsePlaybookArgs,
        definition: dict[str, object],
        parameters: dict[str, pulumi.Output[str]],
    ) -> logic.Workflow:
        return logic.Workflow(
            f"{name}-workflow",
            resource_group_name=args["resource_group_name"],
            location=args["location"],
            state="Enabled",
            identity=logic.ManagedServiceIdentityArgs(type="SystemAssigned"),
            definition=definition,
            parameters={
                key: logic.WorkflowParameterArgs(value=value) for key, value in parameters.items()
            },
            tags=args.get("tags"),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _expire(self, name: str, args: ResponsePlaybookArgs, web_app_id: pulumi.Input[str]) -> None:
        parameters = {"webAppId": pulumi.Output.from_input(web_app_id)}
        workflow = self._workflow(f"{name}-expiry", args, block.expire(), parameters)
        self._allow(f"{name}-expiry-role", args, web_app_id, _principal_of(workflow))

    def _allow(
        self,
        role: str,
        args: ResponsePlaybookArgs,
        web_app_id: pulumi.Input[str],
        principal_id: pulumi.Output[str],
    ) -> None:
        """For this web app alone; the identity may nothing else."""
        given = args.get("role_definition_id")
        if given is None:
            given = pulumi.Output.from_input(web_app_id).apply(website_contributor)
        authorization.RoleAssignment(
            role,
            scope=web_app_id,
            principal_id=principal_id,
            # A new identity is not known everywhere at once; said its type, Azure does not look.
            principal_type="ServicePrincipal",
            role_definition_id=given,
            opts=pulumi.ResourceOptions(parent=self),
        )


def website_contributor(resource_id: str) -> str:
    """Azure id of the role Website Contributor, in the subscription of a resource."""
    found = re.match(r"/subscriptions/[^/]+", resource_id, re.IGNORECASE)
    subscription = found[0] if found else ""
    return f"{subscription}/providers/Microsoft.Authorization/roleDefinitions/{WEBSITE_CONTRIBUTOR}"


def _principal_of(workflow: logic.Workflow) -> pulumi.Output[str]:
    return workflow.identity.apply(lambda found: found.principal_id if found else "")


def _choices(args: ResponsePlaybookArgs) -> PlaybookChoices:
    default = PlaybookChoices()
    choices = PlaybookChoices(
        mode=args.get("mode", default.mode),
        message_format=args.get("message_format", default.message_format),
        block_minutes=int(args.get("block_minutes", default.block_minutes)),
        block_severities=[int(each) for each in args.get("block_severities") or (0, 1, 2)],
        never_block=args.get("never_block") or (),
    )
    for path, reason in playbook_definition.problems(choices):
        raise pulumi.InputPropertyError(path, reason)
    if choices.mode == "block" and args.get("web_app_id") is None:
        raise pulumi.InputPropertyError("web_app_id", "is missing; expected with mode block")
    url = args["notify_url"]
    if isinstance(url, str) and not _CHANNEL.match(url):
        raise pulumi.InputPropertyError("notify_url", "is no https URL; expected https://…")
    return choices
