"""What the Jobs run, run on a real PostgreSQL."""

import base64
import hashlib
import hmac
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.engine import make_url

import infra.scripts
from services.chassis.ids import uuid7
from tests.infra.scripts.bucket import Objects, objects

pytestmark = pytest.mark.servers

SCRIPTS = Path(str(infra.scripts.__file__)).parent


@pytest.fixture
def store() -> Iterator[Objects]:
    with objects() as server:
        yield server


@pytest.fixture
def name() -> str:
    return f"shop_{uuid7().hex}"


@pytest.fixture
def environment(postgres_url: str, store: Objects, name: str, tmp_path: Path) -> Mapping[str, str]:
    address = make_url(postgres_url)
    files = {
        "admin": address.password or "none",
        "owners/" + name: "first'password",
        "keys/access_key": "an-access-key",
        "keys/secret_key": "a-secret-key",
    }
    for file, text in files.items():
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(text)
    return {
        "PATH": os.environ["PATH"],
        "PGHOST": address.host or "",
        "PGPORT": str(address.port),
        "PGUSER": address.username or "",
        "ADMIN_PASSWORD_FILE": str(tmp_path / "admin"),
        "DATABASES": name,
        "KEEP_DAYS": "7",
        "S3_URL": store.url,
        "S3_REGION": "us-east-1",
        "S3_BUCKET": "backups",
        "S3_KEYS": str(tmp_path / "keys"),
    }


@pytest.fixture
async def shop(postgres_url: str, environment: Mapping[str, str], name: str, tmp_path: Path) -> str:
    """The address of a database that `databases.sh` made, with something in it."""
    made = run("databases.sh", {**environment, "DATABASES": str(tmp_path / "owners")})
    assert made.returncode == 0, made.stderr
    address = make_url(postgres_url).set(
        drivername="postgresql", username=name, password="first'password", database=name
    )
    url = address.render_as_string(hide_password=False)
    await execute(url, "create table stock (sku text primary key, on_hand int, at timestamptz)")
    await execute(url, "insert into stock select 'sku-' || n, n, now() from generate_series(1, 500) n")
    return url


def run(script: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", SCRIPTS / script], env=environment, capture_output=True, text=True, check=False, timeout=120
    )


async def execute(url: str, statement: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.execute(statement))
    finally:
        await connection.close()


async def test_a_database_belongs_to_its_service(shop: str) -> None:
    assert await execute(shop, "update stock set on_hand = 0 where sku = 'sku-1'") == "UPDATE 1"


async def test_a_changed_password_takes_the_place_of_the_old_one(
    shop: str, environment: Mapping[str, str], name: str, tmp_path: Path
) -> None:
    (tmp_path / "owners" / name).write_text("second password")

    again = run("databases.sh", {**environment, "DATABASES": str(tmp_path / "owners")})

    assert again.returncode == 0, again.stderr
    url = make_url(shop).set(password="second password").render_as_string(hide_password=False)
    assert await execute(url, "delete from stock where sku = 'sku-1'") == "DELETE 1"


async def test_a_backup_restores_to_the_same_rows(shop: str, environment: Mapping[str, str], store: Objects) -> None:
    backed_up = run("backup.sh", environment)
    await execute(shop, "delete from stock")

    checked = run("restore_check.sh", environment)

    assert backed_up.returncode == 0, backed_up.stderr
    assert sorted(Path(key).suffix for key in store.held) == [".digest", ".dump"]
    assert checked.returncode == 0, checked.stderr
    assert "1 tables equal" in checked.stdout


async def test_a_backup_that_lacks_a_row_is_told(shop: str, environment: Mapping[str, str], store: Objects) -> None:
    run("backup.sh", environment)
    digests = next(key for key in store.held if key.endswith(".digest"))
    store.held[digests] = store.held[digests].replace(b"|500|", b"|501|")

    checked = run("restore_check.sh", environment)

    assert shop
    assert checked.returncode == 1
    assert "does not restore to what was dumped" in checked.stderr


