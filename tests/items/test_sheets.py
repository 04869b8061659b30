import asyncio
import csv
import io
from uuid import UUID

import msgspec

from services.items.actions.importing import take_in
from services.items.domain.imports import Import
from services.items.domain.sheets import read_lines
from tests.chassis.asker import Answer
from tests.items.market import Market, code, read

CSV = {"content-type": "text/csv"}
LINES = {"content-type": "application/jsonl"}
HEADER = "reference,title,currency,description,category,status,attributes,sku,variant,price_minor,on_hand"


async def bring(market: Market, sheet: bytes, headers: dict[str, str]) -> Import:
    """Import and take in."""
    accepted = read(
        await market.ask("POST", "/api/v1/seller/imports", raw=sheet, headers=headers, as_="seller"), Import
    )
    await market.run("read_imports")
    return read(await market.ask("GET", f"/api/v1/seller/imports/{accepted.id}", as_="seller"), Import)


async def faults(market: Market, import_id: UUID) -> list[tuple[int, str, str]]:
    answer = await market.ask("GET", f"/api/v1/seller/imports/{import_id}/faults", as_="seller")
    rows = msgspec.convert(answer.json()["items"], list[dict[str, object]])
    return [(int(str(row["line"])), str(row["reference"]), str(row["code"])) for row in rows]


async def test_a_table_becomes_items_with_variants_and_stock(market: Market) -> None:
    sheet = f"""{HEADER}
A-1,Blue Mug,EUR,"Holds tea,
and coffee.",mugs,published,"colour=blue
material=stoneware",MUG-S,Small,1900,5
A-1,,,,,,,MUG-L,Large,2400,0
A-2,Whisk,EUR,,,,,,,,
"""

    done = await bring(market, sheet.encode(), CSV)
    page = (await market.ask("GET", "/api/v1/items")).json()["items"]

    assert (done.state, done.items_total, done.items_read) == ("done", 2, 2)
    assert (done.created, done.updated, done.faulty) == (2, 0, 0)
    assert isinstance(page, list)
    shown = (await market.ask("GET", f"/api/v1/items/{page[0]['id']}")).json()
    assert shown["description"] == "Holds tea,\nand coffee."
    assert shown["attributes"] == {"colour": "blue", "material": "stoneware"}
    assert shown["availability"] == [{"sku": "MUG-S", "free": 5}, {"sku": "MUG-L", "free": 0}]


async def test_every_bad_row_is_reported_and_the_good_ones_are_taken_in(market: Market) -> None:
    await market.sell("Theirs", "TAKEN", as_="other seller")
    sheet = f"""{HEADER}
A-1,Blue Mug,EUR,Tea.,mugs,published,,MUG-S,Small,1900,5
A-2,Red Mug,EUR,Tea.,mugs,published,,MUG-R,Small,free,5
A-2,,,,,,,mug-x,Large,2400,5
A-3,Rake,EUR,Leaves.,nowhere,draft,,RAKE,,900,1
A-4,Spade,EUR,Digs.,garden,draft,,TAKEN,,900,1
A-5,,EUR,No title.,garden,draft,,HOE,,900,1
A-6,Shears,EUR,,garden,published,,SHEARS,,900,1
"""

    done = await bring(market, sheet.encode(), CSV)

    assert (done.created, done.faulty, done.items_read) == (1, 5, 6)
    assert await faults(market, done.id) == [
        (3, "A-2", "row_invalid"),
        (4, "A-2", "row_invalid"),
        (5, "A-3", "category_unknown"),
        (6, "A-4", "sku_taken"),
        (7, "A-5", "row_invalid"),
        (8, "A-6", "item_incomplete"),
    ]


async def test_an_item_that_is_refused_leaves_nothing_half_done(market: Market) -> None:
    sheet = f"{HEADER}\nA-1,Shears,EUR,,garden,published,,SHEARS,,900,1\n"

    await bring(market, sheet.encode(), CSV)

    own = (await market.ask("GET", "/api/v1/seller/items", as_="seller")).json()
    stock = (await market.ask("GET", "/api/v1/seller/stock", as_="seller")).json()
    assert (own["items"], stock["items"]) == ([], [])


async def test_lines_of_json_are_read_as_well_and_bad_ones_reported(market: Market) -> None:
    good = {"reference": "A-1", "title": "Mug", "currency": "EUR", "variants": [{"sku": "MUG", "price_minor": 5}]}
    lines = [msgspec.json.encode(good), b"", b'{"reference": "A-2"}', b"{", b'{"reference":"\xff"}', b"[" * 100_000]

    done = await bring(market, b"\n".join(lines), LINES)

    assert (done.created, done.faulty) == (1, 4)
    assert [(line, reference) for line, reference, _ in await faults(market, done.id)] == [
        (3, "A-2"),
        (4, ""),
        (5, ""),
        (6, ""),
    ]


async def test_what_was_exported_can_be_imported_again_and_changes_nothing(market: Market) -> None:
    item = await market.sell(
        "Blue; Mug, =large",
        "MUG-BLUE",
        reference="A-1",
        attributes={"colour": "blue=ish; very"},
        images=[{"url": "https://img.example/mug.jpg", "alt": "A blue mug"}],
    )
    await market.add_variant(item, "MUG-RED", title="Red", attributes={"colour": "red"})
    await market.draft("No variants yet")
    before = (await market.ask("GET", "/api/v1/seller/items", as_="seller")).body

    for name, headers in (("csv", CSV), ("jsonl", LINES)):
        exported = await market.ask("GET", f"/api/v1/seller/exports?format={name}", as_="seller")
        done = await bring(market, exported.body, headers)
        assert (done.updated, done.created, done.faulty) == (2, 0, 0)

    assert (await market.ask("GET", "/api/v1/seller/items", as_="seller")).body == before


