"""Fills Souk through its own API: staff, sellers with the catalogue, buyers; and waits until everyone knows of it."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import msgspec
from msgspec import Struct

from services.chassis.wire.origin import read_origin
from services.chassis.wire.upstream import TcpUpstream
from services.launch.seed.people import PASSWORD, STAFF_EMAIL
from services.launch.seed.visitor import Tokens, UnexpectedReply, Visitor
from tests.bench.catalogue import CATEGORY, Product, products, queries, sheet

SELLERS = 5
BUYERS = 64
_PATIENCE_S = 120.0
_POLL_S = 0.1
_PAGE_MOST = 100
_LIMITS = ("credentials", "search", "checkout")
"""Those that have no setting."""
_EVERY_LIMIT = (*_LIMITS, "address", "user", "key")


class Shop(Struct, frozen=True, kw_only=True):
    """What there is to ask for."""

    item_ids: tuple[UUID, ...]
    buyers: tuple[str, ...]
    """Their mail addresses; all have the same password."""


class _Seller(Struct, frozen=True):
    id: UUID
    version: int


class _Import(Struct, frozen=True):
    id: UUID
    finished_at: str | None
    faulty: int


class _Card(Struct, frozen=True):
    id: UUID


class _Cards(Struct, frozen=True):
    items: list[_Card]
    next: str | None


class _Found(Struct, frozen=True):
    total: int | None


def fill(origin: str, *, buyers: int) -> Shop:
    """`origin` is the gateway's; the staff account is there from auth's settings."""
    return asyncio.run(_fill(origin, buyers))


async def _fill(origin: str, buyers: int) -> Shop:
    gateway = TcpUpstream(read_origin(origin))
    try:
        staff = Visitor(gateway, name="staff")
        await staff.log_in(STAFF_EMAIL, PASSWORD)
        await _lift_limits(staff, _LIMITS)
        await staff.do("POST", "/api/v1/staff/categories", {"slug": CATEGORY, "name": "Everything", "parent": None})
        emails = tuple(f"buyer{number}@bench.example" for number in range(buyers))
        for email in emails:
            await _make_user(staff, email)
        listed = list(products())
        share = len(listed) // SELLERS
        for number in range(SELLERS):
            await _sell(gateway, staff, number, listed[number * share : (number + 1) * share])
        await _until_found(staff, len(listed))
        return Shop(item_ids=tuple(await _item_ids(staff)), buyers=emails)
    finally:
        await gateway.close()


def lift_limits(origin: str, email: str, password: str) -> None:
    """Every limit of the gateway far out of reach, by a member of staff; they are counted all the same."""
    asyncio.run(_lift(origin, email, password))


async def _lift(origin: str, email: str, password: str) -> None:
    gateway = TcpUpstream(read_origin(origin))
    staff = Visitor(gateway, name="staff")
    try:
        await staff.log_in(email, password)
        await _lift_limits(staff, _EVERY_LIMIT)
    finally:
        await gateway.close()


async def _lift_limits(staff: Visitor, names: Sequence[str]) -> None:
    for name in names:
        unlimited = {"name": name, "burst": 10_000_000, "per_s": 1}
        await staff.do("PUT", "/api/v1/gateway/overrides/limits", unlimited)


async def _make_user(staff: Visitor, email: str) -> None:
    account = {"email": email, "display_name": email, "password": PASSWORD, "roles": ["buyer"]}
    await staff.do("POST", "/api/v1/auth/users", account)


async def _sell(gateway: TcpUpstream, staff: Visitor, number: int, some: list[Product]) -> None:
    email = f"seller{number}@bench.example"
    await _make_user(staff, email)
    seller = Visitor(gateway, name=email)
    await seller.log_in(email, PASSWORD)
    application = {"name": f"Workshop {number}", "slug": f"workshop-{number}", "country": "DE", "about": "Sells."}
    applied = await _patient(seller, "POST", "/api/v1/sellers", _Seller, application)
    await staff.do("POST", f"/api/v1/staff/sellers/{applied.id}/approve", {"version": applied.version})
    async with asyncio.timeout(_PATIENCE_S):
        while (await seller.send("GET", "/api/v1/seller/items")).status != 200:
            await asyncio.sleep(_POLL_S)
            await seller.log_in(email, PASSWORD)
    reply = await seller.send("POST", "/api/v1/seller/imports", sheet(some), media_type="application/jsonl")
    begun = msgspec.json.decode(reply.body, type=_Import)
    async with asyncio.timeout(_PATIENCE_S):
        while begun.finished_at is None:
            await asyncio.sleep(_POLL_S)
            begun = await seller.ask("GET", f"/api/v1/seller/imports/{begun.id}", _Import)
    if begun.faulty:
        raise UnexpectedReply(f"{begun.faulty} of {len(some)} items were not taken in")


async def _patient(visitor: Visitor, method: str, path: str, answer: type[_Seller], body: object) -> _Seller:
    """A profile is made when the news of the account has arrived."""
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            try:
                return await visitor.ask(method, path, answer, body)
            except UnexpectedReply:
                await asyncio.sleep(_POLL_S)


async def _until_found(visitor: Visitor, total: int) -> None:
    """Searches know of every item."""
    async with asyncio.timeout(_PATIENCE_S):
        while (await visitor.ask("GET", "/api/v1/search", _Found)).total != total:  # noqa: ASYNC110 - another process.
            await asyncio.sleep(_POLL_S)
    for query in queries():
        await visitor.do("GET", f"/api/v1/search?text={query.replace(' ', '+')}")


async def _item_ids(visitor: Visitor) -> list[UUID]:
    ids: list[UUID] = []
    target = f"/api/v1/items?limit={_PAGE_MOST}"
    while True:
        page = await visitor.ask("GET", target, _Cards)
        ids += [card.id for card in page.items]
        if page.next is None:
            return ids
        target = f"/api/v1/items?limit={_PAGE_MOST}&cursor={page.next}"


def log_in(origin: str, emails: tuple[str, ...]) -> tuple[str, ...]:
    """An access token for each, good for 10 minutes."""
    return asyncio.run(_log_in(origin, emails))


async def _log_in(origin: str, emails: tuple[str, ...]) -> tuple[str, ...]:
    gateway = TcpUpstream(read_origin(origin))
    visitor = Visitor(gateway, name="buyers")
    try:
        return tuple([await _token(visitor, email) for email in emails])
    finally:
        await gateway.close()


async def _token(visitor: Visitor, email: str) -> str:
    credentials = {"email": email, "password": PASSWORD}
    return (await visitor.ask("POST", "/api/v1/auth/login", Tokens, credentials)).access_token
