"""What each engine of each store is, beyond what a StatefulSet always is."""

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pulumi
import pytest

from infra.address import Address
from infra.backup import Backup
from infra.confidential import Confidential
from infra.databases import Databases
from infra.elasticsearch import Elasticsearch
from infra.postgres import PostgresCluster, PostgresClusterArgs
from infra.rabbitmq import Rabbitmq, RabbitmqCluster
from infra.redis import RedisReplication, RedisReplicationArgs
from infra.resources import bytes_of
from tests.infra.engine import Declared, declare, look
from tests.infra.every import (
    BACKUP,
    DATABASES,
    ELASTICSEARCH,
    EVERY,
    POSTGRES,
    RABBITMQ,
    REDIS,
    SERVER,
)
from tests.infra.examples import KEY, PASSWORD

POD = "spec.template.spec"


@pytest.fixture(scope="module")
def statefulset() -> Callable[[str], Declared]:
    known = {kind.__name__: make for kind, make in EVERY.items()}
    return lambda name: declare(known[name]).one("StatefulSet")


@pytest.mark.parametrize("store", ["Postgres", "Redis", "Rabbitmq", "Elasticsearch", "ObjectStore"])
def test_a_store_is_restricted_and_writes_only_where_it_was_given_room(
    statefulset: Callable[[str], Declared], store: str
) -> None:
    made = statefulset(store)

    assert made.at(f"{POD}.securityContext.runAsUser") == 10999
    assert made.at(f"{POD}.containers.0.securityContext.readOnlyRootFilesystem") is True
    assert made.at(f"{POD}.priorityClassName") == "dev-stores"


def test_a_password_is_escaped_in_a_url() -> None:
    urls: list[str] = []
    server = replace(SERVER, password="p@ss/word")

    declare(lambda: _known(server.url("postgresql", "/orders")).apply(urls.append))

    assert urls == ["postgresql://postgres:p%40ss%2Fword@postgres.souk-data.svc:5432/orders"]


def test_a_broker_that_lost_the_others_is_no_dead_broker(statefulset: Callable[[str], Declared]) -> None:
    made = statefulset("Rabbitmq")

    assert made.at(f"{POD}.containers.0.livenessProbe.tcpSocket.port") == "clustering"


def test_postgres_reads_its_password_from_a_file_and_checks_its_pages(
    statefulset: Callable[[str], Declared],
) -> None:
    variables = statefulset("Postgres").at(f"{POD}.containers.0.env")

    assert isinstance(variables, list)
    assert {"name": "POSTGRES_PASSWORD_FILE", "value": "/run/secrets/postgres/password"} in variables
    assert {"name": "POSTGRES_INITDB_ARGS", "value": "--data-checksums --auth-host=scram-sha-256"} in variables


def test_postgres_ends_its_sessions_when_it_is_to_stop(statefulset: Callable[[str], Declared]) -> None:
    stop = statefulset("Postgres").at(f"{POD}.containers.0.lifecycle.preStop.exec.command")

    assert stop == ["pg_ctl", "stop", "--mode=fast", "--wait"]


def test_a_commit_of_a_postgres_cluster_is_on_two_servers() -> None:
    cluster = declare(EVERY[PostgresCluster]).one("Cluster")

    assert cluster.at("spec.instances") == 3
    assert cluster.at("spec.postgresql.synchronous") == {"method": "any", "number": 1}


def test_a_postgres_cluster_of_one_waits_for_no_other() -> None:
    args = PostgresClusterArgs(server=POSTGRES, instances=1)

    cluster = declare(lambda: PostgresCluster("postgres", args)).one("Cluster")

    assert cluster.at("spec.postgresql.synchronous") is None


def test_each_service_has_a_database_of_its_own() -> None:
    addresses: dict[str, Address] = {}

    made = declare(lambda: addresses.update(Databases("databases", DATABASES).addresses))

    assert {name: address.user for name, address in addresses.items()} == {"orders": "orders", "items": "items"}
    assert made.one("Secret", "databases-owners").at("stringData") == {"orders": PASSWORD, "items": PASSWORD}


def test_a_changed_password_makes_the_databases_again() -> None:
    first = declare(EVERY[Databases]).one("Job")
    changed = replace(DATABASES, passwords={"orders": KEY, "items": PASSWORD})

    other = declare(lambda: Databases("databases", changed)).one("Job")

    assert first.at("metadata.name") != other.at("metadata.name")


def test_postgres_is_not_ready_before_its_administrator_has_the_password_that_is_mounted(
    statefulset: Callable[[str], Declared],
) -> None:
    server = statefulset("Postgres")

    begun = server.at(f"{POD}.containers.0.lifecycle.postStart.exec.command")
    assert begun == ["sh", "/scripts/password.sh"]
    mounts = server.at(f"{POD}.containers.0.volumeMounts")
    assert isinstance(mounts, list)
    assert "/scripts" in {look(mount, "mountPath") for mount in mounts}


def test_members_of_a_broker_are_told_of_each_other() -> None:
    settings = declare(EVERY[Rabbitmq]).one("Secret").at("stringData")

    assert isinstance(settings, dict)
    third = "classic_config.nodes.3 = rabbit@rabbitmq-2.rabbitmq-members.souk-data.svc.cluster.local"
    assert third in settings["members.conf"]
    memory = bytes_of(RABBITMQ.resources.memory)
    assert f"total_memory_available_override_value = {memory}\n" in settings["members.conf"]


