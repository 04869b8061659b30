"""What a service's OpenAPI document says of bodies."""

from typing import Annotated

import msgspec
import pytest
from litestar import Litestar, Response, get, post
from litestar.params import JSONBody
from msgspec import Meta, Struct

from services.chassis.http.access import for_anyone, for_services
from services.chassis.http.openapi import describe
from services.chassis.http.pages import Page

Node = dict[str, object]


class Colour(Struct, frozen=True, array_like=True):
    name: str
    shade: int


class Paint(Struct, frozen=True, forbid_unknown_fields=True):
    colours: tuple[Colour, ...]
    labels: dict[Annotated[str, Meta(pattern="^[a-z]+$")], str] = {}


class Painted(Struct, frozen=True):
    coats: int


class Order(Struct, frozen=True):
    sku: str


@post("/walls", opt=for_anyone())
async def paint(data: JSONBody[Paint]) -> Response[Painted] | Response[bytes]:
    return Response(Painted(len(data.colours)))


@get("/walls", opt=for_anyone())
async def list_walls() -> Page[Painted]:
    return Page(items=[])


@post("/internal/v1/orders", opt=for_services("orders"))
async def order(data: JSONBody[Order]) -> None:
    del data


@pytest.fixture
def document() -> Node:
    return msgspec.json.decode(describe(Litestar([paint, list_walls, order])), type=Node)


def at(node: object, *path: str) -> object:
    for step in path:
        node = msgspec.convert(node, Node)[step]
    return node


def test_a_struct_that_refuses_unknown_fields_says_so(document: Node) -> None:
    paint = at(document, "components", "schemas", "Paint")

    assert at(paint, "additionalProperties") is False
    assert at(paint, "properties", "labels", "propertyNames") == {"pattern": "^[a-z]+$"}


def test_a_struct_that_is_written_as_an_array_is_described_as_one(document: Node) -> None:
    colour = at(document, "components", "schemas", "Colour")

    assert at(colour, "type") == "array"
    assert at(colour, "prefixItems") == [{"type": "string"}, {"type": "integer"}]


def test_an_answer_that_may_be_a_saved_one_has_the_shape_of_the_first(document: Node) -> None:
    content = at(document, "paths", "/walls", "post", "responses", "201", "content")

    assert content == {"application/json": {"schema": {"$ref": "#/components/schemas/Painted"}}}


def test_a_page_names_what_it_lists(document: Node) -> None:
    items = at(document, "components", "schemas", "Page_Painted_", "properties", "items")

    assert items == {"type": "array", "items": {"$ref": "#/components/schemas/Painted"}}


def test_only_what_is_referred_to_is_described(document: Node) -> None:
    components = msgspec.convert(at(document, "components", "schemas"), Node)

    assert set(components) == {"Colour", "Order", "Page_Painted_", "Paint", "Painted", "Problem"}


def test_what_the_gateway_refuses_by_itself_is_documented(document: Node) -> None:
    responses = msgspec.convert(at(document, "paths", "/walls", "get", "responses"), Node)

    assert {"408", "413", "414", "429", "431", "502", "504"} <= set(responses)
    assert "token_revoked" in str(responses["401"])
    assert "login_needed" not in str(responses["401"])
    assert "login_needed" in str(at(document, "paths", "/internal/v1/orders", "post", "responses", "401"))


def test_a_success_is_told_in_plain_words(document: Node) -> None:
    assert at(document, "paths", "/walls", "post", "responses", "201", "description") == "Made"
