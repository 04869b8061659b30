"""Requests made with API keys, counted by key and day."""

from datetime import date
from uuid import UUID

import msgspec

from services.chassis.identity.tokens import Role
from services.chassis.ids import uuid7
from services.gateway.actions.counting import write_down
from services.gateway.domain.usage import KeyUsage
from services.gateway.domain.visitors import Visitor
from services.gateway.store import usage as store
from tests.stage import Stage


def visitor(user: UUID, *, used: int, key: UUID | None = None) -> Visitor:
    made = Visitor(sub=user, key_id=key or uuid7())
    made.used = used
    return made


async def listed(stage: Stage, path: str, user: UUID, *roles: Role) -> list[KeyUsage]:
    token = stage.asker.identity(user=user, roles=frozenset(roles))
    found: list[KeyUsage] = []
    cursor = ""
    while True:
        answer = await stage.asker.ask("GET", f"/api/v1/gateway/usage{path}?limit=1{cursor}", token=token)
        assert answer.status == 200
        found += msgspec.convert(answer.json()["items"], list[KeyUsage])
        if answer.json()["next"] is None:
            return found
        cursor = f"&cursor={answer.json()['next']}"


async def test_what_was_used_is_counted_on_and_once(either_stage: Stage) -> None:
    someone = visitor(uuid7(), used=3)
    idle, user = visitor(uuid7(), used=0), Visitor(sub=uuid7())
    user.used = 9

    counts = []
    for more in (0, 4, 0):
        someone.used += more
        counts.append(await write_down(either_stage.database, lambda: [someone, idle, user], either_stage.clock))
    [usage] = await store.page(either_stage.database, user_id=None, before=None, limit=10)

    assert (counts, someone.used) == ([1, 1, 0], 0)
    assert (usage.key_id, usage.requests, usage.day) == (someone.key_id, 7, either_stage.clock().date())


async def test_everyone_sees_their_own_keys_and_staff_sees_all(either_stage: Stage) -> None:
    ana, bo = uuid7(), uuid7()
    visitors = [visitor(ana, used=1), visitor(ana, used=2), visitor(bo, used=4)]
    await write_down(either_stage.database, lambda: visitors, either_stage.clock)

    hers = await listed(either_stage, "/mine", ana)
    all_of_them = await listed(either_stage, "", uuid7(), "staff")

    assert sorted(usage.requests for usage in hers) == [1, 2]
    assert sorted(usage.requests for usage in all_of_them) == [1, 2, 4]


async def test_days_are_told_newest_first(either_stage: Stage) -> None:
    key, ana = uuid7(), uuid7()
    days = [date(2026, 3, day) for day in (1, 3, 2)]
    async with either_stage.database.unit() as unit:
        await store.add(unit, [KeyUsage(key_id=key, user_id=ana, day=day, requests=1) for day in days])

    told = await listed(either_stage, "/mine", ana)

    assert [usage.day.day for usage in told] == [3, 2, 1]