async def test_an_import_changes_what_is_there(market: Market) -> None:
    item = await market.sell("Blue Mug", "MUG-BLUE", reference="A-1")
    await market.hold({"MUG-BLUE": 4})
    sheet = f"{HEADER}\nA-1,Azure Mug,EUR,Tea.,mugs,published,,MUG-BLUE,,2100,7\n"

    done = await bring(market, sheet.encode(), CSV)
    shown = (await market.ask("GET", f"/api/v1/items/{item.id}")).json()

    assert (done.updated, done.faulty) == (1, 0)
    assert (shown["title"], shown["price_from"]) == ("Azure Mug", {"minor": 2100, "currency": "EUR"})
    assert await market.level("MUG-BLUE") == (7, 4, 2)


async def test_an_import_never_counts_below_what_is_reserved(market: Market) -> None:
    await market.sell("Blue Mug", "MUG-BLUE", reference="A-1")
    await market.hold({"MUG-BLUE": 4})
    sheet = f"{HEADER}\nA-1,Azure Mug,EUR,Tea.,mugs,published,,MUG-BLUE,,2100,3\n"

    done = await bring(market, sheet.encode(), CSV)

    assert await faults(market, done.id) == [(2, "A-1", "stock_below_reserved")]
    assert await market.level("MUG-BLUE") == (10, 4, 1)


async def test_an_import_cut_short_goes_on_where_it_was(market: Market) -> None:
    lines = [{"reference": f"A-{number}", "title": "Mug", "currency": "EUR"} for number in range(3)]
    sheet = b"\n".join(msgspec.json.encode(line) for line in lines)
    accepted = await market.ask("POST", "/api/v1/seller/imports", raw=sheet, headers=LINES, as_="seller")
    import_id = UUID(str(accepted.json()["id"]))
    async with market.database.unit() as unit:
        await take_in(unit, import_id, 0, read_lines(sheet)[0])

    halfway = (await market.ask("GET", f"/api/v1/seller/imports/{import_id}", as_="seller")).json()
    await market.run("read_imports")
    done = (await market.ask("GET", f"/api/v1/seller/imports/{import_id}", as_="seller")).json()

    assert (accepted.status, halfway["state"], halfway["items_read"]) == (202, "queued", 1)
    assert (done["state"], done["items_read"], done["created"], done["updated"]) == ("done", 3, 3, 0)


async def test_two_workers_do_not_take_in_the_same_item_twice(market: Market) -> None:
    lines = [{"reference": f"A-{number}", "title": "Mug", "currency": "EUR"} for number in range(20)]
    sheet = b"\n".join(msgspec.json.encode(line) for line in lines)
    accepted = await market.ask("POST", "/api/v1/seller/imports", raw=sheet, headers=LINES, as_="seller")

    await asyncio.gather(*(market.run("read_imports") for _ in range(3)))
    await market.run("read_imports")
    done = (await market.ask("GET", f"/api/v1/seller/imports/{accepted.json()['id']}", as_="seller")).json()

    assert (done["items_read"], done["created"], done["updated"], done["faulty"]) == (20, 20, 0, 0)


async def test_a_suspended_sellers_import_reports_every_item(market: Market) -> None:
    sheet = f"{HEADER}\nA-1,Mug,EUR,,,,,,,,\n".encode()
    accepted = await market.ask("POST", "/api/v1/seller/imports", raw=sheet, headers=CSV, as_="seller")
    await market.suspend()

    await market.run("read_imports")

    assert await faults(market, UUID(str(accepted.json()["id"]))) == [(2, "A-1", "seller_suspended")]


async def refused(market: Market, sheet: bytes, headers: dict[str, str]) -> Answer:
    return await market.ask("POST", "/api/v1/seller/imports", raw=sheet, headers=headers, as_="seller")


async def test_a_file_of_another_kind_is_refused_as_a_whole(market: Market) -> None:
    unreadable = (422, "import_unreadable")

    assert code(await refused(market, b"{}", {"content-type": "application/json"})) == unreadable
    assert code(await refused(market, b"reference,title\n", CSV)) == unreadable
    assert code(await refused(market, b"reference,title,currency,colour\n", CSV)) == unreadable
    assert code(await refused(market, b"reference,title,currency\n\xff\xfe,x,EUR\n", CSV)) == unreadable
    assert code(await refused(market, b'reference,title,currency\n"open', CSV)) == unreadable


async def test_somebody_elses_import_is_not_there(market: Market) -> None:
    accepted = await refused(market, f"{HEADER}\n".encode(), CSV)
    address = f"/api/v1/seller/imports/{accepted.json()['id']}"

    assert accepted.json()["state"] == "done"
    assert code(await market.ask("GET", address, as_="other seller")) == (404, "import_missing")
    assert code(await market.ask("GET", f"{address}/faults", as_="other seller")) == (404, "import_missing")


async def test_an_export_has_a_row_for_every_variant(market: Market) -> None:
    item = await market.sell("Blue Mug", "MUG-BLUE", reference="A-1")
    await market.add_variant(item, "MUG-RED", on_hand=3)

    exported = await market.ask("GET", "/api/v1/seller/exports", as_="seller")
    rows = list(csv.DictReader(io.StringIO(exported.body.decode(), newline="")))

    assert exported.headers["content-type"] == "text/csv; charset=utf-8"
    assert [(row["reference"], row["title"], row["sku"], row["on_hand"]) for row in rows] == [
        ("A-1", "Blue Mug", "MUG-BLUE", "10"),
        ("A-1", "", "MUG-RED", "3"),
    ]
