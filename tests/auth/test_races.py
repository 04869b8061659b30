import asyncio
import time
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import func, select

from services.auth.tables import REFRESH_TOKENS
from services.contracts.auth import SessionRevoked
from tests.auth.conftest import builder
from tests.auth.visitors import PASSWORD, Visitor
from tests.stage import Stage


async def _successors(stage: Stage) -> int:
    """Refresh tokens that were never presented."""
    query = select(func.count()).where(REFRESH_TOKENS.c.used_at.is_(None))
    async with stage.database.reading() as connection:
        return (await connection.execute(query)).scalar_one()


async def test_of_twenty_refreshes_at_once_one_wins(either_stage: Stage) -> None:
    ana = Visitor(either_stage)
    await ana.join()

    answers = await asyncio.gather(*(ana.refresh() for _ in range(20)))

    assert Counter(answer.status for answer in answers) == {200: 1, 401: 19}
    assert await _successors(either_stage) == 1


async def test_twenty_tries_of_one_refresh_get_one_successor(either_stage: Stage) -> None:
    ana = Visitor(either_stage)
    await ana.join()

    answers = await asyncio.gather(*(ana.refresh(key="one-try-of-twenty") for _ in range(20)))

    assert {answer.status for answer in answers} == {200}
    assert len({str(answer.json()["refresh_token"]) for answer in answers}) == 1
    assert await _successors(either_stage) == 1


async def test_a_reuse_ends_the_family_within_a_second(either_stage: Stage) -> None:
    ana = Visitor(either_stage)
    await ana.join()
    stolen = ana.refresh_token
    ana.keep(await ana.refresh())

    started = time.monotonic()
    await Visitor(either_stage).refresh(stolen)
    owner = await ana.refresh()
    told = await either_stage.told(SessionRevoked)

    assert time.monotonic() - started < 1
    assert owner.status == 401
    assert msgspec.json.decode(told[0].payload, type=SessionRevoked).user_id == await ana.user_id()


async def test_a_refresh_that_meets_a_log_out_everywhere_does_not_survive_it(either_stage: Stage) -> None:
    ana = Visitor(either_stage)
    await ana.join()

    refreshed, _ = await asyncio.gather(ana.refresh(), ana.post("/logout-everywhere"))
    token = str(refreshed.json().get("refresh_token", ana.refresh_token))

    assert (await ana.refresh(token)).status == 401


async def test_one_code_lets_one_of_ten_in(either_stage: Stage) -> None:
    ana = Visitor(either_stage)
    await ana.join()
    totp, _ = await ana.turn_on_codes()
    either_stage.clock.move(seconds=30)
    code = totp.at(either_stage.clock())
    visitors = [Visitor(either_stage, address=f"198.18.0.{number}") for number in range(10)]

    answers = await asyncio.gather(*(visitor.log_in(code=code) for visitor in visitors))

    assert Counter(answer.status for answer in answers) == {200: 1, 401: 9}


async def test_one_link_from_a_mail_works_for_one_of_ten(either_stage: Stage) -> None:
    ana = Visitor(either_stage)
    await ana.register()
    token = await ana.mailed_token()

    answers = await asyncio.gather(*(ana.post("/verify", {"token": token}) for _ in range(10)))

    assert Counter(answer.status for answer in answers) == {200: 1, 422: 9}


async def test_five_registrations_of_one_address_make_one_account(either_stage: Stage) -> None:
    visitors = [Visitor(either_stage, address=f"198.18.0.{number}") for number in range(5)]

    answers = await asyncio.gather(*(visitor.register() for visitor in visitors))
    await visitors[0].post("/verify", {"token": await visitors[0].mailed_token()})

    assert {answer.status for answer in answers} == {202}
    assert (await visitors[0].log_in()).status == 200


async def test_changes_that_cross_each_other_all_come_to_an_end(either_stage: Stage) -> None:
    ana = Visitor(either_stage)
    await ana.join()
    others = [Visitor(either_stage, address=f"198.18.0.{number}") for number in range(6)]
    await asyncio.gather(*(other.log_in() for other in others))

    change = {"password": PASSWORD, "new_password": "another walk, by the sea"}
    answers = await asyncio.gather(
        ana.post("/password/change", change),
        *(other.refresh() for other in others),
        *(other.post("/logout", {"refresh_token": other.refresh_token}) for other in others),
    )

    assert {answer.status for answer in answers} <= {200, 204, 401}
    assert (await (others[0]).refresh()).status == 401


async def test_the_audit_chain_holds_when_many_write_at_once(either_stage: Stage) -> None:
    visitors = [Visitor(either_stage, address=f"198.18.0.{number}") for number in range(20)]
    await asyncio.gather(*(visitor.log_in(f"v{number}@example.org") for number, visitor in enumerate(visitors)))
    clerk = Visitor(either_stage)
    await clerk.log_in("staff@souk.example")

    found = (await clerk.get("/audit/check")).json()

    assert (found["entries"], found["fault"]) == (22, None)


@pytest.mark.servers
async def test_processes_that_start_at_once_make_one_first_member_of_staff(
    postgres_stage: Stage, postgres_database: str, tmp_path: Path
) -> None:
    build = builder(postgres_database.replace("+asyncpg", ""), tmp_path, staff_email="first@souk.example")
    processes = [build(postgres_stage.platform) for _ in range(3)]

    await asyncio.gather(*(process.start() for process in processes))

    assert (await Visitor(postgres_stage).log_in("first@souk.example")).status == 200
