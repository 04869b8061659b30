"""The item page: one call, of which parts may be missing."""

import pytest

from services.chassis.ids import uuid7
from tests.chassis.asker import Answer
from tests.gateway.services import Town
from tests.stage import Stage

pytestmark = pytest.mark.embedded

ITEM, SELLER = str(uuid7()), str(uuid7())


@pytest.fixture(autouse=True)
def stocked(town: Town) -> Town:
    town.services["items"].told = {
        f"/api/v1/items/{ITEM}": {"id": ITEM, "title": "Mug", "seller": {"id": SELLER, "name": "Ana"}},
        f"/api/v1/items/{ITEM}/availability": {"items": [{"sku": "MUG-BLUE", "free": 3}], "next": None},
    }
    town.services["users"].told = {f"/api/v1/sellers/{SELLER}": {"id": SELLER, "about": "Pottery"}}
    return town


async def ask(stage: Stage, item: str = ITEM) -> Answer:
    return await stage.asker.ask("GET", f"/api/v1/pages/items/{item}", token=stage.asker.identity())


async def test_item_seller_and_availability_come_in_one_call(stage: Stage) -> None:
    answer = await ask(stage)

    assert answer.json() == {
        "item": {"id": ITEM, "title": "Mug", "seller": {"id": SELLER, "name": "Ana"}},
        "seller": {"id": SELLER, "about": "Pottery"},
        "availability": [{"sku": "MUG-BLUE", "free": 3}],
        "partial": [],
    }


async def test_a_part_that_fails_is_left_out_and_named(stage: Stage, town: Town) -> None:
    town.services["users"].told = {f"/api/v1/sellers/{SELLER}": 500}

    answer = await ask(stage)

    assert answer.status == 200
    assert (answer.json()["seller"], answer.json()["partial"]) == (None, ["seller"])
    assert answer.json()["availability"] is not None


async def test_a_part_that_is_slow_is_left_out_too(stage: Stage, town: Town) -> None:
    town.services["users"].delay_s = 3

    answer = await ask(stage)

    assert (answer.status, answer.json()["partial"]) == (200, ["seller"])


async def test_without_the_item_there_is_no_page(stage: Stage, town: Town) -> None:
    missing = await ask(stage, str(uuid7()))
    town.services["items"].told[f"/api/v1/items/{ITEM}"] = 500
    failing = await ask(stage)

    assert (missing.status, missing.json()["code"]) == (404, "item_missing")
    assert (failing.status, failing.json()["code"]) == (503, "unavailable")


async def test_what_is_no_id_is_refused(stage: Stage) -> None:
    answer = await ask(stage, "seven")

    assert answer.status in {400, 404}
