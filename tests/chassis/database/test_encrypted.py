import ssl
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from services.chassis.clock import utc_now
from services.chassis.database.encrypted import tls_arguments, without_tls
from services.chassis.database.engine import open_database
from services.chassis.ids import uuid7
from services.chassis.schema.upgrade import upgrade
from tests.chassis.mail.peer import make_trust
from tests.servers.postgres import Postgres
from tests.servers.run import Run

ENCRYPTED = "select ssl from pg_stat_ssl where pid = pg_backend_pid()"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("authority")
    make_trust(folder)
    return folder / "peer.pem"


@pytest.fixture(scope="module")
def server(authority: Path) -> Iterator[str]:
    with Run() as run:
        postgres = Postgres(run, certificate=authority.read_text())
        postgres.start()
        yield postgres.url


def verified(url: str, authority: Path) -> str:
    return f"{url}?sslmode=verify-full&sslrootcert={authority}"


def test_what_an_address_says_of_tls_is_apart_from_all_else() -> None:
    address = make_url("postgresql://souk@db/orders?sslmode=verify-full&sslrootcert=/ca.crt&application_name=souk")

    assert without_tls(address).query == {"application_name": "souk"}
    assert tls_arguments(address) == {"dsn": "postgresql://?sslmode=verify-full&sslrootcert=%2Fca.crt"}


def test_an_address_that_says_nothing_of_tls_stays_as_it_is() -> None:
    address = make_url("postgresql://souk@db/orders")

    assert without_tls(address) == address
    assert tls_arguments(address) == {}


@pytest.mark.servers
async def test_a_service_speaks_tls_on_every_way_to_its_database(server: str, authority: Path) -> None:
    url = verified(server, authority)
    await upgrade("sandbox", url)
    database = open_database(url, clock=utc_now, ids=uuid7)

    async with database.reading() as connection:
        pooled = (await connection.execute(text(ENCRYPTED))).scalar_one()
    listening = await asyncpg.connect(database.driver_url())
    heard = await listening.fetchval(ENCRYPTED)

    assert (pooled, heard) == (True, True)
    await listening.close()
    await database.close()


@pytest.mark.servers
async def test_a_server_that_another_authority_vouches_for_is_refused(server: str, tmp_path: Path) -> None:
    make_trust(tmp_path)
    database = open_database(verified(server, tmp_path / "peer.pem"), clock=utc_now, ids=uuid7)

    with pytest.raises(ssl.SSLCertVerificationError):
        async with database.reading() as connection:
            await connection.execute(text("select 1"))

    await database.close()
