"""What a cluster has once: CRDs and controllers, as their makers publish them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
from pulumi_kubernetes import Provider
from pulumi_kubernetes.core.v1 import Namespace
from pulumi_kubernetes.helm.v3 import Release, RepositoryOptsArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.yaml.v2 import ConfigGroup

from infra.labels import Labels


@dataclass(frozen=True, kw_only=True)
class Manifests:
    """YAML at these URLs."""

    urls: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A Helm chart."""

    repository: str
    name: str
    version: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class AddonArgs:
    """`own_namespace`: the manifests neither make the namespace nor name it."""

    source: Manifests | Chart
    namespace: str
    labels: Labels
    own_namespace: bool


class Addon(pulumi.ComponentResource):
    """Installed as it is; who needs other settings gives another version or source."""

    def __init__(self, name: str, args: AddonArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:addons:Addon", name, None, opts)
        after: list[pulumi.Resource] = []
        if args.own_namespace:
            metadata = ObjectMetaArgs(name=args.namespace, labels=args.labels.full())
            after.append(Namespace(args.namespace, metadata=metadata, opts=pulumi.ResourceOptions(parent=self)))
        child = pulumi.ResourceOptions(parent=self, depends_on=after)
        if isinstance(args.source, Chart):
            _release(name, args.source, args.namespace, child)
        else:
            inside = Provider(name, namespace=args.namespace, opts=child)
            given = pulumi.ResourceOptions(parent=self, depends_on=after, provider=inside)
            ConfigGroup(name, files=list(args.source.urls), opts=given)
        self.register_outputs({})


def _release(name: str, chart: Chart, namespace: str, opts: pulumi.ResourceOptions) -> None:
    Release(
        name,
        name=name,
        chart=chart.name,
        version=chart.version,
        namespace=namespace,
        values=dict(chart.values),
        repository_opts=RepositoryOptsArgs(repo=chart.repository),
        opts=opts,
    )
