"""Requests that two servers could read in two ways: refused, and nothing of them reaches a service."""

import pytest

from tests.gateway.running import RunningGateway, bearer, get, post

pytestmark = pytest.mark.embedded

HOST = b"Host: souk\r\n"
POST = b"POST /api/v1/open HTTP/1.1\r\n" + HOST
HIDDEN = b"GET /api/v1/own HTTP/1.1\r\n" + HOST + b"\r\n"

AMBIGUOUS = {
    "both lengths": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "both lengths, the other way": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + HIDDEN,
    "two lengths": POST + b"Content-Length: 0\r\nContent-Length: 44\r\n\r\n" + HIDDEN,
    "two equal lengths": POST + b"Content-Length: 0\r\nContent-Length: 0\r\n\r\n" + HIDDEN,
    "a list of lengths": POST + b"Content-Length: 0, 0\r\n\r\n" + HIDDEN,
    "a signed length": POST + b"Content-Length: +0\r\n\r\n" + HIDDEN,
    "a hexadecimal length": POST + b"Content-Length: 0x0\r\n\r\n" + HIDDEN,
    "a negative length": POST + b"Content-Length: -1\r\n\r\n" + HIDDEN,
    "an endless length": POST + b"Content-Length: 99999999999999999999999\r\n\r\n" + HIDDEN,
    "a space before the colon": POST + b"Content-Length : 0\r\n\r\n" + HIDDEN,
    "a space before the colon of chunked": POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a coding besides chunked": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a coding after chunked": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + HIDDEN,
    "an unknown coding": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a quoted coding": POST + b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n' + HIDDEN,
    "chunked twice": POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a vertical tab before chunked": POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunked in HTTP/1.0": b"POST /api/v1/open HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a chunk size that is none": POST + b"Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
    "a chunk longer than it says": POST + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
    "a chunk with a bare line feed": POST + b"Transfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n",
    "an endless chunk size": POST + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
    "a folded header": POST + b"X-Folded: a\r\n b\r\nContent-Length: 0\r\n\r\n",
    "a bare line feed after a header": b"GET /api/v1/open HTTP/1.1\r\nX: a\nHost: souk\r\n\r\n",
    "a bare carriage return in a header": b"GET /api/v1/open HTTP/1.1\r\nX: a\rb\r\nHost: souk\r\n\r\n",
    "bare line feeds alone": b"GET /api/v1/open HTTP/1.1\nHost: souk\n\n",
    "a null in a header": b"GET /api/v1/open HTTP/1.1\r\nHost: souk\r\nX: a\x00b\r\n\r\n",
    "a header without a colon": b"GET /api/v1/open HTTP/1.1\r\nHost: souk\r\nhello\r\n\r\n",
    "a header without a name": b"GET /api/v1/open HTTP/1.1\r\nHost: souk\r\n: x\r\n\r\n",
    "a space in the target": b"GET /api/v1/open /api/v1/own HTTP/1.1\r\nHost: souk\r\n\r\n",
    "no version": b"GET /api/v1/open\r\nHost: souk\r\n\r\n",
    "an old version": b"GET /api/v1/open HTTP/0.9\r\nHost: souk\r\n\r\n",
    "a new version": b"GET /api/v1/open HTTP/2.0\r\nHost: souk\r\n\r\n",
    "the beginning of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no host": b"GET /api/v1/open HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /api/v1/open HTTP/1.1\r\nHost: souk\r\nHost: other\r\n\r\n",
    "two content types": post("/api/v1/open", b"{}", "Content-Type: text/plain", "Content-Type: application/json"),
    "two authorizations": get("/api/v1/open", "Authorization: Bearer a", "Authorization: Bearer b"),
    "two idempotency keys": post("/api/v1/open", b"{}", "Idempotency-Key: a", "Idempotency-Key: b"),
    "a tunnel": b"CONNECT souk:80 HTTP/1.1\r\nHost: souk\r\n\r\n",
    "an upgrade with a body": POST
    + b"Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 44\r\n\r\n"
    + HIDDEN,
}

TARGETS = {
    "another host": "http://elsewhere/api/v1/open",
    "this host, in full": "http://souk/api/v1/open",
    "dot segments": "/api/v1/open/../own",
    "one dot": "/api/v1/./own",
    "dots at the end": "/api/v1/open/..",
    "encoded dots": "/api/v1/open/%2e%2e/own",
    "mixed dots": "/api/v1/open/.%2E/own",
    "an encoded slash": "/api/v1/open%2fown",
    "an encoded backslash": "/api/v1/open%5Cown",
    "a backslash": "/api/v1/open\\own",
    "an encoded percent": "/api/v1/open/%252e%252e/own",
    "an encoded null": "/api/v1/open/%00",
    "an encoded line feed": "/api/v1/open/%0d%0aX-Souk-Identity:x",
    "an empty segment": "/api/v1//open",
    "an empty first segment": "//api/v1/open",
    "an empty last segment": "/api/v1/open/",
    "path parameters": "/api/v1/open;x=1/../own",
    "a fragment": "/api/v1/open#own",
    "a broken escape": "/api/v1/open/%zz",
    "a bad query": '/api/v1/open?"<>',
    "no path": "*",
}


@pytest.mark.parametrize("request_bytes", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
async def test_what_can_be_read_in_two_ways_is_refused_and_reaches_nobody(
    gateway: RunningGateway, request_bytes: bytes
) -> None:
    client = await gateway.client()

    answer = await client.ask(request_bytes)

    assert answer.status in {400, 413, 501, 505}
    assert answer.header("content-type") == "application/problem+json"
    assert answer.header("connection") == "close"
    assert await client.closed()
    assert gateway.items.visits == []


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS.keys())
async def test_a_target_that_can_be_read_in_two_ways_is_refused(gateway: RunningGateway, target: str) -> None:
    client = await gateway.client()

    answer = await client.ask(get(target))

    assert (answer.status, answer.code) == (400, "ambiguous_target")
    assert gateway.items.visits == []


@pytest.mark.parametrize("target", ["/internal/v1/holds", "/api/v1/internal", "/api/v2/open", "/", "/openapi.json"])
async def test_nothing_but_the_table_is_reached(gateway: RunningGateway, target: str) -> None:
    client = await gateway.client()

    answer = await client.ask(get(target))

    assert (answer.status, answer.code) == (404, "no_such_route")
    assert gateway.items.visits == []


async def test_a_request_hidden_in_a_body_stays_a_body(gateway: RunningGateway) -> None:
    client = await gateway.client()

    await client.ask(post("/api/v1/open", HIDDEN))
    second = await client.ask(get("/api/v1/open"))

    assert second.status == 200
    assert [visit.line for visit in gateway.items.visits] == ["POST /api/v1/open HTTP/1.1", "GET /api/v1/open HTTP/1.1"]
    assert gateway.items.visits[0].body == HIDDEN


async def test_a_chunked_body_goes_on_with_a_length_of_the_gateways_own(gateway: RunningGateway) -> None:
    client = await gateway.client()
    chunked = b"Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nX-Souk-Identity: forged\r\n\r\n"

    answer = await client.ask(POST + chunked)

    visit = gateway.items.visits[0]
    assert answer.status == 200
    assert (visit.body, visit.header("content-length"), visit.header("transfer-encoding")) == (b"hello", "5", None)
    assert visit.header("x-souk-identity") != "forged"


async def test_every_answer_names_its_request(gateway: RunningGateway) -> None:
    client = await gateway.client()

    answer = await client.ask(get("/nowhere", bearer(gateway.token())))

    assert (answer.header("x-request-id") or "?") in answer.body.decode()
