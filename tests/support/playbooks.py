"""An Azure with a site, a playbook made of the component's own definitions, and an inbox."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from components.playbook.block import expire
from components.playbook.definition import PlaybookChoices, respond
from lab.azure import Azure
from lab.azure.core.resource import Resource
from lab.azure.logic.run import WorkflowRun
from lab.azure.logic.service import LogicApps
from lab.azure.monitor.notify.inbox import Inbox
from lab.clock.clock import Clock

T0 = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
WORKFLOW = "azure-native:logic:Workflow"
ROLE = "azure-native:authorization:RoleAssignment"
CALLBACK = "azure-native:logic:listWorkflowTriggerCallbackUrl"
ROLE_ID = "/subscriptions/0/providers/Microsoft.Authorization/roleDefinitions/"
WEBSITE_CONTRIBUTOR = f"{ROLE_ID}de139f84-1756-47ae-9be6-808fbbe84772"
READER = f"{ROLE_ID}acdd72a7-3385-48ef-bd42-f606fba81ae7"


def an_alert(address: str = "203.0.113.7", **essentials: Any) -> dict[str, Any]:
    """What an action group posts."""
    dimensions = [{"name": "SrcIpAddr", "value": address}] if address else []
    return {
        "schemaId": "azureMonitorCommonAlertSchema",
        "data": {
            "essentials": {
                "alertRule": "Password spray",
                "severity": "Sev1",
                "monitorCondition": "Fired",
                "description": "One address tries many accounts",
                "investigationLink": "https://portal.azure.com/#alert",
                **essentials,
            },
            "alertContext": {"condition": {"allOf": [{"dimensions": dimensions}]}},
            "customProperties": {"response": "Ask the users"},
        },
    }


class Playbooks:
    """Ends with `close`."""

    def __init__(self, folder: Path, *, run_apps: bool = False, **choices: Any) -> None:
        self.clock = Clock(T0)
        self.inbox = Inbox(self.clock)
        self.azure = Azure(self.clock, state_dir=folder, run_apps=run_apps, inbox=self.inbox)
        location = {"location": "westeurope"}
        self.group = self.azure.resources.create(
            "azure-native:resources:ResourceGroup", "group", location
        )
        base = {"resourceGroupName": self.group.name, **location}
        self.base = base
        self.site = self.azure.resources.create(
            "azure-native:web:WebApp", "app", {**base, "name": "app"}
        )
        self.choices = PlaybookChoices(**choices)
        url = self.inbox.webhook_url("channel?key=s3cret")
        values = {"notifyUrl": {"value": url}}
        if self.choices.mode == "block":
            values["webAppId"] = {"value": self.site.id}
        self.workflow = self.a_workflow("answer", respond(self.choices), values)

    def a_workflow(self, name: str, definition: Any, values: Any, **more: Any) -> Resource:
        given = {
            **self.base,
            "workflowName": name,
            "definition": definition,
            "parameters": values,
            "identity": {"type": "SystemAssigned"},
            **more,
        }
        return self.azure.resources.create(WORKFLOW, name, given)

    def allow(self, workflow: Resource, role: str = WEBSITE_CONTRIBUTOR) -> None:
        """The workflow may change the site, if the role says so."""
        given = {
            "scope": self.site.id,
            "principalId": workflow.outputs["identity"]["principalId"],
            "principalType": "ServicePrincipal",
            "roleDefinitionId": role,
        }
        self.azure.resources.create(ROLE, f"{workflow.name}-role", given)

    def expiring(self) -> Resource:
        """The second workflow, allowed to do its work."""
        values = {"webAppId": {"value": self.site.id}}
        workflow = self.a_workflow("expiry", expire(), values)
        self.allow(workflow)
        return workflow

    @property
    def url(self) -> str:
        arguments = {
            "resourceGroupName": self.group.name,
            "workflowName": self.workflow.name,
            "triggerName": "manual",
        }
        return str(self.azure.resources.invoke(CALLBACK, arguments)["value"])

    def post(self, alert: Any) -> int:
        """The answer to an action group's call."""
        return requests.post(self.url, json=alert, timeout=10).status_code

    def answer(self, alert: dict[str, Any]) -> WorkflowRun:
        assert self.post(alert) == 202
        return self.runs[-1]

    def wait(self, minutes: float) -> None:
        self.clock.run_until(self.clock.now + timedelta(minutes=minutes))

    @property
    def runs(self) -> list[WorkflowRun]:
        return self.azure.service(LogicApps).runs

    @property
    def config(self) -> dict[str, Any]:
        found: dict[str, Any] = self.site.outputs["siteConfig"]
        return found

    @property
    def blocked(self) -> list[str]:
        """Addresses that are shut out now, by whatever rule."""
        rules = self.config.get("ipSecurityRestrictions") or []
        return [str(each["ipAddress"]) for each in rules if each["action"] == "Deny"]

    def close(self) -> None:
        self.azure.stop()
        self.inbox.close()
