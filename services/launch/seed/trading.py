"""Orders in every state: buyers buy, sellers ship, some things go wrong."""

import random
from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct

from services.chassis.wire.port import Upstream
from services.launch.seed.catalogue import SEED, items_of
from services.launch.seed.people import BUYERS, PASSWORD, Person, email_of
from services.launch.seed.visitor import Visitor
from services.launch.seed.workshops import WORKSHOPS

CatchUp = Callable[[], None]
"""Moves the shop's clock from the past to the present."""

PATIENCE_S: Final = 30.0
LINES_MOST: Final = 3


class Fate(Enum):
    """How far an order gets."""

    PAID = auto()
    PROCESSING = auto()
    SHIPPED = auto()
    DELIVERED = auto()
    COMPLETED = auto()
    CANCELLED = auto()
    REFUNDED = auto()
    DECLINED = auto()
    EXPIRED = auto()
    PENDING = auto()
    DISPUTED = auto()


TOKENS: Final = {
    Fate.DECLINED: "tok_declined",
    Fate.EXPIRED: "tok_abandoned",
    Fate.PENDING: "tok_abandoned",
}
FATES: Final = (
    *(Fate.COMPLETED,) * 10,
    *(Fate.DELIVERED,) * 5,
    *(Fate.EXPIRED,) * 2,
    *(Fate.CANCELLED,) * 3,
    *(Fate.DECLINED,) * 3,
    *(Fate.REFUNDED,) * 3,
    *(Fate.SHIPPED,) * 5,
    *(Fate.DISPUTED,) * 2,
    *(Fate.PROCESSING,) * 3,
    *(Fate.PAID,) * 5,
)
"""In order of time: what is old has ended. `PENDING` comes last, once the present is reached."""


class Cart(Struct, frozen=True, kw_only=True):
    """As far as it is used here."""

    id: UUID


class OrderLine(Struct, frozen=True, kw_only=True):
    """As far as it is used here."""

    id: UUID
    quantity: int


class Order(Struct, frozen=True, kw_only=True):
    """As far as it is used here."""

    id: UUID
    seller_id: UUID
    lines: list[OrderLine]


class Checkout(Struct, frozen=True, kw_only=True):
    """As far as it is used here."""

    id: UUID
    orders: list[Order]


class Charge(Struct, frozen=True, kw_only=True):
    """As far as it is used here."""

    id: str
    amount_minor: int


class Charges(Struct, frozen=True, kw_only=True):
    """As far as it is used here."""

    items: list[Charge]


class _Profile(Struct, frozen=True, kw_only=True):
    id: UUID


class Market:
    """Everyone who trades, logged in; `bank`, if there is one, is a visitor at the payment provider with its key."""

    def __init__(self, gateway: Upstream, bank: Visitor | None, catch_up: CatchUp) -> None:
        self._gateway = gateway
        self._bank = bank
        self._catch_up = catch_up
        self._chance = random.Random(SEED)  # noqa: S311 - repeatable on purpose.
        self._buyers: list[tuple[Person, Visitor]] = []
        self._sellers: dict[UUID, Visitor] = {}

    async def open(self) -> None:
        """Let everyone in."""
        for person in BUYERS:
            buyer = Visitor(self._gateway, name=person.email)
            await buyer.log_in(person.email, PASSWORD)
            self._buyers.append((person, buyer))
        for workshop in WORKSHOPS:
            seller = Visitor(self._gateway, name=f"{workshop.slug}/trade")
            await seller.log_in(email_of(workshop), PASSWORD)
            profile = await seller.ask("GET", "/api/v1/seller/profile", _Profile)
            self._sellers[profile.id] = seller

    async def trade(self) -> int:
        """One order for each fate; how many."""
        for place, fate in enumerate(FATES):
            person, buyer = self._buyers[place % len(self._buyers)]
            checkout = await self._buy(person, buyer, fate)
            if checkout is not None:
                await self._go_on(buyer, checkout, fate)
        self._catch_up()
        person, buyer = self._buyers[0]
        await buyer.log_in(person.email, PASSWORD)
        await self._buy(person, buyer, Fate.PENDING)
        return len(FATES) + 1

    async def _go_on(self, buyer: Visitor, checkout: Checkout, fate: Fate) -> None:
        for order in checkout.orders:
            await self._lead(buyer, order, fate)
        if fate is Fate.DISPUTED and self._bank is not None:
            charges = await self._bank.ask("GET", f"/sandbox/v1/charges?reference={checkout.id}", Charges)
            complaint = {"amount_minor": charges.items[0].amount_minor, "reason": "not_received"}
            await self._bank.do("POST", f"/sandbox/v1/charges/{charges.items[0].id}/disputes", complaint)

    async def _buy(self, person: Person, buyer: Visitor, fate: Fate) -> Checkout | None:
        lines = [{"sku": sku, "quantity": self._chance.randint(1, 2)} for sku in self._choose(fate)]
        cart = await buyer.ask("POST", "/api/v1/carts", Cart, {"lines": lines})
        address = {
            "recipient": person.name,
            "street": person.street,
            "city": person.city,
            "postal_code": person.postal_code,
            "country": person.country,
        }
        purchase = {"cart_id": cart.id, "payment_method": TOKENS.get(fate, "tok_visa"), "address": address}
        if fate is Fate.DECLINED:
            await buyer.send("POST", "/api/v1/checkouts", msgspec.json.encode(purchase))
            return None
        return await buyer.ask("POST", "/api/v1/checkouts", Checkout, purchase)

    def _choose(self, fate: Fate) -> Sequence[str]:
        """Some SKUs of one or two sellers; several of one where a part of the order is to be sent ahead."""
        workshops = self._chance.sample(WORKSHOPS, k=1 if fate is Fate.PROCESSING else self._chance.randint(1, 2))
        variants = [variant for shop in workshops for item in items_of(shop) for variant in item.variants]
        sold = [variant.sku for variant in variants if variant.stock > len(FATES)]
        return self._chance.sample(
            sold, k=LINES_MOST if fate is Fate.PROCESSING else self._chance.randint(1, LINES_MOST)
        )

    async def _lead(self, buyer: Visitor, order: Order, fate: Fate) -> None:
        seller = self._sellers[order.seller_id]
        path = f"/api/v1/seller/orders/{order.id}"
        if fate is Fate.CANCELLED:
            await buyer.do("POST", f"/api/v1/orders/{order.id}/cancel")
        elif fate is Fate.REFUNDED:
            lines = [{"line_id": line.id, "quantity": line.quantity} for line in order.lines]
            await seller.do("POST", f"{path}/refunds", {"reason": "Arrived broken", "lines": lines})
        elif fate is Fate.PROCESSING:
            await self._ship(seller, path, order.lines[:1])
        elif fate in {Fate.SHIPPED, Fate.DELIVERED, Fate.COMPLETED}:
            await self._ship(seller, path, [])
        if fate in {Fate.DELIVERED, Fate.COMPLETED}:
            await seller.do("POST", f"{path}/deliver", {})
        if fate is Fate.COMPLETED:
            await buyer.do("POST", f"/api/v1/orders/{order.id}/confirm-delivery")

    async def _ship(self, seller: Visitor, path: str, lines: Sequence[OrderLine]) -> None:
        tracking = f"SK{self._chance.randrange(10**9):09d}"
        body = {"carrier": "Parcel Post", "tracking": tracking, "line_ids": [line.id for line in lines]}
        await seller.do("POST", f"{path}/shipments", body)
