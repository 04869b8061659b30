"""Backups of databases to an object store, and the proof that they can be restored: a CronJob each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pulumi
from pulumi_kubernetes.batch.v1 import CronJob
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from infra.address import Address
from infra.configuration import Content, config_map, secret
from infra.cron import by_schedule
from infra.labels import Labels
from infra.mounts import Mount, mount_config, mount_secret, scratch
from infra.names import name_of
from infra.objects import Bucket
from infra.pod import Container, Image, Pod, service_account
from infra.resources import Resources
from infra.scripts import read
from infra.security import STORE_UID

ADMIN_DIR = "/run/secrets/postgres"
KEYS_DIR = "/run/secrets/objects"
SCRIPTS_DIR = "/scripts"
LONGEST_S = 4 * 3600
SCRIPTS = ("backup.sh", "restore.sh", "restore_check.sh", "bucket.sh", "administrator.sh", "digest.sql")
NEVER = "0 0 31 2 *"
"""February has no such day; the one that has this schedule is suspended as well."""


@dataclass(frozen=True, kw_only=True)
class BackupArgs:
    """Of all `databases` of one server. Schedules are cron's, in UTC."""

    namespace: pulumi.Input[str]
    labels: Labels
    image: Image
    """Has PostgreSQL's client programs, of the server's version or newer, and curl."""
    server: Address
    databases: Sequence[str]
    bucket: Bucket
    backup_schedule: str
    check_schedule: str
    keep_days: int
    scratch_size: str
    """Room for the largest dump."""
    priority_class: pulumi.Input[str]

    def __post_init__(self) -> None:
        if self.keep_days < 1:
            raise ValueError(f"keep_days must be at least 1, not {self.keep_days}")
        if not self.databases:
            raise ValueError("there is no database to back up")


@dataclass(frozen=True, kw_only=True)
class _Run:
    script: str
    component: str
    by_hand: bool = False


_BACKUP = _Run(script="backup.sh", component="backup")
_CHECK = _Run(script="restore_check.sh", component="restore-check")
_RESTORE = _Run(script="restore.sh", component="restore", by_hand=True)


class Backup(pulumi.ComponentResource):
    """`<name>` dumps, `<name>-check` restores the newest dump into a scratch database and compares the rows;
    `<name>-restore` waits for somebody to make a Job of it.
    """

    def __init__(self, name: str, args: BackupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:backup:Backup", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        content = Content(namespace=args.namespace, labels=args.labels, entries={"password": args.server.password})
        admin = secret(f"{name}-admin", content, self._child)
        entries = {"access_key": args.bucket.access_key, "secret_key": args.bucket.secret_key}
        keys = secret(f"{name}-keys", replace(content, entries=entries), self._child)
        scripts = config_map(f"{name}-scripts", replace(content, entries=read(*SCRIPTS)), self._child)
        self._account = name_of(service_account(name, args.namespace, args.labels, self._child).metadata)
        self._mounts = [
            mount_secret("admin", admin, ADMIN_DIR),
            mount_secret("keys", keys, KEYS_DIR),
            mount_config("scripts", scripts, SCRIPTS_DIR),
            scratch("tmp", "/tmp", size=args.scratch_size),  # noqa: S108 - the container's own.
        ]
        self._schedule(name, _BACKUP, args.backup_schedule)
        self._schedule(f"{name}-check", _CHECK, args.check_schedule)
        self._schedule(f"{name}-restore", _RESTORE, NEVER)
        self.register_outputs({})

    def _schedule(self, name: str, run: _Run, schedule: str) -> None:
        args = self._args
        labels = replace(args.labels, component=run.component)
        pod = Pod(
            labels=labels,
            service_account=self._account,
            priority_class=args.priority_class,
            containers=[self._container(run.script, self._mounts)],
            uid=STORE_UID,
            restart="Never",
        )
        CronJob(
            name,
            metadata=ObjectMetaArgs(name=name, namespace=args.namespace, labels=labels.full()),
            spec=by_schedule(schedule, pod, retries=2, longest_s=LONGEST_S, suspended=run.by_hand),
            opts=self._child,
        )

    def _container(self, script: str, mounts: Sequence[Mount]) -> Container:
        return Container(
            name="postgres-client",
            image=self._args.image,
            command=("sh", f"{SCRIPTS_DIR}/{script}"),
            environment=self._environment(),
            resources=Resources(cpu="250m", cpu_limit="1", memory="256Mi", ephemeral_storage=self._args.scratch_size),
            mounts=mounts,
            uid=STORE_UID,
        )

    def _environment(self) -> Mapping[str, pulumi.Input[str]]:
        args = self._args
        return {
            **args.server.environment(),
            "PGCONNECT_TIMEOUT": "10",
            "ADMIN_PASSWORD_FILE": f"{ADMIN_DIR}/password",
            "DATABASES": " ".join(args.databases),
            "KEEP_DAYS": str(args.keep_days),
            "S3_URL": args.bucket.url,
            "S3_REGION": args.bucket.region,
            "S3_BUCKET": args.bucket.name,
            "S3_KEYS": KEYS_DIR,
        }
