import msgspec
import pytest

from services.contracts.auth import Revocations, SessionRevoked
from tests.auth.visitors import Visitor
from tests.stage import Stage

pytestmark = pytest.mark.embedded

KEY = "3f0b8a52-7c1e-4f8e"


async def _others(visitor: Visitor) -> list[dict[str, object]]:
    page = (await visitor.get("/sessions")).json()
    return msgspec.convert(page["items"], list[dict[str, object]])


async def test_a_refresh_goes_on_with_the_same_session(ana: Visitor) -> None:
    await ana.join()
    session_id = ana.session_id

    answer = await ana.refresh()

    assert (answer.status, answer.json()["session_id"]) == (200, session_id)
    assert answer.json()["refresh_token"] != ana.refresh_token


async def test_a_refresh_brings_roles_up_to_date(ana: Visitor, clerk: Visitor) -> None:
    await ana.join()
    await clerk.call("PUT", f"/users/{await ana.user_id()}/roles", {"roles": ["buyer", "seller"], "version": 2})

    ana.keep(await ana.refresh())

    assert (await ana.claims()).roles == {"buyer", "seller"}


async def test_a_token_that_comes_twice_ends_the_session_for_everyone(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    stolen = ana.refresh_token
    ana.keep(await ana.refresh())

    thief = await Visitor(stage).refresh(stolen)
    owner = await ana.refresh()

    assert (thief.status, owner.status) == (401, 401)
    assert {thief.json()["code"], owner.json()["code"]} == {"refresh_refused"}


async def test_everyone_is_told_how_long_a_revoked_session_matters(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    stolen = ana.refresh_token
    await ana.refresh()

    await Visitor(stage).refresh(stolen)

    told = msgspec.json.decode((await stage.told(SessionRevoked))[0].payload, type=SessionRevoked)
    assert str(told.session_id) == ana.session_id
    assert told.until.timestamp() == stage.clock().timestamp() + 605


async def test_a_lost_answer_is_had_again_with_the_same_key(ana: Visitor) -> None:
    await ana.join()

    lost, again = await ana.refresh(key=KEY), await ana.refresh(key=KEY)
    following = await ana.refresh(str(again.json()["refresh_token"]))

    assert lost.json()["refresh_token"] == again.json()["refresh_token"]
    assert following.status == 200


async def test_another_key_does_not_excuse_a_second_use(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    lost = await ana.refresh(key=KEY)

    thief = await Visitor(stage).refresh(ana.refresh_token, key="a-key-of-the-thief")

    assert thief.status == 401
    assert (await ana.refresh(str(lost.json()["refresh_token"]))).status == 401


async def test_a_retry_is_believed_for_a_minute(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    await ana.refresh(key=KEY)
    stage.clock.move(seconds=61)

    assert (await ana.refresh(key=KEY)).status == 401


async def test_a_retry_after_the_successor_was_used_is_a_reuse(ana: Visitor) -> None:
    await ana.join()
    first = await ana.refresh(key=KEY)
    await ana.refresh(str(first.json()["refresh_token"]))

    assert (await ana.refresh(key=KEY)).status == 401


@pytest.mark.parametrize(("days", "status"), [(29, 200), (31, 401)])
async def test_a_session_that_is_not_used_ends_after_a_month(
    ana: Visitor, stage: Stage, days: float, status: int
) -> None:
    await ana.join()

    stage.clock.move(days=days)

    assert (await ana.refresh()).status == status


async def test_a_session_ends_after_three_months_however_active_it_was(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    statuses = []

    for _ in range(4):
        stage.clock.move(days=25)
        answer = await ana.refresh()
        statuses.append(answer.status)
        if answer.status == 200:
            ana.keep(answer)

    assert statuses == [200, 200, 200, 401]


async def test_logging_out_ends_this_session_and_may_be_repeated(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    elsewhere = Visitor(stage)
    await elsewhere.log_in()

    first = await ana.post("/logout", {"refresh_token": ana.refresh_token})
    second = await ana.post("/logout", {"refresh_token": ana.refresh_token})

    assert (first.status, second.status) == (204, 204)
    assert (await ana.refresh()).status == 401
    assert (await elsewhere.refresh()).status == 200


async def test_logging_out_everywhere_ends_every_session_and_forgets_devices(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    elsewhere = Visitor(stage)
    await elsewhere.log_in()

    answer = await ana.post("/logout-everywhere")

    assert answer.status == 204
    assert [(await ana.refresh()).status, (await elsewhere.refresh()).status] == [401, 401]
    assert len(await stage.told(SessionRevoked)) == 2


async def test_sessions_are_listed_without_the_house_they_come_from(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    await Visitor(stage, address="2001:db8:aa:bb::1", agent="Phone").log_in()

    found = await _others(ana)

    assert [(one["agent"], one["network"], one["current"]) for one in found] == [
        ("Phone", "2001:db8:aa::/48", False),
        ("Test Browser", "203.0.113.0/24", True),
    ]


async def test_one_session_is_revoked_from_another(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    phone = Visitor(stage)
    await phone.log_in()

    answer = await ana.call("DELETE", f"/sessions/{phone.session_id}")

    assert answer.status == 204
    assert (await phone.refresh()).status == 401
    assert len(await _others(ana)) == 1


async def test_nobody_revokes_a_session_of_somebody_else(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    bo = Visitor(stage)
    await bo.join("bo@example.org")

    answer = await bo.call("DELETE", f"/sessions/{ana.session_id}")

    assert (answer.status, answer.json()["code"]) == (404, "session_missing")
    assert (await ana.refresh()).status == 200


async def test_the_gateway_learns_at_its_start_what_was_revoked(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    await ana.post("/logout-everywhere")
    gateway = stage.asker.identity(caller="gateway")

    now = await stage.asker.ask("GET", "/internal/v1/revocations", token=gateway)
    stage.clock.move(minutes=11)
    later = await stage.asker.ask("GET", "/internal/v1/revocations", token=stage.asker.identity(caller="gateway"))

    found = msgspec.json.decode(now.body, type=Revocations).sessions
    assert [str(one.session_id) for one in found] == [ana.session_id]
    assert msgspec.json.decode(later.body, type=Revocations).sessions == []


async def test_what_has_expired_is_forgotten(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    stage.clock.move(days=100)

    await stage.run_timer("forget")

    answer = await ana.post("/refresh", {"refresh_token": ana.refresh_token})
    assert answer.status == 401
