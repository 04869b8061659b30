"""The table of edges: who may open a connection to whom. NetworkPolicies and their documentation are made from it.

Which services the gateway leads to is the gateway's own table (`services.gateway.edges`), not written again here.
"""

from collections.abc import Iterable, Iterator

from infra import alertmanager, elasticsearch, grafana, objects, postgres, prometheus, rabbitmq, redis
from infra.network import INTERNET, Block, Edge, Peer, Pods
from infra.service import METRICS_PORT
from services.gateway.edges import EDGES, ROUTES
from stacks.configuration import stores
from stacks.configuration.shape import Configuration, NoMonitoring, Prometheus, PrometheusOperator, Roles
from stacks.membership import ISTIOD_PORT, meshed
from stacks.places import Places, database_server, running
from stacks.roster import HTTP, INTERNAL, ROSTER
from stacks.safe import tells_of_alerts

SMTP_PORTS = (465, 587)
HTTPS = 443
CNPG_STATUS_PORT = 8000
SENTINEL_PORT = 26379
ROLLOUTS_NAMESPACE = "argo-rollouts"


def neighbours(configuration: Configuration, places: Places) -> tuple[Edge, ...]:
    """Every edge of the environment, each once."""
    table = _Table(configuration, places)
    edges = [
        *table.of_the_gateway(),
        *table.of_payments(),
        *table.of_the_world(),
        *table.of_databases(),
        *table.of_shared_stores(),
        *table.among_members(),
        *table.of_operators(),
        *table.of_monitoring(),
    ]
    return tuple(dict.fromkeys([*edges, *table.of_sidecars(edges)]))


