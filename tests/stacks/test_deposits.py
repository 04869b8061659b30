import json
import shutil
import subprocess
from pathlib import Path

import msgspec

from stacks.configuration.reading import read
from stacks.configuration.sealed import SecretManager
from stacks.deposits import deposits, told
from stacks.safe import entries_of, key_of
from tests.stacks.files import STACKS, changed, secrets

MANAGER = SecretManager(store="vault", path="souk/prod")


def test_whatever_a_stack_asks_for_is_among_what_a_manager_is_given() -> None:
    given = deposits(secrets(), MANAGER)

    for stack in STACKS:
        wanted = {key_of(MANAGER, name) for name in entries_of(read(changed(stack)))}
        assert wanted - given.keys() == set()


def test_signing_keys_are_given_by_file_name_and_all_else_as_a_value() -> None:
    given = deposits(secrets(), MANAGER)

    assert given["souk/prod/keys/orders"] == secrets().keys["orders"]
    assert given["souk/prod/databases/orders"] == {"value": secrets().databases["orders"]}
    assert given["souk/prod/redis"] == {"value": secrets().redis}


def test_what_nobody_gave_is_left_out() -> None:
    bare = msgspec.structs.replace(secrets(), stripe_api_key=None)

    assert "souk/prod/stripe_api_key" not in deposits(bare, MANAGER)


def test_the_commands_hand_vault_every_entry_as_it_is(tmp_path: Path) -> None:
    given = deposits(secrets(), MANAGER)
    vault = tmp_path / "vault"
    vault.write_text(f'#!/bin/sh\nmkdir -p "{tmp_path}/$(dirname "$4")" && cat >"{tmp_path}/$4.json"\n')
    vault.chmod(0o755)
    path = f"{tmp_path}:{Path(shutil.which('sh') or '/bin/sh').parent}"

    subprocess.run(["sh"], input=told(given, "vault"), text=True, check=True, env={"PATH": path}, timeout=30)

    assert {key: json.loads((tmp_path / f"{key}.json").read_text()) for key in given} == given


def test_other_managers_are_given_json() -> None:
    given = deposits(secrets(), MANAGER)

    assert json.loads(told(given, "json")) == given
