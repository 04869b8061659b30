import pytest

from tests.auth.visitors import PASSWORD, Visitor
from tests.stage import Stage

pytestmark = pytest.mark.embedded

NEW = "another walk, by the sea"


async def _forget(visitor: Visitor, email: str = "ana@example.org") -> str:
    await visitor.post("/password/forgotten", {"email": email})
    return await visitor.mailed_token()


async def test_a_forgotten_password_is_replaced_by_mail_and_every_session_ends(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    visitor = Visitor(stage)

    answer = await visitor.post("/password/reset", {"token": await _forget(visitor), "password": NEW})

    assert answer.status == 204
    assert (await ana.refresh()).status == 401
    assert [(await ana.log_in()).status, (await ana.log_in(password=NEW)).status] == [401, 200]


async def test_asking_for_a_new_password_does_not_tell_who_has_an_account(ana: Visitor) -> None:
    await ana.join()

    known = await ana.post("/password/forgotten", {"email": "ana@example.org"})
    unknown = await ana.post("/password/forgotten", {"email": "bo@example.org"})

    assert known.status == unknown.status == 202
    assert known.json().keys() == unknown.json().keys()
    assert await ana.mails("bo@example.org") == []


async def test_a_link_for_a_new_password_works_once_and_for_an_hour(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    late, token = await _forget(ana), await _forget(ana)
    used = await ana.post("/password/reset", {"token": token, "password": NEW})

    again = await ana.post("/password/reset", {"token": token, "password": NEW})
    other = await ana.post("/password/reset", {"token": late, "password": NEW})
    expired = await _forget(ana)
    stage.clock.move(minutes=61)
    too_late = await ana.post("/password/reset", {"token": expired, "password": NEW})

    assert [answer.status for answer in (used, again, other, too_late)] == [204, 422, 422, 422]


async def test_a_weak_new_password_leaves_the_link_good(ana: Visitor) -> None:
    await ana.join()
    token = await _forget(ana)

    weak = await ana.post("/password/reset", {"token": token, "password": "qwertyuiop"})
    strong = await ana.post("/password/reset", {"token": token, "password": NEW})

    assert (weak.json()["code"], strong.status) == ("password_weak", 204)


async def test_a_link_for_a_new_password_proves_the_address(ana: Visitor) -> None:
    await ana.register()

    await ana.post("/password/reset", {"token": await _forget(ana), "password": NEW})

    assert (await ana.log_in(password=NEW)).status == 200


async def test_changing_the_password_ends_the_other_sessions(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    elsewhere = Visitor(stage)
    await elsewhere.log_in()

    answer = await ana.post("/password/change", {"password": PASSWORD, "new_password": NEW})

    assert answer.status == 204
    assert [(await ana.refresh()).status, (await elsewhere.refresh()).status] == [200, 401]
    assert (await ana.mails())[0].startswith("Your password was changed")


async def test_changing_the_password_needs_the_old_one(ana: Visitor) -> None:
    await ana.join()

    answer = await ana.post("/password/change", {"password": "not the password", "new_password": NEW})

    assert (answer.status, answer.json()["code"]) == (403, "password_refused")
    assert (await ana.log_in()).status == 200


async def test_a_stolen_session_cannot_guess_the_password(ana: Visitor) -> None:
    await ana.join()

    answers = [
        await ana.post("/password/change", {"password": f"guess number {number}", "new_password": NEW})
        for number in range(22)
    ]

    assert [answer.status for answer in answers] == [403] * 20 + [429] * 2
