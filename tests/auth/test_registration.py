import pytest

from services.contracts.auth import UserErased, UserRegistered, UserVerified
from tests.auth.visitors import PASSWORD, Visitor
from tests.stage import Stage

pytestmark = pytest.mark.embedded


async def test_an_account_can_be_used_once_its_mail_was_opened(ana: Visitor) -> None:
    await ana.register()

    before = await ana.log_in()
    await ana.post("/verify", {"token": await ana.mailed_token()})
    after = await ana.log_in()

    assert (before.status, before.json()["code"]) == (403, "email_unverified")
    assert after.status == 200


async def test_everyone_is_told_of_an_account_and_of_its_proven_address(stage: Stage, ana: Visitor) -> None:
    await ana.join()

    registered = (await stage.told(UserRegistered))[-1]
    verified = (await stage.told(UserVerified))[-1]

    assert [registered.aggregate_version, verified.aggregate_version] == [1, 2]
    assert b"ana@example.org" in registered.payload


async def test_the_answer_to_a_registration_does_not_tell_whether_there_is_an_account(
    ana: Visitor, stage: Stage
) -> None:
    await ana.join()

    again = await Visitor(stage).register()
    fresh = await Visitor(stage).register("bo@example.org")

    assert (again.status, again.json()) == (fresh.status, {"email": "ana@example.org"})
    assert (await ana.mails())[0].startswith("You already have an account")
    assert "registered_again" in (await ana.get("/audit")).body.decode()


async def test_two_spellings_of_one_address_are_one_account(ana: Visitor, stage: Stage) -> None:
    await ana.join("Ana@example.org")

    await Visitor(stage).register("ana@Example.ORG")
    answer = await Visitor(stage).log_in("ANA@EXAMPLE.org")

    assert answer.status == 200


async def test_the_last_registration_of_an_unproven_address_counts(ana: Visitor, stage: Stage) -> None:
    squatter = Visitor(stage)
    await squatter.register(password="chosen by a squatter")
    early = await ana.mailed_token()
    await ana.register()

    stale = await ana.post("/verify", {"token": early})
    await ana.post("/verify", {"token": await ana.mailed_token()})

    assert stale.json()["code"] == "mail_token_refused"
    assert (await squatter.log_in(password="chosen by a squatter")).status == 401
    assert (await ana.log_in()).status == 200


async def test_a_link_works_once_and_for_a_day(ana: Visitor, stage: Stage) -> None:
    await ana.register()
    token = await ana.mailed_token()
    stage.clock.move(hours=25)

    late = await ana.post("/verify", {"token": token})
    await ana.post("/resend", {"email": "ana@example.org"})
    fresh = {"token": await ana.mailed_token()}
    first, second = await ana.post("/verify", fresh), await ana.post("/verify", fresh)

    assert [late.status, first.status, second.status] == [422, 200, 422]


async def test_a_password_that_would_be_guessed_first_is_refused(ana: Visitor) -> None:
    answer = await ana.register(password="password123")

    assert (answer.status, answer.json()["reason"]) == (422, "common")


async def test_an_address_that_cannot_exist_is_refused(ana: Visitor) -> None:
    answer = await ana.register("ana@ex_ample.org")

    assert (answer.status, answer.json()["code"]) == (422, "email_invalid")


async def test_one_address_cannot_be_flooded_with_mail(ana: Visitor) -> None:
    await ana.register()

    answers = [await ana.post("/resend", {"email": "ana@example.org"}) for _ in range(6)]

    assert [answer.status for answer in answers] == [202] * 4 + [429] * 2
    assert int(answers[-1].headers["retry-after"]) > 60


async def test_an_account_nobody_verifies_is_forgotten_after_a_week(ana: Visitor, stage: Stage) -> None:
    await ana.register()
    stage.clock.move(days=8)

    await stage.run_timer("forget")

    assert len(await stage.told(UserErased)) == 1
    assert (await ana.log_in()).json()["code"] == "credentials_refused"


async def test_an_unknown_field_is_refused(ana: Visitor) -> None:
    body = {"email": "ana@example.org", "password": PASSWORD, "display_name": "Ana", "role": "staff"}

    answer = await ana.post("/register", body)

    assert (answer.status, answer.json()["code"]) == (400, "malformed")
