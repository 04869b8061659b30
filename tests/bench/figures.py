"""What is compared with what. The first competitor of a figure is the one that the others are measured by."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from msgspec import Struct

from services.launch.seed.people import PASSWORD
from tests.bench import k6, wrk
from tests.bench.catalogue import products, queries
from tests.bench.filling import log_in
from tests.bench.results import Load
from tests.bench.shops import identify
from tests.bench.stand import Stand

ALL = (1, 8, 32)
_RENEWED_S = 240.0
_ENGINE_WARM_UP_S = 5.0
"""A Java program is slow until its compiler has seen what is asked of it."""
_POPULAR = 50
"""Items that everyone looks at, so that their pages stay in the cache."""
_ADDRESS = {
    "recipient": "Ada Bauer",
    "street": "Lindenstrasse 12",
    "city": "Berlin",
    "postal_code": "10969",
    "country": "DE",
}
_TRADING = (
    "gateway api",
    "items api",
    "items worker",
    "items relay",
    "orders api",
    "orders worker",
    "orders relay",
)


class Competitor(Struct, frozen=True, kw_only=True):
    """One way to get the same done."""

    name: str
    servers: tuple[str, ...]
    """The processes whose time is its own."""
    load: Callable[[int, float], Load]
    """With so many connections, for so many seconds."""


class Figure(Struct, frozen=True, kw_only=True):
    """One question."""

    title: str
    competitors: Sequence[Competitor]
    connections: tuple[int, ...] = ALL
    compared: bool = True
    """Whether all do the same."""
    warm_up_s: float = 1.0
    """Of load for each competitor before it is measured."""
    settle_s: float = 0.0
    """Work that goes on after the answers is waited for this long, so that it is counted."""


Draw = Callable[[Stand], Figure]


class Tickets:
    """The buyers' access tokens, renewed well before they end, and not while a sample is taken if it can be helped."""

    def __init__(self, stand: Stand) -> None:
        self._stand = stand
        self._tokens: tuple[str, ...] = ()
        self._since = float("-inf")

    def current(self) -> tuple[str, ...]:
        """In the buyers' order."""
        if time.monotonic() - self._since > _RENEWED_S:
            self._tokens = log_in(self._stand.origins.gateway, self._stand.shop.buyers)
            self._since = time.monotonic()
        return self._tokens


def _reads(
    stand: Stand, name: str, origin: str, paths: Sequence[str], servers: tuple[str, ...], *, audience: str | None = None
) -> Competitor:
    def load(connections: int, seconds: float) -> Load:
        fields = {} if audience is None else identify(stand.keys, audience)
        return wrk.read(origin, paths, connections=connections, seconds=seconds, fields=fields, folder=stand.folder)

    return Competitor(name=name, servers=servers, load=load)


def _listing(stand: Stand) -> Figure:
    at, both = stand.origins, ("gateway api", "items api")
    return Figure(
        title="Catalogue list of 20",
        competitors=(
            _reads(stand, "bare shop", at.bare, ["/items"], ("bare",)),
            _reads(stand, "bare shop on uvicorn", at.bare_on_uvicorn, ["/items"], ("bare_on_uvicorn",)),
            _reads(stand, "items", at.items, ["/api/v1/items"], ("items api",), audience="items"),
            _reads(stand, "gateway, not cached", at.gateway, ["/api/v1/items?n={n}"], both),
            _reads(stand, "gateway, cached", at.gateway, ["/api/v1/items"], both),
        ),
    )


def _item(stand: Stand) -> Figure:
    at, ids, both = stand.origins, stand.shop.item_ids, ("gateway api", "items api")
    bare = [f"/items/{product.number}" for product in products()]
    paths = [f"/api/v1/items/{item_id}" for item_id in ids]
    pages = [f"/api/v1/pages/items/{item_id}" for item_id in ids]
    return Figure(
        title="One item",
        competitors=(
            _reads(stand, "bare shop", at.bare, bare, ("bare",)),
            _reads(stand, "items", at.items, paths, ("items api",), audience="items"),
            _reads(stand, "gateway, not cached", at.gateway, [f"{path}?n={{n}}" for path in paths], both),
            _reads(stand, "gateway, cached", at.gateway, paths[:_POPULAR], both),
            _reads(
                stand, "item page, not cached", at.gateway, [f"{page}?n={{n}}" for page in pages], (*both, "users api")
            ),
            _reads(stand, "item page, cached", at.gateway, pages[:_POPULAR], (*both, "users api")),
        ),
    )


