"""Snapshots of volumes, where a CSI driver takes them: a CronJob for all claims of a namespace."""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.batch.v1 import CronJob
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.rbac.v1 import PolicyRuleArgs, Role, RoleBinding, RoleRefArgs, SubjectArgs

from infra.configuration import Content, config_map
from infra.cron import by_schedule
from infra.labels import Labels
from infra.mounts import mount_config, mount_token, temporary
from infra.names import name_of
from infra.pod import Container, Image, Pod, service_account
from infra.resources import Resources
from infra.scripts import read

SCRIPTS_DIR = "/scripts"
SCRIPT = "snapshot.py"
LONGEST_S = 3600
RESOURCES = Resources(cpu="50m", cpu_limit="250m", memory="64Mi", ephemeral_storage="64Mi")


@dataclass(frozen=True, kw_only=True)
class SnapshotsArgs:
    """`keep` are those of each claim. The schedule is cron's, in UTC."""

    namespace: pulumi.Input[str]
    labels: Labels
    image: Image
    """Has Python."""
    class_name: str
    """The VolumeSnapshotClass."""
    schedule: str
    keep: int
    priority_class: pulumi.Input[str]

    def __post_init__(self) -> None:
        if self.keep < 1:
            raise ValueError(f"keep must be at least 1, not {self.keep}")


class Snapshots(pulumi.ComponentResource):
    """They are quick to take and to go back to, and as safe as the disks are: no backups."""

    def __init__(self, name: str, args: SnapshotsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:snapshots:Snapshots", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        content = Content(namespace=args.namespace, labels=args.labels, entries=read(SCRIPT))
        scripts = config_map(f"{name}-scripts", content, child)
        account = name_of(service_account(name, args.namespace, args.labels, child).metadata)
        metadata = ObjectMetaArgs(name=name, namespace=args.namespace, labels=args.labels.full())
        _allow(name, metadata, account, child)
        pod = Pod(
            labels=args.labels,
            service_account=account,
            priority_class=args.priority_class,
            containers=[_container(args, scripts)],
            restart="Never",
        )
        # A second try would take every snapshot again.
        spec = by_schedule(args.schedule, pod, retries=0, longest_s=LONGEST_S)
        CronJob(name, metadata=metadata, spec=spec, opts=child)
        self.register_outputs({})


def _allow(name: str, metadata: ObjectMetaArgs, account: pulumi.Output[str], opts: pulumi.ResourceOptions) -> None:
    snapshots = ("get", "list", "create", "delete")
    rules = [
        PolicyRuleArgs(api_groups=[""], resources=["persistentvolumeclaims"], verbs=["list"]),
        PolicyRuleArgs(api_groups=["snapshot.storage.k8s.io"], resources=["volumesnapshots"], verbs=list(snapshots)),
    ]
    role = Role(name, metadata=metadata, rules=rules, opts=opts)
    RoleBinding(
        name,
        metadata=metadata,
        role_ref=RoleRefArgs(api_group="rbac.authorization.k8s.io", kind="Role", name=name_of(role.metadata)),
        subjects=[SubjectArgs(kind="ServiceAccount", name=account, namespace=metadata.namespace)],
        opts=opts,
    )


def _container(args: SnapshotsArgs, scripts: pulumi.Input[str]) -> Container:
    return Container(
        name="snapshots",
        image=args.image,
        command=("python3", f"{SCRIPTS_DIR}/{SCRIPT}"),
        environment={
            "NAMESPACE": args.namespace,
            "SNAPSHOT_CLASS": args.class_name,
            "KEEP": str(args.keep),
        },
        resources=RESOURCES,
        mounts=[mount_config("scripts", scripts, SCRIPTS_DIR), mount_token(), temporary()],
    )
