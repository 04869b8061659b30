"""Where each addon comes from, and in which version it was chosen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from infra.addons import Chart, Manifests

AddonName = Literal[
    "argo-rollouts",
    "cert-manager",
    "cnpg",
    "eck",
    "external-secrets",
    "gateway-api",
    "metrics-server",
    "prometheus-operator",
    "rabbitmq-operator",
    "redis-operator",
    "snapshots",
    "vertical-pod-autoscaler",
]

GITHUB = "https://github.com"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """An addon, at any version."""

    version: str
    namespace: str
    source: Callable[[str], Manifests | Chart]
    own_namespace: bool = False


def _release_of(repository: str, file: str) -> Callable[[str], Manifests]:
    return lambda version: Manifests(urls=(f"{GITHUB}/{repository}/releases/download/{version}/{file}",))


def _chart(repository: str, name: str, **values: object) -> Callable[[str], Chart]:
    return lambda version: Chart(repository=repository, name=name, version=version, values=values)


def _cnpg(version: str) -> Manifests:
    file = f"cnpg-{version.removeprefix('v')}.yaml"
    return Manifests(urls=(f"{GITHUB}/cloudnative-pg/cloudnative-pg/releases/download/{version}/{file}",))


def _eck(version: str) -> Manifests:
    folder = f"https://download.elastic.co/downloads/eck/{version}"
    return Manifests(urls=(f"{folder}/crds.yaml", f"{folder}/operator.yaml"))


def _snapshots(version: str) -> Manifests:
    folder = f"https://raw.githubusercontent.com/kubernetes-csi/external-snapshotter/{version}/client/config/crd"
    kinds = ("volumesnapshotclasses", "volumesnapshotcontents", "volumesnapshots")
    return Manifests(urls=tuple(f"{folder}/snapshot.storage.k8s.io_{kind}.yaml" for kind in kinds))


OFFERS: Mapping[AddonName, Offer] = {
    "argo-rollouts": Offer(
        version="v1.10.2",
        namespace="argo-rollouts",
        source=_release_of("argoproj/argo-rollouts", "install.yaml"),
        own_namespace=True,
    ),
    "cert-manager": Offer(
        version="v1.21.2",
        namespace="cert-manager",
        source=_release_of("cert-manager/cert-manager", "cert-manager.yaml"),
    ),
    "cnpg": Offer(version="v1.30.1", namespace="cnpg-system", source=_cnpg),
    "eck": Offer(version="3.5.0", namespace="elastic-system", source=_eck),
    "external-secrets": Offer(
        version="1.3.2",
        namespace="external-secrets",
        source=_chart("https://charts.external-secrets.io", "external-secrets"),
        own_namespace=True,
    ),
    "gateway-api": Offer(
        version="v1.7.0",
        namespace="default",
        source=_release_of("kubernetes-sigs/gateway-api", "standard-install.yaml"),
    ),
    "metrics-server": Offer(
        version="v0.9.0",
        namespace="kube-system",
        source=_release_of("kubernetes-sigs/metrics-server", "components.yaml"),
    ),
    "prometheus-operator": Offer(
        version="v0.85.0",
        namespace="default",
        source=_release_of("prometheus-operator/prometheus-operator", "bundle.yaml"),
    ),
    "rabbitmq-operator": Offer(
        version="v2.20.0",
        namespace="rabbitmq-system",
        source=_release_of("rabbitmq/cluster-operator", "cluster-operator.yml"),
    ),
    "redis-operator": Offer(
        version="0.23.0",
        namespace="redis-operator",
        # So that it runs Redis' own image, and pods whose root is read-only.
        source=_chart(
            "https://ot-container-kit.github.io/helm-charts/",
            "redis-operator",
            featureGates={"GenerateConfigInInitContainer": True},
        ),
        own_namespace=True,
    ),
    "snapshots": Offer(version="v8.7.0", namespace="kube-system", source=_snapshots),
    "vertical-pod-autoscaler": Offer(
        version="0.13.0",  # That of the chart; it brings 1.8.1.
        namespace="vertical-pod-autoscaler",
        source=_chart("https://kubernetes.github.io/autoscaler", "vertical-pod-autoscaler"),
        own_namespace=True,
    ),
}
