"""Logic Apps of one Azure: the address that starts them, their schedules, and their runs."""

import asyncio
import hmac
import json
import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote, urlsplit

import requests
from aiohttp import web

from lab.azure.core.resource import Resource
from lab.azure.core.subscription import Subscription
from lab.azure.logic import management
from lab.azure.logic.run import Runner, WorkflowRun
from lab.azure.monitor.notify.alerting import Alerting
from lab.clock.clock import DELIVER, Appointment
from lab.host.loopback import HOST, is_loopback

TIMEOUT_S: Final = 10.0
MAX_BYTES: Final = 1024 * 1024
UNITS: Final = {"Second": 1, "Minute": 60, "Hour": 3600, "Day": 86_400, "Week": 604_800}


class LogicApps:
    """A request waits until the run is over, which is told by the clock's one thread only.

    Azure answers 202 at once; with the clock standing still meanwhile, nobody can tell.
    """

    def __init__(self, azure: Subscription) -> None:
        self.runs: list[WorkflowRun] = []
        """In the order in which they began."""
        self._azure = azure
        self._workflows: dict[str, Resource] = {}
        self._schedules: dict[str, list[Appointment]] = {}
        self._one_at_a_time = threading.Lock()
        self._http = requests.Session()
        self._http.trust_env = False  # a proxy of the environment would see the URL
        app = web.Application(client_max_size=MAX_BYTES)
        app.router.add_post("/workflows/{key}/triggers/{trigger}/paths/invoke", self._invoked)
        self._port = azure.loopback.serve(app)
        azure.closing.callback(self._http.close)

    def add(self, workflow: "Resource") -> None:
        """It can be started from now on; one with a schedule starts now for the first time."""
        self._workflows[self._key(workflow)] = workflow
        appointments = self._schedules[workflow.id.lower()] = []
        for name, trigger in workflow.inputs["definition"].get("triggers", {}).items():
            if trigger["type"] == "Recurrence":
                seconds = UNITS[trigger["recurrence"]["frequency"]]
                period = timedelta(seconds=seconds * trigger["recurrence"]["interval"])
                appointments.append(
                    self._azure.clock.every(
                        self._azure.clock.now,
                        period,
                        lambda name=name: self.start(workflow, name),  # type: ignore[misc]
                        order=DELIVER,
                    )
                )

    def remove(self, workflow: "Resource") -> None:
        """Its URL leads nowhere afterwards; its runs stay."""
        self._workflows.pop(self._key(workflow), None)
        for appointment in self._schedules.pop(workflow.id.lower(), []):
            appointment.cancel()

    def url(self, workflow: "Resource", trigger: str) -> str:
        """The callback URL, with the signature that opens it."""
        base = f"http://{HOST}:{self._port}/workflows/{self._key(workflow)}"
        permission = quote(f"/triggers/{trigger}/run", safe="")
        query = f"api-version=2016-10-01&sp={permission}&sv=1.0"
        signature = self._signature(workflow, trigger)
        return f"{base}/triggers/{trigger}/paths/invoke?{query}&sig={signature}"

    def start(self, workflow: "Resource", trigger: str, body: Any = None) -> WorkflowRun | None:
        """One run, to its end; None for a workflow that is switched off."""
        if workflow.inputs.get("state", "Enabled") != "Enabled":
            return None
        definition = workflow.inputs["definition"]
        given = workflow.inputs.get("parameters") or {}
        parameters = {
            name: given[name]["value"] if name in given else each.get("defaultValue")
            for name, each in definition.get("parameters", {}).items()
        }
        with self._one_at_a_time:
            run = WorkflowRun(workflow.name, trigger, self._azure.clock.now)
            self.runs.append(run)
            actions = definition.get("actions", {})
            runner = Runner(actions, parameters, lambda call: self._call(workflow, call), run, body)
            return runner.run()

    async def _invoked(self, request: web.Request) -> web.Response:
        workflow = self._workflows.get(request.match_info["key"])
        trigger = request.match_info["trigger"]
        if workflow is None:
            return web.json_response({"error": {"code": "WorkflowNotFound"}}, status=404)
        signature = request.query.get("sig", "").encode()
        if not hmac.compare_digest(signature, self._signature(workflow, trigger).encode()):
            return web.json_response({"error": {"code": "DirectApiAuthorization"}}, status=401)
        definition = workflow.inputs["definition"].get("triggers", {}).get(trigger) or {}
        if definition.get("type") != "Request":
            return web.json_response({"error": {"code": "WorkflowTriggerNotFound"}}, status=404)
        try:
            body = json.loads(await request.text())
        except ValueError:
            return web.json_response({"error": {"code": "InvalidRequestContent"}}, status=400)
        schema = (definition.get("inputs") or {}).get("schema") or {}
        if definition.get("operationOptions") == "EnableSchemaValidation" and not fits(
            body, schema
        ):
            error = {"code": "TriggerInputSchemaMismatch"}
            return web.json_response({"error": error}, status=400)
        # Away from the loop: the run may call other addresses of this very loop.
        run = await asyncio.to_thread(self.start, workflow, trigger, body)
        return web.Response(status=202 if run is not None else 404)

    def _call(self, workflow: "Resource", inputs: Mapping[str, Any]) -> tuple[int, Any]:
        url = str(inputs["uri"])
        if urlsplit(url).hostname == management.HOST:
            identity = workflow.outputs.get("identity") or {}
            authentication = (inputs.get("authentication") or {}).get("type")
            known = authentication == "ManagedServiceIdentity"
            principal = str(identity.get("principalId", "")) if known else ""
            return management.answer(self._azure, principal, inputs)
        if not is_loopback(url):
            inbox = self._azure.service(Alerting).notifications.inbox
            if inbox is None:
                raise OSError("another host is not contacted and there is no inbox")
            url = inbox.webhook_url(quote(f"{urlsplit(url).hostname}/{workflow.name}"))
        try:
            answer = self._http.request(
                inputs["method"],
                url,
                params=inputs.get("queries"),
                headers=inputs.get("headers"),
                json=inputs.get("body"),
                timeout=TIMEOUT_S,
                allow_redirects=False,  # it could lead off this machine
            )
        except requests.RequestException as error:
            raise OSError(type(error).__name__) from None  # its text would hold the URL
        return answer.status_code, answer.text

    def _key(self, workflow: "Resource") -> str:
        return self._azure.resources.digest("workflow", workflow.id.lower())[:32]

    def _signature(self, workflow: "Resource", trigger: str) -> str:
        return self._azure.resources.digest("signature", workflow.id.lower(), trigger)[:43]


def fits(value: Any, schema: Mapping[str, Any]) -> bool:
    """Type, required and properties of a JSON schema; other words are not looked at."""
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool}
    kind = kinds.get(schema.get("type", ""))
    if kind is not None and not isinstance(value, kind):
        return False
    if not isinstance(value, dict):
        return True
    return all(key in value for key in schema.get("required", ())) and all(
        fits(value[key], inner)
        for key, inner in schema.get("properties", {}).items()
        if key in value
    )
