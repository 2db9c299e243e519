"""One run of a workflow: its actions in the order of `runAfter`, each with what became of it.

Modelled: Compose, Http, If, InitializeVariable, Query, Select, SetVariable. An Http action is tried
once; Azure tries 408, 429 and 5xx again four times.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from lab.azure.logic.expression import evaluate
from lab.azure.logic.functions import FUNCTIONS, ExpressionError, instant

Status = Literal["Succeeded", "Failed", "Skipped"]
Call = Callable[[Mapping[str, Any]], tuple[int, Any]]
"""Makes the call of an Http action's inputs: status code and body. OSError when it cannot."""


@dataclass
class ActionRecord:
    """What became of one action; `detail` says why it failed."""

    status: Status
    detail: str = ""
    outputs: Any = field(default=None, repr=False)


@dataclass
class WorkflowRun:
    """What a workflow did when it was triggered once."""

    workflow: str
    trigger: str
    at: datetime
    status: Status = "Succeeded"
    actions: dict[str, ActionRecord] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)


class Runner:
    """Runs a checked definition; `parameters` are values by name, defaults filled in."""

    def __init__(
        self,
        actions: Mapping[str, Any],
        parameters: Mapping[str, Any],
        call: Call,
        run: WorkflowRun,
        body: Any = None,
    ) -> None:
        self._actions = actions
        self._call = call
        self._run = run
        self._items: list[Any] = []
        self._context: dict[str, Callable[..., Any]] = {
            "body": self._body,
            "item": lambda: self._items[-1],
            "outputs": lambda name: self._record(name).outputs,
            "parameters": lambda name: parameters[name],
            "triggerBody": lambda: body,
            "utcNow": lambda: instant(run.at),
            "variables": lambda name: run.variables[name],
        }

    def run(self) -> WorkflowRun:
        """To its end; what fails is in the records."""
        self._run.status = self._level(self._actions)
        return self._run

    def _level(self, actions: Mapping[str, Any]) -> Status:
        waiting = dict(actions)
        records = self._run.actions
        while waiting:
            name = next(
                each
                for each in waiting
                if not (waiting[each].get("runAfter") or {}).keys() & waiting.keys()
            )
            action = waiting.pop(name)
            after = action.get("runAfter") or {}
            if all(records[each].status in wanted for each, wanted in after.items()):
                records[name] = self._done(action)
            else:
                records[name] = ActionRecord("Skipped")
                self._skip(action)
        named = {each for action in actions.values() for each in action.get("runAfter") or {}}
        leaves = [each for each in actions if each not in named]
        return "Failed" if any(self._has_failed(each, actions) for each in leaves) else "Succeeded"

    def _skip(self, action: Mapping[str, Any]) -> None:
        for actions in (
            action.get("actions") or {},
            (action.get("else") or {}).get("actions") or {},
        ):
            for name, inner in actions.items():
                self._run.actions[name] = ActionRecord("Skipped")
                self._skip(inner)

    def _has_failed(self, name: str, actions: Mapping[str, Any]) -> bool:
        """A skipped leaf is as good as what it waited for."""
        status = self._run.actions[name].status
        if status != "Skipped":
            return status == "Failed"
        return any(self._has_failed(each, actions) for each in actions[name].get("runAfter") or {})

    def _done(self, action: Mapping[str, Any]) -> ActionRecord:
        try:
            return getattr(self, f"_{action['type'].lower()}")(action)  # type: ignore[no-any-return]
        except (ExpressionError, KeyError, OSError) as error:
            return ActionRecord("Failed", str(error))

    def _if(self, action: Mapping[str, Any]) -> ActionRecord:
        branches = (action.get("actions") or {}, (action.get("else") or {}).get("actions") or {})
        taken, other = branches if self._holds(action["expression"]) else reversed(branches)
        self._skip({"actions": other})
        status = self._level(taken)
        return ActionRecord(status, "an action in it failed" if status == "Failed" else "")

    def _holds(self, condition: Any) -> bool:
        if isinstance(condition, str):
            return bool(FUNCTIONS["and"](evaluate(condition, self._context)))
        ((name, operands),) = condition.items()
        if name in ("and", "or"):
            return bool(FUNCTIONS[name](*(self._holds(each) for each in operands)))
        if name == "not":
            return not self._holds(operands)
        arguments = evaluate(operands, self._context)
        try:
            return bool(FUNCTIONS[name](*arguments))
        except (TypeError, ValueError) as error:
            raise ExpressionError(f"{name} cannot be worked out: {error}") from error

    def _compose(self, action: Mapping[str, Any]) -> ActionRecord:
        return ActionRecord("Succeeded", outputs=evaluate(action["inputs"], self._context))

    def _query(self, action: Mapping[str, Any]) -> ActionRecord:
        where = action["inputs"]["where"]
        kept = [each for each in self._list(action) if self._with(each, where)]
        return ActionRecord("Succeeded", outputs={"body": kept})

    def _select(self, action: Mapping[str, Any]) -> ActionRecord:
        select = action["inputs"]["select"]
        return ActionRecord(
            "Succeeded", outputs={"body": [self._with(each, select) for each in self._list(action)]}
        )

    def _list(self, action: Mapping[str, Any]) -> list[Any]:
        found = evaluate(action["inputs"]["from"], self._context)
        if not isinstance(found, list):
            raise ExpressionError("the value of 'from' is no list")
        return found

    def _with(self, item: Any, value: Any) -> Any:
        self._items.append(item)
        try:
            return evaluate(value, self._context)
        finally:
            self._items.pop()

    def _initializevariable(self, action: Mapping[str, Any]) -> ActionRecord:
        for each in action["inputs"]["variables"]:
            self._run.variables[each["name"]] = evaluate(each.get("value"), self._context)
        return ActionRecord("Succeeded")

    def _setvariable(self, action: Mapping[str, Any]) -> ActionRecord:
        inputs = action["inputs"]
        if inputs["name"] not in self._run.variables:
            raise ExpressionError(f"variable {inputs['name']!r} was not initialized")
        self._run.variables[inputs["name"]] = evaluate(inputs["value"], self._context)
        return ActionRecord("Succeeded")

    def _http(self, action: Mapping[str, Any]) -> ActionRecord:
        code, body = self._call(evaluate(action["inputs"], self._context))
        outputs = {"statusCode": code, "body": body}
        if 200 <= code < 300:
            return ActionRecord("Succeeded", outputs=outputs)
        return ActionRecord("Failed", f"HTTP {code}", outputs)

    def _body(self, name: str) -> Any:
        found = self._record(name).outputs
        return found.get("body") if isinstance(found, Mapping) else None

    def _record(self, name: str) -> ActionRecord:
        found = self._run.actions.get(name)
        if found is None:
            raise ExpressionError(f"action {name!r} has not run")
        return found
