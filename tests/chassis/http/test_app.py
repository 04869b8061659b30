import asyncio

import msgspec
import pytest

from services.chassis.ids import uuid7
from tests.chassis.asker import Answer, Asker

USER = uuid7()


async def make(shop: Asker, body: bytes, *, key: str = "k") -> Answer:
    token = shop.identity(user=USER, body=body)
    return await shop.ask("POST", "/api/v1/things", body, token=token, headers={"idempotency-key": key})


async def test_the_same_key_answers_the_first_reply_again(shop: Asker) -> None:
    first = await make(shop, b'{"name":"lamp"}')

    again = await make(shop, b'{"name":"lamp"}')

    assert (first.status, again.status) == (201, 201)
    assert again.body == first.body
    assert again.headers["idempotency-replayed"] == "true"


async def test_one_key_fifty_times_at_once_has_one_effect(shop: Asker) -> None:
    answers = await asyncio.gather(*(make(shop, b'{"name":"lamp"}', key="once") for _ in range(50)))

    things = (await shop.ask("GET", "/api/v1/things", token=shop.identity())).json()
    assert {answer.status for answer in answers} <= {201, 409}
    assert len({answer.body for answer in answers if answer.status == 201}) == 1
    assert len(msgspec.convert(things["items"], list[object])) == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"name":"taken"}', 409, "name_taken"),
        (b'{"name":1}', 400, "malformed"),
        (b'{"name":', 400, "malformed"),
        (b'{"name":"a","price":1}', 400, "malformed"),
        (b"\xff\xfe", 400, "malformed"),
        (b'"' + b"\xc3\x28" + b'"', 400, "malformed"),
        (b"[" * 5000, 400, "malformed"),
        (b"{}", 400, "malformed"),
        (b'{"name":"a\\u0000"}', 400, "malformed"),
        (b'{"name":"a","name":"b"}', 400, "malformed"),
    ],
    ids=[
        "conflict",
        "wrong type",
        "cut off",
        "unknown field",
        "not JSON",
        "not UTF-8",
        "deep nesting",
        "field missing",
        "NUL",
        "named twice",
    ],
)
async def test_bad_input_has_its_problem_and_leaves_nothing(shop: Asker, body: bytes, status: int, code: str) -> None:
    answer = await make(shop, body)

    things = (await shop.ask("GET", "/api/v1/things", token=shop.identity())).json()
    assert (answer.status, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert things == {"items": [], "next": None}


async def test_a_backslash_before_the_letters_of_a_nul_is_text(shop: Asker) -> None:
    answer = await make(shop, rb'{"name":"\\u0000"}')

    assert answer.status == 201


@pytest.mark.parametrize("query", ["%00", "a%00b", "%ff", "%c3%28", "%ed%a0%80"])
async def test_a_query_is_text_without_nul(shop: Asker, query: str) -> None:
    answer = await shop.ask("GET", f"/api/v1/things?cursor={query}", token=shop.identity())

    assert (answer.status, answer.json()["code"]) == (400, "malformed")


async def test_a_refused_request_does_not_use_up_its_key(shop: Asker) -> None:
    await make(shop, b'{"name":"taken"}', key="k")

    answer = await make(shop, b'{"name":"free"}', key="k")

    assert answer.status == 201


async def test_a_missing_key_is_400_and_another_body_422(shop: Asker) -> None:
    await make(shop, b'{"name":"lamp"}', key="k")

    missing = await make(shop, b'{"name":"lamp"}', key="")
    other = await make(shop, b'{"name":"chair"}', key="k")

    assert (missing.status, missing.json()["code"]) == (400, "idempotency_key_missing")
    assert (other.status, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_body_other_than_the_signed_one_is_refused(shop: Asker) -> None:
    token = shop.identity(user=USER, body=b'{"name":"lamp"}')

    answer = await shop.ask("POST", "/api/v1/things", b'{"name":"gold"}', token=token, headers={"idempotency-key": "k"})

    assert (answer.status, answer.json()["code"]) == (401, "token_refused")


async def test_an_identity_for_another_service_is_refused(shop: Asker) -> None:
    answer = await shop.ask("GET", "/api/v1/things", token=shop.identity(audience="orders"))

    assert answer.status == 401


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api/v1/things", {"visitor", "user", "seller", "staff"}),
        ("/api/v1/seller/things", {"seller"}),
        ("/api/v1/staff/things", {"staff"}),
        ("/internal/v1/things", {"orders"}),
    ],
)
async def test_each_route_lets_in_whom_it_names_and_nobody_else(shop: Asker, path: str, allowed: set[str]) -> None:
    tokens = {
        "visitor": shop.identity(),
        "user": shop.identity(user=USER, roles=frozenset({"buyer"})),
        "seller": shop.identity(user=USER, roles=frozenset({"seller"})),
        "staff": shop.identity(user=USER, roles=frozenset({"staff"})),
        "orders": shop.identity(caller="orders"),
        "items": shop.identity(caller="items"),
        "nobody": None,
    }

    answers = {who: (await shop.ask("GET", path, token=token)).status for who, token in tokens.items()}

    assert {who for who, status in answers.items() if status == 200} == allowed
    assert {status for who, status in answers.items() if who not in allowed} <= {401, 403}


