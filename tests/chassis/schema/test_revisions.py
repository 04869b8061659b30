"""Every service's revisions, run on an empty database, against the tables that its code uses."""

from contextlib import closing
from importlib import import_module
from pathlib import Path
from sqlite3 import connect

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, inspect
from sqlalchemy.ext.asyncio import create_async_engine

from services.chassis.schema.upgrade import downgrade, upgrade
from services.chassis.settings import CannotStart
from services.launch.names import RUNNABLE


def _tables(service: str) -> MetaData:
    metadata = import_module(f"services.{service}.tables").METADATA
    assert isinstance(metadata, MetaData)
    return metadata


def _differences(connection: Connection, service: str) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, _tables(service)))


def _names(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


@pytest.mark.embedded
@pytest.mark.parametrize("service", RUNNABLE)
async def test_revisions_build_the_tables_that_the_code_uses_on_sqlite(service: str, tmp_path: Path) -> None:
    await upgrade(service, f"sqlite:///{tmp_path}/it.db")
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/it.db")

    async with engine.connect() as connection:
        differences = await connection.run_sync(_differences, service)

    await engine.dispose()
    assert differences == []


@pytest.mark.servers
@pytest.mark.parametrize("service", RUNNABLE)
async def test_revisions_build_the_tables_that_the_code_uses_on_postgresql(
    service: str, postgres_database: str
) -> None:
    await upgrade(service, postgres_database)
    engine = create_async_engine(postgres_database)

    async with engine.connect() as connection:
        differences = await connection.run_sync(_differences, service)

    await engine.dispose()
    assert differences == []


@pytest.mark.servers
@pytest.mark.parametrize("service", RUNNABLE)
async def test_revisions_can_be_taken_back_to_the_empty_database(service: str, postgres_database: str) -> None:
    await upgrade(service, postgres_database)
    engine = create_async_engine(postgres_database)

    await downgrade(service, postgres_database)

    async with engine.connect() as connection:
        left = await connection.run_sync(_names)
    await engine.dispose()
    assert left == {"alembic_version"}


@pytest.mark.embedded
async def test_a_database_newer_than_the_release_is_refused_by_its_revision(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/it.db"
    await upgrade("users", url)
    with closing(connect(tmp_path / "it.db")) as file:
        file.execute("update alembic_version set version_num = '9999'")
        file.commit()

    with pytest.raises(CannotStart, match=r"users.*9999"):
        await upgrade("users", url)


@pytest.mark.embedded
async def test_a_revision_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/it.db"
    await upgrade("users", url)

    with pytest.raises(CannotStart, match="no_such"):
        await downgrade("users", url, revision="no_such")
