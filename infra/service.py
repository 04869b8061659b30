"""One of Souk's services: its migration, then a Workload for each of its roles, on one configuration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pulumi

from infra.confidential import Confidential, Entry
from infra.configuration import Content, config_map, secret
from infra.job import Job, JobArgs
from infra.labels import Labels
from infra.lifecycle import Shutdown
from infra.mounts import Mount, mount_secret, temporary
from infra.pod import Container, Image
from infra.probes import http_probes
from infra.resources import Resources
from infra.rollouts import Analysis, Strategy
from infra.scaling import Scaling
from infra.workload import Workload, WorkloadArgs

Role = Literal["api", "worker", "relay"]

SECRETS_DIR = "/run/secrets/souk"
KEYS_DIR = "/run/secrets/souk-keys"
KEYS_ACTIVATION_S = 1800
"""A new key comes with new pods, and signs when all of them have it."""
DATABASE_URL = "database_url"
METRICS_PORT = 9000
MIGRATION = Resources(cpu="100m", cpu_limit="1", memory="256Mi")


@dataclass(frozen=True, kw_only=True)
class Process:
    """How a role is run."""

    scaling: Scaling
    resources: Resources
    ports: Mapping[str, int]
    """By name; `http` answers the probes."""
    services: Mapping[str, str] = field(default_factory=dict)
    """Kubernetes Service → port name."""
    strategy: Strategy = "rolling"
    analysis: Analysis | None = None


@dataclass(frozen=True, kw_only=True)
class Ranks:
    """Names of PriorityClasses."""

    services: pulumi.Input[str]
    background: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class ServiceArgs:
    """`settings` and `secrets` are by field of the service's settings: `redis_url`."""

    namespace: pulumi.Input[str]
    instance: str
    image: Image
    processes: Mapping[Role, Process]
    settings: Mapping[str, pulumi.Input[str]]
    secrets: Mapping[str, Confidential]
    keys: Mapping[str, Confidential] | Entry
    """Signing keys: PEM by file name."""
    shutdown: Shutdown
    ranks: Ranks
    after: Sequence[pulumi.Resource] = ()
    """What must be there before the migration starts."""

    def __post_init__(self) -> None:
        if DATABASE_URL not in self.secrets:
            raise ValueError(f"secrets hold no {DATABASE_URL}, and a service cannot be without")
        if not isinstance(self.keys, Entry) and not all(name.endswith(".pem") for name in self.keys):
            raise ValueError("a signing key's file name ends with .pem")


class Service(pulumi.ComponentResource):
    """Its workloads are `<name>-<role>`; they roll when the image, a setting, a secret or a key changes."""

    def __init__(self, name: str, args: ServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:service:Service", name, None, opts)
        self._name, self._args = name, args
        child = pulumi.ResourceOptions(parent=self)
        self._settings = config_map(f"{name}-settings", self._content(self._variables()), child)
        self._secrets = secret(f"{name}-secrets", self._content(args.secrets), child)
        self._keys = secret(f"{name}-keys", self._content(args.keys), child)
        migration = Job(f"{name}-migrate", self._migration(), child)
        for role, process in args.processes.items():
            Workload(f"{name}-{role}", self._workload(role, process, migration), child)
        self.register_outputs({})

    def _labels(self, component: str) -> Labels:
        return Labels(name=self._name, instance=self._args.instance, component=component)

    def _content(self, entries: Mapping[str, Confidential] | Entry) -> Content:
        return Content(namespace=self._args.namespace, labels=self._labels("configuration"), entries=entries)

    def _variables(self) -> dict[str, pulumi.Input[str]]:
        args = self._args
        files = {_variable(f"{field}_file"): f"{SECRETS_DIR}/{field}" for field in args.secrets}
        given = {_variable(field): value for field, value in args.settings.items()}
        own = {
            _variable("keys_dir"): KEYS_DIR,
            _variable("keys_activation_s"): str(KEYS_ACTIVATION_S),
            _variable("drain_s"): str(args.shutdown.drain_s),
            _variable("metrics_port"): str(METRICS_PORT),
            _variable("environment"): args.instance,
        }
        return {**own, **files, **given}

    def _migration(self) -> JobArgs:
        args, secrets = self._args, self._secrets
        container = Container(
            name="migrate",
            image=args.image,
            args=("migrate", self._name),
            environment={_variable(f"{DATABASE_URL}_file"): f"{SECRETS_DIR}/{DATABASE_URL}"},
            resources=MIGRATION,
            mounts=[mount_secret("secrets", secrets, SECRETS_DIR, only=[DATABASE_URL]), temporary()],
        )
        return JobArgs(
            namespace=args.namespace,
            labels=self._labels("migration"),
            container=container,
            priority_class=args.ranks.services,
            inputs=(secrets,),
            after=args.after,
        )

    def _workload(self, role: Role, process: Process, migration: Job) -> WorkloadArgs:
        args = self._args
        container = Container(
            name=role,
            image=args.image,
            args=(self._name, role),
            environment_from=self._settings,
            ports={**process.ports, "metrics": METRICS_PORT},
            probes=http_probes("http"),
            shutdown=args.shutdown,
            resources=process.resources,
            mounts=self._mounts(),
        )
        return WorkloadArgs(
            namespace=args.namespace,
            labels=self._labels(role),
            container=container,
            shutdown=args.shutdown,
            scaling=process.scaling,
            priority_class=args.ranks.services if role == "api" else args.ranks.background,
            services=process.services,
            strategy=process.strategy,
            analysis=process.analysis,
            after=[migration],
        )

    def _mounts(self) -> list[Mount]:
        return [
            mount_secret("secrets", self._secrets, SECRETS_DIR),
            mount_secret("keys", self._keys, KEYS_DIR),
            temporary(),
        ]


def _variable(field: str) -> str:
    return f"SOUK_{field.upper()}"
