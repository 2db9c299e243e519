"""Runs Pulumi programs without engine or cloud, and keeps what they register."""

import asyncio
import json
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi.runtime
import pytest
import yaml
from google.protobuf import json_format
from hypothesis import settings
from pulumi.runtime import mocks, rpc, set_all_config

from components.content.places import ROOT

# A shell that starts this in the background has Ctrl-C ignored, and children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("unhurried", deadline=None, max_examples=50)
settings.load_profile("unhurried")

PROJECT = "login-monitor"
_SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Registered:
    """One registration as it goes over the wire: camelCase inputs, secrets unwrapped."""

    type: str
    name: str
    inputs: dict[str, Any]
    secrets: tuple[str, ...]
    """Paths of the inputs that are secret."""
    parent: str
    protect: bool
    dependencies: tuple[str, ...]
    replace_on_changes: tuple[str, ...]
    delete_before_replace: bool
    secret_outputs: tuple[str, ...] = ()

    def __getitem__(self, key: str) -> Any:
        return self.inputs[key]


class Engine(pulumi.runtime.Mocks):
    """Answers every registration with its inputs and what Azure would add; records them all."""

    def __init__(self, stack: str) -> None:
        self.stack = stack
        self.registered: list[Registered] = []

    def deploy(self, program: Callable[[], object]) -> "Engine":
        """Run the program to its end, so that absence can be asserted too."""
        mocks.set_mocks(
            self, project=PROJECT, stack=self.stack, preview=False, monitor=_Recorder(self)
        )
        run = pulumi.runtime.test(lambda: program() and None)  # type: ignore[no-untyped-call]
        run()
        return self

    def all(self, type_: str) -> list[Registered]:
        """Every resource of a type, in the order of registration."""
        return [each for each in self.registered if each.type == type_]

    def one(self, type_: str) -> Registered:
        """The only resource of a type."""
        found = self.all(type_)
        types = sorted({each.type for each in self.registered})
        assert len(found) == 1, f"{len(found)} resources of type {type_} among {types}"
        return found[0]

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        kind = args.typ.rpartition(":")[2]
        name = args.inputs.get("name", args.name)
        azure_adds: dict[str, dict[str, Any]] = {
            "RandomId": {"hex": "3fa2c1"},
            "RandomPassword": {"result": "k" * 64},
            "RedisEnterprise": {"hostName": f"{name}.westeurope.redis.azure.net"},
            "Secret": {
                "properties": {
                    "secretUri": f"https://vault/secrets/{name}",
                    "secretUriWithVersion": f"https://vault/secrets/{name}/1",
                }
            },
            "Server": {"fullyQualifiedDomainName": f"{name}.postgres.database.azure.com"},
            "WebApp": {
                "defaultHostName": f"{name}.azurewebsites.net",
                "identity": {"type": "SystemAssigned", "principalId": "principal"},
            },
            "Workflow": {"identity": {"type": "SystemAssigned", "principalId": f"of-{name}"}},
            "Workspace": {"customerId": "00000000-0000-0000-0000-00000000cafe"},
        }
        outputs = {**args.inputs, "name": name, **azure_adds.get(kind, {})}
        return f"{_SUBSCRIPTION}/{kind}/{name}", outputs

    def call(
        self, args: pulumi.runtime.MockCallArgs
    ) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """Keys of a Redis and URLs of Logic Apps, which no resource tells; nothing else."""
        if args.token == "azure-native:redisenterprise:listDatabaseKeys":
            return {"primaryKey": "k+/=", "secondaryKey": "other"}, []
        if args.token == "azure-native:logic:listWorkflowTriggerCallbackUrl":
            url = f"https://logic.example.com/{args.args['workflowName']}?sig=key"
            return {"value": url}, []
        raise AssertionError(f"{args.token} is called; no program of ours looks anything up")


class _Recorder(mocks.MockMonitor):
    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._engine = engine

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 the name is gRPC's
        secrets: list[str] = []
        inputs = _plain(json_format.MessageToDict(request.object), "", secrets)
        if request.type != "pulumi:pulumi:Stack":
            self._engine.registered.append(
                Registered(
                    type=request.type,
                    name=request.name,
                    inputs=inputs,
                    secrets=tuple(sorted(secrets)),
                    parent=request.parent.rpartition("::")[2],
                    protect=bool(request.protect),
                    dependencies=tuple(
                        sorted(each.rpartition("::")[2] for each in request.dependencies)
                    ),
                    replace_on_changes=tuple(request.replaceOnChanges),
                    delete_before_replace=request.deleteBeforeReplace,
                    secret_outputs=tuple(sorted(request.additionalSecretOutputs)),
                )
            )
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]


def _plain(value: Any, path: str, secrets: list[str]) -> Any:
    if isinstance(value, list):
        return [_plain(each, f"{path}[{i}]", secrets) for i, each in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if value.get(rpc._special_sig_key) == rpc._special_secret_sig:
        secrets.append(path)
        return _plain(value["value"], path, [])
    return {
        key: _plain(each, f"{path}.{key}" if path else key, secrets) for key, each in value.items()
    }


@pytest.fixture
def engine() -> Engine:
    """An engine for stack dev."""
    return Engine("dev")


StackConfig = Callable[..., Mapping[str, str]]


@pytest.fixture
def stack_config() -> Iterator[StackConfig]:
    """Sets the configuration of a stack as the CLI does: defaults, stack file, then changes.

    A change to None takes the key away. Returns what was set, by full key.
    """
    yield _set_config
    set_all_config({}, [])


def _set_config(stack: str, **changes: object) -> Mapping[str, str]:
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]
    values = {key: each["default"] for key, each in declared.items() if "default" in each}
    file = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))
    values |= {key.removeprefix(f"{PROJECT}:"): each for key, each in file["config"].items()}
    values |= changes
    given = {
        f"{PROJECT}:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in values.items()
        if value is not None
    }
    set_all_config(given, [])
    return given


@pytest.fixture(scope="session")
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    """With threads that have a loop each: Pulumi's mocks make one where there is none."""
    loops = [loop := asyncio.new_event_loop()]

    def give_a_loop() -> None:
        loops.append(asyncio.new_event_loop())
        asyncio.set_event_loop(loops[-1])

    loop.set_default_executor(ThreadPoolExecutor(initializer=give_a_loop))
    yield loop
    loop.run_until_complete(loop.shutdown_default_executor())
    for each in loops:
        each.close()


@pytest.fixture(autouse=True)
def _current_loop(_loop: asyncio.AbstractEventLoop) -> None:
    """Pulumi wants a current event loop, and `asyncio.run` in a test before leaves none.

    One loop for all tests: a loop that nobody holds is a warning in whatever test runs next.
    """
    asyncio.set_event_loop(_loop)
