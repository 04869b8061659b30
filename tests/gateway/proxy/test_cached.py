"""Public reads that are answered from the cache, and what may never get into it."""

import asyncio
from datetime import UTC, datetime

import pytest

from services.chassis.identity.tokens import IdentityClaims, verify
from services.gateway.domain.routes import READS, Caching, Route
from tests.chassis.wire.origin import Visit
from tests.gateway.running import RunningGateway, bearer, get

pytestmark = pytest.mark.embedded

SHELF = "/api/v1/shelf/7"


class Shelf:
    """Counts, and tells the count."""

    def __init__(self, *fields: bytes, status: bytes = b"200 OK", delay_s: float = 0.0) -> None:
        self.fields = b"".join(field + b"\r\n" for field in fields)
        self.status = status
        self.delay_s = delay_s
        self.asked = 0

    async def __call__(self, visit: Visit) -> None:
        self.asked += 1
        body = b"%d" % self.asked
        await asyncio.sleep(self.delay_s)
        head = b"HTTP/1.1 %b\r\ncontent-length: %d\r\n%b\r\n" % (self.status, len(body), self.fields)
        await visit.send(head + (b"" if "HEAD" in visit.line else body))


async def test_a_public_read_is_asked_of_the_service_once(gateway: RunningGateway) -> None:
    gateway.items.answer = shelf = Shelf()
    client = await gateway.client()

    first = await client.ask(get(SHELF))
    second = await client.ask(get(SHELF))

    assert (first.body, second.body, shelf.asked) == (b"1", b"1", 1)
    assert second.header("cache-control") == "public, no-cache"
    assert first.header("etag") == second.header("etag") is not None
    assert first.header("x-request-id") != second.header("x-request-id")


async def test_a_client_that_has_it_is_told_so(gateway: RunningGateway) -> None:
    gateway.items.answer = Shelf()
    client = await gateway.client()
    etag = (await client.ask(get(SHELF))).header("etag")

    same = await client.ask(get(SHELF, f'If-None-Match: "other", W/{etag}'))
    other = await client.ask(get(SHELF, 'If-None-Match: "other"'))

    assert (same.status, same.body, other.status) == (304, b"", 200)


async def test_a_client_cannot_choose_what_others_are_told(gateway: RunningGateway) -> None:
    client = await gateway.client()

    await client.ask(get(SHELF, "Accept: text/html", "X-Original-Url: /evil", "Accept-Language: de", "X-Cart-Token: 1"))

    visit = gateway.items.visits[0]
    assert visit.header("accept") == "application/json"
    assert [visit.header(name) for name in ("x-original-url", "accept-language", "x-cart-token")] == [None] * 3


async def test_a_header_said_twice_does_not_pass_for_one(stopped: RunningGateway) -> None:
    caching = Caching(ttl_s=60, tags=(), vary=("accept-language",))
    await stopped.start([Route(path="/api/v1/shelf", methods=READS, service="items", cache=caching)])
    stopped.items.answer = Shelf()
    client = await stopped.client()

    twice = await client.ask(get("/api/v1/shelf", "Accept-Language: de", "Accept-Language: en"))
    once = await client.ask(get("/api/v1/shelf", "Accept-Language: en"))

    assert (twice.body, once.body) == (b"1", b"2")


async def test_a_client_that_has_something_is_not_answered_from_what_it_alone_has(gateway: RunningGateway) -> None:
    gateway.items.answer = Shelf()
    client = await gateway.client()

    await client.ask(get(SHELF, 'If-None-Match: "mine"', "Range: bytes=0-0"))

    assert gateway.items.visits[0].header("if-none-match") is None
    assert gateway.items.visits[0].header("range") is None


async def test_head_is_answered_from_the_same_entry(gateway: RunningGateway) -> None:
    gateway.items.answer = shelf = Shelf()
    client = await gateway.client()

    head = await client.ask(get(SHELF, method="HEAD"), head_only=True)
    whole = await client.ask(get(SHELF))

    assert (head.header("content-length"), whole.body, shelf.asked) == ("1", b"1", 1)


async def test_the_service_is_not_told_who_asks_for_what_everyone_gets(gateway: RunningGateway) -> None:
    client = await gateway.client()

    await client.ask(get(SHELF, bearer(gateway.token())))

    now = datetime.fromtimestamp(gateway.clock(), UTC)
    token = gateway.items.visits[0].header("x-souk-identity") or ""
    publics = gateway.keys.publics()
    claims = verify(token, IdentityClaims, issuer="souk-gateway", audience="items", keys=publics, now=now)
    assert (claims.sub, claims.roles) == (None, frozenset())


async def test_a_bad_token_is_refused_even_where_the_answer_is_at_hand(gateway: RunningGateway) -> None:
    client = await gateway.client()
    await client.ask(get(SHELF))

    answer = await client.ask(get(SHELF, bearer("x.y.z")))

    assert answer.status == 401


