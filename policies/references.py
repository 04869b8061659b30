"""What objects name, and whether it is there."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from policies.containers import Container
from policies.lens import AnyObject, Lens, Metadata, ObjectReference
from policies.manifests import UNKNOWN, Resource, read
from policies.objects import Volume
from policies.operated import store_of
from policies.pods import Pod, pods_of
from policies.rules import StackFindings, on_stack

EVERYWHERE_THERE = frozenset({"kube-root-ca.crt", "system-cluster-critical", "system-node-critical"})
"""Kubernetes itself makes these."""

NAMED = frozenset({"ConfigMap", "PersistentVolumeClaim", "PriorityClass", "Secret", "ServiceAccount"})


class Reference(NamedTuple):
    """To an object; the namespace is empty where its kind has none."""

    kind: str
    namespace: str
    name: str


class RequestSpec(Lens, frozen=True):
    """Of a Certificate or an ExternalSecret."""

    secret_name: str = ""
    target: ObjectReference = ObjectReference()


class Request(Lens, frozen=True):
    """A Certificate or an ExternalSecret: what a controller makes a Secret of."""

    metadata: Metadata = Metadata()
    spec: RequestSpec = RequestSpec()


class Backend(Lens, frozen=True):
    """Of a path."""

    service: ObjectReference = ObjectReference()


class Path(Lens, frozen=True):
    """Of a host."""

    backend: Backend = Backend()


class Paths(Lens, frozen=True):
    """Of a host."""

    paths: tuple[Path, ...] = ()


class RoutedHost(Lens, frozen=True):
    """Of an Ingress."""

    http: Paths = Paths()


class RoutingSpec(Lens, frozen=True):
    """Of an Ingress."""

    rules: tuple[RoutedHost, ...] = ()


class Routing(Lens, frozen=True):
    """An Ingress, for where it leads."""

    metadata: Metadata = Metadata()
    spec: RoutingSpec = RoutingSpec()


@on_stack(why="A pod that refers to what is not there never starts.")
def references_lead_somewhere(resources: Sequence[Resource]) -> StackFindings:
    """The ConfigMaps, Secrets, claims, accounts and priority classes that pods and stores name are in the stack."""
    there = set(_there(resources))
    for resource in resources:
        for reference in _named_by(resource):
            given = reference.name == UNKNOWN or reference.name in EVERYWHERE_THERE
            if not given and reference not in there:
                yield f"there is no {reference.kind} {reference.name}", resource


def _named_by(resource: Resource) -> Iterator[Reference]:
    for pod in pods_of(resource):
        yield from _references(pod)
    store = store_of(resource)
    if store is not None:
        yield from (Reference("Secret", store.metadata.namespace, name) for name in store.secrets if name)


def _there(resources: Sequence[Resource]) -> Iterator[Reference]:
    for resource in resources:
        if resource.kind in NAMED:
            metadata = read(resource, AnyObject).metadata
            yield Reference(resource.kind, metadata.namespace, metadata.name)
        elif resource.kind in {"Certificate", "ExternalSecret"}:
            request = read(resource, Request)
            name = request.spec.secret_name or request.spec.target.name or request.metadata.name
            yield Reference("Secret", request.metadata.namespace, name)


def _references(pod: Pod) -> Iterator[Reference]:
    namespace = pod.metadata.namespace
    if pod.spec.service_account_name:
        yield Reference("ServiceAccount", namespace, pod.spec.service_account_name)
    if pod.spec.priority_class_name:
        yield Reference("PriorityClass", "", pod.spec.priority_class_name)
    for volume in pod.spec.volumes:
        for kind, name in _mounted(volume):
            yield Reference(kind, namespace, name)
    for container in pod.containers:
        for name in _taken(container):
            yield Reference("ConfigMap", namespace, name)


def _mounted(volume: Volume) -> Iterator[tuple[str, str]]:
    if volume.persistent_volume_claim is not None:
        yield "PersistentVolumeClaim", volume.persistent_volume_claim.claim_name
    if volume.config_map is not None and not volume.config_map.optional:
        yield "ConfigMap", volume.config_map.name
    if volume.secret is not None and not volume.secret.optional:
        yield "Secret", volume.secret.secret_name
    for source in volume.projected.sources if volume.projected is not None else ():
        if source.config_map is not None and not source.config_map.optional:
            yield "ConfigMap", source.config_map.name


def _taken(container: Container) -> Iterator[str]:
    references = [source.config_map_ref for source in container.env_from]
    references += [variable.value_from.config_map_key_ref for variable in container.env]
    for reference in references:
        if reference is not None and not reference.optional:
            yield reference.name


@on_stack(why="A path without a Service answers 503 to everyone who comes.")
def ingress_leads_to_a_service(resources: Sequence[Resource]) -> StackFindings:
    """The Services that an Ingress leads to are in the stack."""
    services = {
        (metadata.namespace, metadata.name)
        for metadata in (read(each, AnyObject).metadata for each in resources if each.kind == "Service")
    }
    for resource in resources:
        if resource.kind == "Ingress":
            routing = read(resource, Routing)
            names = {path.backend.service.name for rule in routing.spec.rules for path in rule.http.paths}
            for name in sorted(names):
                if (routing.metadata.namespace, name) not in services:
                    yield f"there is no Service {name}", resource


STACK_POLICIES = (references_lead_somewhere, ingress_leads_to_a_service)
