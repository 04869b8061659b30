import msgspec
import pytest

from services.contracts.auth import ApiKeyRevoked, ResolvedApiKey
from tests.auth.visitors import Visitor, field
from tests.chassis.asker import Answer
from tests.stage import Stage

pytestmark = pytest.mark.embedded

WANTED = {"name": "Warehouse", "scopes": ["orders:read", "items:write"]}


async def _resolve(stage: Stage, secret: str, *, caller: str = "gateway") -> Answer:
    body = msgspec.json.encode({"api_key": secret})
    token = stage.asker.identity(caller=caller, body=body)
    return await stage.asker.ask("POST", "/internal/v1/api-keys/resolve", body, token=token)


async def test_a_key_is_shown_once_and_told_by_its_beginning(ana: Visitor) -> None:
    await ana.join()

    created = (await ana.post("/api-keys", WANTED)).json()
    listed = (await ana.get("/api-keys")).body.decode()

    secret = str(created["secret"])
    assert secret.startswith("sk_")
    assert secret not in listed
    assert secret[:8] in listed


async def test_the_gateway_learns_whose_key_it_is_and_what_it_may_do(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    secret = field(await ana.post("/api-keys", WANTED), "secret")

    resolved = msgspec.json.decode((await _resolve(stage, secret)).body, type=ResolvedApiKey)

    assert resolved.user_id == await ana.user_id()
    assert set(resolved.roles) == {"buyer"}
    assert set(resolved.scopes) == {"orders:read", "items:write"}


async def test_only_the_gateway_may_resolve_keys(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    secret = field(await ana.post("/api-keys", WANTED), "secret")

    assert (await _resolve(stage, secret, caller="orders")).status == 403


async def test_a_revoked_key_is_void_and_everyone_is_told(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    created = (await ana.post("/api-keys", WANTED)).json()
    key = msgspec.convert(created["key"], dict[str, object])

    first = await ana.call("DELETE", f"/api-keys/{key['id']}")
    second = await ana.call("DELETE", f"/api-keys/{key['id']}")

    refused = await _resolve(stage, str(created["secret"]))
    assert (first.status, second.status) == (204, 404)
    assert (refused.status, refused.json()["code"]) == (403, "api_key_refused")
    assert len(await stage.told(ApiKeyRevoked)) == 1


async def test_a_key_ends_neither_at_once_nor_never(ana: Visitor, stage: Stage) -> None:
    await ana.join()

    moments = [stage.clock(), "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"]
    answers = [await ana.post("/api-keys", {**WANTED, "expires_at": moment}) for moment in moments]

    assert {(answer.status, str(answer.json()["code"])) for answer in answers} == {(422, "expiry_unfit")}


async def test_an_expired_key_is_refused(ana: Visitor, stage: Stage) -> None:
    await ana.join()
    soon = stage.clock().replace(year=stage.clock().year + 1)
    secret = field(await ana.post("/api-keys", {**WANTED, "expires_at": soon}), "secret")

    before = await _resolve(stage, secret)
    stage.clock.move(days=367)
    after = await _resolve(stage, secret)

    assert (before.status, after.status) == (200, 403)


async def test_keys_of_a_suspended_account_are_void(ana: Visitor, clerk: Visitor, stage: Stage) -> None:
    await ana.join()
    secret = field(await ana.post("/api-keys", WANTED), "secret")

    await clerk.post(f"/users/{await ana.user_id()}/suspend", {"reason": "fraud", "version": 2})

    assert (await _resolve(stage, secret)).status == 403


async def test_a_user_has_at_most_so_many_keys(ana: Visitor) -> None:
    await ana.join()

    statuses = [(await ana.post("/api-keys", WANTED)).status for _ in range(26)]

    assert statuses == [201] * 25 + [409]


@pytest.mark.parametrize("scopes", [[], ["orders"], ["orders:delete"], ["ORDERS:read"]])
async def test_a_key_needs_scopes_that_mean_something(ana: Visitor, scopes: list[str]) -> None:
    await ana.join()

    assert (await ana.post("/api-keys", {**WANTED, "scopes": scopes})).status == 400


async def test_no_key_may_make_keys(stage: Stage, ana: Visitor) -> None:
    await ana.join()
    body = msgspec.json.encode(WANTED)
    token = stage.asker.identity(user=await ana.user_id(), scopes=frozenset({"account:write"}), body=body)

    answer = await stage.asker.ask("POST", "/api/v1/auth/api-keys", body, token=token)

    assert (answer.status, answer.json()["code"]) == (403, "scope_missing")
