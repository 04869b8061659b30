from infra.network import INTERNET, Block, Edge, Pods
from stacks.configuration.reading import read
from stacks.neighbours import neighbours
from stacks.places import places_of
from tests.stacks.files import changed, configuration_of

SHOP = frozenset({"auth", "users", "items", "orders"})


def table(stack: str, **concerns: dict[str, object]) -> tuple[Edge, ...]:
    configuration = read(changed(stack, **concerns)) if concerns else configuration_of(stack)
    return neighbours(configuration, places_of(stack, configuration))


def sources(edges: tuple[Edge, ...], target: str, port: int) -> set[str]:
    return {
        edge.source.name
        for edge in edges
        if isinstance(edge.target, Pods)
        and isinstance(edge.source, Pods)
        and edge.target.name == target
        and port in edge.ports
    }


def test_only_the_gateway_reaches_the_services() -> None:
    edges = table("prod")

    assert {service: sources(edges, service, 8000) for service in SHOP} == {service: {"gateway"} for service in SHOP}


def test_services_ask_each_other_through_the_gateway_alone() -> None:
    edges = table("prod")

    assert sources(edges, "gateway", 8001) == SHOP
    assert [edge for edge in edges if _name(edge.source) in SHOP and _name(edge.target) in SHOP] == []


def test_only_the_ingress_controller_reaches_the_gateways_public_port() -> None:
    edges = [edge for edge in table("prod") if _name(edge.target) == "gateway" and 8000 in edge.ports]

    assert [edge.source for edge in edges] == [
        Pods(namespace="ingress-nginx", labels=(("app.kubernetes.io/name", "ingress-nginx"),))
    ]


def test_prometheus_reaches_the_api_server_where_it_listens_itself() -> None:
    own = {"api_server": ["10.85.0.1/32"], "api_server_ports": [16443]}

    reached = [edge for edge in table("dev", environment=own) if edge.target == Block(cidr="10.85.0.1/32")]

    assert [(_name(edge.source), edge.ports) for edge in reached] == [("prometheus", (16443,))]


def test_each_service_reaches_its_own_database_and_no_other() -> None:
    edges = table("prod")

    reached = {service: sources(edges, f"postgres-{service}", 5432) for service in SHOP}
    assert {service: names & SHOP for service, names in reached.items()} == {service: {service} for service in SHOP}


def test_only_those_that_use_it_reach_the_cache_and_the_search_engine() -> None:
    edges = table("dev")

    assert sources(edges, "redis", 6379) == {"gateway", "auth", "items"}
    assert sources(edges, "elasticsearch", 9200) == {"items", "elasticsearch"}


def test_only_orders_reaches_the_payment_company() -> None:
    edges = table("prod")

    outward = [edge.source for edge in edges if edge.target == INTERNET and 443 in edge.ports]
    assert [pods.name for pods in outward if isinstance(pods, Pods) and pods.namespace == "souk"] == ["orders"]


def test_the_sandbox_takes_its_place_where_it_is_the_provider() -> None:
    edges = table("dev")

    assert sources(edges, "sandbox", 8000) == {"orders"}
    assert "sandbox" in sources(edges, "gateway", 8000)
    assert [edge for edge in edges if edge.target == INTERNET] == []


def test_a_store_outside_the_cluster_is_reached_by_its_addresses() -> None:
    given = {"engine": "external", "host": "db.example", "cidr": "192.0.2.0/28", "port": 6432}

    edges = table("prod", postgres=given)

    reached = {edge.ports for edge in edges if edge.target == Block(cidr="192.0.2.0/28")}
    assert reached == {(6432,)}


def test_no_edge_is_told_twice() -> None:
    edges = table("prod")

    assert len(edges) == len(set(edges))


def _name(peer: Pods | Block) -> str:
    return peer.name if isinstance(peer, Pods) else peer.cidr
