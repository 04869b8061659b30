from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import event, literal, select
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from services.chassis.clock import utc_now
from services.chassis.database.away import name_absence
from services.chassis.database.engine import Database, open_database
from services.chassis.database.prepared import Prepared, single
from services.chassis.http.problems import DATABASE_AWAY
from services.chassis.ids import uuid7

pytestmark = pytest.mark.servers

END_OWN_SESSION = "select pg_terminate_backend(pg_backend_pid())"
TAKE_TOO_LONG = "do $$ begin raise sqlstate '57014'; end $$"


@pytest.fixture
async def database(postgres_database: str) -> AsyncIterator[Database]:
    database = open_database(postgres_database.replace("+asyncpg", ""), clock=utc_now, ids=uuid7)
    yield database
    await database.close()


@pytest.fixture
async def full_database(postgres_database: str) -> AsyncIterator[Database]:
    """One that takes no more connections."""
    address = postgres_database.replace("+asyncpg", "")
    role = f"late_{uuid7().hex}"
    admin = await asyncpg.connect(address)
    await admin.execute(f"create role {role} login password 'late' connection limit 0")
    database = open_database(address.replace("souk:souk@", f"{role}:late@"), clock=utc_now, ids=uuid7)
    yield database
    await database.close()
    await admin.execute(f"drop role {role}")
    await admin.close()


@pytest.mark.parametrize("statement", [END_OWN_SESSION, TAKE_TOO_LONG])
async def test_a_statement_that_the_server_breaks_off_says_that_it_is_away(database: Database, statement: str) -> None:
    with pytest.raises(OperationalError):
        await _run(database, statement)


async def test_a_connection_that_is_out_of_step_is_not_used_again(postgres_database: str) -> None:
    engine = create_async_engine(postgres_database, pool_size=1, max_overflow=0)
    name_absence(engine)
    before = await _session_of(engine)
    event.listen(engine.sync_engine, "do_execute", _be_out_of_step, once=True)

    with pytest.raises(OperationalError):
        await _session_of(engine)

    assert await _session_of(engine) != before
    await engine.dispose()


async def test_a_server_that_takes_no_connections_is_away(full_database: Database) -> None:
    with pytest.raises(OperationalError):
        async with full_database.reading():
            """It does not come to this."""


async def test_a_server_that_takes_no_connections_is_away_for_hot_reads_too(full_database: Database) -> None:
    with pytest.raises(DATABASE_AWAY):
        await full_database.fetch(Prepared(select(literal(1)), single))


async def test_a_wrong_value_is_a_fault_of_the_statement(database: Database) -> None:
    with pytest.raises(DBAPIError) as raised:
        async with database.reading() as connection:
            await connection.exec_driver_sql("select 1 / 0")

    assert not isinstance(raised.value, OperationalError)


async def _run(database: Database, statement: str) -> None:
    async with database.unit() as unit:
        await unit.connection.exec_driver_sql(statement)


async def _session_of(engine: AsyncEngine) -> object:
    async with engine.connect() as connection:
        return (await connection.exec_driver_sql("select pg_backend_pid()")).scalar_one()


def _be_out_of_step(*_statement: object) -> None:
    translated: type[Exception] = AsyncAdapt_asyncpg_dbapi.InternalClientError
    raise translated("cannot switch to state 12") from asyncpg.InternalClientError()
