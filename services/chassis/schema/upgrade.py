"""Bring a service's database to its newest revision or back, or write the next one."""

import asyncio
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, MetaData, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from services.chassis.database.encrypted import tls_arguments, without_tls
from services.chassis.settings import CannotStart

LOCK_TIMEOUT = "5s"
"""A migration that cannot get its lock fails, and is run again, rather than queue every request behind it."""

REFUSALS = 30
"""How many seconds the server may refuse: a new pod is let out only once its node has heard of its network policies."""


async def upgrade(service: str, url: str) -> None:
    """To the newest revision. A second process that does the same waits for the first and finds nothing to do.

    Raises `CannotStart` where the database is newer than this release.
    """
    await _walk(service, url, command.upgrade, "head")


async def downgrade(service: str, url: str, *, revision: str = "base") -> None:
    """Back to `revision`, the empty database unless told: what later revisions brought is gone with its rows.

    Raises `CannotStart` where there is no such revision.
    """
    await _walk(service, url, command.downgrade, revision)


async def _walk(service: str, url: str, step: Callable[[Config, str], None], revision: str) -> None:
    given = address = make_url(url)
    postgres = address.get_backend_name() == "postgresql"
    if not postgres and address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    address = (
        without_tls(given).set(drivername="postgresql+asyncpg")
        if postgres
        else address.set(drivername="sqlite+aiosqlite", query={})
    )
    engine = create_async_engine(address, connect_args=dict(tls_arguments(given)))
    try:
        await _reach(engine)
        async with engine.connect() as connection:
            if postgres:
                await connection.execute(text("select pg_advisory_lock(hashtext('souk-migrate'))"))
                await connection.execute(text(f"set lock_timeout = '{LOCK_TIMEOUT}'"))
                await connection.commit()
            await connection.run_sync(lambda here: step(_config(service, here, MetaData()), revision))
            await connection.commit()
    except CommandError as reason:
        raise CannotStart(f"the schema of {service}: {reason}") from reason
    finally:
        await engine.dispose()


async def _reach(engine: AsyncEngine) -> None:
    for _ in range(REFUSALS):
        try:
            async with engine.connect():
                return
        except ConnectionRefusedError:
            await asyncio.sleep(1)


def revise(service: str, metadata: MetaData, message: str, *, number: str) -> None:
    """Write `<number>_<message>.py` with what it takes to get from the revisions so far to `metadata`."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        command.upgrade(_config(service, connection, metadata), "head")
        command.revision(_config(service, connection, metadata), message, autogenerate=True, rev_id=number)
    engine.dispose()


def _config(service: str, connection: Connection, metadata: MetaData) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("services.chassis.schema")))
    config.set_main_option("version_locations", str(files(f"services.{service}") / "migrations"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    config.attributes["metadata"] = metadata
    return config
