"""A resource plugin: what the engine asks of every one, and what all of them answer alike."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2 as messages
from pulumi.runtime.proto.plugin_pb2 import PluginInfo

from tests.lab.engine.rpc import Call, Handler, answers, serve


class Plugin(ABC):
    """A provider of resources, as pulumirpc.ResourceProvider has it."""

    version: str
    """That of the official plugin it stands in for."""
    is_cancelled = False

    def handshake(self, _: messages.ProviderHandshakeRequest, __: Call) -> messages.ProviderHandshakeResponse:
        return messages.ProviderHandshakeResponse(accept_secrets=True, accept_resources=True)

    def plugin_info(self, _: Empty, __: Call) -> PluginInfo:
        return PluginInfo(version=self.version)

    def check_config(self, request: messages.CheckRequest, _: Call) -> messages.CheckResponse:
        return messages.CheckResponse(inputs=request.news)

    def cancel(self, _: Empty, __: Call) -> Empty:
        """Calls that wait look whether they are still wanted."""
        self.is_cancelled = True
        return Empty()

    @abstractmethod
    def diff_config(self, request: messages.DiffRequest, call: Call, /) -> messages.DiffResponse: ...

    @abstractmethod
    def configure(self, request: messages.ConfigureRequest, call: Call, /) -> messages.ConfigureResponse: ...

    @abstractmethod
    def check(self, request: messages.CheckRequest, call: Call, /) -> messages.CheckResponse: ...

    @abstractmethod
    def diff(self, request: messages.DiffRequest, call: Call, /) -> messages.DiffResponse: ...

    @abstractmethod
    def create(self, request: messages.CreateRequest, call: Call, /) -> messages.CreateResponse: ...

    @abstractmethod
    def update(self, request: messages.UpdateRequest, call: Call, /) -> messages.UpdateResponse: ...

    @abstractmethod
    def read(self, request: messages.ReadRequest, call: Call, /) -> messages.ReadResponse: ...

    @abstractmethod
    def delete(self, request: messages.DeleteRequest, call: Call, /) -> Empty: ...


def serve_plugin(plugin: Plugin, more: Mapping[str, Handler] | None = None) -> None:
    """Until the engine ends it. `more` are methods that only some plugins have."""
    methods = {
        "Cancel": answers(Empty, plugin.cancel),
        "Check": answers(messages.CheckRequest, plugin.check),
        "CheckConfig": answers(messages.CheckRequest, plugin.check_config),
        "Configure": answers(messages.ConfigureRequest, plugin.configure),
        "Create": answers(messages.CreateRequest, plugin.create),
        "Delete": answers(messages.DeleteRequest, plugin.delete),
        "Diff": answers(messages.DiffRequest, plugin.diff),
        "DiffConfig": answers(messages.DiffRequest, plugin.diff_config),
        "GetPluginInfo": answers(Empty, plugin.plugin_info),
        "Handshake": answers(messages.ProviderHandshakeRequest, plugin.handshake),
        "Read": answers(messages.ReadRequest, plugin.read),
        "Update": answers(messages.UpdateRequest, plugin.update),
    }
    serve("pulumirpc.ResourceProvider", {**methods, **(more or {})})


def engine_address(arguments: Sequence[str]) -> str:
    """Of the process: the last that is no option, where the engine gives one."""
    addresses = [argument for argument in arguments if not argument.startswith("-")]
    return addresses[-1] if addresses else ""
