"""A Pulumi provider plugin: `python -m lab.provider.plugin_main <package> <engine's address>`.

It decides nothing. Each request goes to the lab's control server, each answer comes from there. It
stands on the gRPC service itself: `pulumi.provider.experimental` hides the old inputs that a diff
needs, and turns every refusal into a traceback.
"""

import importlib.metadata
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import grpc  # type: ignore[import-untyped]
from google.protobuf import empty_pb2, json_format
from google.protobuf.message import Message
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from components.limits.refusal import RefusedError
from lab.provider.control_file import HOST, ControlFile, UnreachableError

PARALLEL: Final = 64
MAX_BYTES: Final = 400 * 1024 * 1024
"""Of a message, as in Pulumi's own servers."""

PARENT_SECONDS: Final = 1.0


def _asks(method: str, answer: type[Message]) -> Callable[..., Any]:
    def ask(self: "Plugin", request: Message, context: grpc.ServicerContext) -> Message:
        own = {"package": self.package, "folder": os.getcwd()}
        asked = json_format.MessageToDict(request) | own
        try:
            found = self.control.ask(f"/provider/{method}", asked)
        except UnreachableError as error:
            context.abort(grpc.StatusCode.UNAVAILABLE, str(error))
        except RefusedError as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        return json_format.ParseDict(found, answer())

    return ask


class Plugin(provider_pb2_grpc.ResourceProviderServicer):
    """One provider of a program, such as `azure-native`."""

    def __init__(self, package: str, control: ControlFile) -> None:
        self.package = package
        self.control = control

    GetSchema: Any = _asks("GetSchema", provider_pb2.GetSchemaResponse)
    CheckConfig: Any = _asks("CheckConfig", provider_pb2.CheckResponse)
    DiffConfig: Any = _asks("DiffConfig", provider_pb2.DiffResponse)
    Configure: Any = _asks("Configure", provider_pb2.ConfigureResponse)
    Check: Any = _asks("Check", provider_pb2.CheckResponse)
    Diff: Any = _asks("Diff", provider_pb2.DiffResponse)
    Create: Any = _asks("Create", provider_pb2.CreateResponse)
    Read: Any = _asks("Read", provider_pb2.ReadResponse)
    Update: Any = _asks("Update", provider_pb2.UpdateResponse)
    Delete: Any = _asks("Delete", empty_pb2.Empty)
    Invoke: Any = _asks("Invoke", provider_pb2.InvokeResponse)

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
        """The version of the program's own SDK: it decides which provider the program wants."""
        try:
            version = importlib.metadata.version(f"pulumi-{self.package}")
        except importlib.metadata.PackageNotFoundError:
            version = "0.0.1"
        return plugin_pb2.PluginInfo(version=version)

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802
        """What has begun is finished, so that the engine can write it down."""
        return empty_pb2.Empty()


def main() -> None:
    package = sys.argv[1]
    # The engine's way to say that it is done; Ctrl-C does not come here, only to the engine.
    signal.signal(signal.SIGINT, lambda _number, _frame: os._exit(0))
    try:
        control = ControlFile.from_environment()
    except UnreachableError as error:
        sys.exit(str(error))
    limits = [("grpc.max_receive_message_length", MAX_BYTES)]
    server = grpc.server(ThreadPoolExecutor(PARALLEL), options=limits)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Plugin(package, control), server)
    port = server.add_insecure_port(f"{HOST}:0")
    server.start()
    threading.Thread(target=_follow_parent, daemon=True).start()
    print(port, flush=True)  # the engine waits for this line
    server.wait_for_termination()


def _follow_parent() -> None:
    """A killed engine cannot end its plugins."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(PARENT_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main()
