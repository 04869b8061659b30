from dataclasses import replace

import pytest

from infra.mesh import Members, Mesh, MeshArgs
from infra.network import INTERNET, Edge, Pods
from tests.infra.engine import Declarations, Value, declare
from tests.infra.every import EDGE, GATEWAY, MESH
from tests.infra.examples import LABELS

INGRESS = Pods(namespace="ingress-nginx", labels=(("app", "ingress"),))
PROMETHEUS = Pods(namespace="souk-monitoring", name="prometheus")
AT_8000 = [{"operation": {"ports": ["8000"]}}]


def made(*edges: Edge, args: MeshArgs = MESH) -> Declarations:
    return declare(lambda: Mesh("mesh", replace(args, edges=[EDGE, *edges])))


def rules_of(declared: Declarations, name: str) -> Value:
    return declared.one("AuthorizationPolicy", f"souk-{name}-authorizationpolicy").at("spec.rules")


def test_nothing_is_let_in_and_nothing_is_plain_unless_an_edge_says_so() -> None:
    declared = made()

    assert declared.one("PeerAuthentication").at("spec") == {"mtls": {"mode": "STRICT"}}
    assert declared.one("AuthorizationPolicy", "souk-every-authorizationpolicy").at("spec") == {}


def test_an_edge_lets_in_the_accounts_of_its_source_at_its_ports() -> None:
    assert rules_of(made(), "orders") == [
        {"from": [{"source": {"principals": ["cluster.local/ns/souk/sa/gateway-api"]}}], "to": AT_8000}
    ]


def test_who_has_no_sidecar_is_let_in_in_plain_text_at_that_port_alone() -> None:
    declared = made(Edge(source=INGRESS, target=GATEWAY, ports=(8000,)))

    assert rules_of(declared, "gateway") == [{"to": AT_8000}]
    opened = declared.one("PeerAuthentication", "souk-gateway-peerauthentication").at("spec")
    assert opened == {
        "selector": {"matchLabels": GATEWAY.selector()},
        "mtls": {"mode": "STRICT"},
        "portLevelMtls": {"8000": {"mode": "PERMISSIVE"}},
    }


def test_another_namespace_in_the_mesh_proves_that_it_is_the_one() -> None:
    members = Members(namespaces={"souk": LABELS}, accounts={}, others=frozenset({"ingress-nginx"}))

    declared = made(Edge(source=INGRESS, target=GATEWAY, ports=(8000,)), args=replace(MESH, members=members))

    assert rules_of(declared, "gateway") == [{"from": [{"source": {"namespaces": ["ingress-nginx"]}}], "to": AT_8000}]
    assert len(declared.of("PeerAuthentication")) == 1


def test_pods_that_are_asked_without_a_service_are_asked_in_plain_text() -> None:
    members = Members(namespaces={"souk": LABELS, "souk-monitoring": LABELS}, accounts={PROMETHEUS: ("prometheus",)})

    declared = made(Edge(source=PROMETHEUS, target=GATEWAY, ports=(9000,)), args=replace(MESH, members=members))

    assert rules_of(declared, "gateway") == [{"to": [{"operation": {"ports": ["9000"]}}]}]


@pytest.mark.parametrize(
    ("edge", "mode"),
    [
        (Edge(source=GATEWAY, target=Pods(namespace="souk-data", name="redis"), ports=(6379,)), "REGISTRY_ONLY"),
        (Edge(source=GATEWAY, target=INTERNET, ports=(443,)), "ALLOW_ANY"),
    ],
)
def test_a_proxy_knows_the_neighbours_of_its_pod_and_leads_elsewhere_only_where_an_edge_does(
    edge: Edge, mode: str
) -> None:
    sidecar = made(edge).one("Sidecar")

    assert sidecar.at("spec.workloadSelector.labels") == GATEWAY.selector()
    hosts = sidecar.at("spec.egress.0.hosts")
    assert isinstance(hosts, list)
    assert {"souk/*", "istio-system/*"} <= set(hosts)
    assert sidecar.at("spec.outboundTrafficPolicy.mode") == mode
