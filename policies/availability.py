"""Pods that are there when they are needed: enough of them, apart from each other, with what they need."""

from collections.abc import Sequence

from msgspec import UNSET

from policies.containers import Container
from policies.labels import VERSION
from policies.lens import Lens, Metadata, Selector
from policies.manifests import Resource, read
from policies.objects import Workload
from policies.pods import REPLICATED, WORKLOADS, Pod
from policies.rules import Findings, Level, StackFindings, on_containers, on_kinds, on_pods, on_stack

ZONE = "topology.kubernetes.io/zone"
NODE = "kubernetes.io/hostname"
RECOMMENDED_LABELS = ("name", "instance", "component", "part-of", "managed-by")


class BudgetSpec(Lens, frozen=True):
    """Of a PodDisruptionBudget."""

    selector: Selector = Selector()
    min_available: int | str | None = None
    max_unavailable: int | str | None = None


class Budget(Lens, frozen=True):
    """PodDisruptionBudget."""

    metadata: Metadata = Metadata()
    spec: BudgetSpec = BudgetSpec()


@on_containers(why="A pod without requests is placed where there is no room, and is the first to be evicted.")
def container_requests_resources(_: Pod, container: Container) -> Findings:
    """Containers request CPU, memory and ephemeral storage."""
    for name in ("cpu", "memory", "ephemeral-storage"):
        if name not in container.resources.requests:
            yield f"no {name} is requested"


@on_containers(why="A leak in one container otherwise ends with the node's other pods.")
def container_limits_resources(_: Pod, container: Container) -> Findings:
    """Containers have limits of memory and ephemeral storage."""
    for name in ("memory", "ephemeral-storage"):
        if name not in container.resources.limits:
            yield f"{name} is not limited"


@on_pods(why="When a node is full, the scheduler otherwise evicts a shop as readily as a report.")
def pod_has_priority(pod: Pod) -> Findings:
    """Pods that stay have a priority class."""
    if pod.serves and not pod.spec.priority_class_name:
        yield "there is no priorityClassName"


@on_pods(why="Replicas on one node, or in one zone, all go when it goes.")
def replicas_are_spread(pod: Pod) -> Findings:
    """Pods of which there may be several are spread over zones and nodes."""
    spread = {constraint.topology_key for constraint in pod.spec.topology_spread_constraints}
    if pod.kind in REPLICATED and pod.many:
        for key in (ZONE, NODE):
            if key not in spread:
                yield f"they are not spread by {key}"


@on_pods(why="Spreading counts pods in the whole; two of a few may still land on one node, and go with it.")
def replicas_keep_apart(pod: Pod) -> Findings:
    """Pods of which there may be several shun the nodes of each other."""
    apart = [
        term
        for term in pod.spec.affinity.pod_anti_affinity.terms
        if term.topology_key == NODE and not term.label_selector.everything
    ]
    if (
        pod.kind in REPLICATED
        and pod.many
        and not any(term.label_selector.selects(pod.metadata.labels) for term in apart)
    ):
        yield "no anti-affinity keeps them on different nodes"


@on_pods(why="A constraint that selects other pods spreads nothing.")
def spread_selects_own_pods(pod: Pod) -> Findings:
    """Spread constraints select the pods that carry them."""
    for constraint in pod.spec.topology_spread_constraints:
        if constraint.label_selector.everything or not constraint.label_selector.selects(pod.metadata.labels):
            yield f"the constraint on {constraint.topology_key} does not select its own pods"


@on_kinds(WORKLOADS, why="A selector is immutable: with the version in it, no release can be rolled out.")
def selector_has_no_version(workload: Workload) -> Findings:
    """Selectors leave the version out."""
    if VERSION in workload.spec.selector.match_labels:
        yield "the selector has app.kubernetes.io/version"


@on_kinds(
    WORKLOADS, why="A selector that its own pods do not match is refused, and one that is too wide takes others'."
)
def selector_selects_own_pods(workload: Workload) -> Findings:
    """Selectors match the pods of their own template, and are not empty."""
    selector, labels = workload.spec.selector, workload.spec.template.metadata.labels
    own = workload.spec.workload_ref is None
    if own and (selector.everything or not selector.selects(labels)):
        yield "the selector does not match the template's labels"


@on_pods(why="Dashboards, policies and people find what belongs together by these labels.", level=Level.ADVISORY)
def pod_has_recommended_labels(pod: Pod) -> Findings:
    """Pods carry Kubernetes' recommended labels."""
    missing = [name for name in RECOMMENDED_LABELS if f"app.kubernetes.io/{name}" not in pod.metadata.labels]
    if missing:
        yield f"labels are missing: {', '.join(missing)}"


@on_stack(why="Draining a node may otherwise stop all pods of a service at once.")
def replicas_have_a_disruption_budget(resources: Sequence[Resource]) -> StackFindings:
    """Workloads of which there may be several have a PodDisruptionBudget that lets a node be drained."""
    budgets = [read(each, Budget) for each in resources if each.kind == "PodDisruptionBudget"]
    for resource in resources:
        if resource.kind in REPLICATED:
            workload = read(resource, Workload)
            many = workload.spec.replicas is UNSET or workload.spec.replicas > 1
            if many and workload.spec.workload_ref is None:
                mine = [budget for budget in budgets if _covers(budget, workload)]
                if len(mine) != 1:
                    yield f"{len(mine)} PodDisruptionBudgets select its pods", resource


def _covers(budget: Budget, workload: Workload) -> bool:
    same_namespace = budget.metadata.namespace == workload.metadata.namespace
    return same_namespace and budget.spec.selector.selects(workload.spec.template.metadata.labels)


@on_kinds({"PodDisruptionBudget": Budget}, why="A budget that allows no disruption stops every upgrade of the cluster.")
def budget_lets_nodes_be_drained(budget: Budget) -> Findings:
    """PodDisruptionBudgets allow at least one disruption."""
    if budget.spec.max_unavailable in {0, "0%"} or budget.spec.min_available == "100%":
        yield "it allows no disruption"
    if budget.spec.max_unavailable is None and budget.spec.min_available is None:
        yield "it says neither maxUnavailable nor minAvailable"


POLICIES = (
    container_requests_resources,
    container_limits_resources,
    pod_has_priority,
    replicas_are_spread,
    replicas_keep_apart,
    spread_selects_own_pods,
    selector_has_no_version,
    selector_selects_own_pods,
    pod_has_recommended_labels,
    budget_lets_nodes_be_drained,
)
STACK_POLICIES = (replicas_have_a_disruption_budget,)
