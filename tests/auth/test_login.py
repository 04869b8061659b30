import pytest
from argon2 import PasswordHasher
from msgspec.structs import replace

from services.auth.store import users
from services.contracts.auth import SessionRevoked
from tests.auth.visitors import PASSWORD, Visitor
from tests.stage import Stage

pytestmark = pytest.mark.embedded


async def test_the_access_token_says_who_in_which_session_with_which_roles(ana: Visitor) -> None:
    await ana.join()

    claims = await ana.claims()

    assert str(claims.sid) == ana.session_id
    assert (claims.roles, claims.scopes, claims.exp - claims.iat) == (frozenset({"buyer"}), None, 600)


async def test_a_wrong_password_and_an_unknown_address_are_refused_alike(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    stranger = Visitor(stage)

    wrong = await stranger.log_in(password="not the password")
    unknown = await stranger.log_in("nobody@example.org")

    told = [{**answer.json(), "instance": ""} for answer in (wrong, unknown)]
    assert told[0] == told[1]
    assert wrong.status == 401


async def test_a_suspended_account_is_refused_only_to_who_knows_its_password(
    ana: Visitor, clerk: Visitor, stage: Stage
) -> None:
    await ana.join()
    user_id = await ana.user_id()

    suspended = await clerk.post(f"/users/{user_id}/suspend", {"reason": "fraud", "version": 2})

    assert suspended.status == 200
    assert (await ana.log_in()).json()["code"] == "account_suspended"
    assert (await ana.log_in(password="a guess of mine")).json()["code"] == "credentials_refused"
    assert (await ana.refresh()).status == 401
    assert len(await stage.told(SessionRevoked)) == 1


async def test_guessing_stops_and_the_owner_comes_in_from_elsewhere(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    thief = Visitor(stage, address="192.0.2.66")

    guesses = [(await thief.log_in(password=f"wrong guess {number}")).status for number in range(15)]
    lucky = await thief.log_in()
    owner = await Visitor(stage, address="203.0.113.200").log_in()

    assert guesses == [401] * 10 + [429] * 5
    assert (lucky.status, owner.status) == (429, 200)


async def test_the_owner_comes_in_from_the_address_of_the_guesser_with_a_known_device(
    ana: Visitor, stage: Stage
) -> None:
    await ana.join()
    neighbour = Visitor(stage)
    for number in range(12):
        await neighbour.log_in(password=f"wrong guess {number}")

    with_device = await ana.log_in()
    ana.device_token = None
    without = await ana.log_in()

    assert (with_device.status, without.status) == (200, 429)


async def test_logging_in_is_no_guess_however_often(ana: Visitor, stage: Stage) -> None:
    await ana.join()

    statuses = [(await Visitor(stage).log_in()).status for _ in range(15)]
    guesses = [(await Visitor(stage).log_in(password=f"wrong guess {number}")).status for number in range(11)]

    assert statuses == [200] * 15
    assert guesses == [401] * 10 + [429]


async def test_a_device_of_another_account_is_no_exemption(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    thief = Visitor(stage, address="192.0.2.66")
    await thief.join("thief@example.org")

    guesses = [(await thief.log_in(password=f"wrong guess {number}")).status for number in range(12)]

    assert guesses[-1] == 429


async def test_guessing_slows_down_further_the_longer_it_goes_on(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    thief = Visitor(stage, address="192.0.2.66")
    tried = 0

    for _ in range(40):
        stage.clock.move(minutes=2)
        tried += (await thief.log_in(password="not the password")).status == 401

    assert 30 <= tried <= 33


async def test_one_address_cannot_try_many_accounts(stage: Stage) -> None:
    thief = Visitor(stage, address="192.0.2.66")

    statuses = [(await thief.log_in(f"victim{number}@example.org")).status for number in range(50)]

    assert statuses.count(429) == 10


async def test_a_hash_of_other_costs_is_replaced_at_log_in(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    user = await users.by_email(stage.database, "ana@example.org")
    assert user is not None
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    async with stage.database.unit() as unit:
        await users.save(unit, replace(user, password_hash=cheap))

    answer = await ana.log_in()

    renewed = await users.by_email(stage.database, "ana@example.org")
    assert answer.status == 200
    assert renewed is not None
    assert "m=19456,t=2,p=1" in renewed.password_hash
