"""A whole orders service on one database, between a fake of items and a fake provider, with a clock moved by hand."""

from collections import Counter as Tally
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid5

import msgspec
from litestar.types import ASGIApp
from prometheus_client import CollectorRegistry
from sqlalchemy import func, select

from services.chassis.cache.memory import MemoryCache
from services.chassis.database import Database, open_database
from services.chassis.http.app import build_app
from services.chassis.http.health import Health
from services.chassis.identity.keys import KeyRing, make_key
from services.chassis.ids import uuid7
from services.chassis.outbox.idempotency import Claim, claim
from services.chassis.outbox.tables import JOURNAL
from services.chassis.peers import Peers
from services.chassis.service import Platform
from services.chassis.telemetry.metrics import Metrics
from services.chassis.telemetry.traces import Traces
from services.chassis.wire.port import Call, Reply
from services.contracts.items import Offer
from services.contracts.money import Money
from services.contracts.users import Address
from services.orders.actions import carts as cart_actions
from services.orders.actions import fulfilment
from services.orders.actions.checkout import place
from services.orders.actions.fail_points import FailPoint, Fails, nothing_fails
from services.orders.actions.recording import ROUTE
from services.orders.api import HANDLERS
from services.orders.api.counter import Counter
from services.orders.app import open_counter
from services.orders.clients import AddressMissing
from services.orders.domain.carts import Cart
from services.orders.domain.checkouts import Group
from services.orders.domain.opening import Purchase
from services.orders.settings import Settings
from services.orders.store import carts, checkouts, offers, orders
from services.orders.tables import CHECKOUTS, LEDGER
from tests.chassis.asker import Asker
from tests.chassis.clocks import HandClock
from tests.chassis.fake_bus import FakeBus
from tests.orders.fake_items import FakeItems
from tests.orders.fake_provider import FakeProvider

OUTBOX = JOURNAL.outbox
NAMES = UUID("00000000-0000-7000-8000-000000000000")
ANNA, BEN = uuid5(NAMES, "anna"), uuid5(NAMES, "ben")
POTTER, WEAVER = uuid5(NAMES, "potter"), uuid5(NAMES, "weaver")
"""Sellers."""
POTTER_OWNER, WEAVER_OWNER = uuid5(NAMES, "potter's owner"), uuid5(NAMES, "weaver's owner")
HOME = Address(recipient="Anna", street="Hauptstrasse 1", city="Bern", postal_code="3000", country="CH")


def offer(sku: str, price_minor: int, seller_id: UUID = POTTER, *, currency: str = "EUR") -> Offer:
    return Offer(
        sku=sku,
        item_id=uuid5(NAMES, sku),
        seller_id=seller_id,
        title=f"The {sku}",
        price=Money(minor=price_minor, currency=currency),
        tax_rate_bp=1900,
    )


class NoGateway:
    async def call(self, call: Call, *, timeout_s: float, max_bytes: int = 0) -> Reply:  # noqa: ARG002 - the port's.
        raise AssertionError(f"orders asked {call.target} over the wire")

    async def close(self) -> None: ...


class FakeUsers:
    async def of_user(self, user_id: UUID, address_id: UUID) -> Address:
        if (user_id, address_id) != (ANNA, ANNA):
            raise AddressMissing("no such address")
        return HOME


