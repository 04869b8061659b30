"""The stores: for each, an engine and what that engine wants to know."""

from typing import Annotated, Literal

from msgspec import Meta

from stacks.configuration.words import Bytes, Cidr, Cpu, Host, Name, Port, Replicas, Strict, Text

Connections = Annotated[int, Meta(ge=50, le=5000)]
Members = Literal[1, 3, 5, 7]
"""Odd, so that there is a majority."""
Sentinels = Annotated[int, Meta(ge=3, le=9)]
"""Fewer cannot outvote one that has lost the others."""
Mebibytes = Annotated[int, Meta(ge=64, le=65_536)]


class Elsewhere(Strict, frozen=True, kw_only=True, tag_field="engine", tag="external"):
    """A server that is there already."""

    host: Host
    user: Text
    cidr: Cidr
    """Its addresses, for network policies."""
    port: Port


class Postgres(Strict, frozen=True, kw_only=True, tag_field="engine", tag="statefulset"):
    """Servers of our own."""

    per_service: bool = False
    """A server for each service rather than one for all."""
    size: Bytes = "20Gi"
    cpu: Cpu = "250m"
    cpu_limit: Cpu = "2"
    memory: Bytes = "1Gi"
    max_connections: Connections = 300


class PostgresOperator(Strict, frozen=True, kw_only=True, tag_field="engine", tag="operator"):
    """CloudNativePG's clusters."""

    per_service: bool = True
    instances: Replicas = 3
    size: Bytes = "50Gi"
    cpu: Cpu = "500m"
    cpu_limit: Cpu = "4"
    memory: Bytes = "2Gi"
    max_connections: Connections = 400
    operator_namespace: Name = "cnpg-system"


class PostgresElsewhere(Elsewhere, frozen=True, kw_only=True, tag_field="engine", tag="external"):
    """One server with a database for each service; `user` may create roles and databases."""

    user: Text = "postgres"
    port: Port = 5432
    sslmode: Literal["disable", "prefer", "require", "verify-full"] = "prefer"
    """As libpq has it: `verify-full` believes those whom `sslrootcert` vouches for, and the host's name."""
    sslrootcert: Text = "/etc/ssl/certs/ca-certificates.crt"
    """A file in our images."""


class Redis(Strict, frozen=True, kw_only=True, tag_field="engine", tag="statefulset"):
    """One server of our own."""

    size: Bytes = "2Gi"
    memory_mib: Mebibytes = 128


class RedisOperator(Strict, frozen=True, kw_only=True, tag_field="engine", tag="operator"):
    """The Redis operator's replicas and sentinels."""

    size: Bytes = "2Gi"
    memory_mib: Mebibytes = 256
    replicas: Sentinels = 3
    operator_namespace: Name = "redis-operator"


class RedisElsewhere(Elsewhere, frozen=True, kw_only=True, tag_field="engine", tag="external"):
    """`rediss` is TLS, and verified."""

    user: Text = "default"
    port: Port = 6379
    scheme: Literal["redis", "rediss"] = "redis"


class Rabbitmq(Strict, frozen=True, kw_only=True, tag_field="engine", tag="statefulset"):
    """Servers of our own; an odd number."""

    replicas: Members = 3
    size: Bytes = "8Gi"
    cpu: Cpu = "250m"
    cpu_limit: Cpu = "2"
    memory: Bytes = "1Gi"


class RabbitmqOperator(Rabbitmq, frozen=True, kw_only=True, tag_field="engine", tag="operator"):
    """The RabbitMQ cluster operator's."""

    operator_namespace: Name = "rabbitmq-system"


class RabbitmqElsewhere(Elsewhere, frozen=True, kw_only=True, tag_field="engine", tag="external"):
    """On the virtual host `/`; `amqps` is TLS, and verified."""

    port: Port = 5672
    scheme: Literal["amqp", "amqps"] = "amqp"


class Elasticsearch(Strict, frozen=True, kw_only=True, tag_field="engine", tag="statefulset"):
    """Servers of our own; an odd number."""

    replicas: Members = 1
    size: Bytes = "10Gi"
    cpu: Cpu = "500m"
    cpu_limit: Cpu = "2"
    heap_mib: Mebibytes = 512
    password: bool = False
    """Whether the one server asks for it; an operator's always do."""


class ElasticsearchOperator(Elasticsearch, frozen=True, kw_only=True, tag_field="engine", tag="operator"):
    """ECK's."""

    replicas: Members = 3
    operator_namespace: Name = "elastic-system"


class ElasticsearchElsewhere(Elsewhere, frozen=True, kw_only=True, tag_field="engine", tag="external"):
    """Reached by `http://` or `https://`."""

    port: Port = 9200
    scheme: Literal["http", "https"] = "https"


OPERATORS = (PostgresOperator, RedisOperator, RabbitmqOperator, ElasticsearchOperator)
"""Whose pods are not made here."""


class Objects(Strict, frozen=True, kw_only=True, tag_field="engine", tag="statefulset"):
    """MinIO on one volume."""

    size: Bytes = "20Gi"
    bucket: Name = "souk-backups"


class ObjectsElsewhere(Strict, frozen=True, kw_only=True, tag_field="engine", tag="external"):
    """S3, or what has its API."""

    url: Text
    region: Name
    bucket: Name
    cidr: Cidr | None = None
    """None: somewhere in the internet."""
    port: Port = 443
