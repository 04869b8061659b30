"""Who may speak to whom: nobody, but for the edges that are declared."""

from collections.abc import Mapping, Sequence

from msgspec import field

from policies.lens import AnyObject, IntOrText, Lens, Metadata, Selector
from policies.manifests import Resource, read
from policies.pods import pods_of
from policies.rules import Findings, StackFindings, on_kinds, on_stack

DNS_PORT = 53
SNIPPETS = "snippet"
"""Annotations that put raw configuration into an ingress controller carry this word."""


class Block(Lens, frozen=True):
    """A range of addresses."""

    cidr: str = ""
    except_: tuple[str, ...] = field(default=(), name="except")


class Peer(Lens, frozen=True):
    """One side of an edge."""

    pod_selector: Selector | None = None
    namespace_selector: Selector | None = None
    ip_block: Block | None = None

    @property
    def anyone(self) -> bool:
        """Whether it leaves nobody out."""
        if self.ip_block is not None:
            return self.ip_block.cidr in {"0.0.0.0/0", "::/0"} and not self.ip_block.except_
        wide = self.namespace_selector is not None and self.namespace_selector.everything
        return wide and (self.pod_selector is None or self.pod_selector.everything)


class PolicyPort(Lens, frozen=True):
    """Of a NetworkPolicy's rule."""

    port: IntOrText | None = None


class IngressRule(Lens, frozen=True):
    """Who may come in."""

    from_: tuple[Peer, ...] = field(default=(), name="from")
    ports: tuple[PolicyPort, ...] = ()


class EgressRule(Lens, frozen=True):
    """Where pods may go."""

    to: tuple[Peer, ...] = ()
    ports: tuple[PolicyPort, ...] = ()


class NetworkPolicySpec(Lens, frozen=True):
    """Of a NetworkPolicy."""

    pod_selector: Selector = Selector()
    policy_types: tuple[str, ...] = ()
    ingress: tuple[IngressRule, ...] = ()
    egress: tuple[EgressRule, ...] = ()


class NetworkPolicy(Lens, frozen=True):
    """NetworkPolicy of networking.k8s.io/v1."""

    metadata: Metadata = Metadata()
    spec: NetworkPolicySpec = NetworkPolicySpec()

    @property
    def denies_all(self) -> bool:
        """Whether it selects every pod of its namespace and lets nothing in or out."""
        closed = not self.spec.ingress and not self.spec.egress
        return self.spec.pod_selector.everything and closed and {"Ingress", "Egress"} <= set(self.spec.policy_types)


class ServiceSpec(Lens, frozen=True):
    """Of a Service."""

    type: str = "ClusterIP"
    cluster_ip: str = field(default="", name="clusterIP")
    external_ips: tuple[str, ...] = field(default=(), name="externalIPs")


class Service(Lens, frozen=True):
    """A Kubernetes Service."""

    metadata: Metadata = Metadata()
    spec: ServiceSpec = ServiceSpec()


class IngressTls(Lens, frozen=True):
    """Of an Ingress."""

    hosts: tuple[str, ...] = ()


class HostRule(Lens, frozen=True):
    """Of an Ingress."""

    host: str = ""


class IngressSpec(Lens, frozen=True):
    """Of an Ingress."""

    tls: tuple[IngressTls, ...] = ()
    rules: tuple[HostRule, ...] = ()


class ListenerTls(Lens, frozen=True):
    """Of a Gateway's listener."""

    certificate_refs: tuple[Mapping[str, object], ...] = ()


class Listener(Lens, frozen=True):
    """Of a Gateway."""

    protocol: str = ""
    hostname: str = ""
    tls: ListenerTls = ListenerTls()


class GatewaySpec(Lens, frozen=True):
    """Of a Gateway."""

    listeners: tuple[Listener, ...] = ()


class Gateway(Lens, frozen=True):
    """Gateway of gateway.networking.k8s.io/v1."""

    metadata: Metadata = Metadata()
    spec: GatewaySpec = GatewaySpec()


class Ingress(Lens, frozen=True):
    """Ingress of networking.k8s.io/v1."""

    metadata: Metadata = Metadata()
    spec: IngressSpec = IngressSpec()


NETWORK_POLICY: Mapping[str, type[NetworkPolicy]] = {"NetworkPolicy": NetworkPolicy}
INGRESS: Mapping[str, type[Ingress]] = {"Ingress": Ingress}


@on_stack(why="Where nothing is denied, everything that breaks into one pod reaches all others.")
def namespace_denies_by_default(resources: Sequence[Resource]) -> StackFindings:
    """Every namespace has a NetworkPolicy that denies all pods everything, in and out."""
    policies = [read(each, NetworkPolicy) for each in resources if each.kind == "NetworkPolicy"]
    closed = {policy.metadata.namespace for policy in policies if policy.denies_all}
    for resource in resources:
        if resource.kind == "Namespace" and read(resource, AnyObject).metadata.name not in closed:
            yield "there is no default-deny NetworkPolicy", resource