class Market:
    def __init__(self, database: Database, clock: HandClock, items: FakeItems, provider: FakeProvider) -> None:
        self.database = database
        self.clock = clock
        self.items = items
        self.provider = provider
        self.crash: Fails = nothing_fails
        self._opened: tuple[Platform, Counter, Asker] | None = None

    @property
    def counter(self) -> Counter:
        assert self._opened is not None
        return self._opened[1]

    @property
    def asker(self) -> Asker:
        """The service's application behind its HTTP face, put together when it is first asked for."""
        assert self._opened is not None
        platform, counter, asker = self._opened
        if asker.app is None:
            asker.app = app_on(platform, counter)
        return asker

    def open(self, platform: Platform, counter: Counter, asker: Asker) -> None:
        self._opened = (platform, counter, asker)

    def fails(self, point: FailPoint) -> None:
        self.crash(point)

    async def sell(self, *sold: Offer, on_hand: int = 10) -> None:
        """In stock at items, and copied."""
        for one in sold:
            self.items.stock(one, on_hand)
            async with self.database.unit() as unit:
                await offers.replace_of_item(unit, one.item_id, 1, [one])

    async def reprice(self, changed: Offer) -> None:
        """Items told of another price, and the copy is up to date."""
        self.items.on_sale[changed.sku] = changed
        async with self.database.unit() as unit:
            await offers.replace_of_item(unit, changed.item_id, 2, [changed])

    async def found_seller(self, seller_id: UUID, owner_id: UUID) -> None:
        async with self.database.unit() as unit:
            await offers.keep_seller(unit, seller_id, owner_id, suspended=False, version=1)

    async def told(self, kind: str) -> list[dict[str, object]]:
        """What was announced under that name, oldest first."""
        query = select(OUTBOX.c.payload).where(OUTBOX.c.kind == kind).order_by(OUTBOX.c.seq)
        async with self.database.reading() as connection:
            payloads = (await connection.execute(query)).scalars().all()
        return [msgspec.json.decode(payload, type=dict[str, object]) for payload in payloads]

    async def cart(self, buyer: UUID = ANNA, **quantities: int) -> Cart:
        quoted = await cart_actions.quote(self.database, self.items, quantities)
        async with self.database.unit() as unit:
            return cart_actions.create(unit, quantities, quoted, owner_id=buyer, token=None)

    async def begin(self, cart: Cart, *, method: str = "tok_ok", key: str = "key-1") -> Group:
        """The checkout in its rows, with nobody asked yet."""
        buyer = cart.owner_id
        assert buyer is not None
        quoted = await cart_actions.quote(self.database, self.items, [line.sku for line in cart.lines])
        purchase = Purchase(buyer_id=buyer, key=key, address=HOME, provider=self.provider.name, method=method)
        async with self.database.unit() as unit:
            await claim(unit, Claim(actor=str(buyer), route=ROUTE, key=key, fingerprint=b"the body"))
            group = place(unit, cart, quoted, purchase, self.counter.terms)
            self.fails(FailPoint.BEFORE_PLACE)
        self.fails(FailPoint.AFTER_PLACE)
        return group

    async def buy(self, buyer: UUID = ANNA, *, method: str = "tok_ok", key: str = "key-1", **quantities: int) -> Group:
        group = await self.begin(await self.cart(buyer, **quantities), method=method, key=key)
        return await self.counter.saga.drive(group, first=True)

    async def now(self, group: Group) -> Group:
        return await checkouts.get(self.database, group.checkout.id)

    async def end(self, bought: Group) -> None:
        """Every order of it is sent and confirmed."""
        for order in bought.orders:
            async with self.database.unit() as unit:
                locked = await orders.lock(unit, order.id)
                shipped = fulfilment.ship(unit, locked, (), carrier="Post", tracking=None, actor=POTTER_OWNER)
                await fulfilment.confirm_delivery(unit, shipped, actor=bought.checkout.buyer_id)

    async def complete_old(self) -> int:
        async with self.database.unit() as unit:
            return await fulfilment.complete_old(unit)

    async def find_cart(self, cart_id: UUID) -> Cart:
        found = await carts.find(self.database, cart_id)
        assert found is not None
        return found

    async def work(self, *, seconds: float = 3600.0, step: float = 5.0) -> None:
        """The worker's timers for so long, or until nothing is due any more."""
        passed = 0.0
        while passed < seconds:
            await self.counter.saga.drive_due()
            await self.counter.refunding.drive_due()
            if not await self._anything_due():
                return
            self.clock.advance(step)
            passed += step

    async def _anything_due(self) -> bool:
        waiting = CHECKOUTS.c.due_at.is_not(None) & (CHECKOUTS.c.charge_state != "requires_action")
        async with self.database.reading() as connection:
            return (await connection.execute(select(func.count()).where(waiting))).scalar_one() > 0

    async def states(self) -> Tally[str]:
        """How many checkouts are in which state."""
        async with self.database.reading() as connection:
            return Tally((await connection.execute(select(CHECKOUTS.c.state))).scalars())

    async def account(self, name: str) -> int:
        total = select(func.coalesce(func.sum(LEDGER.c.amount_minor), 0)).where(LEDGER.c.account == name)
        async with self.database.reading() as connection:
            return int((await connection.execute(total)).scalar_one())

    async def require_sound_books(self) -> None:
        """The ledger sums to zero and agrees with the provider; nobody's money is locked or charged twice."""
        async with self.database.reading() as connection:
            total = (await connection.execute(select(func.coalesce(func.sum(LEDGER.c.amount_minor), 0)))).scalar_one()
        assert total == 0
        assert await self.account("provider:fake") == self.provider.kept_minor
        assert all(charge.captures <= 1 for charge in self.provider.charges.values())

    async def require_sound_stock(self) -> None:
        """What was sold is what confirmed checkouts hold and was not given back; nothing is held for anybody else."""
        async with self.database.reading() as connection:
            ids = (await connection.execute(select(CHECKOUTS.c.id).where(CHECKOUTS.c.state == "confirmed"))).scalars()
        sold: dict[str, int] = {}
        for checkout_id in ids:
            for order in (await checkouts.get(self.database, checkout_id)).orders:
                for line in order.lines:
                    sold[line.sku] = sold.get(line.sku, 0) + line.quantity - line.refunded_quantity
        assert +self.items.sold == {sku: quantity for sku, quantity in sold.items() if quantity}
        assert not self.items.reserved


def settings(folder: Path, url: str) -> Settings:
    return Settings(database_url=url, keys_dir=folder, bus_url="sqlite:///unused", gateway_internal_url="http://unused")


def platform_on(database: Database, folder: Path, clock: HandClock, asker: Asker) -> Platform:
    make_key(folder)
    keys = KeyRing(folder)
    return Platform(
        database=database,
        bus=FakeBus(),
        cache=MemoryCache(clock=clock),
        peers=Peers(NoGateway(), service="orders", keys=keys, clock=clock, ids=uuid7),
        identities=asker.check,
        keys=keys,
        clock=clock,
        ids=uuid7,
        metrics=Metrics(CollectorRegistry()),
        traces=Traces(),
    )


@asynccontextmanager
async def market_on(url: str, folder: Path) -> AsyncIterator[Market]:
    """Open for business, on a migrated database."""
    clock = HandClock()
    database = open_database(url, clock=clock, ids=uuid7, pool_size=20)
    market = Market(database, clock, FakeItems(clock), FakeProvider(clock))
    asker = Asker(folder / "gateway", audience="orders", clock=clock)
    platform = platform_on(database, folder / "keys", clock, asker)
    counter = open_counter(
        settings(folder / "keys", url),
        platform,
        provider=market.provider,
        stock=market.items,
        addresses=FakeUsers(),
        fails=market.fails,
    )
    market.open(platform, counter, asker)
    try:
        yield market
    finally:
        await database.close()


def app_on(platform: Platform, counter: Counter) -> ASGIApp:
    health = Health({"database": platform.database.ping})
    health.started = True
    return build_app(
        "orders",
        HANDLERS,
        dependencies={"counter": lambda: counter},
        identities=platform.identities,
        keys=platform.keys,
        health=health,
        metrics=platform.metrics,
        traces=platform.traces,
    )