@pytest.mark.parametrize(
    "shelf",
    [
        Shelf(b"cache-control: no-store"),
        Shelf(b"cache-control: max-age=9, Private"),
        Shelf(b"set-cookie: a=b"),
        Shelf(b"vary: *"),
        Shelf(b"vary: accept-language"),
        Shelf(status=b"404 Not Found"),
        Shelf(status=b"500 Oops"),
    ],
)
async def test_what_is_not_for_everyone_is_not_kept(gateway: RunningGateway, shelf: Shelf) -> None:
    gateway.items.answer = shelf
    shelf.asked = 0
    client = await gateway.client()

    bodies = [(await client.ask(get(SHELF))).body for _ in range(2)]

    assert bodies == [b"1", b"2"]


async def test_queries_and_named_headers_tell_answers_apart(stopped: RunningGateway) -> None:
    caching = Caching(ttl_s=60, tags=(), vary=("accept-language",))
    await stopped.start([Route(path="/api/v1/shelf", methods=READS, service="items", cache=caching)])
    stopped.items.answer = Shelf(b"vary: Accept-Language, Accept-Encoding")
    client = await stopped.client()
    asks = [("/api/v1/shelf", "de"), ("/api/v1/shelf", "en"), ("/api/v1/shelf?a=1", "en"), ("/api/v1/shelf", "de")]

    bodies = [(await client.ask(get(target, f"Accept-Language: {language}"))).body for target, language in asks]

    assert bodies == [b"1", b"2", b"3", b"1"]


async def test_many_who_ask_at_once_wait_for_one_answer(gateway: RunningGateway) -> None:
    gateway.items.answer = shelf = Shelf(delay_s=0.05)
    clients = [await gateway.client() for _ in range(50)]

    for client in clients:
        await client.send(get(SHELF))
    bodies = {(await client.answer()).body for client in clients}

    assert (bodies, shelf.asked) == ({b"1"}, 1)


async def test_those_who_wait_are_answered_when_the_first_leaves(gateway: RunningGateway) -> None:
    gateway.items.answer = shelf = Shelf(delay_s=0.1)
    first, second = await gateway.client(), await gateway.client()
    await first.send(get(SHELF))
    await asyncio.sleep(0.02)
    await second.send(get(SHELF))
    await asyncio.sleep(0.02)

    first.close()

    assert ((await second.answer()).body, shelf.asked) == (b"1", 1)


async def test_those_who_wait_for_what_is_not_for_everyone_ask_themselves(gateway: RunningGateway) -> None:
    gateway.items.answer = shelf = Shelf(b"cache-control: private", delay_s=0.05)
    clients = [await gateway.client() for _ in range(3)]

    for client in clients:
        await client.send(get(SHELF))
    bodies = sorted([(await client.answer()).body for client in clients])

    assert (bodies, shelf.asked) == ([b"1", b"2", b"3"], 3)


async def test_those_who_wait_share_a_failure(gateway: RunningGateway) -> None:
    async def die(visit: Visit) -> None:
        await asyncio.sleep(0.05)
        visit.hang_up()

    gateway.items.answer = die
    clients = [await gateway.client() for _ in range(10)]

    for client in clients:
        await client.send(get(SHELF))

    assert {(await client.answer()).status for client in clients} == {502}
    assert len(gateway.items.visits) == 2


async def test_a_purge_forgets_what_is_made_of_its_tag_and_nothing_else(gateway: RunningGateway) -> None:
    gateway.items.answer = Shelf(b"x-souk-tags: seller:1")
    client = await gateway.client()
    for target in (SHELF, "/api/v1/shelf/8"):
        await client.ask(get(target))

    by_name = gateway.gate.reading.cache.purge(["item:7"])
    bodies = [(await client.ask(get(target))).body for target in (SHELF, "/api/v1/shelf/8")]
    by_service = gateway.gate.reading.cache.purge(["seller:1"])

    assert (by_name, bodies, by_service) == (1, [b"3", b"2"], 2)


async def test_an_answer_that_was_under_way_during_a_purge_is_not_kept(gateway: RunningGateway) -> None:
    gateway.items.answer = shelf = Shelf(delay_s=0.05)
    client = await gateway.client()
    await client.send(get(SHELF))
    await asyncio.sleep(0.02)

    gateway.gate.reading.cache.purge(["item:7"])
    await client.answer()
    again = await client.ask(get(SHELF))

    assert (again.body, shelf.asked) == (b"2", 2)


async def test_an_answer_too_large_to_keep_passes_all_the_same(gateway: RunningGateway) -> None:
    large = b"x" * 400_000

    async def generous(visit: Visit) -> None:
        await visit.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        for start in range(0, len(large), 50_000):
            await visit.send(b"%x\r\n%b\r\n" % (50_000, large[start : start + 50_000]))
        await visit.send(b"0\r\n\r\n")

    gateway.items.answer = generous
    client = await gateway.client()

    bodies = [(await client.ask(get(SHELF))).body for _ in range(2)]

    assert bodies == [large, large]
    assert len(gateway.items.visits) == 2
