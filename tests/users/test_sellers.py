import asyncio
from collections import Counter

import msgspec

from services.contracts.users import SellerApproved, SellerSuspended
from tests.stage import Stage
from tests.users.people import Person, items


async def test_a_seller_is_seen_once_approved(ana: Person, bo: Person, clerk: Person) -> None:
    seller_id = await ana.apply()
    before = await bo.get("/sellers/ana-s-pottery")

    await clerk.decide(seller_id, "approve", 1)
    by_slug, by_id = await bo.get("/sellers/ana-s-pottery"), await bo.get(f"/sellers/{seller_id}")

    assert (before.status, by_slug.status) == (404, 200)
    assert by_slug.json() == by_id.json()
    assert (by_slug.json()["name"], by_slug.json()["followers"]) == ("Ana's Pottery", 0)


async def test_everyone_is_told_who_may_sell_and_who_may_not(ana: Person, clerk: Person, either_stage: Stage) -> None:
    seller_id = await ana.apply()

    await clerk.decide(seller_id, "approve", 1)
    await clerk.decide(seller_id, "suspend", 2, reason="counterfeits")
    await clerk.decide(seller_id, "reinstate", 3)

    approved, suspended = await either_stage.told(SellerApproved), await either_stage.told(SellerSuspended)
    assert [message.aggregate_version for message in approved] == [2, 4]
    assert [message.aggregate_version for message in suspended] == [3]
    assert msgspec.json.decode(approved[0].payload, type=SellerApproved).owner_id == ana.id


async def test_a_suspended_seller_vanishes_and_reads_why(ana: Person, bo: Person, clerk: Person) -> None:
    seller_id = await ana.apply()
    await clerk.decide(seller_id, "approve", 1)

    await clerk.decide(seller_id, "suspend", 2, reason="counterfeits")

    own = (await ana.get("/seller/profile")).json()
    assert (await bo.get(f"/sellers/{seller_id}")).status == 404
    assert (own["state"], own["reason"]) == ("suspended", "counterfeits")


async def test_who_was_rejected_may_apply_again(ana: Person, clerk: Person) -> None:
    seller_id = await ana.apply()
    await clerk.decide(seller_id, "reject", 1, reason="no imprint")

    again = await ana.post("/sellers", {"name": "Ana's Fine Pottery", "country": "ES"})

    assert again.status == 201
    assert (again.json()["id"], again.json()["state"], again.json()["version"]) == (seller_id, "applied", 3)


async def test_one_account_is_one_seller(ana: Person) -> None:
    await ana.apply()

    answer = await ana.post("/sellers", {"name": "Another", "country": "ES"})

    assert (answer.status, answer.json()["code"]) == (409, "already_seller")


async def test_of_two_sellers_of_one_name_at_once_one_gets_the_slug(ana: Person, bo: Person) -> None:
    body = {"name": "Pots", "country": "ES"}

    answers = await asyncio.gather(ana.post("/sellers", body), bo.post("/sellers", body))

    assert Counter(answer.status for answer in answers) == {201: 1, 409: 1}
    assert {str(answer.json().get("code")) for answer in answers} == {"None", "slug_taken"}


async def test_a_move_its_state_does_not_allow_is_refused(ana: Person, clerk: Person) -> None:
    seller_id = await ana.apply()

    answer = await clerk.decide(seller_id, "suspend", 1, reason="x")

    assert (answer.status, answer.json()["code"]) == (409, "seller_state_wrong")
    assert (answer.json()["state"], answer.json()["move"]) == ("applied", "suspend")


async def test_of_two_decisions_at_once_one_holds(ana: Person, clerk: Person) -> None:
    seller_id = await ana.apply()

    answers = await asyncio.gather(
        clerk.decide(seller_id, "approve", 1), clerk.decide(seller_id, "reject", 1, reason="x")
    )

    assert Counter(answer.status for answer in answers) == {200: 1, 409: 1}


async def test_only_staff_decides(ana: Person, bo: Person) -> None:
    seller_id = await ana.apply()

    answers = [
        await ana.decide(seller_id, "approve", 1),
        await bo.decide(seller_id, "reject", 1, reason="x"),
        await bo.get("/staff/sellers"),
    ]

    assert {answer.status for answer in answers} == {403}


async def test_staff_lists_who_waits_for_a_decision(ana: Person, bo: Person, clerk: Person) -> None:
    waiting, decided = await ana.apply("Waiting"), await bo.apply("Decided")
    await clerk.decide(decided, "approve", 1)

    found = items(await clerk.get("/staff/sellers?state=applied"))

    assert [one["id"] for one in found] == [waiting]


async def test_a_new_name_is_told_to_everyone(ana: Person, clerk: Person, either_stage: Stage) -> None:
    seller_id = await ana.apply()
    await clerk.decide(seller_id, "approve", 1)

    answer = await ana.call("PATCH", "/seller/profile", {"version": 2, "name": "Pottery", "slug": "pottery"})

    told = msgspec.json.decode((await either_stage.told(SellerApproved))[-1].payload, type=SellerApproved)
    assert answer.status == 200
    assert (told.name, told.slug) == ("Pottery", "pottery")
    assert (await ana.get("/sellers/ana-s-pottery")).status == 404


async def test_a_slug_of_another_or_of_ours_is_refused(ana: Person, bo: Person) -> None:
    await ana.apply("Pots")
    await bo.apply("Pans")

    taken = await bo.call("PATCH", "/seller/profile", {"version": 1, "slug": "pots"})
    reserved = await bo.call("PATCH", "/seller/profile", {"version": 1, "slug": "staff"})

    assert [taken.json()["code"], reserved.json()["code"]] == ["slug_taken", "slug_invalid"]


async def test_a_stale_change_of_the_shop_is_refused(ana: Person) -> None:
    await ana.apply()
    await ana.call("PATCH", "/seller/profile", {"version": 1, "about": "Since 1999"})

    answer = await ana.call("PATCH", "/seller/profile", {"version": 1, "about": ""})

    assert (answer.status, answer.json()["version"]) == (409, 2)


async def test_following_counts_each_follower_once(ana: Person, bo: Person, clerk: Person) -> None:
    seller_id = await ana.apply()
    await clerk.decide(seller_id, "approve", 1)

    for follower in (bo, bo, clerk):
        assert (await follower.call("PUT", f"/sellers/{seller_id}/follow")).status == 204
    followed = items(await bo.get("/users/me/follows"))
    await clerk.call("DELETE", f"/sellers/{seller_id}/follow")

    assert [(one["id"], one["followers"]) for one in followed] == [(seller_id, 2)]
    assert (await bo.get(f"/sellers/{seller_id}")).json()["followers"] == 1


async def test_nobody_follows_a_seller_who_does_not_sell(ana: Person, bo: Person) -> None:
    seller_id = await ana.apply()

    assert (await bo.call("PUT", f"/sellers/{seller_id}/follow")).status == 404


async def test_sellers_are_listed_page_by_page(clerk: Person, either_stage: Stage) -> None:
    for number in range(5):
        person = Person(either_stage, either_stage.platform.ids())
        await clerk.decide(await person.apply(f"Shop {number}"), "approve", 1)

    first = await clerk.get("/sellers?limit=3")
    second = await clerk.get(f"/sellers?limit=3&cursor={first.json()['next']}")

    assert [one["slug"] for one in items(first) + items(second)] == [f"shop-{number}" for number in range(5)]
    assert second.json()["next"] is None
