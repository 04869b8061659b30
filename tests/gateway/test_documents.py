"""The merged OpenAPI document, and the page that shows it."""

import base64
import hashlib
import re

import msgspec
import pytest

from services.chassis.http.components import Node
from services.gateway.actions.documents import FRESH_S, FRESH_WHILE_PARTIAL_S, Documents, merge
from tests.gateway.services import Town
from tests.stage import Stage

TOLD: Node = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Page"}}}}
REFUSED: Node = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
ITEMS: Node = {
    "paths": {
        "/api/v1/items": {
            "get": {"operationId": "List", "responses": {"200": TOLD}},
            "post": {"operationId": "Add"},
        },
        "/internal/v1/holds": {"post": {"operationId": "Hold"}},
    },
    "components": {
        "schemas": {
            "Page": {"properties": {"items": {"items": {"$ref": "#/components/schemas/Item"}}}},
            "Item": {
                "discriminator": {"mapping": {"mug": "#/components/schemas/Mug"}},
                "oneOf": [{"$ref": "#/components/schemas/Mug"}],
            },
            "Mug": {"type": "object"},
            "Hold": {"title": "Only asked for inside"},
            "Problem": {"title": "Problem"},
        }
    },
}
ORDERS: Node = {
    "paths": {"/api/v1/orders": {"get": {"operationId": "List", "responses": {"200": TOLD, "400": REFUSED}}}},
    "components": {"schemas": {"Page": {"title": "of orders"}, "Problem": {"title": "Problem"}}},
}


def leads(path: str, method: str) -> bool:
    return path.startswith("/api/v1/") and method == "GET"


def test_names_that_clash_are_told_apart_and_references_follow() -> None:
    document = merge({"items": ITEMS, "orders": ORDERS}, leads)

    text = msgspec.json.encode(document).decode()
    schemas = msgspec.convert(document["components"], dict[str, Node])["schemas"]
    assert set(schemas) == {"items.Page", "items.Item", "items.Mug", "orders.Page", "Problem"}
    referred = re.findall(r'"#/components/schemas/([^"]+)"', text)
    assert set(referred) == set(schemas)
    assert re.findall(r'"operationId":"([^"]+)"', text) == ["items.List", "orders.List"]


def test_only_what_the_gateway_serves_is_told() -> None:
    document = merge({"items": ITEMS, "orders": ORDERS}, leads)

    paths = msgspec.convert(document["paths"], dict[str, Node])
    assert {path: set(methods) for path, methods in paths.items()} == {
        "/api/v1/items": {"get"},
        "/api/v1/orders": {"get"},
    }


class Source:
    """A service's document, while it tells one."""

    def __init__(self, document: Node | None) -> None:
        self.document = document
        self.asked = 0

    async def __call__(self) -> Node | None:
        self.asked += 1
        return self.document


async def test_a_service_that_is_away_is_named_and_asked_again_soon() -> None:
    items, orders, now = Source(ITEMS), Source(None), [0.0]
    documents = Documents({"items": items, "orders": orders}, leads, now=lambda: now[0])
    first = msgspec.json.decode(await documents.current(), type=Node)

    orders.document = ORDERS
    now[0] += FRESH_WHILE_PARTIAL_S
    second = msgspec.json.decode(await documents.current(), type=Node)
    now[0] += FRESH_S - 1
    await documents.current()

    assert first["x-souk-missing"] == ["orders"]
    assert "x-souk-missing" not in second
    assert (items.asked, orders.asked) == (2, 2)


async def test_what_a_service_told_before_it_went_away_stays() -> None:
    items, now = Source(ITEMS), [0.0]
    documents = Documents({"items": items}, leads, now=lambda: now[0])
    before = await documents.current()

    items.document = None
    now[0] += FRESH_S

    assert await documents.current() == before


@pytest.mark.embedded
async def test_every_operation_of_the_gateways_own_is_in_the_document(stage: Stage, town: Town) -> None:
    town.services["items"].told = {"/openapi.json": ITEMS}

    answer = await stage.asker.ask("GET", "/api/v1/openapi.json", token=stage.asker.identity())

    assert answer.status == 200
    assert "/api/v1/items" in msgspec.convert(answer.json()["paths"], dict[str, object])
    assert answer.json()["x-souk-missing"] == ["auth", "gateway", "orders", "users"]


@pytest.mark.embedded
async def test_the_page_may_run_its_own_script_and_nothing_else(stage: Stage) -> None:
    answer = await stage.asker.ask("GET", "/api/v1/docs", token=stage.asker.identity())

    page = answer.body.decode()
    policy = answer.headers["content-security-policy"]
    for kind in ("script", "style"):
        [text] = re.findall(rf"<{kind}>(.*?)</{kind}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "http://" not in page
    assert "https://" not in page