@on_stack(why="A pod that no policy names is cut off, or was forgotten.")
def pod_has_its_edges(resources: Sequence[Resource]) -> StackFindings:
    """Every pod is selected by a NetworkPolicy of its own, beside the one that denies all."""
    policies = [read(each, NetworkPolicy) for each in resources if each.kind == "NetworkPolicy"]
    for resource in resources:
        for pod in pods_of(resource):
            named = any(
                policy.metadata.namespace == pod.metadata.namespace
                and not policy.spec.pod_selector.everything
                and policy.spec.pod_selector.selects(pod.metadata.labels)
                for policy in policies
            )
            if not named:
                yield "no NetworkPolicy names its pods", resource


@on_kinds(NETWORK_POLICY, why="A rule without a peer, or with all of them, is no rule.")
def ingress_names_its_peers(policy: NetworkPolicy) -> Findings:
    """Rules of NetworkPolicies say who may come in."""
    for rule in policy.spec.ingress:
        if not rule.from_ or any(peer.anyone for peer in rule.from_):
            yield "an ingress rule lets everyone in"


@on_kinds(NETWORK_POLICY, why="A way out to everywhere is how data leaves, and how a broken-in pod calls home.")
def egress_names_its_peers(policy: NetworkPolicy) -> Findings:
    """Rules of NetworkPolicies say where pods may go, names (DNS) aside."""
    for rule in policy.spec.egress:
        names_only = bool(rule.ports) and all(port.port == DNS_PORT for port in rule.ports)
        if not names_only and (not rule.to or any(peer.anyone for peer in rule.to)):
            yield "an egress rule leads everywhere"


@on_kinds(NETWORK_POLICY, why="A peer without a port is let in to the metrics and debugging ports too.")
def edges_name_their_ports(policy: NetworkPolicy) -> Findings:
    """Rules of NetworkPolicies name ports."""
    if not all(rule.ports for rule in policy.spec.ingress) or not all(rule.ports for rule in policy.spec.egress):
        yield "a rule opens every port"


@on_kinds({"Service": Service}, why="A port on every node goes round the ingress, its TLS and its limits.")
def service_stays_inside(service: Service) -> Findings:
    """Services are ClusterIP: what is public comes through the ingress."""
    if service.spec.type != "ClusterIP" or service.spec.external_ips:
        yield f"it is a {service.spec.type}{' with external addresses' if service.spec.external_ips else ''}"


@on_kinds(INGRESS, why="Log-ins and addresses in the clear are read by whoever carries them.")
def ingress_has_tls(ingress: Ingress) -> Findings:
    """Every host of an Ingress has TLS."""
    covered = {host for tls in ingress.spec.tls for host in tls.hosts}
    for rule in ingress.spec.rules:
        if rule.host not in covered:
            yield f"host {rule.host or '(all)'} has no TLS"


@on_kinds({"Gateway": Gateway}, why="Log-ins and addresses in the clear are read by whoever carries them.")
def gateway_has_tls(gateway: Gateway) -> Findings:
    """Every listener of a Gateway is HTTPS, with a certificate, for a host that it names."""
    for listener in gateway.spec.listeners:
        if listener.protocol != "HTTPS" or not listener.tls.certificate_refs:
            yield f"a listener is {listener.protocol or 'of no protocol'} without TLS"
        if not listener.hostname or "*" in listener.hostname:
            yield f"the host is {listener.hostname or 'not named'}"


@on_kinds(INGRESS, why="A rule without a host answers to every name that points at the cluster.")
def ingress_names_its_hosts(ingress: Ingress) -> Findings:
    """Rules of an Ingress name a host, without a wildcard."""
    for rule in ingress.spec.rules:
        if not rule.host or "*" in rule.host:
            yield f"the host is {rule.host or 'not named'}"


@on_kinds(INGRESS, why="A snippet is code in the controller that all namespaces share.")
def ingress_has_no_snippets(ingress: Ingress) -> Findings:
    """Ingresses put no raw configuration into their controller."""
    for name in ingress.metadata.annotations:
        if SNIPPETS in name:
            yield f"annotation {name}"


POLICIES = (
    ingress_names_its_peers,
    egress_names_its_peers,
    edges_name_their_ports,
    service_stays_inside,
    ingress_has_tls,
    gateway_has_tls,
    ingress_names_its_hosts,
    ingress_has_no_snippets,
)
STACK_POLICIES = (namespace_denies_by_default, pod_has_its_edges)