async def test_an_api_key_needs_the_scope_of_the_route(shop: Asker) -> None:
    without = shop.identity(user=USER, roles=frozenset({"staff"}), scopes=frozenset({"orders:read"}))
    with_it = shop.identity(user=USER, roles=frozenset({"staff"}), scopes=frozenset({"things:read"}))

    refused = await shop.ask("GET", "/api/v1/staff/things", token=without)
    served = await shop.ask("GET", "/api/v1/staff/things", token=with_it)

    assert (refused.status, refused.json()["code"], served.status) == (403, "scope_missing", 200)


async def test_a_defect_tells_the_client_nothing_but_the_request(shop: Asker) -> None:
    answer = await shop.ask("GET", "/api/v1/crash", token=shop.identity(), headers={"x-request-id": "abc"})

    assert answer.status == 500
    assert answer.json()["instance"] == "urn:souk:request:abc"
    assert b"secret" not in answer.body


async def test_the_document_names_every_refusal_and_who_may_call(shop: Asker) -> None:
    document = (await shop.ask("GET", "/openapi.json")).json()

    operation = msgspec.convert(document["paths"], dict[str, dict[str, dict[str, object]]])["/api/v1/things"]["post"]
    assert operation["x-souk-access"] == {"who": "user", "scope": "things:write", "callers": []}
    assert "name_taken" in str(msgspec.convert(operation["responses"], dict[str, object])["409"])


async def test_probes_answer_without_an_identity(shop: Asker) -> None:
    answers = [(await shop.ask("GET", f"/health/{probe}")).status for probe in ("live", "ready", "started")]

    assert answers == [200, 200, 200]


async def test_asking_for_the_methods_of_a_path_is_no_defect(shop: Asker) -> None:
    answer = await shop.ask("OPTIONS", "/api/v1/staff/things", token=shop.identity())

    assert (answer.status, answer.headers["allow"]) == (204, "GET, OPTIONS")


async def test_the_document_asks_for_the_key_that_is_needed(shop: Asker) -> None:
    document = (await shop.ask("GET", "/openapi.json")).json()

    operation = msgspec.convert(document["paths"], dict[str, dict[str, dict[str, object]]])["/api/v1/things"]["post"]
    parameters = msgspec.convert(operation["parameters"], list[dict[str, object]])
    key = next(parameter for parameter in parameters if parameter["name"] == "Idempotency-Key")
    assert (key["required"], key["schema"]) == (True, {"type": "string", "minLength": 1, "maxLength": 255})
    assert "idempotency_key_missing" in str(msgspec.convert(operation["responses"], dict[str, object])["400"])


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/jsonx", 415),
        ("application/json; charset=utf-8", 201),
        ("application/merge-patch+json", 201),
    ],
)
async def test_json_that_says_it_is_something_else_is_not_read(shop: Asker, content_type: str, status: int) -> None:
    token = shop.identity(user=USER, body=b'{"name":"vase"}')
    headers = {"idempotency-key": content_type, "content-type": content_type}

    answer = await shop.ask("POST", "/api/v1/things", b'{"name":"vase"}', token=token, headers=headers)

    assert answer.status == status
