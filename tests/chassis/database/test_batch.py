import asyncio

import pytest
from sqlalchemy import Row, select
from sqlalchemy.exc import IntegrityError

from services.chassis.database import Database
from services.chassis.database.batch import Batch
from services.chassis.database.writes import Write
from services.chassis.ids import uuid7
from services.chassis.outbox.tables import JOURNAL
from tests.chassis.shop import THING, ThingMade

KEPT = JOURNAL.idempotency


class NotAsSeen(Exception): ...


class KeyTaken(Exception): ...


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
        settled = {"actor": "a", "route": "r", "key": "k", "status": 201, "body": None}
        unit.change(KEPT, [settled], key=("actor", "route", "key"))

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


def test_new_rows_of_one_table_are_one_statement_however_many_come_at_a_time() -> None:
    batch = Batch()

    for count in (1, 2, 1):
        batch.add(Write(table=THING, rows=[{"id": uuid7(), "name": "one"} for _ in range(count)]))

    assert batch.statements == 1


@pytest.mark.parametrize("alone", [True, False])
async def test_a_row_that_cannot_be_takes_the_whole_unit_with_it(database: Database, *, alone: bool) -> None:
    taken = uuid7()
    async with database.unit() as unit:
        unit.insert(THING, [{"id": taken, "name": "one"}])

    async def collide() -> None:
        async with database.unit() as unit:
            if not alone:
                unit.change(THING, [{"id": taken, "name": "changed"}])
            unit.record(ThingMade(name="two"), aggregate_id=taken, aggregate_version=2)
            unit.insert(THING, [{"id": uuid7(), "name": "two"}, {"id": taken, "name": "three"}])

    with pytest.raises(IntegrityError):
        await collide()

    assert await _names(database) == ["one"]
    assert await _events(database) == 0


async def _events(database: Database) -> int:
    async with database.reading() as connection:
        return len((await connection.execute(select(JOURNAL.outbox.c.seq))).all())


async def test_a_key_that_is_taken_is_refused_by_the_name_it_was_given(database: Database) -> None:
    taken = uuid7()

    async def insert() -> str:
        try:
            async with database.unit() as unit:
                unit.insert(THING, [{"id": taken, "name": "one"}], otherwise=KeyTaken())
        except KeyTaken:
            return "taken"
        return "inserted"

    outcomes = await asyncio.gather(*(insert() for _ in range(5)))

    assert sorted(outcomes) == ["inserted"] + ["taken"] * 4


async def test_of_many_who_saw_the_same_one_sets_it_and_nothing_of_the_others_stands(database: Database) -> None:
    thing = uuid7()
    async with database.unit() as unit:
        unit.insert(THING, [{"id": thing, "name": "seen"}])

    async def change(name: str) -> bool:
        try:
            async with database.unit() as unit:
                unit.compare_and_set(THING, {"id": thing, "name": "seen"}, {"name": name}, otherwise=NotAsSeen())
                unit.record(ThingMade(name=name), aggregate_id=name, aggregate_version=1)
        except NotAsSeen:
            return False
        return True

    changed = await asyncio.gather(*(change(f"by {number}") for number in range(5)))

    assert sorted(changed) == [False] * 4 + [True]
    assert await _names(database) == [f"by {changed.index(True)}"]
    assert await _events(database) == 1


async def test_what_was_not_there_can_be_compared_too(database: Database) -> None:
    async with database.unit() as unit:
        claim = {"actor": "a", "route": "r", "key": "k", "fingerprint": b"", "created_at": unit.now}
        unit.insert(KEPT, [claim])
    seen = {"key": "k", "status": None}

    async def settle(status: int) -> None:
        async with database.unit() as unit:
            unit.compare_and_set(KEPT, seen, {"status": status}, otherwise=NotAsSeen())

    await settle(201)
    with pytest.raises(NotAsSeen):
        await settle(500)

    assert (await _kept(database)).status == 201


async def test_two_comparisons_in_one_unit_stand_or_fall_together(database: Database) -> None:
    thing = uuid7()
    async with database.unit() as unit:
        unit.insert(THING, [{"id": thing, "name": "seen"}])

    async def change() -> None:
        async with database.unit() as unit:
            unit.compare_and_set(THING, {"id": thing, "name": "seen"}, {"name": "new"}, otherwise=NotAsSeen())
            unit.compare_and_set(KEPT, {"key": "none"}, {"status": 1}, otherwise=KeyTaken())

    with pytest.raises(KeyTaken):
        await change()

    assert await _names(database) == ["seen"]
