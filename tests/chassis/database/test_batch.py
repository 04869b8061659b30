import pytest
from sqlalchemy import Row, select
from sqlalchemy.exc import IntegrityError

from services.chassis.database import Database
from services.chassis.ids import uuid7
from services.chassis.outbox.tables import JOURNAL
from tests.chassis.shop import THING

KEPT = JOURNAL.idempotency


async def _names(database: Database) -> list[str]:
    async with database.reading() as connection:
        return sorted((await connection.execute(select(THING.c.name))).scalars())


async def _kept(database: Database) -> Row[tuple[object, ...]]:
    async with database.reading() as connection:
        return (await connection.execute(select(KEPT))).one()


async def test_what_is_kept_is_written_when_the_unit_ends(database: Database) -> None:
    first, second = uuid7(), uuid7()
    async with database.unit() as unit:
        unit.insert(THING, [{"id": first, "name": "one"}, {"id": second, "name": 'O\'Two \\ "2" ⚙'}])
        before = await _names(database)

    async with database.unit() as unit:
        unit.change(THING, [{"id": first, "name": "changed"}])

    assert before == []
    assert await _names(database) == ['O\'Two \\ "2" ⚙', "changed"]


async def test_every_kind_of_value_comes_back_as_it_was(database: Database) -> None:
    async with database.unit() as unit:
        now = unit.now
        claim = {"actor": "a", "route": "r", "key": "k", "fingerprint": b"\x00\xff'\\", "created_at": now}
        unit.insert(KEPT, [claim])
        await unit.flush()
        unit.change(
            KEPT,
            [{"actor": "a", "route": "r", "key": "k", "status": 201, "body": None}],
            key=("actor", "route", "key"),
        )

    row = await _kept(database)
    assert (row.fingerprint, row.status, row.body, row.created_at) == (b"\x00\xff'\\", 201, None, now)


async def test_a_flush_lets_the_unit_read_what_it_has_written(database: Database) -> None:
    async with database.unit() as unit:
        unit.insert(THING, [{"id": uuid7(), "name": "one"}])
        await unit.flush()

        found = (await unit.connection.execute(select(THING.c.name))).scalars().all()

    assert found == ["one"]


async def test_a_row_that_is_written_again_ends_as_it_was_written_last(database: Database) -> None:
    thing = uuid7()

    async with database.unit() as unit:
        unit.insert(THING, [{"id": thing, "name": "one"}])
        unit.change(THING, [{"id": thing, "name": "two"}])
        unit.change(THING, [{"id": thing, "name": "three"}])
        unit.insert(THING, [{"id": uuid7(), "name": "four"}])
        unit.insert(THING, [{"id": uuid7(), "name": "five"}])

    assert await _names(database) == ["five", "four", "three"]


async def test_a_row_that_cannot_be_takes_the_whole_unit_with_it(database: Database) -> None:
    taken = uuid7()
    async with database.unit() as unit:
        unit.insert(THING, [{"id": taken, "name": "one"}])

    async def collide() -> None:
        async with database.unit() as unit:
            unit.change(THING, [{"id": taken, "name": "changed"}])
            unit.insert(THING, [{"id": uuid7(), "name": "two"}, {"id": taken, "name": "three"}])

    with pytest.raises(IntegrityError):
        await collide()

    assert await _names(database) == ["one"]
