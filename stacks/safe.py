"""What the stack keeps secret, wherever it is kept: in `souk:secrets`, or in a secret manager that the cluster asks.

An entry of a manager is called after the field of `Sealed` that it stands for: `souk/prod/redis`,
`souk/prod/databases/orders`. Its one property is `value`, but for signing keys, which have their file names.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from infra.confidential import Confidential, Entry, SecretStore, remote
from services.launch.names import Runnable
from stacks.configuration.sealed import Sealed, SecretManager, seal
from stacks.configuration.shape import Configuration, InSecrets, Prometheus
from stacks.configuration.stores import (
    Elasticsearch,
    ElasticsearchOperator,
    Objects,
    Rabbitmq,
    RabbitmqElsewhere,
    RabbitmqOperator,
)
from stacks.places import database_server, running

VALUE = "value"

Single: TypeAlias = Literal[
    "redis",
    "rabbitmq",
    "rabbitmq_cookie",
    "elasticsearch",
    "objects_access_key",
    "objects_secret_key",
    "auth_data_key",
    "staff_email",
    "staff_password",
    "sandbox_api_key",
    "sandbox_webhook_secret",
    "grafana",
    "mail_url",
    "stripe_api_key",
    "stripe_webhook_secret",
    "tls_certificate",
    "tls_key",
    "alerts_webhook_url",
    "registry_logins",
]
"""Those of which a stack has one."""


class Safe(Protocol):
    """Gives what it is asked for; whether a stack has what it needs is settled when its configuration is read."""

    def single(self, name: Single) -> Confidential:
        """What the stack has one of."""

    def server(self, name: str) -> Confidential:
        """The administrator's password of a database server."""

    def database(self, service: Runnable) -> Confidential:
        """The password of a service."""

    def broker(self, service: Runnable) -> Confidential:
        """The password of a service, for the broker."""

    def keys(self, service: Runnable) -> dict[str, Confidential] | Entry:
        """Signing keys: PEM by file name."""


def safe_of(configuration: Configuration) -> Safe:
    """Where the stack's secrets are."""
    source = configuration.secrets_from
    if isinstance(source, SecretManager):
        return _Outside(source)
    if configuration.secrets is None:
        raise ValueError("a configuration without secrets was not read by stacks.configuration.reading")
    return _Inside(configuration.secrets)


def tells_of_alerts(configuration: Configuration) -> bool:
    """Whether there is somebody to tell."""
    if isinstance(configuration.secrets_from, SecretManager):
        return configuration.secrets_from.alerts_webhook
    return configuration.secrets is not None and configuration.secrets.alerts_webhook_url is not None


@dataclass(frozen=True)
class _Inside:
    secrets: Sealed

    def single(self, name: Single) -> Confidential:
        return seal(getattr(self.secrets, name))

    def server(self, name: str) -> Confidential:
        return seal(self.secrets.postgres[name])

    def database(self, service: Runnable) -> Confidential:
        return seal(self.secrets.databases[service])

    def broker(self, service: Runnable) -> Confidential:
        return seal(self.secrets.brokers[service])

    def keys(self, service: Runnable) -> dict[str, Confidential]:
        return {file: seal(pem) for file, pem in self.secrets.keys[service].items()}


@dataclass(frozen=True)
class _Outside:
    source: SecretManager

    def single(self, name: Single) -> Confidential:
        return remote(self._entry(name), VALUE)

    def server(self, name: str) -> Confidential:
        return remote(self._entry(f"postgres/{name}"), VALUE)

    def database(self, service: Runnable) -> Confidential:
        return remote(self._entry(f"databases/{service}"), VALUE)

    def broker(self, service: Runnable) -> Confidential:
        return remote(self._entry(f"brokers/{service}"), VALUE)

    def keys(self, service: Runnable) -> Entry:
        return self._entry(f"keys/{service}")

    def _entry(self, name: str) -> Entry:
        source = self.source
        store = SecretStore(name=source.store, kind=source.store_kind)
        return Entry(store=store, key=key_of(source, name), version=source.versions.get(name))


def key_of(source: SecretManager, name: str) -> str:
    """Of an entry, in the manager: `souk/prod/databases/orders`, or `souk-prod-databases-orders`."""
    whole = f"{source.path}/{name}"
    return whole if source.separator == "/" else whole.replace("/", "-").replace("_", "-")


def entries_of(configuration: Configuration) -> Iterator[str]:
    """What the stack needs, as `versions` names it."""
    yield from ("redis", "rabbitmq", "auth_data_key", "staff_email", "staff_password")
    yield from _of_stores(configuration)
    if isinstance(configuration.monitoring, Prometheus) and configuration.monitoring.dashboards:
        yield "grafana"
    if configuration.payments.provider == "stripe":
        yield from ("stripe_api_key", "stripe_webhook_secret")
    else:
        yield from ("sandbox_api_key", "sandbox_webhook_secret")
    if configuration.mail.delivery == "smtp":
        yield "mail_url"
    if isinstance(configuration.edge.tls, InSecrets):
        yield from ("tls_certificate", "tls_key")
    if isinstance(configuration.monitoring, Prometheus) and tells_of_alerts(configuration):
        yield "alerts_webhook_url"
    if configuration.upstream.login:
        yield "registry_logins"
    yield from dict.fromkeys(f"postgres/{database_server(configuration, one)}" for one in running(configuration))
    for service in running(configuration):
        yield from (f"databases/{service}", f"keys/{service}")
        if not isinstance(configuration.rabbitmq, RabbitmqElsewhere):
            yield f"brokers/{service}"


def _of_stores(configuration: Configuration) -> Iterator[str]:
    if isinstance(configuration.rabbitmq, Rabbitmq) and not isinstance(configuration.rabbitmq, RabbitmqOperator):
        yield "rabbitmq_cookie"  # Operators make their own.
    search = configuration.elasticsearch
    asks = isinstance(search, ElasticsearchOperator) or not isinstance(search, Elasticsearch) or search.password
    if asks:
        yield "elasticsearch"
    if isinstance(configuration.objects, Objects) or (configuration.objects and configuration.backups):
        yield from ("objects_access_key", "objects_secret_key")
