"""Items as orders sees it: stock that is held, committed, released and restocked, and that can fall silent."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from services.chassis.clock import Clock
from services.chassis.peers import PeerSilent
from services.contracts.items import Hold, HoldState, Offer, PlaceHold, Restock
from services.orders.clients import HoldRefused
from services.orders.domain.carts import OfferMissing
from services.orders.domain.checkouts import OutOfStock


class KeptHold(Struct, kw_only=True):
    state: HoldState
    lines: dict[str, int]
    expires_at: datetime
    offers: list[Offer]


class FakeItems:
    """`silences`, spent one by one: `("hold", "before")` loses the next such ask, `("hold", "after")` its answer."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.on_sale: dict[str, Offer] = {}
        self.on_hand: Counter[str] = Counter()
        self.sold: Counter[str] = Counter()
        self.holds: dict[UUID, KeptHold] = {}
        self.restocked: dict[UUID, dict[str, int]] = {}
        self.silences: list[tuple[str, str]] = []
        self.asked: list[str] = []

    def stock(self, offer: Offer, on_hand: int) -> None:
        self.on_sale[offer.sku] = offer
        self.on_hand[offer.sku] = on_hand

    @property
    def reserved(self) -> Counter[str]:
        held: Counter[str] = Counter()
        for hold in self.holds.values():
            if hold.state == "held" and hold.expires_at > self._clock():
                held.update(hold.lines)
        return held

    def free(self, sku: str) -> int:
        return self.on_hand[sku] - self.reserved[sku]

    async def offers(self, skus: Sequence[str]) -> Sequence[Offer]:
        self._may_lose("offers", "before")
        return [self.on_sale[sku] for sku in skus if sku in self.on_sale]

    async def hold(self, wanted: PlaceHold) -> Hold:
        self._begin("hold")
        if wanted.hold_id not in self.holds:
            self._take(wanted)
        self._may_lose("hold", "after")
        return self._told(wanted.hold_id)

    def _take(self, wanted: PlaceHold) -> None:
        for line in wanted.lines:
            if line.sku not in self.on_sale:
                raise OfferMissing(sku=line.sku)
            if self.free(line.sku) < line.quantity:
                raise OutOfStock(sku=line.sku, free=self.free(line.sku))
        lines = {line.sku: line.quantity for line in wanted.lines}
        offers = [self.on_sale[sku] for sku in sorted(lines)]
        self.holds[wanted.hold_id] = KeptHold(state="held", lines=lines, expires_at=wanted.expires_at, offers=offers)

    async def commit(self, hold_id: UUID) -> Hold:
        self._begin("commit")
        hold = self._known(hold_id)
        if hold.state in {"expired", "released"}:
            raise HoldRefused("hold_expired", "the units have gone back")
        if hold.state == "held":
            hold.state = "committed"
            self.on_hand.subtract(hold.lines)
            self.sold.update(hold.lines)
        self._may_lose("commit", "after")
        return self._told(hold_id)

    async def release(self, hold_id: UUID) -> Hold:
        self._begin("release")
        hold = self._known(hold_id)
        if hold.state == "committed":
            raise HoldRefused("hold_committed", "the units have left")
        hold.state = "released"
        self._may_lose("release", "after")
        return self._told(hold_id)

    async def restock(self, wanted: Restock) -> None:
        self._begin("restock")
        if wanted.restock_id not in self.restocked:
            lines = {line.sku: line.quantity for line in wanted.lines}
            self.restocked[wanted.restock_id] = lines
            self.on_hand.update(lines)
            self.sold.subtract(lines)
        self._may_lose("restock", "after")

    def _begin(self, ask: str) -> None:
        self.asked.append(ask)
        self._may_lose(ask, "before")

    def _may_lose(self, ask: str, when: str) -> None:
        if (ask, when) in self.silences:
            self.silences.remove((ask, when))
            raise PeerSilent(f"no answer: lost {when} it was done")

    def _known(self, hold_id: UUID) -> KeptHold:
        hold = self.holds.get(hold_id)
        if hold is None:
            raise HoldRefused("hold_missing", "there is no such hold")
        if hold.state == "held" and hold.expires_at <= self._clock():
            hold.state = "expired"
        return hold

    def _told(self, hold_id: UUID) -> Hold:
        hold = self._known(hold_id)
        return Hold(hold_id=hold_id, state=hold.state, expires_at=hold.expires_at, offers=hold.offers)
