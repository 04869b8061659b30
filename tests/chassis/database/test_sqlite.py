from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.chassis.database.sqlite import Connection, connecting

pytestmark = pytest.mark.embedded


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[Connection]:
    opened = await connecting(str(tmp_path / "a.db"))()
    await opened.cursor().execute("create table words (word text unique)")
    yield opened
    await opened.close()


async def test_a_statement_has_ended_with_all_its_rows_when_it_answers(connection: Connection) -> None:
    await connection.cursor().executemany("insert into words values (?)", [("one",), ("two",)])

    cursor = await connection.cursor().execute("select word from words order by word")
    await connection.cursor().execute("drop table words")

    assert await cursor.fetchall() == [("one",), ("two",)]


async def test_it_tells_columns_changed_rows_and_the_last_insert(connection: Connection) -> None:
    inserted = await connection.cursor().execute("insert into words values ('one'), ('two') returning word")
    changed = await connection.cursor().execute("update words set word = word || '!'")

    assert [column[0] for column in inserted.description or ()] == ["word"]
    assert (inserted.lastrowid, changed.rowcount, changed.description) == (2, 2, None)


async def test_a_transaction_is_rolled_back(connection: Connection) -> None:
    await connection.cursor().execute("begin")
    await connection.cursor().execute("insert into words values ('one')")

    await connection.rollback()

    assert not connection.in_transaction
    assert await (await connection.cursor().execute("select * from words")).fetchall() == []
