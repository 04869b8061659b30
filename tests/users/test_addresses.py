import asyncio
from collections import Counter

import msgspec
import pytest

from services.contracts.users import KnownAddress
from tests.chassis.asker import Answer
from tests.stage import Stage
from tests.users.people import HOME, Person, items


async def _defaults(person: Person) -> list[tuple[object, object]]:
    return [(one["id"], one["is_default"]) for one in items(await person.get("/users/me/addresses"))]


async def _ask(stage: Stage, caller: str, person: Person, address_id: str) -> Answer:
    path = f"/internal/v1/users/{person.id}/addresses/{address_id}"
    return await stage.asker.ask("GET", path, token=stage.asker.identity(caller=caller))


async def test_the_first_address_is_the_default(ana: Person) -> None:
    first, second = await ana.add_address(), await ana.add_address(street="Calle Menor 2")

    assert await _defaults(ana) == [(first, True), (second, False)]


async def test_another_default_takes_the_place_of_the_first(ana: Person) -> None:
    first, second = await ana.add_address(), await ana.add_address(is_default=True)
    chosen = await ana.call("PUT", f"/users/me/addresses/{first}/default")

    assert chosen.json()["is_default"] is True
    assert await _defaults(ana) == [(first, True), (second, False)]


async def test_after_the_default_is_removed_the_newest_takes_its_place(ana: Person) -> None:
    first, second, third = [await ana.add_address() for _ in range(3)]

    removed = await ana.call("DELETE", f"/users/me/addresses/{first}")

    assert removed.status == 204
    assert await _defaults(ana) == [(third, True), (second, False)]


async def test_an_address_is_replaced_whole(ana: Person) -> None:
    address_id = await ana.add_address(region="Madrid")

    await ana.call("PUT", f"/users/me/addresses/{address_id}", {"address": {**HOME, "city": "Toledo"}})

    kept = msgspec.convert((await ana.get(f"/users/me/addresses/{address_id}")).json()["address"], dict[str, str])
    assert (kept["city"], kept["region"]) == ("Toledo", "")


async def test_nobody_touches_the_address_of_another(ana: Person, bo: Person) -> None:
    path = f"/users/me/addresses/{await ana.add_address()}"

    answers = [
        await bo.get(path),
        await bo.call("PUT", path, {"address": HOME}),
        await bo.call("PUT", f"{path}/default"),
        await bo.call("DELETE", path),
    ]

    assert {(answer.status, str(answer.json()["code"])) for answer in answers} == {(404, "address_missing")}
    assert (await ana.get(path)).status == 200


async def test_there_is_room_for_fifty_even_when_all_come_at_once(ana: Person) -> None:
    body = {"address": HOME}
    for _ in range(46):
        await ana.add_address()

    answers = await asyncio.gather(*(ana.post("/users/me/addresses", body) for _ in range(8)))

    assert Counter(answer.status for answer in answers) == {201: 4, 409: 4}
    assert sum(1 for _, is_default in await _defaults(ana) if is_default) == 1


async def test_orders_reads_an_address_of_the_person_it_names_and_of_no_other(
    ana: Person, bo: Person, either_stage: Stage
) -> None:
    address_id = await ana.add_address()

    found = await _ask(either_stage, "orders", ana, address_id)
    other = await _ask(either_stage, "orders", bo, address_id)
    stranger = await _ask(either_stage, "items", ana, address_id)

    assert msgspec.json.decode(found.body, type=KnownAddress).address.city == "Madrid"
    assert (other.status, stranger.status) == (404, 403)


@pytest.mark.parametrize(
    "changed", [{"country": "Spain"}, {"recipient": ""}, {"street": "x" * 121}, {"planet": "Earth"}]
)
async def test_an_address_nothing_can_be_sent_to_is_refused(ana: Person, changed: dict[str, str]) -> None:
    answer = await ana.post("/users/me/addresses", {"address": {**HOME, **changed}})

    assert (answer.status, answer.json()["code"]) == (400, "malformed")