async def test_what_was_wiped_is_put_back_and_belongs_to_its_service(shop: str, environment: Mapping[str, str]) -> None:
    run("backup.sh", environment)
    await execute(shop, "drop table stock")

    restored = run("restore.sh", environment)

    assert restored.returncode == 0, restored.stderr
    assert await execute(shop, "update stock set on_hand = 0") == "UPDATE 500"
    assert await execute(shop, "drop table stock") == "DROP TABLE"


async def test_an_older_backup_can_be_asked_for_by_its_stamp(
    shop: str, environment: Mapping[str, str], store: Objects, name: str
) -> None:
    run("backup.sh", environment)
    store.held = {f"{name}/20260101T000000Z{Path(key).suffix}": held for key, held in store.held.items()}
    await execute(shop, "delete from stock where on_hand > 200")
    run("backup.sh", {**environment, "KEEP_DAYS": "36500"})

    restored = run("restore.sh", {**environment, "STAMP": "20260101T000000Z"})

    assert restored.returncode == 0, restored.stderr
    assert await execute(shop, "delete from stock") == "DELETE 500"


async def test_a_dump_that_does_not_restore_leaves_the_database_as_it_is(
    shop: str, environment: Mapping[str, str], store: Objects
) -> None:
    run("backup.sh", environment)
    digests = next(key for key in store.held if key.endswith(".digest"))
    store.held[digests] = store.held[digests].replace(b"|500|", b"|501|")
    await execute(shop, "delete from stock where on_hand > 200")

    restored = run("restore.sh", environment)

    assert restored.returncode == 1
    assert await execute(shop, "delete from stock") == "DELETE 200"


async def test_only_backups_that_are_too_old_are_removed(
    shop: str, environment: Mapping[str, str], store: Objects, name: str
) -> None:
    store.held = {f"{name}/20200101T000000Z.dump": b"old", "other/20200101T000000Z.dump": b"another's"}

    backed_up = run("backup.sh", environment)

    assert shop
    assert "older than 7 days" in backed_up.stdout, backed_up.stderr
    assert f"{name}/20200101T000000Z.dump" not in store.held
    assert "other/20200101T000000Z.dump" in store.held


@pytest.mark.parametrize("script", ["restore.sh", "restore_check.sh"])
async def test_what_was_never_backed_up_is_said_to_be_so(
    shop: str, environment: Mapping[str, str], script: str
) -> None:
    refused = run(script, environment)

    assert shop
    assert refused.returncode == 1
    assert "backup" in refused.stderr


@pytest.mark.parametrize("script", ["backup.sh", "restore.sh", "restore_check.sh"])
def test_a_database_that_is_not_there_fails_the_job(environment: Mapping[str, str], script: str) -> None:
    assert run(script, {**environment, "DATABASES": "never_made"}).returncode != 0


async def test_an_administrator_gets_the_password_that_is_mounted(
    postgres_url: str, environment: Mapping[str, str], name: str, tmp_path: Path
) -> None:
    url = make_url(postgres_url).set(drivername="postgresql").render_as_string(hide_password=False)
    await execute(url, f"create role {name} superuser login password 'of the data folder'")
    (tmp_path / "mounted").write_text("it's a new one")
    given = {
        "SOCKETS": environment["PGHOST"],
        "POSTGRES_USER": name,
        "POSTGRES_PASSWORD_FILE": str(tmp_path / "mounted"),
    }

    changed = run("password.sh", {**environment, **given, "PGPASSWORD": "of the data folder"})

    assert changed.returncode == 0, changed.stderr
    assert await _is_password(url, name, "it's a new one")
    assert not await _is_password(url, name, "of the data folder")


async def _is_password(url: str, role: str, password: str) -> bool:
    """By what the server stores of it, since a server of tests may trust everybody."""
    connection = await asyncpg.connect(url)
    try:
        stored = str(await connection.fetchval("select rolpassword from pg_authid where rolname = $1", role))
    finally:
        await connection.close()
    _, parameters, keys = stored.split("$", 2)
    iterations, salt = parameters.split(":")
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(iterations))
    client = hmac.digest(salted, b"Client Key", "sha256")
    return base64.b64encode(hashlib.sha256(client).digest()).decode() == keys.split(":")[0]
