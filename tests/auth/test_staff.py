from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest

from services.contracts.auth import SessionRevoked, UserRegistered, UserVerified
from services.contracts.message import Message
from services.contracts.users import SellerApproved, SellerSuspended
from tests.auth.visitors import PASSWORD, Visitor, field
from tests.stage import Stage

pytestmark = pytest.mark.embedded

SELLER = UUID("01900000-0000-7000-8000-000000000001")
BO = {"email": "bo@example.org", "display_name": "Bo"}


def _message(event: SellerApproved | SellerSuspended, version: int) -> Message:
    return Message(
        event_id=UUID(int=version),
        kind=event.kind,
        schema_version=1,
        aggregate_id=str(SELLER),
        aggregate_version=version,
        occurred_at=datetime(2026, 1, 1, tzinfo=UTC),
        payload=msgspec.json.encode(event),
        headers={},
    )


def _approved(owner: UUID, version: int) -> Message:
    return _message(SellerApproved(seller_id=SELLER, owner_id=owner, name="Pots", slug="pots"), version)


def _suspended(owner: UUID, version: int) -> Message:
    return _message(SellerSuspended(seller_id=SELLER, owner_id=owner, reason="fraud"), version)


async def _roles(clerk: Visitor, user_id: UUID) -> object:
    return (await clerk.get(f"/users/{user_id}")).json()["roles"]


async def test_staff_makes_accounts_that_can_be_used_at_once(clerk: Visitor, ana: Visitor, stage: Stage) -> None:
    created = await clerk.post("/users", {**BO, "password": PASSWORD})

    assert created.status == 201
    assert (await ana.log_in("bo@example.org")).status == 200
    assert b"bo@example.org" in (await stage.told(UserRegistered))[-1].payload
    assert (await stage.told(UserVerified))[-1].aggregate_version == 2


async def test_who_is_invited_chooses_a_password_by_mail(clerk: Visitor, ana: Visitor) -> None:
    await clerk.post("/users", BO)

    token = await ana.mailed_token("bo@example.org")
    await ana.post("/password/reset", {"token": token, "password": PASSWORD})

    assert (await ana.log_in("bo@example.org")).status == 200


async def test_staff_is_told_that_an_address_is_taken(clerk: Visitor) -> None:
    await clerk.post("/users", BO)

    answer = await clerk.post("/users", BO)

    assert (answer.status, answer.json()["code"]) == (409, "email_taken")


async def test_users_are_found_page_by_page_and_by_address_and_role(clerk: Visitor) -> None:
    for number in range(5):
        await clerk.post("/users", {**BO, "email": f"u{number}@example.org", "password": PASSWORD})

    first = (await clerk.get("/users?limit=4")).json()
    second = (await clerk.get(f"/users?limit=4&cursor={first['next']}")).json()
    by_email = (await clerk.get("/users?email=U3@Example.org")).json()
    by_role = (await clerk.get("/users?role=staff")).json()

    pages = [msgspec.convert(page["items"], list[dict[str, object]]) for page in (first, second, by_email, by_role)]
    assert [len(page) for page in pages] == [4, 2, 1, 1]
    assert second["next"] is None
    assert pages[2][0]["email"] == "u3@example.org"


async def test_nobody_but_staff_sees_or_changes_accounts(ana: Visitor) -> None:
    await ana.join()
    user_id = await ana.user_id()

    answers = [
        await ana.get("/users"),
        await ana.get(f"/users/{user_id}"),
        await ana.post("/users", BO),
        await ana.call("PUT", f"/users/{user_id}/roles", {"roles": ["staff"], "version": 2}),
        await ana.post(f"/users/{user_id}/suspend", {"reason": "x", "version": 2}),
        await ana.get("/audit/all"),
        await ana.get("/audit/check"),
    ]

    assert {answer.status for answer in answers} == {403}


async def test_whoever_loses_a_role_is_logged_out(ana: Visitor, clerk: Visitor, stage: Stage) -> None:
    await ana.join()
    path = f"/users/{await ana.user_id()}/roles"
    given = await clerk.call("PUT", path, {"roles": ["seller"], "version": 2})
    kept = await ana.refresh()
    ana.keep(kept)

    taken = await clerk.call("PUT", path, {"roles": [], "version": 3})

    assert (given.status, kept.status, taken.status) == (200, 200, 200)
    assert (await ana.refresh()).status == 401
    assert len(await stage.told(SessionRevoked)) == 1


async def test_a_change_of_what_was_changed_meanwhile_is_refused(ana: Visitor, clerk: Visitor) -> None:
    await ana.join()
    path = f"/users/{await ana.user_id()}/suspend"
    await clerk.post(path, {"reason": "first", "version": 2})

    answer = await clerk.post(path, {"reason": "second", "version": 2})

    assert (answer.status, answer.json()["code"], answer.json()["version"]) == (409, "stale_version", 3)


async def test_a_reinstated_account_comes_in_again(ana: Visitor, clerk: Visitor) -> None:
    await ana.join()
    path = f"/users/{await ana.user_id()}"
    await clerk.post(f"{path}/suspend", {"reason": "fraud", "version": 2})

    answer = await clerk.post(f"{path}/reinstate", {"version": 3})

    assert answer.status == 200
    assert (await ana.log_in()).status == 200


async def test_staff_cannot_lock_themselves_out(clerk: Visitor) -> None:
    path = f"/users/{await clerk.user_id()}"

    roles = await clerk.call("PUT", f"{path}/roles", {"roles": ["buyer"], "version": 2})
    suspension = await clerk.post(f"{path}/suspend", {"reason": "oops", "version": 2})

    assert field(roles, "code") == field(suspension, "code") == "own_account"


async def test_the_seller_role_follows_the_seller(ana: Visitor, clerk: Visitor, stage: Stage) -> None:
    await ana.join()
    user_id = await ana.user_id()

    await stage.hear(_approved(user_id, 2))
    approved = await _roles(clerk, user_id)
    await stage.hear(_suspended(user_id, 3))
    suspended = await _roles(clerk, user_id)

    assert (approved, suspended) == (["buyer", "seller"], ["buyer"])


async def test_old_news_of_a_seller_changes_nothing(ana: Visitor, clerk: Visitor, stage: Stage) -> None:
    await ana.join()
    user_id = await ana.user_id()

    await stage.hear(_suspended(user_id, 3), _approved(user_id, 2), _approved(user_id, 2))

    assert await _roles(clerk, user_id) == ["buyer"]


async def test_news_of_a_seller_whose_owner_is_gone_is_taken_calmly(stage: Stage) -> None:
    await stage.hear(_approved(UUID(int=5), 2))
