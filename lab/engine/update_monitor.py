"""The engine's side of a program that has run before: compares, changes, replaces, deletes.

After pulumi/pulumi, pkg/resource/deploy: step_generator.go, and what its documentation says of
`protect`, `retainOnDelete`, `ignoreChanges`, `replaceOnChanges`, `deleteBeforeReplace`, `aliases`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import resource_pb2

from components.limits.refusal import ABSENT
from lab.azure import Azure
from lab.azure.core import pulumi_value
from lab.azure.core.resource_error import ResourceError, plain_token, refused
from lab.engine.change import Change, Op
from lab.engine.resource_monitor import ResourceMonitor
from lab.engine.stack_state import Entry, Json, StackState
from lab.provider.answers import DEFAULTS, ProviderAnswers


class CutOffError(KeyboardInterrupt):
    """The update was cut off, as somebody who kills it would: nobody heard of its last change."""


class UpdateMonitor(ResourceMonitor):
    """One update of a stack. `budget` changes are made, then it is cut off; None for all."""

    def __init__(
        self,
        azure: Azure,
        names: tuple[str, str],
        state: StackState,
        cloud: ProviderAnswers,
        budget: int | None = None,
    ) -> None:
        """`names` are those of project and stack."""
        super().__init__(azure, *names)
        self._state = state
        self._cloud = cloud
        self._budget = budget
        self._seen: set[str] = set()
        self._draws = 0
        self._gone: dict[str, Entry] = {}
        """Deleted in this update to make room for what replaces them."""
        self.changes: list[Change] = []
        self.was_cut_off = False

    def finish(self) -> None:
        """The program has come to its end: what it did not name, and what is superseded, goes.

        ResourceError when Azure or a protection refuses.
        """
        unnamed = [each for each in self._state.entries() if each.urn not in self._seen]
        protected = [each.urn for each in unnamed if each.protect]
        if protected:
            raise _protected(protected[0], "deleted")
        for entry in (*reversed(self._state.superseded), *reversed(unnamed)):
            superseded = entry in self._state.superseded
            self._delete(entry)
            if not superseded and entry.urn not in self._gone:
                self.changes.append(Change("delete", entry.urn))

    def _answer(self, urn: str, request: Any) -> Any:
        if self.was_cut_off:
            raise CutOffError  # whoever is still under way
        names = [urn, *self._former(urn, request)]
        old = self._state.find(names)
        wire = _kept(
            MessageToDict(request.object), old.inputs if old else {}, request.ignoreChanges
        )
        self._seen.add(urn)
        if old is not None:
            self._seen.add(old.urn)  # refused from here on, it is not one that nobody names
        inputs = self._checked(urn, wire, old)
        entry = self._carried_out(urn, request, inputs, old)
        self._state.keep(entry, instead_of=old.urn if old else "")
        self._place(request, entry)
        return resource_pb2.RegisterResourceResponse(
            urn=urn, id=entry.id, object=_message(entry.outputs, request.additionalSecretOutputs)
        )

    def _former(self, urn: str, request: Any) -> Iterable[str]:
        """The URNs that the program says it had before."""
        yield from request.aliasURNs
        for each in request.aliases:
            if each.urn:
                yield each.urn
                continue
            spec = each.spec
            parent = "" if spec.noParent else spec.parentUrn or request.parent
            yield self.make_urn(parent, spec.type or request.type, spec.name or request.name)

    def _checked(self, urn: str, wire: Json, old: Entry | None) -> Json:
        before = len(self._cloud.refused)
        asked = {"urn": urn, "news": wire, "olds": old.inputs if old else {}}
        self._draws += 1
        seed = f"{len(self._state.superseded)} {self._draws}"
        answer = self._cloud.answer("Check", asked | {"randomSeed": seed})
        if answer["failures"]:
            told = self._cloud.refused[before:]
            raise _ToldError(told or [each["reason"] for each in answer["failures"]])
        inputs: Json = answer["inputs"]
        return inputs

    def _carried_out(self, urn: str, request: Any, inputs: Json, old: Entry | None) -> Entry:
        if old is None:
            self._note("replace" if urn in self._gone else "create", urn)
            return self._created(urn, request, inputs)
        found = self._cloud.answer(
            "Diff",
            {"urn": urn, "id": old.id, "olds": old.outputs, "oldInputs": old.inputs}
            | {"news": inputs},
        )
        paths = found["detailedDiff"]
        if found["changes"] == "DIFF_NONE":
            return _entry(urn, request, old.id, old.inputs, old.outputs)
        forced = any(_is_below(path, each) for path in paths for each in request.replaceOnChanges)
        if not (found["replaces"] or forced):
            self._note("update", urn, paths)
            answer = self._cloud.answer(
                "Update",
                {"urn": urn, "id": old.id, "olds": old.outputs, "oldInputs": old.inputs}
                | {"news": inputs},
            )
            self._spend()
            return _entry(urn, request, old.id, inputs, answer["properties"])
        if old.protect or request.protect:
            raise _protected(urn, "replaced")
        self._note("replace", urn, paths)
        if found["deleteBeforeReplace"] or request.deleteBeforeReplace:
            self._make_room(old)
        else:
            self._state.superseded.append(old)
        # As of something new: it gets another name, where the program gives it none.
        return self._created(urn, request, self._checked(urn, _nameless(inputs), None))

    def _make_room(self, old: Entry) -> None:
        """What cannot live without it, and has to be made anew with it, goes first."""
        going = [old]
        for each in self._state.dependents(old):
            urns = {one.urn for one in going}
            hit = {
                key for key, named in each.property_dependencies.items() if urns.intersection(named)
            }
            if hit & self._azure.resources.types.fixed(_token(each.urn)):
                if each.protect:
                    raise _protected(each.urn, "replaced")
                going.append(each)
        for each in reversed(going):
            self._gone[each.urn] = each
            self._delete(each)

    def _created(self, urn: str, request: Any, inputs: Json) -> Entry:
        answer = self._cloud.answer("Create", {"urn": urn, "properties": inputs})
        self._spend()
        return _entry(urn, request, answer["id"], inputs, answer["properties"])

    def _delete(self, entry: Entry) -> None:
        if not entry.retain:
            asked = {"urn": entry.urn, "id": entry.id, "properties": entry.outputs}
            self._cloud.answer("Delete", asked)
            self._spend()
        self._state.drop(entry)

    def _note(self, op: Op, urn: str, paths: Iterable[str] = ()) -> None:
        self.changes.append(Change(op, urn, tuple(sorted(paths))))

    def _spend(self) -> None:
        """Azure has made a change; a cut comes before anybody writes it down."""
        if self._budget is None:
            return
        self._budget -= 1
        if self._budget <= 0:
            self.was_cut_off = True
            raise CutOffError

    def _place(self, request: Any, entry: Entry) -> None:
        """What a provider is not told, and the rest of the lab reads."""
        own = [each for each in self._azure.resources.list() if each.urn == entry.urn]
        if own:
            resource = own[-1]
            resource.parent = request.parent
            resource.dependencies = tuple(sorted(request.dependencies))
            resource.protect = bool(request.protect)
            resource.secrets = resource.secrets | frozenset(request.additionalSecretOutputs)
            resource.secret_places = pulumi_value.secret_places(entry.inputs)


class _ToldError(ResourceError):
    """Refusals that are sentences already."""

    def __init__(self, told: Sequence[str]) -> None:
        super().__init__("", "", [])
        self._told = list(told)

    def sentences(self) -> list[str]:
        return self._told


def _protected(urn: str, what: str) -> ResourceError:
    token, name = _token(urn), urn.split("::", 3)[3]
    expectation = "expected it to stay, or no protection: pulumi state unprotect"
    problem = refused("", ABSENT, expectation, f"is protected and would be {what}")
    return ResourceError(token, name, [problem])


def _entry(urn: str, request: Any, id_: str, inputs: Json, outputs: Json) -> Entry:
    return Entry(
        urn=urn,
        id=id_,
        inputs=inputs,
        outputs=outputs,
        dependencies=tuple(sorted({*request.dependencies, *filter(None, [request.parent])})),
        property_dependencies={
            key: tuple(named.urns) for key, named in request.propertyDependencies.items()
        },
        protect=bool(request.protect),
        retain=bool(request.retainOnDelete),
    )


def _message(outputs: Mapping[str, Any], hidden: Iterable[str]) -> Struct:
    marked = dict(outputs)
    for key in hidden:
        if key in marked and not _is_secret(marked[key]):
            marked[key] = {pulumi_value.SIGNATURE: pulumi_value.SECRET, "value": marked[key]}
    return ParseDict(marked, Struct())


def _is_secret(value: Any) -> bool:
    return isinstance(value, dict) and value.get(pulumi_value.SIGNATURE) == pulumi_value.SECRET


def _kept(news: Json, olds: Json, ignored: Iterable[str]) -> Json:
    """The new inputs, with the old ones where changes do not count; paths of names with dots."""
    for path in ignored if olds else ():
        *above, last = path.split(".")
        new: Any = news
        old: Any = olds
        for step in above:
            new = new.get(step) if isinstance(new, dict) else None
            old = old.get(step) if isinstance(old, dict) else None
        if not isinstance(new, dict):
            continue
        if isinstance(old, dict) and last in old:
            new[last] = old[last]
        else:
            new.pop(last, None)
    return news


def _nameless(inputs: Json) -> Json:
    """Without what the provider filled in."""
    filled = {*inputs.get(DEFAULTS, ()), DEFAULTS}
    return {key: value for key, value in inputs.items() if key not in filled}


def _is_below(path: str, top: str) -> bool:
    return top == "*" or path == top or path.startswith((f"{top}.", f"{top}["))


def _token(urn: str) -> str:
    return plain_token(urn.split("::")[2].rpartition("$")[2])
