"""From a container and where it runs to a pod template. Every pod of the platform is made here, so every pod is
restricted, bounded and on its own account.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pulumi
from pulumi_kubernetes.core.v1 import (
    AffinityArgs,
    ConfigMapEnvSourceArgs,
    ContainerArgs,
    ContainerPortArgs,
    EnvFromSourceArgs,
    EnvVarArgs,
    LocalObjectReferenceArgs,
    PodSpecArgs,
    PodTemplateSpecArgs,
    ServiceAccount,
    TopologySpreadConstraintArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from infra.labels import Labels
from infra.lifecycle import Shutdown
from infra.mounts import Mount
from infra.probes import Probes
from infra.resources import Resources
from infra.security import SERVICE_UID, container_security, pod_security

PullPolicy = Literal["Always", "IfNotPresent"]


@dataclass(frozen=True, kw_only=True)
class Image:
    """Which image, and when the node asks the registry for it."""

    reference: pulumi.Input[str]
    pull: PullPolicy = "Always"
    login: pulumi.Input[str] | None = None
    """A Secret with what the registries want to be told; of the pod's namespace."""

    def pull_secrets(self) -> dict[str, object]:
        """For an operator's object, which makes the pods."""
        return {"imagePullSecrets": [{"name": self.login}]} if self.login is not None else {}


@dataclass(frozen=True, kw_only=True)
class Container:
    """What runs. Secrets are mounted as files; the environment holds nothing confidential."""

    name: str
    image: Image
    resources: Resources
    command: Sequence[str] = ()
    """Takes the place of the image's entry point."""
    args: Sequence[str] = ()
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    environment_from: pulumi.Input[str] | None = None
    """A ConfigMap whose entries are variables."""
    ports: Mapping[str, int] = field(default_factory=dict)
    probes: Probes | None = None
    shutdown: Shutdown | None = None
    after_start: Sequence[str] = ()
    """Run in the container once it has been started; until it ends well, the container is neither probed nor ready."""
    mounts: Sequence[Mount] = ()
    uid: int = SERVICE_UID

    def to_args(self) -> ContainerArgs:
        """As the pod spec has it."""
        probes = self.probes
        return ContainerArgs(
            name=self.name,
            image=self.image.reference,
            image_pull_policy=self.image.pull,
            command=list(self.command) or None,
            args=list(self.args) or None,
            env=[EnvVarArgs(name=name, value=value) for name, value in self.environment.items()] or None,
            env_from=_variables_of(self.environment_from),
            ports=[ContainerPortArgs(name=name, container_port=port) for name, port in self.ports.items()] or None,
            resources=self.resources.requirements(),
            security_context=container_security(self.uid),
            startup_probe=probes.startup if probes else None,
            readiness_probe=probes.readiness if probes else None,
            liveness_probe=probes.liveness if probes else None,
            lifecycle=self.shutdown.hooks(self.after_start) if self.shutdown else None,
            volume_mounts=[mount.mount for mount in self.mounts] or None,
            termination_message_policy="FallbackToLogsOnError",
        )


@dataclass(frozen=True, kw_only=True)
class Pod:
    """Where and as whom containers run."""

    labels: Labels
    service_account: pulumi.Input[str]
    priority_class: pulumi.Input[str]
    containers: Sequence[Container]
    init_containers: Sequence[Container] = ()
    uid: int = SERVICE_UID
    groups: Sequence[int] = ()
    """Further groups, where an image's files belong to one."""
    grace_s: int = 30
    restart: Literal["Always", "OnFailure", "Never"] = "Always"
    spread: Sequence[TopologySpreadConstraintArgs] = ()
    affinity: AffinityArgs | None = None

    def template(self) -> PodTemplateSpecArgs:
        """For a Deployment, StatefulSet or Job."""
        return PodTemplateSpecArgs(metadata=ObjectMetaArgs(labels=self.labels.full()), spec=self._spec())

    def _spec(self) -> PodSpecArgs:
        every = [*self.init_containers, *self.containers]
        volumes = {mount.mount.name: mount.volume for one in every for mount in one.mounts if mount.volume}
        return PodSpecArgs(
            service_account_name=self.service_account,
            automount_service_account_token=False,
            # A Service called `souk` would put SOUK_PORT among the settings of every process.
            enable_service_links=False,
            image_pull_secrets=self._logins(),
            security_context=pod_security(self.uid, self.groups),
            priority_class_name=self.priority_class,
            termination_grace_period_seconds=self.grace_s,
            restart_policy=self.restart,
            topology_spread_constraints=list(self.spread) or None,
            affinity=self.affinity,
            init_containers=[one.to_args() for one in self.init_containers] or None,
            containers=[one.to_args() for one in self.containers],
            volumes=list(volumes.values()) or None,
        )

    def _logins(self) -> list[LocalObjectReferenceArgs] | None:
        """One Secret has all logins, so that of any container will do."""
        known = [one.image.login for one in self.containers if one.image.login is not None]
        return [LocalObjectReferenceArgs(name=known[0])] if known else None


def service_account(
    name: str, namespace: pulumi.Input[str], labels: Labels, opts: pulumi.ResourceOptions
) -> ServiceAccount:
    """One for each workload, and no token in any pod that does not ask for it."""
    metadata = ObjectMetaArgs(name=name, namespace=namespace, labels=labels.full())
    return ServiceAccount(name, metadata=metadata, automount_service_account_token=False, opts=opts)


def _variables_of(config_map: pulumi.Input[str] | None) -> list[EnvFromSourceArgs] | None:
    if config_map is None:
        return None
    return [EnvFromSourceArgs(config_map_ref=ConfigMapEnvSourceArgs(name=config_map))]