def _search(stand: Stand) -> Figure:
    at, both = stand.origins, ("gateway api", "items api")
    texts = [query.replace(" ", "+") for query in queries()]
    bare = [f"/search?text={text}" for text in texts]
    paths = [f"/api/v1/search?text={text}" for text in texts]
    return Figure(
        title="Search",
        warm_up_s=_ENGINE_WARM_UP_S,
        competitors=(
            _reads(stand, "bare shop", at.bare, bare, ("bare",)),
            _reads(stand, "items", at.items, paths, ("items api",), audience="items"),
            _reads(
                stand,
                "items, engine asked each time",
                at.items_uncached,
                paths,
                ("items without cache", "elasticsearch"),
                audience="items",
            ),
            _reads(stand, "gateway, not cached", at.gateway, [f"{path}&n={{n}}" for path in paths], both),
            _reads(stand, "gateway, cached", at.gateway, paths, both),
        ),
    )


def _login(stand: Stand) -> Figure:
    facts = {"origin": stand.origins.gateway, "emails": stand.shop.buyers, "password": PASSWORD}

    def load(connections: int, seconds: float) -> Load:
        return k6.travel("login.js", connections=connections, seconds=seconds, facts=facts, folder=stand.folder)

    servers = ("gateway api", "auth api", "auth relay", "auth worker")
    return Figure(title="Log-in", competitors=(Competitor(name="gateway", servers=servers, load=load),), settle_s=0.5)


def _checkout(stand: Stand) -> Figure:
    skus, tickets = [product.sku for product in products()], Tickets(stand)

    def bare(connections: int, seconds: float) -> Load:
        facts = {"origin": stand.origins.bare, "products": len(skus), "address": _ADDRESS}
        return k6.travel("bare_checkout.js", connections=connections, seconds=seconds, facts=facts, folder=stand.folder)

    def souk(connections: int, seconds: float) -> Load:
        facts = {"origin": stand.origins.gateway, "skus": skus, "tokens": tickets.current(), "address": _ADDRESS}
        return k6.travel("checkout.js", connections=connections, seconds=seconds, facts=facts, folder=stand.folder)

    return Figure(
        title="Full checkout",
        competitors=(
            Competitor(name="bare shop", servers=("bare",), load=bare),
            Competitor(name="gateway", servers=_TRADING, load=souk),
        ),
        settle_s=1.0,
    )


def _proxy(stand: Stand) -> Figure:
    at, own, tickets = stand.origins, ("gateway as proxy",), Tickets(stand)
    path = "/api/v1/sellers/anyone"

    def asked_by_user(connections: int, seconds: float) -> Load:
        fields = {"Authorization": f"Bearer {tickets.current()[0]}"}
        return wrk.read(
            at.stub_gateway, [path], connections=connections, seconds=seconds, fields=fields, folder=stand.folder
        )

    return Figure(
        title="1 KB of JSON through a proxy",
        competitors=(
            _reads(stand, "nginx", at.nginx, [path], ("nginx",)),
            _reads(stand, "directly", at.stub, [path], ("stub",)),
            Competitor(name="gateway", servers=own, load=asked_by_user),
            _reads(stand, "gateway, cached", at.stub_gateway, ["/api/v1/items"], own),
        ),
    )


def _two(stand: Stand) -> Figure:
    at, path = stand.origins, ["/api/v1/sellers/anyone"]
    labels = ("gateway as proxy", "second gateway as proxy")

    def load(connections: int, seconds: float) -> Load:
        return _both(
            [_reads(stand, "", origin, path, ()).load for origin in (at.stub_gateway, at.second_stub_gateway)],
            connections // 2,
            seconds,
        )

    return Figure(
        title="Two processes of the gateway",
        competitors=(
            _reads(stand, "one gateway", at.stub_gateway, path, labels[:1]),
            Competitor(name="two gateways", servers=labels, load=load),
        ),
        connections=(32,),
    )


def _both(loads: Sequence[Callable[[int, float], Load]], connections: int, seconds: float) -> Load:
    """Side by side, added up; of the latencies the worse."""
    with ThreadPoolExecutor() as pool:
        seen = [one.result() for one in [pool.submit(load, connections, seconds) for load in loads]]
    return Load(
        done=sum(one.done for one in seen),
        failed=sum(one.failed for one in seen),
        seconds=max(one.seconds for one in seen),
        p50_ms=max(one.p50_ms for one in seen),
        p99_ms=max(one.p99_ms for one in seen),
    )


FIGURES: Mapping[str, Draw] = {
    "list": _listing,
    "item": _item,
    "search": _search,
    "login": _login,
    "checkout": _checkout,
    "proxy": _proxy,
    "two": _two,
}
