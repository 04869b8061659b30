from collections.abc import Mapping
from dataclasses import replace

import pulumi
import pytest

from infra.address import Address
from infra.confidential import Confidential, Entry, SecretStore, escaped, phrase, quoted, remote
from infra.configuration import Content, config_map, secret
from tests.infra.engine import Declared, declare
from tests.infra.examples import LABELS

ENTRY = Entry(store=SecretStore(name="vault"), key="souk/prod/databases/orders")
SERVER = Address(host="postgres.souk-data.svc", port=5432, user="orders", password=remote(ENTRY, "value"))


def fetched(entries: Mapping[str, Confidential] | Entry, *, kind: str = "Opaque") -> Declared:
    content = Content(namespace="souk", labels=LABELS, entries=entries, type=kind)
    return declare(lambda: secret("orders-secrets", content, pulumi.ResourceOptions())).one("ExternalSecret")


def test_a_url_is_composed_in_the_cluster_with_its_password_escaped() -> None:
    made = fetched({"database_url": SERVER.url("postgresql", "/orders")})

    assert made.at("spec.target.template.data") == {
        "database_url": "postgresql://orders:"
        '{{ .part0 | urlquery | replace "+" "%20" }}'
        "@postgres.souk-data.svc:5432/orders"
    }
    assert made.at("spec.data") == [
        {"secretKey": "part0", "remoteRef": {"key": "souk/prod/databases/orders", "property": "value"}}
    ]


def test_a_property_is_fetched_once_however_often_it_is_used() -> None:
    password = remote(ENTRY, "value")

    made = fetched({"password": password, "auth.conf": phrase("requirepass ", password, "\n"), "user": "souk"})

    assert made.at("spec.target.template.data") == {
        "password": "{{ .part0 }}",
        "auth.conf": "requirepass {{ .part0 }}\n",
        "user": "souk",
    }
    assert len(_list(made.at("spec.data"))) == 1


def test_a_json_string_is_quoted_in_the_cluster() -> None:
    made = fetched({"users.json": phrase('{"password": ', quoted(remote(ENTRY, "value")), "}")})

    assert made.at("spec.target.template.data") == {"users.json": '{"password": {{ .part0 | toJson }}}'}


def test_text_that_looks_like_a_template_stays_as_it_is() -> None:
    made = fetched({"password": remote(ENTRY, "value"), "format": "{{ .Labels }}"})

    assert made.at("spec.target.template.data.format") == '{{"{{"}} .Labels }}'


def test_all_properties_of_an_entry_become_files() -> None:
    keys = Entry(store=SecretStore(name="vault", kind="SecretStore"), key="souk/prod/keys/orders", version="3")

    made = fetched(keys)

    assert made.at("spec.dataFrom") == [{"extract": {"key": "souk/prod/keys/orders", "version": "3"}}]
    assert made.at("spec.secretStoreRef") == {"name": "vault", "kind": "SecretStore"}
    assert made.at("spec.target.template.data") is None


def test_what_is_fetched_is_fetched_once_and_never_changes() -> None:
    made = fetched(ENTRY, kind="kubernetes.io/tls")

    assert made.at("spec.refreshPolicy") == "CreatedOnce"
    assert made.at("spec.target.immutable") is True
    assert made.at("spec.target.template.type") == "kubernetes.io/tls"
    assert made.retain_on_delete


def test_another_version_of_an_entry_makes_another_secret() -> None:
    first, same, other = (fetched({"key": remote(replace(ENTRY, version=one), "value")}) for one in ("1", "1", "2"))

    assert first.at("metadata.name") == same.at("metadata.name")
    assert first.at("metadata.name") != other.at("metadata.name")


def test_a_config_map_cannot_hold_what_only_a_manager_knows() -> None:
    content = Content(namespace="souk", labels=LABELS, entries={"url": remote(ENTRY, "value")})

    with pytest.raises(ValueError, match="url: known to a secret manager alone"):
        declare(lambda: config_map("orders-settings", content, pulumi.ResourceOptions()))


def test_a_composed_phrase_cannot_be_part_of_a_url() -> None:
    composed = phrase("a", remote(ENTRY, "value"))

    with pytest.raises(ValueError, match="only a property by itself"):
        escaped(composed)


def _list(value: object) -> list[object]:
    assert isinstance(value, list)
    return value