class _Table:
    def __init__(self, configuration: Configuration, places: Places) -> None:
        self._configuration = configuration
        self._places = places
        self._services = running(configuration)

    def of_the_gateway(self) -> Iterator[Edge]:
        gateway = self._service("gateway")
        yield Edge(source=self._controller, target=gateway, ports=(HTTP,))
        behind = {route.service for route in ROUTES} | {edge.target for edge in EDGES}
        for name in self._services:
            if name in behind - {"gateway"}:
                yield Edge(source=gateway, target=self._service(name), ports=(HTTP,))
            if name != "gateway":  # For the gateway's keys, and for what the service asks of others.
                yield Edge(source=self._service(name), target=gateway, ports=(INTERNAL,))

    def of_payments(self) -> Iterator[Edge]:
        orders = self._service("orders")
        if self._configuration.payments.provider == "stripe":
            yield Edge(source=orders, target=INTERNET, ports=(HTTPS,))
        else:
            sandbox = self._service("sandbox")
            yield Edge(source=orders, target=sandbox, ports=(HTTP,))
            yield Edge(source=sandbox, target=self._service("gateway"), ports=(HTTP,))

    def of_the_world(self) -> Iterator[Edge]:
        if self._configuration.mail.delivery == "smtp":
            yield Edge(source=self._service("auth"), target=INTERNET, ports=SMTP_PORTS)

    def of_databases(self) -> Iterator[Edge]:
        for name in self._services:
            server = self._database(name)
            yield Edge(source=self._service(name), target=server, ports=(self._postgres_port,))
            held = database_server(self._configuration, name)
            yield Edge(source=self._store(f"{held}-databases"), target=server, ports=(self._postgres_port,))
            if self._configuration.backups:
                backup = self._store(f"{held}-backup")
                yield Edge(source=backup, target=server, ports=(self._postgres_port,))
                yield from self._to_objects(backup)

    def of_shared_stores(self) -> Iterator[Edge]:
        configuration = self._configuration
        broker = self._store_or_block("rabbitmq", configuration.rabbitmq, rabbitmq.PORT)
        cache = self._store_or_block("redis", configuration.redis, redis.PORT)
        search = self._store_or_block("elasticsearch", configuration.elasticsearch, elasticsearch.PORT)
        for name in self._services:
            source, stores = self._service(name), ROSTER[name].stores
            yield Edge(source=source, target=broker[0], ports=(broker[1],))
            if "redis" in stores:
                yield Edge(source=source, target=cache[0], ports=(cache[1],))
            if "elasticsearch" in stores:
                yield Edge(source=source, target=search[0], ports=(search[1],))

    def among_members(self) -> Iterator[Edge]:
        configuration = self._configuration
        if not isinstance(configuration.rabbitmq, stores.RabbitmqElsewhere):
            yield self._among("rabbitmq", tuple(rabbitmq.MEMBER_PORTS.values()))
        if not isinstance(configuration.elasticsearch, stores.ElasticsearchElsewhere):
            yield self._among("elasticsearch", (elasticsearch.PORT, elasticsearch.MEMBER_PORT))
        if isinstance(configuration.redis, stores.RedisOperator):
            yield self._among("redis", (redis.PORT, SENTINEL_PORT))
        if isinstance(configuration.postgres, stores.PostgresOperator):
            for server in sorted({database_server(configuration, name) for name in self._services}):
                yield self._among(server, (postgres.PORT, CNPG_STATUS_PORT))

    def of_operators(self) -> Iterator[Edge]:
        configuration = self._configuration
        if isinstance(configuration.postgres, stores.PostgresOperator):
            operator = Pods(namespace=configuration.postgres.operator_namespace)
            for server in sorted({database_server(configuration, name) for name in self._services}):
                yield Edge(source=operator, target=self._store(server), ports=(postgres.PORT, CNPG_STATUS_PORT))
                # Each instance is told by the API server whether it is the primary.
                yield from self._to_the_api_server(self._store(server))
        if configuration.snapshots:
            yield from self._to_the_api_server(self._store("snapshots"))
        if isinstance(configuration.redis, stores.RedisOperator):
            operator = Pods(namespace=configuration.redis.operator_namespace)
            yield Edge(source=operator, target=self._store("redis"), ports=(redis.PORT, SENTINEL_PORT))
        if isinstance(configuration.elasticsearch, stores.ElasticsearchOperator):
            operator = Pods(namespace=configuration.elasticsearch.operator_namespace)
            yield Edge(source=operator, target=self._store("elasticsearch"), ports=(elasticsearch.PORT,))
        if isinstance(configuration.rabbitmq, stores.RabbitmqOperator):
            yield from self._to_the_api_server(self._store("rabbitmq"))

    def of_monitoring(self) -> Iterator[Edge]:
        given = self._configuration.monitoring
        if isinstance(given, NoMonitoring):
            return
        scraper = self._watcher("prometheus")
        if isinstance(given, PrometheusOperator):
            scraper = Pods(namespace=given.namespace, labels=tuple(sorted(given.labels.items())))
        for name in self._services:
            yield Edge(source=scraper, target=self._service(name), ports=(METRICS_PORT,))
        if not isinstance(self._configuration.rabbitmq, stores.RabbitmqElsewhere):
            yield Edge(source=scraper, target=self._store("rabbitmq"), ports=(rabbitmq.METRICS_PORT,))
        if isinstance(given, Prometheus):
            yield from self._of_our_watchers(scraper, given)

    def of_sidecars(self, edges: Iterable[Edge]) -> Iterator[Edge]:
        """Each is told by Istio whom it may believe."""
        mesh = self._configuration.mesh
        if mesh is None:
            return
        istiod = Pods(namespace=mesh.namespace, labels=(("app", "istiod"),))
        for end in (end for edge in edges for end in (edge.source, edge.target)):
            if isinstance(end, Pods) and end.name and end.namespace in meshed(mesh, self._places):
                yield Edge(source=end, target=istiod, ports=(ISTIOD_PORT,))

    def _of_our_watchers(self, scraper: Pods, given: Prometheus) -> Iterator[Edge]:
        alerts, dashboards = self._watcher("alertmanager"), self._watcher("grafana")
        yield from self._to_the_api_server(scraper)  # It tells where the pods are.
        yield Edge(source=scraper, target=alerts, ports=(alertmanager.PORT,))
        if tells_of_alerts(self._configuration):
            yield Edge(source=alerts, target=INTERNET, ports=(HTTPS,))
        if given.dashboards:
            yield Edge(source=dashboards, target=scraper, ports=(prometheus.PORT,))
        if given.dashboards_host:
            yield Edge(source=self._controller, target=dashboards, ports=(grafana.PORT,))
        if self._rolls_out_by_analysis():
            rollouts = Pods(namespace=ROLLOUTS_NAMESPACE)
            yield Edge(source=rollouts, target=scraper, ports=(prometheus.PORT,))

    def _rolls_out_by_analysis(self) -> bool:
        given = self._configuration.services
        roles: list[Roles] = [getattr(given, name) for name in self._services]
        strategies = {given.every.strategy, *(one.api.strategy for one in roles)}
        return bool(strategies - {None, "rolling"})

    def _to_the_api_server(self, source: Pods) -> Iterator[Edge]:
        environment = self._configuration.environment
        for cidr in environment.api_server:
            yield Edge(source=source, target=Block(cidr=cidr), ports=tuple(environment.api_server_ports))

    @property
    def _controller(self) -> Pods:
        edge = self._configuration.edge
        return Pods(namespace=edge.controller_namespace, labels=tuple(sorted(edge.controller_labels.items())))

    @property
    def _postgres_port(self) -> int:
        given = self._configuration.postgres
        return given.port if isinstance(given, stores.PostgresElsewhere) else postgres.PORT

    def _database(self, service: str) -> Peer:
        given = self._configuration.postgres
        if isinstance(given, stores.PostgresElsewhere):
            return Block(cidr=given.cidr)
        return self._store(database_server(self._configuration, service))

    def _store_or_block(self, name: str, given: object, port: int) -> tuple[Peer, int]:
        if isinstance(given, stores.Elsewhere):
            return Block(cidr=given.cidr), given.port
        return self._store(name), port

    def _to_objects(self, source: Pods) -> Iterator[Edge]:
        match self._configuration.objects:
            case stores.Objects():
                yield Edge(source=source, target=self._store("objects"), ports=(objects.PORT,))
            case stores.ObjectsElsewhere(cidr=cidr, port=port):
                yield Edge(source=source, target=Block(cidr=cidr) if cidr else INTERNET, ports=(port,))
            case None:
                return

    def _among(self, name: str, ports: tuple[int, ...]) -> Edge:
        return Edge(source=self._store(name), target=self._store(name), ports=ports)

    def _service(self, name: str) -> Pods:
        return Pods(namespace=self._places.services, name=name)

    def _watcher(self, name: str) -> Pods:
        return Pods(namespace=self._places.monitoring, name=name)

    def _store(self, name: str) -> Pods:
        return Pods(namespace=self._places.data, name=name)
