"""What a Pulumi provider answers, from the lab's Azure: requests and answers of its protocol.

Both are protobuf messages as JSON (pulumi/pulumi, proto/pulumi/provider.proto).
"""

import hashlib
import json
import threading
from collections import defaultdict
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

from components.limits.letter_case import snake
from lab.azure import Azure
from lab.azure.core import pulumi_value
from lab.azure.core.resource import Resource
from lab.azure.core.resource_error import ResourceError, plain_token, refused
from lab.provider import property_diff
from lab.provider.schema import provider_schema

Json = dict[str, Any]

DEFAULTS: Final = "__defaults"
"""Names of the inputs that the provider filled in, as Pulumi's bridged providers keep them."""

_RUN: Final = frozenset({"stdout", "stderr"})
"""Outputs of a command: unknown until it has run, and secret when one of its inputs is."""

_IDENTITY: Final = "identity"


class ProviderAnswers:
    """Answers for every provider of a program; from any thread.

    A create that nobody heard the end of (the CLI was killed) is answered again when it is asked
    for again: `_known` holds the URNs that the engine has shown to have in its state.
    """

    def __init__(self, azure: Azure, turn: threading.RLock) -> None:
        self._azure = azure
        self._turn = turn
        self._known: set[str] = set()
        self.refused: list[str] = []
        """Every refusal so far, each once, in the words of the in-process engine."""
        self._commands: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)

    def answer(self, method: str, request: Json) -> Json:
        """Raises ResourceError for what Azure would refuse."""
        if folder := request.get("folder"):
            self._azure.program_folder = Path(folder)
        with self._guard(method, request):
            try:
                found: Json = getattr(self, f"_{snake(method)}")(request)
            except ResourceError as error:
                self._refuse(error)
                raise
            return found

    def _refuse(self, error: ResourceError) -> None:
        self.refused += [each for each in error.sentences() if each not in self.refused]

    def _guard(self, method: str, request: Json) -> AbstractContextManager[object]:
        """A command may take minutes and only waits for itself; all else is done at once."""
        urn = str(request.get("urn", ""))
        slow = method in ("Create", "Update", "Delete") and "command:" in urn
        return self._commands[urn] if slow else self._turn

    def _get_schema(self, request: Json) -> Json:
        found = provider_schema(request["package"], self._azure.resources.types.modelled)
        return {"schema": json.dumps(found)}

    def _check_config(self, request: Json) -> Json:
        return {"inputs": request.get("news", {})}

    def _diff_config(self, request: Json) -> Json:
        same = request.get("olds", {}) == request.get("news", {})
        return {"changes": "DIFF_NONE" if same else "DIFF_SOME"}

    def _configure(self, request: Json) -> Json:
        """An explicit provider's location counts for all: there is one subscription."""
        given, _ = pulumi_value.plain(request.get("args", {}))
        if given.get("location"):
            self._azure.default_location = str(given["location"])
        return {"acceptSecrets": True, "supportsPreview": True}

    def _check(self, request: Json) -> Json:
        token, name = _type_and_name(request)
        if request.get("olds"):
            self._known.add(request["urn"])
        inputs = self._named(token, name, request)
        given, secrets = _plain(inputs)
        problems = self._azure.resources.check(token, given)
        if problems:
            self._refuse(ResourceError(token, name, problems, secrets))
        # The engine names the resource. Told the property, too, it would show its value.
        reasons = ResourceError("", "", problems, secrets).sentences()
        return {"inputs": inputs, "failures": [{"reason": reason} for reason in reasons]}

    def _named(self, token: str, logical_name: str, request: Json) -> Json:
        """The inputs with a name: the program's, else the one it had, else a new one."""
        news, olds = dict(request.get("news", {})), request.get("olds", {})
        key = self._azure.resources.types.name_property(token)
        if not key or news.get(key) is not None:
            return news
        if key in olds.get(DEFAULTS, ()):
            return news | {key: olds[key], DEFAULTS: [key]}
        rule = self._azure.resources.types.name_rule(token)
        digest = self._azure.resources.digest(request["urn"])
        name = rule.automatic(logical_name, digest)
        taken = [one for one in self._azure.resources.list(token) if one.name == name]
        if any(one.urn != request["urn"] or one.urn in self._known for one in taken):
            seed = f"{digest}{request.get('randomSeed', '')}"
            fresh = hashlib.sha256(seed.encode()).hexdigest()
            name = rule.automatic(logical_name, fresh)
        return news | {key: name, DEFAULTS: [key]}

    def _diff(self, request: Json) -> Json:
        token, _ = _type_and_name(request)
        self._known.add(request["urn"])
        olds = request.get("oldInputs") or request.get("olds", {})
        news = request.get("news", {})
        old, new = _plain(olds)[0], _plain(news)[0]
        fixed = self._azure.resources.types.fixed(token)
        changes = property_diff.property_diff(old, new, fixed)
        replaces = [path for path, kind in changes.items() if kind.endswith("_REPLACE")]
        key = self._azure.resources.types.name_property(token)
        chosen = bool(key) and key not in news.get(DEFAULTS, ())
        return {
            "changes": "DIFF_SOME" if changes else "DIFF_NONE",
            "diffs": sorted(set(map(property_diff.top_level, changes))),
            "replaces": sorted(set(map(property_diff.top_level, replaces))),
            "detailedDiff": {
                path: {"kind": kind, "inputDiff": True} for path, kind in changes.items()
            },
            "hasDetailedDiff": True,
            # Two resources cannot have the one name that the program insists on.
            "deleteBeforeReplace": bool(replaces) and chosen and old.get(key) == new.get(key),
        }

    def _create(self, request: Json) -> Json:
        token, name = _type_and_name(request)
        raw = request.get("properties", {})
        given, secrets = _plain(raw)
        if request.get("preview"):
            return {"properties": _foreseen(raw, given)}
        manager = self._azure.resources
        left = self._newest(request["urn"])
        if left is not None and request["urn"] not in self._known:
            resource = self._adopted(left, given)
        else:
            resource = manager.create(token, name, given, urn=request["urn"], secrets=secrets)
        self._known.discard(request["urn"])
        resource.secrets = secrets
        return {"id": resource.id, "properties": _outputs(resource, raw)}

    def _adopted(self, left: Resource, given: Json) -> Resource:
        """What an interrupted update made and never heard of."""
        if left.inputs == given:
            return left
        manager = self._azure.resources
        manager.remove(left)
        return manager.create(
            left.token, left.logical_name, given, urn=left.urn, secrets=left.secrets
        )

    def _update(self, request: Json) -> Json:
        self._known.add(request["urn"])
        raw, olds = request.get("news", {}), request.get("olds", {})
        given, secrets = _plain(raw)
        if request.get("preview"):
            kept = {key: value for key, value in olds.items() if key not in _RUN}
            old_inputs, _ = _plain(request.get("oldInputs", {}))
            if old_inputs.get(_IDENTITY) != given.get(_IDENTITY):
                kept.pop(_IDENTITY, None)
            told = old_inputs.keys() - {_IDENTITY}
            kept = {key: value for key, value in kept.items() if key not in told}
            return {"properties": kept | _foreseen(raw, given)}
        resource = self._held(request)
        resource.secrets = resource.secrets | secrets
        changed = self._azure.resources.change(resource, given)
        changed.secrets = secrets
        return {"properties": _outputs(changed, raw)}

    def _read(self, request: Json) -> Json:
        """Nothing when it is gone; that is how the engine learns of it."""
        token, _ = _type_and_name(request)
        self._known.add(request["urn"])
        try:
            resource = self._held(request)
        except ResourceError:
            return {}
        if resource.token != token:
            problem = f"is a {resource.token}"
            raise ResourceError(token, "", [refused("id", request["id"], "", problem)])
        if not resource.urn:
            resource.urn = request["urn"]
        olds = request.get("inputs", {})
        places = {
            *pulumi_value.secret_places(olds),
            *pulumi_value.secret_places(request.get("properties", {})),
        }
        inputs = pulumi_value.marked(resource.inputs, places)
        if DEFAULTS in olds:
            inputs[DEFAULTS] = olds[DEFAULTS]
        state = pulumi_value.marked(_shown(resource.outputs), places)
        return {"id": resource.id, "inputs": inputs, "properties": state}

    def _delete(self, request: Json) -> Json:
        """What is gone already is no error: to be gone was all that was asked for."""
        token, _ = _type_and_name(request)
        manager = self._azure.resources
        if token.startswith("azure-native:"):
            found = manager.find(request["id"])
            superseded = [found] if found is not None else []
        else:
            own = [one for one in manager.list(token) if one.urn == request["urn"]]
            superseded = own[:-1] or own  # a new one is made before the old one goes
        for resource in superseded:
            manager.remove(resource)
        return {}

    def _invoke(self, request: Json) -> Json:
        arguments, _ = pulumi_value.plain(request.get("args", {}))
        try:
            answer = self._azure.resources.invoke(request["tok"], arguments)
        except ResourceError as error:
            return {"failures": [{"property": "", "reason": "; ".join(error.sentences())}]}
        return {"return": answer}

    def _held(self, request: Json) -> Resource:
        token, name = _type_and_name(request)
        if not token.startswith("azure-native:"):
            found = self._newest(request["urn"])
            if found is not None:
                return found
        return self._azure.resources.get(request["id"], token, name)

    def _newest(self, urn: str) -> Resource | None:
        own = [one for one in self._azure.resources.list() if one.urn == urn]
        return own[-1] if own else None


def _plain(raw: Mapping[str, Any]) -> tuple[Json, frozenset[str]]:
    """As the resource manager wants them: without marks, empty values and our own notes."""
    values, secrets = pulumi_value.plain(raw)
    values.pop(DEFAULTS, None)
    return {key: value for key, value in values.items() if value is not None}, secrets


def _outputs(resource: Resource, raw: Mapping[str, Any]) -> Json:
    places = set(pulumi_value.secret_places(raw))
    if resource.token.startswith("command:") and places:
        places |= {(key,) for key in _RUN}
    marked: Json = pulumi_value.marked(_shown(resource.outputs), places)
    return marked


def _shown(outputs: Json) -> Json:
    return {key: value for key, value in outputs.items() if value is not None}


def _foreseen(raw: Json, given: Json) -> Json:
    """What a preview knows: the inputs, but not the object ids that Azure adds to an identity."""
    return {key: raw[key] for key in given if key != _IDENTITY}


def _type_and_name(request: Json) -> tuple[str, str]:
    """A URN is `urn:pulumi:<stack>::<project>::<types of the parents>$<type>::<name>`."""
    _, _, types, name = request["urn"].split("::", 3)
    return plain_token(types.rpartition("$")[2]), name
