"""Databases on the benchmark's PostgreSQL: empty ones, and the bare shop's, filled."""

import asyncio
from pathlib import Path

import asyncpg

from tests.bench.catalogue import CURRENCY, STOCK, products

SCHEMA = Path(__file__).parent / "bare" / "schema.sql"
_COLUMNS = ("id", "title", "slug", "description", "price_minor", "currency", "image_url", "stock")


def driver_url(url: str) -> str:
    """SQLAlchemy's address as asyncpg takes it."""
    return url.replace("+asyncpg", "")


def make_database(server_url: str, name: str) -> str:
    """The address of a fresh one."""
    asyncio.run(_run(server_url, f'create database "{name}"'))
    return f"{server_url.rpartition('/')[0]}/{name}"


def fill_bare(url: str) -> None:
    """The bare shop's tables, with the catalogue in them."""
    asyncio.run(_fill_bare(url))


def settle(url: str) -> None:
    """Write out what is due and look at every table once, so that no measurement pays for it."""
    asyncio.run(_run(url, "vacuum analyze"))
    asyncio.run(_run(url, "checkpoint"))


def durability(url: str) -> dict[str, str]:
    """The settings that say whether a commit is on disk, as the server has them."""
    return asyncio.run(_durability(url))


async def _run(url: str, statement: str) -> None:
    connection = await asyncpg.connect(driver_url(url))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _fill_bare(url: str) -> None:
    rows = [
        (one.number, one.title, one.slug, one.description, one.price_minor, CURRENCY, one.image_url, STOCK)
        for one in products()
    ]
    connection = await asyncpg.connect(driver_url(url))
    try:
        await connection.execute(SCHEMA.read_text())
        await connection.copy_records_to_table("product", records=rows, columns=_COLUMNS)
    finally:
        await connection.close()


async def _durability(url: str) -> dict[str, str]:
    connection = await asyncpg.connect(driver_url(url))
    try:
        names = ("server_version", "fsync", "synchronous_commit", "full_page_writes")
        return {name: str(await connection.fetchval("select current_setting($1)", name)) for name in names}
    finally:
        await connection.close()
