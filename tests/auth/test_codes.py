import pytest

from services.auth.store import users
from tests.auth.visitors import PASSWORD, Visitor
from tests.stage import Stage

pytestmark = pytest.mark.embedded


async def test_log_in_asks_for_a_code_once_one_was_confirmed(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    await ana.post("/totp", {"password": PASSWORD})
    unconfirmed = await ana.log_in()

    totp, _ = await ana.turn_on_codes()
    stage.clock.move(seconds=30)
    without, with_code = await ana.log_in(), await ana.log_in(code=totp.at(stage.clock()))

    assert unconfirmed.status == 200
    assert (without.status, without.json()["code"]) == (401, "code_required")
    assert with_code.status == 200


async def test_a_code_works_once(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    totp, _ = await ana.turn_on_codes()
    used_to_confirm = await ana.log_in(code=totp.at(stage.clock()))
    stage.clock.move(seconds=30)
    code = totp.at(stage.clock())

    first, second = await ana.log_in(code=code), await ana.log_in(code=code)

    assert [answer.status for answer in (used_to_confirm, first, second)] == [401, 200, 401]
    assert second.json()["code"] == "code_refused"


async def test_a_code_before_one_that_was_used_is_refused(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    totp, _ = await ana.turn_on_codes()
    stage.clock.move(seconds=90)
    earlier = totp.at(stage.clock().timestamp() - 30)
    await ana.log_in(code=totp.at(stage.clock()))

    assert (await ana.log_in(code=earlier)).json()["code"] == "code_refused"


async def test_a_clock_may_be_half_a_minute_off(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    totp, _ = await ana.turn_on_codes()
    stage.clock.move(minutes=5)

    fast = await ana.log_in(code=totp.at(stage.clock().timestamp() + 60))
    slow = await ana.log_in(code=totp.at(stage.clock().timestamp() - 30))

    assert (fast.status, slow.status) == (401, 200)


async def test_a_recovery_code_stands_in_once_however_it_is_typed(ana: Visitor) -> None:
    await ana.join()
    _, recovery = await ana.turn_on_codes()

    first = await ana.log_in(code=recovery[3].upper().replace("-", " "))
    second = await ana.log_in(code=recovery[3])

    assert (first.status, second.status) == (200, 401)
    assert len(set(recovery)) == 10


async def test_codes_cannot_be_guessed_even_with_the_password(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    await ana.turn_on_codes()

    answers = [await Visitor(stage, address=f"198.18.0.{number}").log_in(code=f"{number:06}") for number in range(25)]

    assert [answer.status for answer in answers] == [401] * 19 + [429] * 6


async def test_setting_up_needs_the_password_and_turning_off_a_code_too(ana: Visitor, stage: Stage) -> None:
    await ana.join()

    wrong = await ana.post("/totp", {"password": "not the password"})
    totp, _ = await ana.turn_on_codes()
    again = await ana.post("/totp", {"password": PASSWORD})
    stage.clock.move(seconds=30)
    bad_code = await ana.post("/totp/disable", {"password": PASSWORD, "code": "000000"})
    off = await ana.post("/totp/disable", {"password": PASSWORD, "code": totp.at(stage.clock())})

    assert [answer.status for answer in (wrong, again, bad_code, off)] == [403, 409, 401, 204]
    assert (await ana.log_in()).status == 200


async def test_nothing_is_confirmed_that_was_not_set_up(ana: Visitor) -> None:
    await ana.join()

    answer = await ana.post("/totp/confirm", {"code": "123456"})

    assert (answer.status, answer.json()["code"]) == (409, "totp_not_enrolled")


async def test_the_secret_is_not_kept_in_clear(ana: Visitor, stage: Stage) -> None:
    await ana.join()

    totp, _ = await ana.turn_on_codes()

    user = await users.get(stage.database, await ana.user_id())
    assert user.totp_sealed is not None
    assert totp.secret.encode() not in user.totp_sealed
