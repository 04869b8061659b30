"""What orders asks of other services at once: items for quotes and holds, users for an address."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol
from uuid import UUID

from services.chassis.errors import Missing
from services.chassis.peers import PeerRefused, Peers
from services.contracts.items import (
    Hold,
    Offer,
    PlaceHold,
    Quotes,
    RequestQuotes,
    Restock,
    Restocked,
)
from services.contracts.users import Address, KnownAddress
from services.orders.domain.carts import OfferMissing
from services.orders.domain.checkouts import OutOfStock


class HoldRefused(Exception):
    """Items knows no such hold, or it can not become what was asked of it. `code` is items' own."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code


class AddressMissing(Missing):
    """The user has no such address."""

    code = "address_missing"
    title = "No such address"


class Stock(Protocol):
    """What can be sold, and who has a hand on it. Every ask names itself by an id, and may be repeated."""

    async def offers(self, skus: Sequence[str]) -> Sequence[Offer]:
        """Those of them that are on sale."""

    async def hold(self, wanted: PlaceHold) -> Hold:
        """All lines or none. Raises `OutOfStock`, `OfferMissing`."""

    async def commit(self, hold_id: UUID) -> Hold:
        """For good. Raises `HoldRefused`."""

    async def release(self, hold_id: UUID) -> Hold:
        """Give back what is held. Raises `HoldRefused`."""

    async def restock(self, wanted: Restock) -> None:
        """Give back what was committed. Raises `HoldRefused`."""


class Addresses(Protocol):
    """Where users have things sent."""

    async def of_user(self, user_id: UUID, address_id: UUID) -> Address:
        """Raises `AddressMissing`."""


class ItemsDesk:
    """`Stock`, asked of items through the gateway."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    async def offers(self, skus: Sequence[str]) -> Sequence[Offer]:
        """See `Stock`."""
        answer = await self._peers.ask("POST", "/internal/v1/quotes", RequestQuotes(skus=list(skus)), Quotes)
        return [quote.offer for quote in answer.quotes]

    async def hold(self, wanted: PlaceHold) -> Hold:
        """See `Stock`."""
        with _refusals():
            return await self._peers.ask("POST", "/internal/v1/holds", wanted, Hold)

    async def commit(self, hold_id: UUID) -> Hold:
        """See `Stock`."""
        with _refusals():
            return await self._peers.ask("POST", f"/internal/v1/holds/{hold_id}/commit", None, Hold)

    async def release(self, hold_id: UUID) -> Hold:
        """See `Stock`."""
        with _refusals():
            return await self._peers.ask("POST", f"/internal/v1/holds/{hold_id}/release", None, Hold)

    async def restock(self, wanted: Restock) -> None:
        """See `Stock`."""
        with _refusals():
            await self._peers.ask("POST", "/internal/v1/restocks", wanted, Restocked)


class UsersDesk:
    """`Addresses`, asked of users through the gateway."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    async def of_user(self, user_id: UUID, address_id: UUID) -> Address:
        """See `Addresses`."""
        target = f"/internal/v1/users/{user_id}/addresses/{address_id}"
        try:
            return (await self._peers.ask("GET", target, None, KnownAddress)).address
        except PeerRefused as refused:
            raise AddressMissing("the user has no such address") from refused


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except PeerRefused as refused:
        sku = str(refused.facts.get("sku"))
        if refused.code == "out_of_stock":
            free = refused.facts.get("free")
            raise OutOfStock(sku=sku, free=free if isinstance(free, int) else 0) from refused
        if refused.code == "offer_missing":
            raise OfferMissing(sku=sku) from refused
        raise HoldRefused(refused.code, refused.detail) from refused
