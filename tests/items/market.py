"""The whole items service in process, with time in the test's hand, and everybody who uses it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct
from prometheus_client import CollectorRegistry

from services.chassis.cache.memory import MemoryCache
from services.chassis.database import Database
from services.chassis.http.health import Health
from services.chassis.identity.keys import KeyRing, make_key
from services.chassis.ids import uuid7
from services.chassis.outbox.relay import Relay
from services.chassis.peers import Peers
from services.chassis.search.port import SearchIndex
from services.chassis.service import Platform, Service
from services.chassis.telemetry.metrics import Metrics
from services.chassis.telemetry.traces import Traces
from services.chassis.wire.upstream import AsgiUpstream
from services.contracts.items import Hold, HoldLine, PlaceHold
from services.contracts.message import Event, Message
from services.contracts.users import SellerApproved, SellerSuspended
from services.items.app import build
from services.items.domain.items import Item
from services.items.settings import Settings
from services.launch.roles import app_of
from tests.chassis.asker import Answer, Asker
from tests.chassis.fake_bus import FakeBus

Shape = TypeVar("Shape", bound=Struct)

SELLER = UUID(int=1)
OWNER = UUID(int=2)
OTHER_SELLER = UUID(int=3)
OTHER_OWNER = UUID(int=4)
CLERK = UUID(int=5)


class HandClock:
    """Stands still unless it is moved on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(kw_only=True)
class Market:
    """What a test holds in its hands."""

    database: Database
    service: Service
    asker: Asker
    clock: HandClock
    bus: FakeBus
    relay: Relay
    metrics: Metrics
    versions: int = 0

    async def ask(
        self,
        method: str,
        target: str,
        body: object = None,
        *,
        token: str | None = None,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        as_: str = "visitor",
    ) -> Answer:
        """`as_` is visitor, seller, other seller, staff, buyer or orders."""
        sent = raw if raw is not None else (b"" if body is None else msgspec.json.encode(body))
        return await self.asker.ask(method, target, sent, token=token or self.token(as_, sent), headers=headers)

    def token(self, as_: str, body: bytes = b"") -> str:
        match as_:
            case "seller":
                return self.asker.identity(user=OWNER, roles=frozenset({"buyer", "seller"}), body=body)
            case "other seller":
                return self.asker.identity(user=OTHER_OWNER, roles=frozenset({"buyer", "seller"}), body=body)
            case "staff":
                return self.asker.identity(user=CLERK, roles=frozenset({"staff"}), body=body)
            case "buyer":
                return self.asker.identity(user=UUID(int=9), roles=frozenset({"buyer"}), body=body)
            case "orders":
                return self.asker.identity(caller="orders", body=body)
            case _:
                return self.asker.identity(body=body)

    async def hear(self, event: Event, *, version: int | None = None) -> None:
        """As the worker would, from the bus."""
        self.versions += 1
        message = Message(
            event_id=uuid7(),
            kind=event.kind,
            schema_version=1,
            aggregate_id="-",
            aggregate_version=self.versions if version is None else version,
            occurred_at=self.clock(),
            payload=msgspec.json.encode(event),
            headers={},
        )
        await self.deliver(message)

    async def deliver(self, message: Message) -> None:
        by_kind = {subscription.kind: subscription.apply for subscription in self.service.subscriptions}
        async with self.database.unit() as unit:
            await by_kind[message.kind](unit, message)

    async def settle(self) -> list[Message]:
        """Publish what there is to publish, hear what items hears of itself, and index it; what was published."""
        seen = len(self.bus.messages)
        await self.relay.drain()
        published = self.bus.messages[seen:]
        for message in published:
            await self.deliver(message)
        await self.run("follow_catalogue")
        return published

    async def run(self, timer: str) -> None:
        await next(one for one in self.service.timers if one.name == timer).run()

    async def open(self) -> None:
        """Two sellers, and a small tree of categories."""
        await self.service.start()
        await self.hear(
            SellerApproved(seller_id=SELLER, owner_id=OWNER, name="Clay & Ember", slug="clay-and-ember"), version=1
        )
        await self.hear(
            SellerApproved(seller_id=OTHER_SELLER, owner_id=OTHER_OWNER, name="North Loom", slug="north-loom"),
            version=1,
        )
        for slug, parent in (("home", None), ("kitchen", "home"), ("mugs", "kitchen"), ("garden", None)):
            await self.ask(
                "POST",
                "/api/v1/staff/categories",
                {"slug": slug, "name": slug.title(), "parent": parent},
                as_="staff",
            )

    async def suspend(self) -> None:
        await self.hear(SellerSuspended(seller_id=SELLER, owner_id=OWNER, reason="late"), version=2)

    async def approve_again(self, *, name: str = "Clay & Ember") -> None:
        event = SellerApproved(seller_id=SELLER, owner_id=OWNER, name=name, slug="clay-and-ember")
        await self.hear(event, version=3)

    async def draft(self, title: str = "Blue Mug", *, as_: str = "seller", **fields: object) -> Item:
        body = {"title": title, "currency": "EUR", "description": "Holds tea.", "category": "mugs", **fields}
        return read(await self.ask("POST", "/api/v1/seller/items", body, as_=as_), Item)

    async def add_variant(
        self, item: Item, sku: str, *, on_hand: int = 10, price_minor: int = 1900, as_: str = "seller", **fields: object
    ) -> Item:
        variant = {"sku": sku, "price": {"minor": price_minor, "currency": item.currency}, **fields}
        body = {"variant": variant, "version": item.version, "on_hand": on_hand}
        return read(await self.ask("POST", f"/api/v1/seller/items/{item.id}/variants", body, as_=as_), Item)

    async def publish(self, item: Item, *, as_: str = "seller") -> Item:
        body = {"version": item.version}
        return read(await self.ask("POST", f"/api/v1/seller/items/{item.id}/publish", body, as_=as_), Item)

    async def sell(
        self,
        title: str,
        sku: str,
        *,
        on_hand: int = 10,
        price_minor: int = 1900,
        as_: str = "seller",
        **fields: object,
    ) -> Item:
        """Drafted, priced, stocked and published."""
        self.clock.pass_by(1)
        drafted = await self.draft(title, as_=as_, **fields)
        return await self.publish(
            await self.add_variant(drafted, sku, on_hand=on_hand, price_minor=price_minor, as_=as_), as_=as_
        )

    async def hold(
        self, lines: Mapping[str, int], *, hold_id: UUID | None = None, lasts_s: float = 900
    ) -> tuple[UUID, Answer]:
        wanted = PlaceHold(
            hold_id=hold_id or uuid7(),
            lines=[HoldLine(sku=sku, quantity=quantity) for sku, quantity in lines.items()],
            expires_at=self.clock() + timedelta(seconds=lasts_s),
        )
        return wanted.hold_id, await self.ask("POST", "/internal/v1/holds", wanted, as_="orders")

    async def settle_hold(self, hold_id: UUID, how: str) -> Answer:
        """`how` is commit or release."""
        return await self.ask("POST", f"/internal/v1/holds/{hold_id}/{how}", as_="orders")

    async def level(self, sku: str) -> tuple[int, int, int]:
        """On hand, reserved, version."""
        answer = await self.ask("GET", f"/api/v1/seller/stock/{sku}", as_="seller")
        level = msgspec.json.decode(answer.body, type=dict[str, object])
        return int(str(level["on_hand"])), int(str(level["reserved"])), int(str(level["version"]))


