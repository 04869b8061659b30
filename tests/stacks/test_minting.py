from pathlib import Path

import msgspec
import pytest

from services.chassis.identity.keys import KeyRing
from services.launch.names import RUNNABLE
from stacks.configuration.sealed import Sealed
from stacks.minting import complete, mint


def test_every_service_gets_a_password_and_a_key_of_its_own() -> None:
    made = mint({})

    assert set(made.brokers) == set(made.databases) == set(made.keys) == set(RUNNABLE)
    assert len(set(made.databases.values())) == len(RUNNABLE)
    assert len({pem for files in made.keys.values() for pem in files.values()}) == len(RUNNABLE)


def test_a_made_key_signs(tmp_path: Path) -> None:
    for name, pem in mint({}).keys["orders"].items():
        (tmp_path / name).write_text(pem)

    key = KeyRing(tmp_path).signing()

    assert key.private.sign(b"a message")


def test_what_a_stack_has_already_is_kept() -> None:
    before = mint({"mail_url": "smtp://mail.example"})

    after = mint(msgspec.to_builtins(before))

    assert after == before


def test_what_a_new_service_lacks_is_added() -> None:
    known = msgspec.to_builtins(mint({}))
    orders = known["databases"].pop("orders")

    made = mint(known)

    assert made.databases["orders"] != orders
    assert made.databases["items"] == known["databases"]["items"]


def test_two_stacks_share_no_secret() -> None:
    one, other = mint({}), mint({})

    assert one.redis != other.redis
    assert set(one.postgres.values()) & set(other.postgres.values()) == set()
    assert one.keys != other.keys


def test_a_secret_that_is_none_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="length >= 24"):
        mint({"redis": "short"})


def test_what_only_others_know_comes_from_a_file(tmp_path: Path) -> None:
    given = tmp_path / "given.json"
    given.write_text('{"mail_url": "smtp://mail.example"}')

    told = complete('{"mail_url": "smtp://old.example", "staff_email": "me@souk.example"}', [given])

    made = msgspec.json.decode(told, type=Sealed)
    assert (made.mail_url, made.staff_email) == ("smtp://mail.example", "me@souk.example")


def test_a_stack_without_secrets_gets_all_of_them() -> None:
    assert msgspec.json.decode(complete("", []), type=Sealed).databases.keys() == set(RUNNABLE)
