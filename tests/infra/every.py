"""One of each component, so that what must hold for all of them is tested on all of them."""

from collections.abc import Callable, Mapping

import pulumi

from infra.edge import Edge as FrontDoor
from infra.edge import EdgeArgs, GivenCertificate
from infra.job import Job, JobArgs
from infra.namespace import Namespace, NamespaceArgs, Priorities, PrioritiesArgs, Quota
from infra.network import Edge, Network, NetworkArgs, Pods
from infra.rollouts import Rollout, RolloutArgs
from infra.scaling import Scaling, Target
from infra.service import Service
from infra.workload import Workload
from tests.infra.examples import ANALYSIS, CONTAINER, KEY, LABELS, SERVICE, WORKLOAD

TARGET = Target(api_version="apps/v1", kind="Deployment", name="orders-api", namespace="souk", labels=LABELS)
QUOTA = Quota(cpu="8", memory="16Gi")
FRONT = EdgeArgs(
    namespace="souk",
    labels=LABELS,
    kind="ingress",
    class_name="nginx",
    host="souk.example",
    service="gateway",
    port=8000,
    tls=GivenCertificate(certificate="-----BEGIN CERTIFICATE-----", key=KEY),
    annotations={},
)
EDGE = Edge(source=Pods(namespace="souk", name="gateway"), target=Pods(namespace="souk", name="orders"), ports=(8000,))
ROLLOUT = RolloutArgs(
    target=TARGET, strategy="canary", scaling=Scaling(replicas=2), analysis=ANALYSIS, service="orders"
)

EVERY: Mapping[type[pulumi.ComponentResource], Callable[[], pulumi.ComponentResource]] = {
    FrontDoor: lambda: FrontDoor("front", FRONT),
    Job: lambda: Job(
        "orders-migrate", JobArgs(namespace="souk", labels=LABELS, container=CONTAINER, priority_class="p")
    ),
    Namespace: lambda: Namespace("services", NamespaceArgs(name="souk", labels=LABELS, quota=QUOTA)),
    Network: lambda: Network("network", NetworkArgs(edges=[EDGE], namespaces={"souk": LABELS})),
    Priorities: lambda: Priorities("priorities", PrioritiesArgs(prefix="dev", labels=LABELS)),
    Rollout: lambda: Rollout("orders-api-rollout", ROLLOUT),
    Service: lambda: Service("orders", SERVICE),
    Workload: lambda: Workload("orders-api", WORKLOAD),
}
