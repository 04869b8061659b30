"""The bare shop's application; `BARE_DATABASE_URL` says where its database is."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

import asyncpg
import msgspec
from litestar import Litestar, get, post, put
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct

from tests.bench.catalogue import PAGE

CONNECTIONS = 16
SHIPPING_MINOR = 490
FREE_FROM_MINOR = 10_000

_CARD = "id, title, slug, price_minor, currency, image_url, stock"
_LIST = f"select {_CARD} from product order by id limit {PAGE} offset $1"  # noqa: S608 - made of constants.
_ITEM = f"select {_CARD}, description from product where id = $1"  # noqa: S608
_SEARCH = f"select {_CARD} from product where title ilike '%' || $1 || '%' order by id limit {PAGE}"  # noqa: S608
_ADD_LINE = "insert into cart_line select $1, id, $3, price_minor from product where id = $2"
_TOTAL = "select sum(quantity * price_minor)::int from cart_line where cart_id = $1"
_PAY = f"update cart set paid_minor = shipping_minor + ({_TOTAL}) where id = $1"  # noqa: S608
_CLOSE = """
update cart set closed = true where id = $1 and not closed and paid_minor is not null
returning email, address, paid_minor
"""
_TAKE = """
update product set stock = stock - line.quantity from cart_line line
where line.cart_id = $1 and product.id = line.product_id
returning product.id, line.quantity, line.price_minor
"""
_BUY = "insert into purchase(cart_id, email, address, total_minor) values ($1, $2, $3, $4) returning id"
_BUY_LINE = "insert into purchase_line values ($1, $2, $3, $4)"


class Card(Struct):
    id: int
    title: str
    slug: str
    price_minor: int
    currency: str
    image_url: str
    stock: int


class Item(Card):
    description: str


class Cards(Struct):
    items: list[Card]


class Line(Struct):
    product_id: int
    quantity: int


class Delivery(Struct):
    email: str
    address: dict[str, str]


class Shipping(Struct):
    price_minor: int


class CartKey(Struct):
    id: UUID


class Done(Struct):
    done: bool = True


class Purchase(Struct):
    id: int
    total_minor: int


Page = Annotated[int, QueryParameter(name="page", ge=0)]
Text = Annotated[str, QueryParameter(name="text")]


class Shop:
    """Its handlers, round the connections they share."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def list_items(self, page: Page = 0) -> Cards:
        return Cards([Card(*row) for row in await self._pool.fetch(_LIST, page * PAGE)])

    async def show_item(self, item_id: FromPath[int]) -> Item:
        [row] = await self._pool.fetch(_ITEM, item_id)
        return Item(*row)

    async def search_items(self, text: Text) -> Cards:
        return Cards([Card(*row) for row in await self._pool.fetch(_SEARCH, text)])

    async def make_cart(self, data: JSONBody[Line]) -> CartKey:
        async with self._pool.acquire() as connection, connection.transaction():
            cart_id: UUID = await connection.fetchval("insert into cart default values returning id")
            await connection.execute(_ADD_LINE, cart_id, data.product_id, data.quantity)
        return CartKey(cart_id)

    async def set_delivery(self, cart_id: FromPath[UUID], data: JSONBody[Delivery]) -> Done:
        address = msgspec.json.encode(data.address).decode()
        await self._pool.execute("update cart set email = $2, address = $3 where id = $1", cart_id, data.email, address)
        return Done()

    async def show_shipping(self, cart_id: FromPath[UUID]) -> Shipping:
        total: int = await self._pool.fetchval(_TOTAL, cart_id)
        return Shipping(0 if total >= FREE_FROM_MINOR else SHIPPING_MINOR)

    async def set_shipping(self, cart_id: FromPath[UUID], data: JSONBody[Shipping]) -> Done:
        await self._pool.execute("update cart set shipping_minor = $2 where id = $1", cart_id, data.price_minor)
        return Done()

    async def pay(self, cart_id: FromPath[UUID]) -> Done:
        await self._pool.execute(_PAY, cart_id)
        return Done()

    async def buy(self, cart_id: FromPath[UUID]) -> Purchase:
        async with self._pool.acquire() as connection, connection.transaction():
            [(email, address, total)] = await connection.fetch(_CLOSE, cart_id)
            taken = await connection.fetch(_TAKE, cart_id)
            purchase_id: int = await connection.fetchval(_BUY, cart_id, email, address, total)
            await connection.executemany(_BUY_LINE, [(purchase_id, *row) for row in taken])
        return Purchase(purchase_id, total)


def make_app() -> Litestar:
    """For a server that is told `--factory`."""
    pool = asyncpg.create_pool(os.environ["BARE_DATABASE_URL"], min_size=CONNECTIONS, max_size=CONNECTIONS)
    shop = Shop(pool)

    @asynccontextmanager
    async def connected(_app: Litestar) -> AsyncIterator[None]:
        async with pool:
            yield

    routes = [
        get("/items")(shop.list_items),
        get("/items/{item_id:int}")(shop.show_item),
        get("/search")(shop.search_items),
        post("/carts")(shop.make_cart),
        put("/carts/{cart_id:uuid}/delivery")(shop.set_delivery),
        get("/carts/{cart_id:uuid}/shipping")(shop.show_shipping),
        put("/carts/{cart_id:uuid}/shipping")(shop.set_shipping),
        post("/carts/{cart_id:uuid}/payment")(shop.pay),
        post("/carts/{cart_id:uuid}/purchase")(shop.buy),
    ]
    return Litestar(routes, lifespan=[connected], openapi_config=None)
