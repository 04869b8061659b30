"""The plugin as a process: on the PATH as `pulumi-resource-kubernetes`, started by the engine with its address."""

import os
import sys
from collections.abc import Sequence

from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2 as messages

from tests.lab.engine.log import EngineLog
from tests.lab.engine.rpc import Handler, answers, serve
from tests.lab.engine.wire import Object
from tests.lab.kubernetes import kubeconfig
from tests.lab.kubernetes.cluster import Cluster
from tests.lab.kubernetes.provider import Provider
from tests.lab.kubernetes.resources import Files, Live, Resources
from tests.lab.kubernetes.settings import Settings, settings


def open_resources(arguments: Object) -> tuple[Settings, Resources]:
    """The cluster that the provider's arguments name, or the folder."""
    found = settings(arguments, os.environ)
    if found.folder is not None:
        return found, Files(found.folder)
    access = kubeconfig.find(found.kubeconfig, os.environ, context=found.context, cluster=found.cluster)
    namespace = found.namespace or access.namespace or "default"
    cluster = Cluster(kubeconfig.client(access), namespace=namespace)
    return found, Live(cluster, force=found.enable_patch_force)


def methods(provider: Provider) -> dict[str, Handler]:
    """Those of pulumirpc.ResourceProvider that make sense for Kubernetes."""
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
        "Invoke": answers(messages.InvokeRequest, provider.invoke),
        "Read": answers(messages.ReadRequest, provider.read),
        "Update": answers(messages.UpdateRequest, provider.update),
    }


def main(arguments: Sequence[str]) -> None:
    """The engine's address is the last argument, where it gives one."""
    addresses = [argument for argument in arguments if not argument.startswith("-")]
    provider = Provider(open_resources, EngineLog(addresses[-1] if addresses else ""))
    serve("pulumirpc.ResourceProvider", methods(provider))


if __name__ == "__main__":
    main(sys.argv[1:])
