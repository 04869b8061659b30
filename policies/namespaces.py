"""Namespaces: each closed, bounded, and used."""

from collections.abc import Sequence

from policies.lens import AnyObject
from policies.manifests import Resource, read
from policies.rules import Findings, StackFindings, on_kinds, on_resources, on_stack

POD_SECURITY = "pod-security.kubernetes.io"
CLUSTER_WIDE = frozenset(
    {
        "APIService",
        "ClusterIssuer",
        "ClusterRole",
        "ClusterRoleBinding",
        "ClusterSecretStore",
        "CustomResourceDefinition",
        "GatewayClass",
        "IngressClass",
        "Namespace",
        "PersistentVolume",
        "PriorityClass",
        "StorageClass",
        "VolumeSnapshotClass",
    }
)
"""Kinds without a namespace; Pulumi's lists of objects carry those of their parts."""


@on_kinds({"Namespace": AnyObject}, why="Pod Security admission refuses at the door what no policy here has seen.")
def namespace_is_restricted(namespace: AnyObject) -> Findings:
    """Namespaces enforce, audit and warn by the restricted Pod Security Standard."""
    for mode in ("enforce", "audit", "warn"):
        level = namespace.metadata.labels.get(f"{POD_SECURITY}/{mode}")
        if level != "restricted":
            yield f"{mode} is {level or 'not set'}"


@on_stack(why="One namespace that runs wild otherwise takes the cluster from all others.")
def namespace_is_bounded(resources: Sequence[Resource]) -> StackFindings:
    """Every namespace has a ResourceQuota and a LimitRange."""
    for kind in ("ResourceQuota", "LimitRange"):
        bounded = {read(each, AnyObject).metadata.namespace for each in resources if each.kind == kind}
        for resource in resources:
            if resource.kind == "Namespace" and read(resource, AnyObject).metadata.name not in bounded:
                yield f"there is no {kind}", resource


@on_resources(why="The default namespace is closed to nobody and belongs to no one.")
def object_names_its_namespace(resource: Resource) -> Findings:
    """Objects name a namespace, and not the default one."""
    if not resource.kubernetes or resource.kind in CLUSTER_WIDE or "metadata" not in resource.props:
        return
    namespace = read(resource, AnyObject).metadata.namespace
    if namespace in {"", "default"}:
        yield f"the namespace is {namespace or 'not named'}"


@on_resources(why="What stands outside a component is forgotten when the component goes.")
def object_belongs_to_a_component(resource: Resource) -> Findings:
    """Objects are children of a component."""
    if resource.kubernetes and (resource.parent is None or "::pulumi:pulumi:Stack::" in resource.parent):
        yield "it has no parent"


POLICIES = (namespace_is_restricted, object_names_its_namespace, object_belongs_to_a_component)
STACK_POLICIES = (namespace_is_bounded,)
