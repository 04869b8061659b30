import pytest

from infra.network import INTERNET, Edge, Network, NetworkArgs, Pods
from tests.infra.engine import Declarations, Value, declare
from tests.infra.examples import LABELS

GATEWAY = Pods(namespace="souk", name="gateway")
ORDERS = Pods(namespace="souk", name="orders")
POSTGRES = Pods(namespace="souk-data", name="postgres")
CONTROLLER = Pods(namespace="ingress-nginx", labels=(("app", "nginx"),))
TABLE = (
    Edge(source=CONTROLLER, target=GATEWAY, ports=(8000,)),
    Edge(source=GATEWAY, target=ORDERS, ports=(8000,)),
    Edge(source=ORDERS, target=POSTGRES, ports=(5432,)),
    Edge(source=ORDERS, target=INTERNET, ports=(443,)),
)


@pytest.fixture(scope="module")
def made() -> Declarations:
    args = NetworkArgs(edges=TABLE, namespaces={"souk": LABELS, "souk-data": LABELS})
    return declare(lambda: Network("network", args))


def test_an_edge_opens_both_of_its_ends(made: Declarations) -> None:
    out, into = made.one("NetworkPolicy", "souk-orders"), made.one("NetworkPolicy", "souk-data-postgres")

    ports = [{"port": 5432, "protocol": "TCP"}]
    assert out.at("spec.egress.0") == {"to": [_peer("souk-data", "postgres")], "ports": ports}
    assert into.at("spec.ingress.0") == {"from": [_peer("souk", "orders")], "ports": ports}


def test_what_no_edge_leads_to_stays_closed(made: Declarations) -> None:
    into = made.one("NetworkPolicy", "souk-data-postgres")

    assert into.at("spec.policyTypes") == ["Ingress"]
    assert into.at("spec.egress") is None


def test_pods_outside_our_namespaces_get_no_policy_of_ours(made: Declarations) -> None:
    assert {one.at("metadata.namespace") for one in made.of("NetworkPolicy")} == {"souk", "souk-data"}
    assert made.one("NetworkPolicy", "souk-gateway").at("spec.ingress.0.from.0.podSelector.matchLabels") == {
        "app": "nginx"
    }


def test_the_internet_is_not_the_cluster_nor_the_clouds_metadata(made: Declarations) -> None:
    block = made.one("NetworkPolicy", "souk-orders").at("spec.egress.1.to.0.ipBlock")

    assert isinstance(block, dict)
    assert block["cidr"] == "0.0.0.0/0"
    assert {"10.0.0.0/8", "169.254.0.0/16"} <= set(block["except"])


@pytest.mark.parametrize("namespace", ["souk", "souk-data"])
def test_every_pod_may_ask_for_names(made: Declarations, namespace: str) -> None:
    policy = made.one("NetworkPolicy", f"{namespace}-dns")

    assert policy.at("spec.podSelector.matchLabels") == {}
    assert policy.at("spec.egress.0.ports") == [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]


def _peer(namespace: str, name: str) -> Value:
    return {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": name}},
    }
