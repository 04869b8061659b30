import asyncio
from collections import Counter

import msgspec
import pytest

from services.chassis.wire.port import Call, Reply
from services.contracts.users import PersonalData, SellerSuspended
from tests.stage import Stage
from tests.users.people import Person, items

OVERLAP_S = 0.1
"""Long enough for a second unit to come to where it waits for the first."""


async def test_a_profile_is_there_before_registration_was_told(ana: Person) -> None:
    profile = (await ana.get("/users/me")).json()

    assert profile == {"user_id": str(ana.id), "display_name": "", "locale": "en", "currency": "EUR", "version": 1}


async def test_registration_names_the_profile(ana: Person, either_stage: Stage) -> None:
    await either_stage.hear(ana.registered(name="Ana"))

    assert (await ana.get("/users/me")).json()["display_name"] == "Ana"


async def test_the_latest_registration_counts_in_whatever_order_they_are_told(ana: Person, either_stage: Stage) -> None:
    await either_stage.hear(ana.registered(name="Anna", version=3), ana.registered(name="Ana", version=1))

    assert (await ana.get("/users/me")).json()["display_name"] == "Anna"


async def test_a_name_that_was_chosen_is_not_undone_by_registration(ana: Person, either_stage: Stage) -> None:
    await ana.call("PATCH", "/users/me", {"version": 1, "display_name": "Anita"})

    await either_stage.hear(ana.registered(name="Ana"))

    assert (await ana.get("/users/me")).json()["display_name"] == "Anita"


async def test_a_change_leaves_what_it_does_not_name(ana: Person) -> None:
    await ana.call("PATCH", "/users/me", {"version": 1, "display_name": "Ana", "locale": "es-ES"})

    answer = await ana.call("PATCH", "/users/me", {"version": 2, "currency": "USD"})

    told = answer.json()
    assert (told["display_name"], told["locale"], told["currency"], told["version"]) == ("Ana", "es-ES", "USD", 3)


async def test_of_changes_at_once_one_holds_and_the_others_are_stale(ana: Person) -> None:
    answers = await asyncio.gather(
        *(ana.call("PATCH", "/users/me", {"version": 1, "display_name": f"Ana {n}"}) for n in range(5))
    )

    stale = next(answer for answer in answers if answer.status == 409)
    assert Counter(answer.status for answer in answers) == {200: 1, 409: 4}
    assert (stale.json()["code"], stale.json()["version"]) == ("stale_version", 2)


async def test_values_that_mean_nothing_are_refused(ana: Person) -> None:
    bodies = [{"locale": "english"}, {"currency": "euro"}, {"display_name": "  "}, {"display_name": "x" * 81}]

    answers = [await ana.call("PATCH", "/users/me", {"version": 1, **body}) for body in bodies]

    assert {answer.status for answer in answers} == {400}


async def test_an_erased_person_is_forgotten(ana: Person, either_stage: Stage) -> None:
    await either_stage.hear(ana.registered())
    await ana.add_address()
    await ana.post("/users/me/wish-lists", {"name": "Birthday"})

    await either_stage.hear(ana.erased())

    assert (await ana.get("/users/me")).json()["display_name"] == ""
    assert items(await ana.get("/users/me/addresses")) == []
    assert items(await ana.get("/users/me/wish-lists")) == []


async def test_nothing_late_brings_an_erased_person_back(ana: Person, either_stage: Stage) -> None:
    await either_stage.hear(ana.erased(), ana.registered())

    renamed = await ana.call("PATCH", "/users/me", {"version": 1, "display_name": "Ana"})
    added = await ana.post("/sellers", {"name": "Ana's Pottery", "country": "ES"})

    assert [renamed.json()["code"], added.json()["code"]] == ["account_gone", "account_gone"]
    assert (await ana.get("/users/me")).json()["display_name"] == ""


@pytest.mark.parametrize("erased_first", [True, False])
async def test_registration_and_erasure_told_at_once_leave_nothing(
    ana: Person, either_stage: Stage, *, erased_first: bool
) -> None:
    first, second = (ana.erased(), ana.registered()) if erased_first else (ana.registered(), ana.erased())
    apply = {subscription.kind: subscription.apply for subscription in either_stage.service.subscriptions}

    async with either_stage.database.unit() as unit:
        await apply[first.kind](unit, first)
        overlapping = asyncio.create_task(either_stage.hear(second))
        await asyncio.sleep(OVERLAP_S)
    await overlapping

    assert (await ana.get("/users/me")).json()["display_name"] == ""
    assert (await ana.call("PATCH", "/users/me", {"version": 1, "locale": "es"})).json()["code"] == "account_gone"


async def test_the_shop_of_an_erased_person_closes_and_names_nobody(
    ana: Person, clerk: Person, either_stage: Stage
) -> None:
    seller_id = await ana.apply()
    await clerk.decide(seller_id, "approve", 1)

    await either_stage.hear(ana.erased())

    shop = items(await clerk.get("/staff/sellers"))[0]
    assert (shop["state"], shop["name"], shop["about"]) == ("closed", "", "")
    assert (await clerk.get(f"/sellers/{seller_id}")).status == 404
    assert len(await either_stage.told(SellerSuspended)) == 1


async def test_an_export_holds_the_parts_of_every_service(ana: Person, either_stage: Stage) -> None:
    await either_stage.hear(ana.registered())
    await ana.add_address()
    part = PersonalData(service="auth", held={"account": {"email": "ana@example.org"}})
    other = PersonalData(service="orders", held={"purchases": []})

    def answer(call: Call) -> Reply:
        told = part if "/personal-data/auth/" in call.target else other
        return Reply(status=200, headers=(), body=msgspec.json.encode(told))

    either_stage.gateway.answer = answer

    export = (await ana.get("/users/me/export")).json()

    parts = msgspec.convert(export["parts"], dict[str, dict[str, object]])
    assert either_stage.gateway.asked == [
        f"GET /internal/v1/personal-data/auth/{ana.id}",
        f"GET /internal/v1/personal-data/orders/{ana.id}",
    ]
    assert parts["auth"] == part.held
    assert msgspec.convert(parts["users"]["profile"], dict[str, object])["display_name"] == "Ana"
    assert "Calle Mayor 1" in str(parts["users"]["addresses"])
    assert export["missing"] == []


async def test_an_export_names_the_service_that_did_not_answer(ana: Person, either_stage: Stage) -> None:
    def refuse(_call: Call) -> Reply:
        return Reply(status=404, headers=(), body=b'{"code": "user_missing", "detail": "gone"}')

    either_stage.gateway.answer = refuse

    export = (await ana.get("/users/me/export")).json()

    assert export["missing"] == ["auth", "orders"]
