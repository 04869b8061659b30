"""What staff change while the gateway runs."""

from uuid import UUID

import msgspec
import pytest

from services.chassis.http.access import Who
from services.chassis.identity.tokens import Role
from services.chassis.ids import uuid7
from tests.chassis.asker import Answer
from tests.doors import knock
from tests.stage import Stage

STAFF = frozenset[Role]({"staff"})


async def ask(stage: Stage, method: str, path: str, body: object = None, *, user: UUID | None = None) -> Answer:
    """As a member of staff."""
    raw = b"" if body is None else msgspec.json.encode(body)
    token = stage.asker.identity(user=user or uuid7(), roles=STAFF, body=raw)
    return await stage.asker.ask(method, f"/api/v1/gateway{path}", raw, token=token)


async def test_a_route_is_closed_by_staff_and_opened_again(either_stage: Stage) -> None:
    user = uuid7()

    closed = await ask(either_stage, "PUT", "/overrides/routes", {"path": "/api/v1/search", "closed_s": 60}, user=user)
    shown = await ask(either_stage, "GET", "/overrides")
    opened = await ask(either_stage, "DELETE", "/overrides/routes?path=/api/v1/search")

    [override] = msgspec.convert(closed.json()["routes"], list[dict[str, object]])
    assert (override["path"], override["closed_s"], override["changed_by"]) == ("/api/v1/search", 60, str(user))
    assert shown.json() == closed.json()
    assert (opened.status, opened.json()["routes"]) == (200, [])


async def test_what_is_overridden_twice_is_as_it_was_said_last(either_stage: Stage) -> None:
    for burst in (5, 7):
        await ask(either_stage, "PUT", "/overrides/limits", {"name": "search", "burst": burst, "per_s": 60})

    shown = await ask(either_stage, "GET", "/overrides")
    [override] = msgspec.convert(shown.json()["limits"], list[dict[str, object]])
    assert override["burst"] == 7


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("PUT", "/overrides/routes", {"path": "/api/v1/nowhere", "closed_s": 60}, "route_unknown"),
        ("PUT", "/overrides/limits", {"name": "nothing", "burst": 1, "per_s": 1}, "limit_unknown"),
        ("DELETE", "/overrides/routes?path=/api/v1/nowhere", None, "route_unknown"),
        ("DELETE", "/overrides/limits?name=nothing", None, "limit_unknown"),
    ],
)
async def test_what_is_not_in_the_table_cannot_be_overridden(
    either_stage: Stage, method: str, path: str, body: object, code: str
) -> None:
    answer = await ask(either_stage, method, path, body)

    assert (answer.status, answer.json()["code"]) == (404, code)
    assert (await ask(either_stage, "GET", "/overrides")).json() == {"routes": [], "limits": []}


@pytest.mark.parametrize(
    "body",
    [
        {"path": "/api/v1/search", "canary_weight": 101},
        {"path": "/api/v1/search", "canary_weight": -1},
        {"path": "/api/v1/search", "closed_s": 0},
        {"path": "/api/v1/search", "canary_header": "two words"},
        {"path": "/api/v1/search", "unknown": 1},
        {"closed_s": 60},
    ],
)
@pytest.mark.embedded
async def test_values_that_do_not_fit_are_refused(stage: Stage, body: object) -> None:
    answer = await ask(stage, "PUT", "/overrides/routes", body)

    assert answer.status == 400
    assert (await ask(stage, "GET", "/overrides")).json() == {"routes": [], "limits": []}


@pytest.mark.embedded
async def test_how_services_are_doing_is_told(stage: Stage) -> None:
    answer = await ask(stage, "GET", "/services")

    standings = msgspec.convert(answer.json()["items"], list[dict[str, object]])
    assert {entry["service"] for entry in standings} == {"auth", "gateway", "items", "orders", "users"}
    assert {entry["circuit"] for entry in standings} == {"closed"}


@pytest.mark.embedded
async def test_only_staff_get_in(stage: Stage) -> None:
    stranger = await knock(stage, stage.asker.identity())
    seller = await knock(stage, stage.asker.identity(user=uuid7(), roles=frozenset({"buyer", "seller"})))

    assert (stranger[Who.STAFF], stranger[Who.USER]) == ({401}, {401})
    assert seller[Who.STAFF] == {403}
