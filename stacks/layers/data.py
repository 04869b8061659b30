"""Where the services keep things: databases, broker, cache, search engine and object store, on whatever engine."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from infra.address import Address
from infra.backup import Backup, BackupArgs
from infra.confidential import Confidential
from infra.databases import Databases, DatabasesArgs
from infra.elasticsearch import (
    Elasticsearch,
    ElasticsearchArgs,
    ElasticsearchCluster,
    ElasticsearchClusterArgs,
)
from infra.labels import Labels
from infra.objects import Bucket, ObjectStore, ObjectStoreArgs
from infra.pod import Image
from infra.postgres import (
    Postgres,
    PostgresArgs,
    PostgresCluster,
    PostgresClusterArgs,
)
from infra.rabbitmq import Rabbitmq, RabbitmqArgs, RabbitmqCluster
from infra.redis import Redis, RedisArgs, RedisReplication, RedisReplicationArgs
from infra.resources import Resources
from infra.snapshots import Snapshots, SnapshotsArgs
from infra.stateful import Storage
from services.launch.names import Runnable
from stacks.configuration import shape, stores
from stacks.configuration.shape import Backups, Configuration, UpstreamName
from stacks.layers.foundation import Foundation
from stacks.places import Places, database_server, running
from stacks.safe import safe_of
from stacks.upstream import image_of

OBJECT_STORE = Resources(cpu="100m", cpu_limit="1", memory="512Mi")


@dataclass(frozen=True, kw_only=True)
class Data:
    """Addresses, with their passwords in them: secrets."""

    databases: Mapping[Runnable, Confidential]
    brokers: Mapping[Runnable, Confidential]
    cache: Confidential
    search: Confidential
    ready: tuple[pulumi.Resource, ...]
    """What a migration has to wait for."""
    administrators: Mapping[str, Address]
    """Of each database server."""


def lay_data(configuration: Configuration, places: Places, foundation: Foundation) -> Data:
    """Protected as the environment says."""
    return _Layer(configuration, places, foundation).lay()


class _Layer:
    def __init__(self, configuration: Configuration, places: Places, foundation: Foundation) -> None:
        self._configuration = configuration
        self._places = places
        self._foundation = foundation
        self._safe = safe_of(configuration)
        self._protected = pulumi.ResourceOptions(protect=configuration.environment.protect)
        self._bucket = self._objects()

    def lay(self) -> Data:
        held: dict[str, list[Runnable]] = {}
        for service in running(self._configuration):
            held.setdefault(database_server(self._configuration, service), []).append(service)
        administrators = {server: self._postgres(server) for server in held}
        databases = {server: self._databases(server, administrators[server], names) for server, names in held.items()}
        if self._configuration.backups:
            for server, names in held.items():
                self._back_up(server, administrators[server], names, self._configuration.backups)
        broker, cache = self._configuration.rabbitmq, self._configuration.redis
        amqp = broker.scheme if isinstance(broker, stores.RabbitmqElsewhere) else "amqp"
        redis = cache.scheme if isinstance(cache, stores.RedisElsewhere) else "redis"
        brokers = self._rabbitmq()
        if self._configuration.snapshots:
            self._snapshot(self._configuration.snapshots)
        return Data(
            databases={
                service: databases[server].addresses[service].url("postgresql", f"/{service}")
                for server, names in held.items()
                for service in names
            },
            brokers={service: brokers[service].url(amqp, "/%2F") for service in running(self._configuration)},
            cache=self._redis().url(redis, "/0"),
            search=self._elasticsearch(),
            ready=tuple(one.job for one in databases.values()),
            administrators=administrators,
        )

    def _storage(self, size: str) -> Storage:
        environment = self._configuration.environment
        return Storage(size=size, storage_class=environment.storage_class, keep=environment.protect)

    def _postgres(self, name: str) -> Address:
        given, password = self._configuration.postgres, self._safe.server(name)
        if isinstance(given, stores.PostgresElsewhere):
            return Address(
                host=given.host, port=given.port, user=given.user, password=password, parameters=_parameters(given)
            )
        server = PostgresArgs(
            namespace=self._foundation.data,
            instance=self._places.instance,
            image=self._image("postgres"),
            password=password,
            storage=self._storage(given.size),
            resources=Resources(cpu=given.cpu, cpu_limit=given.cpu_limit, memory=given.memory),
            priority_class=self._foundation.ranks["stores"],
            max_connections=given.max_connections,
        )
        if isinstance(given, stores.PostgresOperator):
            cluster = PostgresClusterArgs(server=server, instances=given.instances)
            return PostgresCluster(name, cluster, self._protected).address
        return Postgres(name, server, self._protected).address

    def _databases(self, server: str, administrator: Address, names: list[Runnable]) -> Databases:
        args = DatabasesArgs(
            namespace=self._foundation.data,
            labels=self._labels(f"{server}-databases", "databases"),
            server=administrator,
            image=self._foundation.client_image,
            passwords={name: self._safe.database(name) for name in names},
            priority_class=self._foundation.ranks["stores"],
        )
        return Databases(f"{server}-databases", args)

    def _back_up(self, server: str, administrator: Address, names: list[Runnable], backups: Backups) -> None:
        if self._bucket is None:
            return
        args = BackupArgs(
            namespace=self._foundation.data,
            labels=self._labels(f"{server}-backup", "backup"),
            image=self._foundation.client_image,
            server=administrator,
            databases=names,
            bucket=self._bucket,
            backup_schedule=backups.schedule,
            check_schedule=backups.check_schedule,
            keep_days=backups.keep_days,
            scratch_size=backups.scratch_size,
            priority_class=self._foundation.ranks["background"],
        )
        Backup(f"{server}-backup", args)

    def _snapshot(self, given: shape.Snapshots) -> None:
        args = SnapshotsArgs(
            namespace=self._foundation.data,
            labels=self._labels("snapshots", "snapshots"),
            image=self._foundation.service_image,
            class_name=given.class_name,
            schedule=given.schedule,
            keep=given.keep,
            priority_class=self._foundation.ranks["background"],
        )
        Snapshots("snapshots", args)

    def _rabbitmq(self) -> Mapping[str, Address]:
        """By service."""
        services = running(self._configuration)
        given, password = self._configuration.rabbitmq, self._safe.single("rabbitmq")
        if isinstance(given, stores.RabbitmqElsewhere):
            shared = Address(host=given.host, port=given.port, user=given.user, password=password)
            return dict.fromkeys(services, shared)
        args = RabbitmqArgs(
            namespace=self._foundation.data,
            instance=self._places.instance,
            image=self._image("rabbitmq"),
            password=password,
            users={service: self._safe.broker(service) for service in services},
            cookie=self._safe.single("rabbitmq_cookie"),
            storage=self._storage(given.size),
            resources=Resources(cpu=given.cpu, cpu_limit=given.cpu_limit, memory=given.memory),
            priority_class=self._foundation.ranks["stores"],
            replicas=given.replicas,
        )
        kind = RabbitmqCluster if isinstance(given, stores.RabbitmqOperator) else Rabbitmq
        return kind("rabbitmq", args, self._protected).addresses

    def _redis(self) -> Address:
        given, password = self._configuration.redis, self._safe.single("redis")
        if isinstance(given, stores.RedisElsewhere):
            return Address(host=given.host, port=given.port, user=given.user, password=password)
        server = RedisArgs(
            namespace=self._foundation.data,
            instance=self._places.instance,
            image=self._image("redis"),
            password=password,
            storage=self._storage(given.size),
            priority_class=self._foundation.ranks["stores"],
            memory_mib=given.memory_mib,
        )
        if isinstance(given, stores.RedisOperator):
            replication = RedisReplicationArgs(server=server, replicas=given.replicas)
            return RedisReplication("redis", replication, self._protected).address
        return Redis("redis", server, self._protected).address

    def _elasticsearch(self) -> Confidential:
        given, password = self._configuration.elasticsearch, self._safe.single("elasticsearch")
        if isinstance(given, stores.ElasticsearchElsewhere):
            return Address(host=given.host, port=given.port, user=given.user, password=password).url(given.scheme)
        server = ElasticsearchArgs(
            namespace=self._foundation.data,
            instance=self._places.instance,
            image=self._image("elasticsearch"),
            storage=self._storage(given.size),
            priority_class=self._foundation.ranks["stores"],
            cpu=given.cpu,
            cpu_limit=given.cpu_limit,
            heap_mib=given.heap_mib,
            replicas=given.replicas,
            password=password if given.password else None,
        )
        if isinstance(given, stores.ElasticsearchOperator):
            args = ElasticsearchClusterArgs(server=server, password=password)
            return ElasticsearchCluster("elasticsearch", args, self._protected).address.url("http")
        return Elasticsearch("elasticsearch", server, self._protected).url

    def _objects(self) -> Bucket | None:
        given = self._configuration.objects
        if given is None:
            return None
        keys = (self._safe.single("objects_access_key"), self._safe.single("objects_secret_key"))
        if isinstance(given, stores.ObjectsElsewhere):
            return Bucket(url=given.url, region=given.region, name=given.bucket, access_key=keys[0], secret_key=keys[1])
        args = ObjectStoreArgs(
            namespace=self._foundation.data,
            instance=self._places.instance,
            image=self._image("minio"),
            access_key=keys[0],
            secret_key=keys[1],
            bucket=given.bucket,
            storage=self._storage(given.size),
            resources=OBJECT_STORE,
            priority_class=self._foundation.ranks["stores"],
        )
        return ObjectStore("objects", args, self._protected).bucket

    def _image(self, name: UpstreamName) -> Image:
        return image_of(name, self._configuration.upstream, self._foundation.login)

    def _labels(self, name: str, component: str) -> Labels:
        return Labels(name=name, instance=self._places.instance, component=component)


def _parameters(given: stores.PostgresElsewhere) -> dict[str, str]:
    """`prefer` is what every client does unasked."""
    if given.sslmode == "prefer":
        return {}
    return {"sslmode": given.sslmode, **({"sslrootcert": given.sslrootcert} if given.sslmode == "verify-full" else {})}
