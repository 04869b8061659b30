"""The plugin as a process: on the PATH as `pulumi-resource-kubernetes`, started by the engine with its address."""

import os
import sys
from collections.abc import Sequence

from pulumi.runtime.proto import provider_pb2 as messages

from tests.lab.engine.log import EngineLog
from tests.lab.engine.plugin import engine_address, serve_plugin
from tests.lab.engine.rpc import answers
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


def main(arguments: Sequence[str]) -> None:
    """Those of the process."""
    provider = Provider(open_resources, EngineLog(engine_address(arguments)))
    serve_plugin(provider, {"Invoke": answers(messages.InvokeRequest, provider.invoke)})


if __name__ == "__main__":
    main(sys.argv[1:])
