"""The pods of a workload, whichever kind it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from msgspec import UNSET

from policies.containers import Container
from policies.lens import Metadata
from policies.manifests import Resource, read
from policies.objects import BarePod, CronJob, Job, PodSpec, Workload

WORKLOADS: Mapping[str, type[Workload]] = dict.fromkeys(("Deployment", "StatefulSet", "DaemonSet", "Rollout"), Workload)
"""Kinds whose pods run until they are told to stop."""

REPLICATED = frozenset({"Deployment", "StatefulSet", "Rollout"})
"""Those of them that have a number of replicas."""


@dataclass(frozen=True, kw_only=True)
class Pod:
    """One of the pods a resource makes."""

    kind: str
    """Of the resource: `Deployment`, `CronJob`, …"""
    metadata: Metadata
    """The pod's, with the resource's name and namespace where the template has none."""
    spec: PodSpec
    replicas: int | None = 1
    """None where an autoscaler decides."""

    @property
    def many(self) -> bool:
        """Whether there may be more than one of it at a time."""
        return self.replicas is None or self.replicas > 1

    @property
    def serves(self) -> bool:
        """Whether it runs until it is told to stop."""
        return self.kind in WORKLOADS or (self.kind == "Pod" and self.spec.restart_policy == "Always")

    @property
    def containers(self) -> tuple[Container, ...]:
        """Those that initialise it included."""
        return (*self.spec.init_containers, *self.spec.containers)

    @property
    def lasting_containers(self) -> tuple[Container, ...]:
        """Those that run as long as the pod does: its own, and sidecars among those that initialise it."""
        sidecars = tuple(each for each in self.spec.init_containers if each.restart_policy == "Always")
        return (*sidecars, *self.spec.containers)


def pods_of(resource: Resource) -> Iterator[Pod]:
    """One or none."""
    match resource.kind:
        case "Pod":
            bare = read(resource, BarePod)
            yield Pod(kind=resource.kind, metadata=bare.metadata, spec=bare.spec)
        case "Job":
            job = read(resource, Job)
            yield _pod(resource, job.metadata, job.spec.template.metadata, job.spec.template.spec)
        case "CronJob":
            cron = read(resource, CronJob)
            template = cron.spec.job_template.spec.template
            yield _pod(resource, cron.metadata, template.metadata, template.spec)
        case kind if kind in WORKLOADS:
            workload = read(resource, Workload)
            if workload.spec.workload_ref is not None:
                return
            template = workload.spec.template
            replicas = None if workload.spec.replicas is UNSET else workload.spec.replicas
            yield _pod(resource, workload.metadata, template.metadata, template.spec, replicas=replicas)
        case _:
            return


def _pod(resource: Resource, owner: Metadata, own: Metadata, spec: PodSpec, *, replicas: int | None = 1) -> Pod:
    metadata = Metadata(name=owner.name, namespace=owner.namespace, labels=own.labels, annotations=own.annotations)
    return Pod(kind=resource.kind, metadata=metadata, spec=spec, replicas=replicas)