def read(answer: Answer, shape: type[Shape]) -> Shape:
    """The answer, which must be good."""
    assert answer.status < 300, answer.body
    return msgspec.json.decode(answer.body, type=shape)


def held(answer: Answer) -> Hold:
    return read(answer, Hold)


def code(answer: Answer) -> tuple[int, str]:
    """Status and problem code of a refusal."""
    return answer.status, str(answer.json()["code"])


def open_market(database: Database, folder: Path, clock: HandClock, index: SearchIndex) -> Market:
    """Wired as in production, but for the bus, which only remembers."""
    asker = Asker(folder / "gateway", audience="items", clock=clock)
    make_key(folder / "keys")
    keys = KeyRing(folder / "keys")
    metrics = Metrics(CollectorRegistry())
    bus = FakeBus()
    platform = Platform(
        database=database,
        bus=bus,
        cache=MemoryCache(clock=clock),
        peers=Peers(AsgiUpstream(nobody), service="items", keys=keys, clock=clock, ids=uuid7),
        identities=asker.check,
        keys=keys,
        clock=clock,
        ids=uuid7,
        metrics=metrics,
        traces=Traces(),
    )
    service = build(settings(folder), platform, index=index)
    asker.app = app_of(service, platform, Health({}))
    return Market(
        database=database,
        service=service,
        asker=asker,
        clock=clock,
        bus=bus,
        relay=Relay(database, bus, service="items", clock=clock, metrics=metrics),
        metrics=metrics,
    )


async def nobody(_scope: object, _receive: object, _send: object) -> None:
    """Items asks no other service."""
    raise AssertionError("items asked another service")


def settings(folder: Path) -> Settings:
    return Settings(
        database_url="sqlite://",
        keys_dir=folder / "keys",
        bus_url="sqlite://",
        gateway_internal_url="http://gateway",
        search_url=f"sqlite:///{folder}/search.db",
        search_filters="colour,size",
        search_cache_s=0,
    )
