"""A Job that runs once for each image and configuration, to its end, before whatever depends on it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.batch.v1 import Job as KubernetesJob
from pulumi_kubernetes.batch.v1 import JobSpecArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from infra.awaiting import awaited
from infra.labels import Labels
from infra.names import name_of
from infra.pod import Container, Pod, service_account

HASH_CHARACTERS = 10


@dataclass(frozen=True, kw_only=True)
class JobArgs:
    """`inputs` are what the Job depends on beyond its image, such as the names of mounted Secrets."""

    namespace: pulumi.Input[str]
    labels: Labels
    container: Container
    priority_class: pulumi.Input[str]
    inputs: tuple[pulumi.Input[str], ...] = ()
    deadline_s: int = 600
    retries: int = 4
    after: Sequence[pulumi.Resource] = ()
    """What must be there before it starts."""


class Job(pulumi.ComponentResource):
    """Pulumi waits for its end, and the update fails when it does. A Job cannot be changed: another one is made, whose
    name ends with a hash of what it depends on.
    """

    def __init__(self, name: str, args: JobArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("souk:job:Job", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        account = service_account(name, args.namespace, args.labels, child)
        job = KubernetesJob(
            name,
            metadata=ObjectMetaArgs(
                name=_name(name, args),
                namespace=args.namespace,
                labels=args.labels.full(),
                annotations=awaited(args.deadline_s),
            ),
            spec=JobSpecArgs(
                backoff_limit=args.retries,
                active_deadline_seconds=args.deadline_s,
                template=Pod(
                    labels=args.labels,
                    service_account=name_of(account.metadata),
                    priority_class=args.priority_class,
                    containers=[args.container],
                    uid=args.container.uid,
                    restart="Never",
                ).template(),
            ),
            # Each change replaces it.
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.after), protect=False),
        )
        self.register_outputs({"name": name_of(job.metadata)})


def _name(name: str, args: JobArgs) -> pulumi.Output[str]:
    container = args.container
    wanted = [container.image.reference, *container.command, *container.args, *args.inputs]
    digest = pulumi.Output.json_dumps(wanted).apply(lambda text: hashlib.sha256(text.encode()).hexdigest())
    return pulumi.Output.concat(name, "-", digest.apply(lambda text: text[:HASH_CHARACTERS]))
