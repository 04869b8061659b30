from collections.abc import Mapping

import msgspec
import pytest

from stacks.configuration.reading import WrongConfiguration, read, refuse_plain_secrets
from stacks.configuration.shape import Process
from tests.stacks.files import STACKS, changed, configuration_of, secrets, values_of

EDGE = {"host": "souk.example", "tls": {"from": "cert-manager", "issuer": "letsencrypt"}}


@pytest.mark.parametrize("stack", STACKS)
def test_the_stacks_of_the_repository_are_right(stack: str) -> None:
    assert configuration_of(stack).edge.host


@pytest.mark.parametrize(
    ("concern", "given", "fault"),
    [
        ("postgres", {"engine": "statefulset", "sise": "5Gi"}, "souk:postgres: Object contains unknown field `sise`"),
        ("postgres", {"engine": "statefulset", "size": 5}, "souk:postgres.size: Expected `str`, got `int`"),
        ("postgres", {"engine": "sqlite"}, "souk:postgres.engine: Invalid value 'sqlite'"),
        ("postgres", {"size": "5Gi"}, "souk:postgres: Object missing required field `engine`"),
        ("redis", {"engine": "external", "host": "h"}, "souk:redis: Object missing required field `cidr`"),
        ("rabbitmq", {"engine": "statefulset", "replicas": 0}, "souk:rabbitmq.replicas: Invalid enum value 0"),
        ("edge", {**EDGE, "kind": "tunnel"}, "souk:edge.kind: Invalid enum value 'tunnel'"),
        ("edge", {"host": "souk.example"}, "souk:edge: Object missing required field `tls`"),
        ("edge", {**EDGE, "tls": {"from": "cert-manager"}}, "souk:edge.tls: Object missing required field `issuer`"),
        ("services", {"orders": {"api": {"replicas": "3"}}}, "souk:services.orders.api.replicas: Expected `int"),
        ("services", {"billing": {}}, "souk:services: Object contains unknown field `billing`"),
        ("services", {"orders": {"cron": {}}}, "souk:services.orders: Object contains unknown field `cron`"),
        ("services", {"settings": {"biling": {}}}, "souk:services.settings.biling: there is no such service"),
        (
            "services",
            {"settings": {"orders": {"comission_bp": "800"}}},
            "souk:services.settings.orders.comission_bp: there is no such setting",
        ),
        ("rabbitmq", {"engine": "statefulset", "replicas": 2}, "souk:rabbitmq.replicas: Invalid enum value 2"),
        ("redis", {"engine": "operator", "replicas": 2}, "souk:redis.replicas: Expected `int` >= 3"),
        (
            "postgres",
            {"engine": "external", "host": "h", "cidr": "192.0.2.0/28", "sslmode": "on"},
            "souk:postgres.sslmode",
        ),
        (
            "redis",
            {"engine": "external", "host": "h", "user": "u", "cidr": "192.0.2.0/28", "scheme": "tls"},
            "souk:redis.scheme",
        ),
        (
            "elasticsearch",
            {"engine": "statefulset", "replicas": 3, "password": True},
            "souk:elasticsearch.password: is",
        ),
        ("elasticsearch", {"engine": "operator", "password": True}, "souk:elasticsearch.password: is for one server"),
        ("snapshots", {"schedule": "45 1 * * *"}, "souk:snapshots: Object missing required field `class_name`"),
        ("snapshots", {"class_name": "csi", "keep": 0}, "souk:snapshots.keep: Expected `int` >= 1"),
        ("mesh", {"revison": "stable"}, "souk:mesh: Object contains unknown field `revison`"),
        ("backups", {"schedule": "daily"}, "souk:backups.schedule: Expected `str` matching regex"),
        ("objects", None, "souk:backups: need souk:objects, or null to have none"),
        ("images", {"source": "given"}, "souk:images: Object missing required field `service`"),
        ("upstream", {"instead": {"mysql": "mysql:9"}}, "souk:upstream.instead"),
        ("environment", {"protect": "yes"}, "souk:environment.protect: Expected `bool`, got `str`"),
        ("postgress", {}, "souk:postgress: there is no such key"),
        (
            "services",
            {"database_pool": 60},
            "souk:postgres.max_connections: services may open",
        ),
    ],
)
def test_what_is_wrong_is_named_by_its_path(concern: str, given: Mapping[str, object] | None, fault: str) -> None:
    with pytest.raises(WrongConfiguration) as wrong:
        read(changed("prod", **{concern: given}))

    assert fault in str(wrong.value)


@pytest.mark.parametrize("key", ["souk:edge", "souk:images", "souk:secrets"])
def test_what_has_no_default_must_be_given(key: str) -> None:
    values = values_of("dev")
    del values[key]

    with pytest.raises(WrongConfiguration, match=f"{key}: is missing"):
        read(values)


@pytest.mark.parametrize(
    ("concern", "given", "absent"),
    [
        ("payments", {"provider": "stripe"}, "stripe_api_key"),
        ("mail", {"delivery": "smtp"}, "mail_url"),
        ("edge", {"host": "souk.example", "tls": {"from": "secrets"}}, "tls_certificate"),
        ("upstream", {"login": True}, "registry_logins"),
    ],
)
def test_a_secret_that_a_choice_needs_must_be_given(concern: str, given: Mapping[str, object], absent: str) -> None:
    known = {name: value for name, value in msgspec.to_builtins(secrets()).items() if name != absent}

    with pytest.raises(WrongConfiguration, match=f"souk:secrets.{absent}: is missing"):
        read(changed("dev", secrets=known, **{concern: given}))


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(WrongConfiguration) as wrong:
        read(changed("dev", redis={"engine": "none"}, rabbitmq={"engine": "none"}))

    assert "souk:rabbitmq.engine" in str(wrong.value)
    assert "souk:redis.engine" in str(wrong.value)


def test_a_wrong_secret_is_not_repeated_in_the_message() -> None:
    known = {**msgspec.to_builtins(secrets()), "keys": {"orders": {"1.pem": "hunter2"}}}

    with pytest.raises(WrongConfiguration) as wrong:
        read(changed("dev", secrets=known))

    assert "souk:secrets.keys" in str(wrong.value)
    assert "hunter2" not in str(wrong.value)


def test_other_projects_keys_are_none_of_ours() -> None:
    assert read({**values_of("dev"), "kubernetes:context": "kind"}).services.every == Process(replicas=1)


def test_what_is_null_in_the_file_is_told_by_pulumi_as_nothing_at_all() -> None:
    told = {**values_of("dev"), "souk:objects": "", "souk:backups": ""}

    assert read(told).objects is None
    assert read(told).backups is None


def test_secrets_in_plain_text_are_refused_and_not_repeated() -> None:
    with pytest.raises(WrongConfiguration) as wrong:
        refuse_plain_secrets(values_of("dev"), encrypted=["souk:edge"])

    assert str(wrong.value).startswith("souk:secrets: is in the stack's file in plain text")
    assert secrets().redis not in str(wrong.value)


def test_encrypted_secrets_are_let_through() -> None:
    refuse_plain_secrets(values_of("dev"), encrypted=["souk:secrets"])
