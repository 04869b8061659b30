"""What things are called: namespaces, and the servers that hold the databases."""

from dataclasses import dataclass

from infra import prometheus
from infra.labels import Labels
from services.launch.names import RUNNABLE, Runnable
from stacks.configuration.shape import Configuration, PrometheusOperator, Unencrypted
from stacks.configuration.stores import PostgresElsewhere


@dataclass(frozen=True, kw_only=True)
class Places:
    """Names of one environment."""

    instance: str
    """The stack: `prod`."""
    services: str
    data: str
    monitoring: str

    def labels(self, component: str) -> Labels:
        """Of what belongs to the environment as a whole."""
        return Labels(name="souk", instance=self.instance, component=component)


def places_of(stack: str, configuration: Configuration) -> Places:
    """Namespaces begin with the prefix, so that a cluster can hold several environments."""
    prefix = configuration.environment.prefix
    return Places(instance=stack, services=prefix, data=f"{prefix}-data", monitoring=f"{prefix}-monitoring")


def running(configuration: Configuration) -> tuple[Runnable, ...]:
    """Every service, the payment sandbox only where it is the provider."""
    return tuple(name for name in RUNNABLE if name != "sandbox" or configuration.payments.provider == "sandbox")


def database_server(configuration: Configuration, service: str) -> str:
    """Which PostgreSQL holds the service's database."""
    postgres = configuration.postgres
    if isinstance(postgres, PostgresElsewhere) or not postgres.per_service:
        return "postgres"
    return f"postgres-{service}"


def url_of(configuration: Configuration, host: str) -> str:
    """What people type into a browser."""
    edge = configuration.edge
    scheme = "http" if isinstance(edge.tls, Unencrypted) else "https"
    return f"{scheme}://{host}" + (f":{edge.port}" if edge.port else "")


def prometheus_url(configuration: Configuration, places: Places) -> str:
    """For those in the cluster."""
    given = configuration.monitoring
    if isinstance(given, PrometheusOperator):
        return given.url
    return f"http://prometheus.{places.monitoring}.svc:{prometheus.PORT}"
