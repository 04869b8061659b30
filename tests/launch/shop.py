"""A small shop on a running Souk, made through its public API: staff, two sellers, what they sell, and buyers."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

from msgspec import Struct

from services.chassis.clock import Clock, utc_now
from services.chassis.wire.origin import Origin
from services.chassis.wire.port import Upstream
from services.chassis.wire.upstream import TcpUpstream
from services.contracts.money import Money
from services.items.domain.items import Item
from services.items.domain.listings import ListedItem
from services.items.domain.stock import StockLevel
from services.launch.embedded import LOOPBACK, Place, Whole, embedded
from services.launch.seed.people import PASSWORD as STAFF_PASSWORD
from services.launch.seed.people import STAFF_EMAIL
from services.orders.domain.views import CartView, CheckoutView
from services.users.api.shop import SellerView
from tests.launch.guest import PASSWORD, Guest, Heard, until

ROOMY = 1_000_000
LIMITS = ("address", "user", "key", "credentials", "search", "checkout", "import")
HOME = {"recipient": "Ada", "street": "Lindenstrasse 12", "city": "Berlin", "postal_code": "10969", "country": "DE"}
DESCRIBED = {"currency": "EUR", "category": "kitchen", "tax_rate_bp": 1900, "description": "Made by hand."}
CATEGORIES = ({"slug": "home", "name": "Home"}, {"slug": "kitchen", "name": "Kitchen", "parent": "home"})


class Seller(Struct, frozen=True, kw_only=True):
    """Somebody who sells, and their shop."""

    guest: Guest
    shop: SellerView


class Market:
    """Everyone in it is asked for over the public port."""

    def __init__(self, gateway: Upstream) -> None:
        self.gateway = gateway
        self.staff = Guest(gateway)
        self._joined = 0

    async def open(self, categories: Sequence[Mapping[str, str]] = CATEGORIES) -> None:
        """Staff come in, and lift the limits that would stop a test of a thousand requests."""
        await self.staff.log_in(STAFF_EMAIL, STAFF_PASSWORD)
        for name in LIMITS:
            override = {"name": name, "burst": ROOMY, "per_s": 60}
            (await self.staff.ask("PUT", "/api/v1/gateway/overrides/limits", override)).told(object)
        for category in categories:
            (await self.staff.post("/api/v1/staff/categories", category)).told(object)

    async def document(self) -> bytes:
        """The OpenAPI document, once every service has told its part."""

        async def whole() -> bytes | None:
            told = await self.visitor().get("/api/v1/openapi.json")
            return None if "x-souk-missing" in told.facts else told.body

        return await until(whole)

    def visitor(self) -> Guest:
        """Somebody who has not logged in."""
        return Guest(self.gateway)

    async def buyer(self, name: str = "buyer") -> Guest:
        """A new account, logged in."""
        self._joined += 1
        guest = Guest(self.gateway, email=f"{name}-{self._joined}@example.org")
        account = {"email": guest.email, "display_name": name.title(), "password": PASSWORD}
        (await self.staff.post("/api/v1/auth/users", account)).told(object)
        await guest.log_in()
        return guest

    async def seller(self, name: str) -> Seller:
        """A new account whose shop was approved, and heard of by every service."""
        guest = await self.buyer(name)
        applied = (await guest.post("/api/v1/sellers", {"name": name, "country": "DE"})).told(SellerView)
        approval = await self.staff.post(f"/api/v1/staff/sellers/{applied.id}/approve", {"version": applied.version})

        async def known() -> bool | None:
            await guest.log_in()
            heard = [await guest.get(f"/api/v1/seller/{desk}") for desk in ("items", "orders")]
            return True if {one.status for one in heard} == {200} else None

        await until(known)
        return Seller(guest=guest, shop=approval.told(SellerView))

    async def buy(self, buyer: Guest, *skus: str, method: str = "tok_visa") -> Heard:
        """One of each, sent home."""
        return await self.place(buyer, await fill_cart(buyer, *skus), method=method)

    async def place(self, buyer: Guest, cart: CartView, *, method: str = "tok_visa") -> Heard:
        """Check the cart out."""
        purchase = {"cart_id": cart.id, "payment_method": method, "address": HOME}
        return await buyer.post("/api/v1/checkouts", purchase)

    async def bought(self, buyer: Guest, *skus: str) -> CheckoutView:
        """The same, of a purchase that has to succeed."""
        return (await self.buy(buyer, *skus)).told(CheckoutView)


class Shop(Market):
    """One that runs in this process, so that more of it can be reached."""

    def __init__(self, whole: Whole, data: Path, gateway: Upstream, bank: Upstream) -> None:
        super().__init__(gateway)
        self.whole = whole
        self.data = data
        self.bank = Guest(bank, token=whole.secrets.sandbox_api_key)
        """The payment provider, for whoever has its key."""


async def fill_cart(guest: Guest, *skus: str, quantity: int = 1) -> CartView:
    """A new cart."""
    lines = [{"sku": sku, "quantity": quantity} for sku in skus]
    return (await guest.post("/api/v1/carts", {"lines": lines})).told(CartView)


async def draft(seller: Seller, title: str, **told: object) -> Item:
    """Nobody else sees it yet."""
    wanted = {**DESCRIBED, "title": title, **told}
    return (await seller.guest.post("/api/v1/seller/items", wanted)).told(Item)


async def list_item(
    seller: Seller, title: str, sku: str, *, price_minor: int = 1900, on_hand: int = 50, **told: object
) -> ListedItem:
    """On sale, in one variant, and known to orders."""
    item = await draft(seller, title, **told)
    variant = {"sku": sku, "price": Money(minor=price_minor, currency="EUR")}
    path = f"/api/v1/seller/items/{item.id}"
    added = await seller.guest.post(
        f"{path}/variants", {"variant": variant, "version": item.version, "on_hand": on_hand}
    )
    (await seller.guest.post(f"{path}/publish", {"version": added.told(Item).version})).told(Item)
    return await until(lambda: offered(seller.guest, item.id, sku))


async def offered(guest: Guest, item_id: UUID, sku: str) -> ListedItem | None:
    """The item's public page, once a cart takes its SKU too: orders learns of it by an event."""
    tried = await guest.post("/api/v1/carts", {"lines": [{"sku": sku, "quantity": 1}]})
    if tried.status == 201:
        await guest.ask("DELETE", f"/api/v1/carts/{tried.told(CartView).id}")
        return (await guest.get(f"/api/v1/items/{item_id}")).told(ListedItem)
    return None


async def stock_of(seller: Seller, sku: str) -> StockLevel:
    """As its seller counts it."""
    return (await seller.guest.get(f"/api/v1/seller/stock/{sku}")).told(StockLevel)


@asynccontextmanager
async def open_shop(data: Path, clock: Clock = utc_now) -> AsyncIterator[Shop]:
    """A Souk of its own with nothing on sale yet."""
    async with embedded(Place(data=data), clock=clock) as whole:
        gateway = TcpUpstream(Origin(host=LOOPBACK, port=whole.ports.public))
        bank = TcpUpstream(Origin(host=LOOPBACK, port=whole.ports.sandbox))
        shop = Shop(whole, data, gateway, bank)
        await shop.open()
        yield shop
        await gateway.close()
        await bank.close()
