"""The plugin as a process: on the PATH as `pulumi-resource-docker`, started by the engine in the program's folder."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2 as messages

from tests.lab.docker.daemon import Daemon
from tests.lab.docker.provider import Provider
from tests.lab.engine.log import EngineLog
from tests.lab.engine.rpc import Handler, answers, serve


def methods(provider: Provider) -> dict[str, Handler]:
    """Those of pulumirpc.ResourceProvider that make sense for images."""
    return {
        "Cancel": answers(Empty, provider.cancel),
        "Check": answers(messages.CheckRequest, provider.check),
        "CheckConfig": answers(messages.CheckRequest, provider.check_config),
        "Configure": answers(messages.ConfigureRequest, provider.configure),
        "Create": answers(messages.CreateRequest, provider.create),
        "Delete": answers(messages.DeleteRequest, provider.delete),
        "Diff": answers(messages.DiffRequest, provider.diff),
        "DiffConfig": answers(messages.DiffRequest, provider.diff_config),
        "GetPluginInfo": answers(Empty, provider.plugin_info),
        "Handshake": answers(messages.ProviderHandshakeRequest, provider.handshake),
        "Read": answers(messages.ReadRequest, provider.read),
        "Update": answers(messages.UpdateRequest, provider.update),
    }


def main(arguments: Sequence[str]) -> None:
    """The engine's address is the last argument, where it gives one."""
    addresses = [argument for argument in arguments if not argument.startswith("-")]
    log = EngineLog(addresses[-1] if addresses else "")
    serve("pulumirpc.ResourceProvider", methods(Provider(Daemon(os.environ), Path.cwd(), log)))


if __name__ == "__main__":
    main(sys.argv[1:])