def test_a_user_of_the_broker_may_use_what_services_share_and_administers_nothing() -> None:
    entries = declare(EVERY[Rabbitmq]).one("Secret").at("stringData")

    assert isinstance(entries, dict)
    told = json.loads(entries["definitions.json"])
    assert {user["name"]: user["tags"] for user in told["users"]} == {
        "souk": ["administrator"],
        "orders": [],
        "items": [],
    }
    allowed = {one["user"]: one for one in told["permissions"]}["orders"]
    assert re.search(allowed["read"], "items.retry.10s")
    assert re.search(allowed["write"], "amq.default")
    assert not re.search(allowed["configure"], "amq.default")
    assert not re.search(allowed["configure"], "users.in")
    assert not re.search(allowed["configure"], "orders.in.mine")


def test_an_operators_broker_takes_over_the_same_users() -> None:
    made = declare(EVERY[RabbitmqCluster])

    entries = made.one("Secret").at("stringData")
    assert isinstance(entries, dict)
    assert [user["name"] for user in json.loads(entries["definitions.json"])["users"]] == ["souk", "orders", "items"]
    spec = made.one("RabbitmqCluster").at("spec")
    assert "load_definitions = /etc/souk/definitions.json" in str(look(spec, "rabbitmq.additionalConfig"))
    mounted = look(spec, "override.statefulSet.spec.template.spec.volumes.0.secret.secretName")
    assert mounted == made.one("Secret").at("metadata.name")


def test_one_search_server_elects_itself_and_three_elect_one() -> None:
    three = declare(EVERY[Elasticsearch]).one("ConfigMap")
    one = declare(lambda: Elasticsearch("elasticsearch", replace(ELASTICSEARCH, replicas=1))).one("ConfigMap")

    assert "cluster.initial_master_nodes: [elasticsearch-0, elasticsearch-1, " in str(three.at("data"))
    assert "discovery.type: single-node" in str(one.at("data"))


@pytest.mark.parametrize("replicas", [0, 2, 4])
def test_a_number_of_members_without_a_majority_is_refused(replicas: int) -> None:
    with pytest.raises(ValueError, match="must be odd"):
        replace(RABBITMQ, replicas=replicas)
    with pytest.raises(ValueError, match="must be odd"):
        replace(ELASTICSEARCH, replicas=replicas)


def test_a_postgres_cluster_runs_as_the_account_that_is_in_its_image() -> None:
    made = declare(EVERY[PostgresCluster]).one("Cluster")

    assert (made.at("spec.postgresUID"), made.at("spec.postgresGID")) == (999, 999)


def test_sentinels_know_the_password_of_what_they_watch_and_decide_by_majority() -> None:
    cluster = RedisReplicationArgs(server=REDIS, replicas=5)

    made = declare(lambda: RedisReplication("redis", cluster))

    sentinel = made.one("RedisSentinel")
    password = made.one("Secret").at("metadata.name")
    assert sentinel.at("spec.redisSentinelConfig.redisReplicationPassword.secretKeyRef.name") == password
    assert sentinel.at("spec.redisSentinelConfig.quorum") == "3"


def test_an_operated_cache_is_bounded_as_our_own_is() -> None:
    made = declare(EVERY[RedisReplication])

    bounds = made.one("ConfigMap")
    assert made.one("RedisReplication").at("spec.redisConfig.additionalRedisConfig") == bounds.at("metadata.name")
    assert "maxmemory 128mb" in str(bounds.at("data"))


def test_search_servers_that_would_have_to_trust_each_other_cannot_ask_for_a_password() -> None:
    with pytest.raises(ValueError, match="speak TLS to each other"):
        replace(ELASTICSEARCH, password=PASSWORD)


def test_a_search_server_that_asks_for_a_password_is_ready_when_it_answers_whoever_knows_it() -> None:
    made = declare(lambda: Elasticsearch("elasticsearch", replace(ELASTICSEARCH, replicas=1, password=PASSWORD)))

    server = made.one("StatefulSet").at("spec.template.spec.containers.0")
    assert "/run/secrets/elasticsearch/password" in str(look(server, "readinessProbe.exec.command.2"))
    assert PASSWORD not in str(server)
    assert look(server, "livenessProbe.tcpSocket.port") == "http"


def test_two_sentinels_are_refused() -> None:
    with pytest.raises(ValueError, match="needs 3 replicas"):
        RedisReplicationArgs(server=REDIS, replicas=2)


def test_a_restore_waits_for_somebody_to_ask_for_it() -> None:
    made = declare(EVERY[Backup]).one("CronJob", "backup-restore")

    assert made.at("spec.suspend") is True
    assert made.at("spec.jobTemplate.spec.template.spec.containers.0.command.1") == "/scripts/restore.sh"


def test_backups_never_overlap_and_are_checked() -> None:
    made = {one.name: one for one in declare(EVERY[Backup]).of("CronJob")}

    assert {name: one.at("spec.schedule") for name, one in made.items() if not one.at("spec.suspend")} == {
        "backup": "15 2 * * *",
        "backup-check": "15 4 * * 0",
    }
    assert {one.at("spec.concurrencyPolicy") for one in made.values()} == {"Forbid"}


def test_a_backup_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no database to back up"):
        replace(BACKUP, databases=[])


def test_a_backup_that_is_not_kept_is_refused() -> None:
    with pytest.raises(ValueError, match="keep_days must be at least 1"):
        replace(BACKUP, keep_days=0)


def _known(text: Confidential) -> pulumi.Output[str]:
    assert isinstance(text, pulumi.Output)
    return text
