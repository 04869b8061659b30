from pathlib import Path

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine

from services.chassis.schema.upgrade import upgrade
from services.sandbox.tables import METADATA
from tests.sandbox.provider import SandboxLab, sandbox_lab


async def test_totals_are_kept_by_reference_and_currency(lab: SandboxLab) -> None:
    await lab.captured(reference="g-1", minor=1000)
    await lab.captured(reference="g-1", minor=200)
    await lab.authorize("k-1", reference="g-2", minor=70)
    yen = {"amount_minor": 900, "currency": "JPY", "token": "tok_visa", "reference": "g-2"}
    await lab.ask("POST", "/charges", yen, key="k-2")

    rows = msgspec.convert((await lab.ask("GET", "/totals")).body["items"], list[dict[str, object]])

    assert [(row["reference"], row["currency"], row["charges"]) for row in rows] == [
        ("g-1", "EUR", 2),
        ("g-2", "EUR", 1),
        ("g-2", "JPY", 1),
    ]
    assert rows[0]["captured_minor"] == 1200
    assert rows[2]["authorized_minor"] == 900


async def test_a_lost_dispute_takes_the_money_and_a_won_one_gives_it_back(lab: SandboxLab) -> None:
    charge_id = await lab.captured(minor=1000)
    lost = await lab.ask("POST", f"/charges/{charge_id}/disputes", {"amount_minor": 400})
    won = await lab.ask("POST", f"/charges/{charge_id}/disputes", {"amount_minor": 500})
    refused = await lab.ask("POST", f"/charges/{charge_id}/refunds", {"amount_minor": 101}, key="r-1")

    await lab.ask("PUT", f"/disputes/{lost.body['id']}/decision", {"kept": False})
    await lab.ask("PUT", f"/disputes/{won.body['id']}/decision", {"kept": True})
    again = await lab.ask("PUT", f"/disputes/{won.body['id']}/decision", {"kept": False})
    refunded = await lab.ask("POST", f"/charges/{charge_id}/refunds", {"amount_minor": 600}, key="r-2")

    assert (refused.body["code"], refused.body["most_minor"]) == ("amount_too_large", 100)
    assert again.body["code"] == "dispute_decided"
    assert refunded.status == 201
    totals = await lab.totals()
    assert (totals["captured_minor"], totals["refunded_minor"], totals["lost_minor"]) == (1000, 600, 400)


async def test_what_was_not_captured_cannot_be_disputed(lab: SandboxLab) -> None:
    charge_id = (await lab.authorize("k-1")).body["id"]

    early = await lab.ask("POST", f"/charges/{charge_id}/disputes", {"amount_minor": 1})
    unknown = await lab.ask("PUT", "/disputes/dp_none/decision", {"kept": True})

    assert (early.body["code"], unknown.body["code"]) == ("charge_wrong_state", "dispute_missing")


@pytest.mark.parametrize("path", ["/charges", "/totals"])
async def test_lists_are_paged_without_gaps_or_repeats(lab: SandboxLab, path: str) -> None:
    for number in range(7):
        await lab.authorize(f"k-{number}", reference=f"g-{number}")

    seen: list[str] = []
    cursor = ""
    while True:
        page = (await lab.ask("GET", f"{path}?limit=3{cursor}")).body
        seen += [str(row["reference"]) for row in msgspec.convert(page["items"], list[dict[str, object]])]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"

    assert seen == [f"g-{number}" for number in range(7)]


async def test_a_cursor_of_another_list_is_refused(lab: SandboxLab) -> None:
    answer = await lab.ask("GET", "/totals?cursor=ImNoXzEi")

    assert (answer.status, answer.body["code"]) == (400, "cursor_malformed")


async def test_the_books_outlive_the_process(database_url: str, tmp_path: Path) -> None:
    async with sandbox_lab(database_url, tmp_path) as before:
        charge_id = await before.captured()

    async with sandbox_lab(database_url, tmp_path) as after:
        refunded = await after.ask("POST", f"/charges/{charge_id}/refunds", {"amount_minor": 1000}, key="r-1")

    assert refunded.status == 201


@pytest.mark.embedded
async def test_migrations_build_the_tables_that_the_code_uses(tmp_path: Path) -> None:
    await upgrade("sandbox", f"sqlite:///{tmp_path}/sandbox.db")
    engine = create_engine(f"sqlite:///{tmp_path}/sandbox.db")

    with engine.connect() as connection:
        differences = compare_metadata(_context(connection), METADATA)

    engine.dispose()
    assert differences == []


def _context(connection: Connection) -> MigrationContext:
    return MigrationContext.configure(connection, opts={"compare_type": True})
