import msgspec
import pytest
from sqlalchemy import delete, update

from services.auth.domain.audit import Action
from services.auth.tables import AUDIT
from services.contracts.auth import UserErased
from tests.auth.visitors import PASSWORD, Visitor
from tests.stage import Stage

pytestmark = pytest.mark.embedded


async def _actions(visitor: Visitor, path: str = "/audit") -> list[str]:
    page = (await visitor.get(f"{path}?limit=100")).json()
    return [str(entry["action"]) for entry in msgspec.convert(page["items"], list[dict[str, object]])]


async def _fault(clerk: Visitor) -> tuple[object, object]:
    found = (await clerk.get("/audit/check")).json()
    return found["fault"], found["fault_at"]


async def test_a_user_sees_what_happened_to_the_account(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    await Visitor(stage, address="192.0.2.66").log_in(password="not the password")

    assert await _actions(ana) == ["login_refused", "logged_in", "verified", "registered"]


async def test_a_user_sees_nothing_of_others_and_staff_sees_all(ana: Visitor, clerk: Visitor, stage: Stage) -> None:
    await ana.join()
    bo = Visitor(stage)
    await bo.join("bo@example.org")

    own, everything = await _actions(bo), await _actions(clerk, "/audit/all")

    assert len(own) == 3
    assert len(everything) == 3 + 3 + 2


async def test_the_log_names_nobody(ana: Visitor) -> None:
    await ana.join()

    text = (await ana.get("/audit")).body.decode()

    assert "ana@" not in text
    assert "203.0.113.7" not in text
    assert "203.0.113.0/24" in text


async def test_an_untouched_chain_is_whole(ana: Visitor, clerk: Visitor) -> None:
    await ana.join()

    assert await _fault(clerk) == (None, None)


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
        ("action", "verified", "the entry was changed"),
        ("actor_id", None, "the entry was changed"),
        ("details", {"network": "10.0.0.0/24"}, "the details were changed"),
        ("details", None, "the details were removed"),
        ("digest", b"\1" * 32, "the entry was changed"),
    ],
)
async def test_an_edit_shows(
    ana: Visitor, clerk: Visitor, stage: Stage, column: str, value: object, fault: str
) -> None:
    await ana.join()
    logged_in = AUDIT.c.action == Action.LOGGED_IN
    async with stage.database.unit() as unit:
        await unit.connection.execute(update(AUDIT).where(logged_in, AUDIT.c.seq > 3).values({column: value}))

    assert await _fault(clerk) == (fault, 5)


@pytest.mark.parametrize(("seq", "fault"), [(2, "an entry is missing"), (5, "entries are missing at the end")])
async def test_a_missing_entry_shows(ana: Visitor, clerk: Visitor, stage: Stage, seq: int, fault: str) -> None:
    await ana.join()
    async with stage.database.unit() as unit:
        await unit.connection.execute(delete(AUDIT).where(AUDIT.c.seq == seq))

    assert await _fault(clerk) == (fault, seq)


async def test_an_erased_person_leaves_a_chain_that_holds_and_tells_nothing(
    ana: Visitor, clerk: Visitor, stage: Stage
) -> None:
    await ana.join()
    user_id = await ana.user_id()

    answer = await ana.post("/me/erase", {"password": PASSWORD})

    page = (await clerk.get(f"/audit/all?subject_id={user_id}")).json()
    entries = msgspec.convert(page["items"], list[dict[str, object]])
    assert answer.status == 204
    assert len(await stage.told(UserErased)) == 1
    assert {entry["details"] for entry in entries if entry["details"] is not None} == set()
    assert await _fault(clerk) == (None, None)


async def test_an_erased_account_is_gone(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    await ana.post("/me/erase", {"password": PASSWORD})

    login = await Visitor(stage).log_in()
    refreshed = await ana.refresh()
    again = await Visitor(stage).register()

    assert (login.status, refreshed.status, again.status) == (401, 401, 202)


async def test_erasing_needs_the_password_and_a_code_where_codes_are_asked_for(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    wrong = await ana.post("/me/erase", {"password": "not the password"})
    totp, _ = await ana.turn_on_codes()
    stage.clock.move(seconds=30)

    without = await ana.post("/me/erase", {"password": PASSWORD})
    with_code = await ana.post("/me/erase", {"password": PASSWORD, "code": totp.at(stage.clock())})

    assert [answer.status for answer in (wrong, without, with_code)] == [403, 401, 204]


async def test_me_and_the_export_tell_no_secret(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    user_id = await ana.user_id()

    me = await ana.get("/me")
    path = f"/internal/v1/personal-data/auth/{user_id}"
    export = await stage.asker.ask("GET", path, token=stage.asker.identity(caller="users"))

    assert (me.json()["email"], me.json()["session_id"]) == ("ana@example.org", ana.session_id)
    assert b"ana@example.org" in export.body
    assert b"argon2" not in me.body + export.body
    assert ana.refresh_token.encode() not in export.body


async def test_the_end_of_the_chain_is_written_to_the_log_of_the_process(
    stage: Stage, clerk: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")

    await stage.run_timer("anchor")

    head = (await clerk.get("/audit/check")).json()["head"]
    assert head in [getattr(record, "digest", None) for record in caplog.records]
