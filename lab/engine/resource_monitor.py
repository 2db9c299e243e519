"""The engine's side of a running program: takes its registrations and its calls."""

import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import pulumi
from google.protobuf import empty_pb2
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.proto import engine_pb2, provider_pb2, resource_pb2

from lab.azure import Azure
from lab.azure.core.pulumi_value import holds_unknown, secret_places, unwrapped, wrapped
from lab.azure.core.resource_error import ResourceError, plain_token

STACK: Final = "pulumi:pulumi:Stack"


@dataclass(frozen=True)
class Component:
    """A node of the resource tree that is no resource of a cloud; `parent` is a URN."""

    token: str
    logical_name: str
    urn: str
    parent: str


class ResourceMonitor(MockMonitor):
    """Hands custom resources to the lab's Azure and remembers the rest.

    A refused resource does not stop the program: its outputs stay unknown, what depends on it is
    left out, and every refusal is in `refused`.
    """

    def __init__(self, azure: Azure, project: str, stack: str) -> None:
        super().__init__(_NoMocks())
        self._azure = azure
        self._project = project
        self._stack = stack
        self._urns: set[str] = set()
        self._absent: set[str] = set()
        self.components: list[Component] = []
        self.refused: list[str] = []
        self.exports: dict[str, Any] = {}
        self.secret_exports: frozenset[str] = frozenset()

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        above = parent.split("::")[2] if parent else STACK
        chain = type_ if above == STACK else f"{above}${type_}"
        return f"urn:pulumi:{self._stack}::{self._project}::{chain}::{name}"

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - names of the protocol
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == STACK:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        if urn in self._urns:
            self._refuse(urn, [f"{request.type} {request.name}: is registered twice; rename one"])
            return _failed(urn)
        self._urns.add(urn)
        if request.remote:
            raise pulumi.RunError(
                f"{request.type} {request.name} is a component of another process"
            )
        if not request.custom:
            self.components.append(Component(request.type, request.name, urn, request.parent))
            return resource_pb2.RegisterResourceResponse(urn=urn, object=request.object)
        return self._create(urn, request)

    def ReadResource(self, request: Any) -> Any:  # noqa: N802
        """`X.get(name, id)`: only what this run has created is there."""
        urn = self.make_urn(request.parent, request.type, request.name)
        try:
            found = self._azure.resources.get(request.id, request.type, request.name)
        except ResourceError as error:
            raise pulumi.RunError(str(error)) from error
        state = wrapped(found.outputs, {*found.secrets, *request.additionalSecretOutputs})
        return resource_pb2.ReadResourceResponse(urn=urn, id=found.id, properties=state)

    def Invoke(self, request: Any) -> Any:  # noqa: N802
        arguments, secrets = unwrapped(request.args)
        try:
            answer = self._azure.resources.invoke(request.tok, arguments)
        except ResourceError as error:
            reason = "; ".join(error.sentences())
            failure = provider_pb2.CheckFailure(property="", reason=reason)
            return resource_pb2.ResourceInvokeResponse(failures=[failure])
        message = wrapped(answer, answer if secrets else ())
        returned: dict[str, Any] = {"return": message}  # a keyword in Python
        return resource_pb2.ResourceInvokeResponse(**returned)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        if request.urn.split("::")[2] == STACK:
            self.exports, self.secret_exports = unwrapped(request.outputs)
        return empty_pb2.Empty()

    def _create(self, urn: str, request: Any) -> Any:
        inputs, _ = unwrapped(request.object)
        if self._absent.intersection(request.dependencies) or holds_unknown(inputs):
            self._absent.add(urn)
            return _failed(urn)
        if request.type.startswith("pulumi:"):
            return self._provider(urn, request)
        try:
            return self._answer(urn, request)
        except ResourceError as error:
            self._refuse(urn, error.sentences())
        except Exception as error:
            who = f"{plain_token(request.type)} {request.name}"
            where = traceback.extract_tb(error.__traceback__)[-1]
            what = f"{type(error).__name__}: {error} ({where.name}, line {where.lineno})"
            self._refuse(urn, [f"{who}: could not be created; {what}"])
        return _failed(urn)

    def _answer(self, urn: str, request: Any) -> Any:
        """What the program is told of a resource of its own; ResourceError for a refused one."""
        inputs, secrets = unwrapped(request.object)
        resource = self._azure.resources.create(
            request.type,
            request.name,
            inputs,
            urn=urn,
            parent=request.parent,
            dependencies=sorted(request.dependencies),
            secrets=secrets,
        )
        hidden = {*secrets, *request.additionalSecretOutputs}
        resource.secrets = frozenset(hidden)
        resource.protect = bool(request.protect)
        resource.secret_places = secret_places(MessageToDict(request.object))
        state = wrapped(resource.outputs, hidden)
        return resource_pb2.RegisterResourceResponse(urn=urn, id=resource.id, object=state)

    def _provider(self, urn: str, request: Any) -> Any:
        """An explicit provider is only a name here: there is one subscription."""
        if not request.type.startswith("pulumi:providers:"):
            raise pulumi.RunError(f"{request.type} {request.name} needs more than this one stack")
        self.components.append(Component(request.type, request.name, urn, request.parent))
        return resource_pb2.RegisterResourceResponse(
            urn=urn, id=request.name, object=request.object
        )

    def _refuse(self, urn: str, sentences: Iterable[str]) -> None:
        self._absent.add(urn)
        self.refused += sentences


class ProgramLog:
    """What the program says through `pulumi.log`; errors fail an update, as with the CLI."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def Log(self, request: Any) -> Any:  # noqa: N802
        severity = engine_pb2.LogSeverity.Name(request.severity).lower()
        if severity != "debug":
            self.lines.append((severity, request.message))
        return empty_pb2.Empty()

    def RequirePulumiVersion(self, request: Any) -> Any:  # noqa: N802
        """There is no CLI whose version could be wrong."""
        return empty_pb2.Empty()

    @property
    def errors(self) -> list[str]:
        return [message for severity, message in self.lines if severity == "error"]


class NoCallbacks:
    """In place of the server through which an engine calls the program back; refuses it."""

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        def refuse(*arguments: Any, **named: Any) -> NoReturn:
            what = name.removeprefix("register_").replace("_", " ")
            raise pulumi.RunError(f"the in-process engine runs no {what} of the program")

        return refuse


class _NoMocks(Mocks):
    """MockMonitor asks for mocks; every method that would use them is replaced above."""

    def call(self, args: MockCallArgs) -> NoReturn:
        raise NotImplementedError(args.token)

    def new_resource(self, args: MockResourceArgs) -> NoReturn:
        raise NotImplementedError(args.typ)


def _failed(urn: str) -> Any:
    return resource_pb2.RegisterResourceResponse(urn=urn, result=resource_pb2.Result.FAIL)
