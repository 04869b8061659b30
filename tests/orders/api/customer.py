"""Someone who uses the service over HTTP, logged in or not."""

from collections.abc import Mapping
from itertools import count
from uuid import UUID

import msgspec

from services.chassis.identity.tokens import Role
from tests.chassis.asker import Answer, Asker

HOME = {"recipient": "Anna", "street": "Hauptstrasse 1", "city": "Bern", "postal_code": "3000", "country": "CH"}
_KEYS = count(1)


class Customer:
    def __init__(self, asker: Asker, user: UUID | None = None, *roles: Role) -> None:
        self._asker = asker
        self._user = user
        self._roles = frozenset(roles)

    async def get(self, target: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        return await self._ask("GET", target, None, headers)

    async def post(
        self, target: str, body: object = None, *, key: str | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """With a new idempotency key unless one is given; an empty one leaves it out."""
        chosen = f"key-{next(_KEYS)}" if key is None else key
        named = {"idempotency-key": chosen} if chosen else {}
        return await self._ask("POST", target, body, {**named, **(headers or {})})

    async def put(self, target: str, body: object, *, headers: Mapping[str, str] | None = None) -> Answer:
        return await self._ask("PUT", target, body, headers)

    async def delete(self, target: str, *, headers: Mapping[str, str] | None = None) -> Answer:
        return await self._ask("DELETE", target, None, headers)

    async def _ask(self, method: str, target: str, body: object, headers: Mapping[str, str] | None) -> Answer:
        encoded = b"" if body is None else msgspec.json.encode(body)
        token = self._asker.identity(user=self._user, roles=self._roles, body=encoded)
        return await self._asker.ask(method, target, encoded, token=token, headers=headers)


async def fill_cart(customer: Customer, **quantities: int) -> str:
    return await fill_cart_with(customer, quantities)


async def fill_cart_with(customer: Customer, quantities: Mapping[str, int]) -> str:
    lines = [{"sku": sku, "quantity": quantity} for sku, quantity in quantities.items()]
    made = await customer.post("/api/v1/carts", {"lines": lines})
    assert made.status == 201, made.body
    return str(made.json()["id"])


def checkout_of(cart_id: str, method: str = "tok_ok") -> dict[str, object]:
    return {"cart_id": cart_id, "payment_method": method, "address": HOME}


async def buy(customer: Customer, *, method: str = "tok_ok", key: str | None = None, **quantities: int) -> Answer:
    """Fill a cart and check it out."""
    cart_id = await fill_cart(customer, **quantities)
    return await customer.post("/api/v1/checkouts", checkout_of(cart_id, method), key=key)
