"""Data that outlives its pod, its StatefulSet and its cluster."""

from collections.abc import Iterator, Sequence

from policies.labels import BACKUP, COMPONENT, DATABASE, NAME, RESTORE_CHECK, is_disposable
from policies.lens import AnyObject, Metadata
from policies.manifests import Resource, read
from policies.network import Service
from policies.objects import CronJob, EmptyDir, Workload
from policies.operated import OPERATED, POSTGRES_CLUSTER
from policies.rules import Findings, StackFindings, on_kinds, on_resources, on_stack

KEPT_KINDS = frozenset({"Namespace", "PersistentVolumeClaim", "StatefulSet", *OPERATED})
"""Those that hold data, or everything."""

DATABASES = frozenset({"StatefulSet", POSTGRES_CLUSTER})
"""Kinds that may be a database, by the label app.kubernetes.io/component."""


@on_kinds(
    {"StatefulSet": Workload}, why="With Delete, a StatefulSet that is renamed or scaled down takes its data along."
)
def claims_are_retained(workload: Workload) -> Findings:
    """StatefulSets retain their claims when they are deleted or scaled, but for those of disposable stacks."""
    if is_disposable(workload.metadata.labels):
        return
    retention = workload.spec.persistent_volume_claim_retention_policy
    for when, what in (("deleted", retention.when_deleted), ("scaled", retention.when_scaled)):
        if what != "Retain":
            yield f"claims are gone when it is {when}"


@on_kinds({"StatefulSet": Workload, "Deployment": Workload}, why="What is on an emptyDir is gone with the pod.")
def database_is_on_a_volume(workload: Workload) -> Findings:
    """Databases keep their data on a claimed volume."""
    template = workload.spec.template
    if template.metadata.labels.get(COMPONENT) != DATABASE:
        return
    claimed = bool(workload.spec.volume_claim_templates) or any(
        volume.persistent_volume_claim is not None for volume in template.spec.volumes
    )
    if not claimed:
        yield "it claims no volume"


@on_kinds(
    {"StatefulSet": Workload, "Deployment": Workload},
    why="A folder in memory or on the node's disk without a limit fills it.",
)
def empty_folders_are_limited(workload: Workload) -> Findings:
    """Every emptyDir volume has a size limit."""
    for volume in workload.spec.template.spec.volumes:
        if volume.empty_dir is not None and volume.empty_dir.size_limit == EmptyDir().size_limit:
            yield f"volume {volume.name} has no sizeLimit"


@on_stack(why="A StatefulSet whose headless Service is missing has pods that no name leads to.")
def stateful_set_has_its_service(resources: Sequence[Resource]) -> StackFindings:
    """The Service that a StatefulSet names is there, headless, and selects its pods."""
    services = [read(each, Service) for each in resources if each.kind == "Service"]
    for resource in resources:
        if resource.kind == "StatefulSet":
            workload = read(resource, Workload)
            named = [service for service in services if _is_named_by(service, workload)]
            if not named:
                yield f"there is no Service {workload.spec.service_name or '(none is named)'}", resource
            elif named[0].spec.cluster_ip != "None":
                yield f"Service {workload.spec.service_name} is not headless", resource


def _is_named_by(service: Service, workload: Workload) -> bool:
    mine, its = service.metadata, workload.metadata
    return (mine.namespace, mine.name) == (its.namespace, workload.spec.service_name)


@on_stack(why="Replication copies a mistake within the second; only a backup goes back.")
def database_is_backed_up(resources: Sequence[Resource]) -> StackFindings:
    """Every database outside disposable stacks has a CronJob that backs it up, named `<database>-backup`."""
    saved = _scheduled(resources, BACKUP)
    for resource, database in _databases(resources):
        if (database.namespace, f"{database.name}-backup") not in saved:
            yield "no CronJob backs it up", resource


@on_stack(why="A backup that was never restored is a hope.")
def backup_is_restored(resources: Sequence[Resource]) -> StackFindings:
    """Every database outside disposable stacks has a CronJob that restores its backup to compare the two."""
    checked = _scheduled(resources, RESTORE_CHECK)
    for resource, database in _databases(resources):
        if (database.namespace, f"{database.name}-backup") not in checked:
            yield "no CronJob restores its backup", resource


def _databases(resources: Sequence[Resource]) -> Iterator[tuple[Resource, Metadata]]:
    for resource in resources:
        if resource.kind in DATABASES:
            metadata = read(resource, AnyObject).metadata
            if metadata.labels.get(COMPONENT) == DATABASE and not is_disposable(metadata.labels):
                yield resource, metadata


def _scheduled(resources: Sequence[Resource], component: str) -> set[tuple[str, str]]:
    """Namespaces and names, by label, of the CronJobs of a component."""
    crons = (read(each, CronJob) for each in resources if each.kind == "CronJob")
    return {
        (cron.metadata.namespace, cron.metadata.labels.get(NAME, ""))
        for cron in crons
        if cron.metadata.labels.get(COMPONENT) == component and not cron.spec.suspend
    }


@on_resources(why="One wrong rename in the program otherwise deletes what no program can bring back.")
def data_is_protected(resource: Resource) -> Findings:
    """Namespaces, claims, StatefulSets and operators' stores outside disposable stacks are protected."""
    if resource.kind not in KEPT_KINDS or resource.protected:
        return
    labels = read(resource, AnyObject).metadata.labels
    if not is_disposable(labels):
        yield "protect is not set"


POLICIES = (claims_are_retained, database_is_on_a_volume, empty_folders_are_limited, data_is_protected)
STACK_POLICIES = (stateful_set_has_its_service, database_is_backed_up, backup_is_restored)
