"""Stock and the holds on it. Of each SKU `on_hand` units are there, `reserved` of them held for somebody about to pay;
the rest is free. Always 0 ≤ reserved ≤ on_hand.

    held → committed | released | expired
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from services.chassis.errors import Conflict, Invalid, Missing
from services.contracts.items import Hold, HoldLine, HoldState, Offer, PlaceHold, Quote
from services.items.domain.refusals import StaleVersion

LINES_MOST = 200


class OutOfStock(Conflict):
    """Less is free than was asked for."""

    code = "out_of_stock"
    title = "Not enough stock"

    def __init__(self, *, sku: str, free: int) -> None:
        super().__init__(f"{free} of {sku} are left", sku=sku, free=free)
        self.sku = sku
        self.free = free


class OfferMissing(Missing):
    """The SKU is not on sale."""

    code = "offer_missing"
    title = "Not on sale"

    def __init__(self, *, sku: str) -> None:
        super().__init__(f"{sku} is not on sale", sku=sku)


class StockBelowReserved(Conflict):
    """Buyers are about to pay for more than that."""

    code = "stock_below_reserved"
    title = "Stock is reserved"

    def __init__(self, *, sku: str, reserved: int) -> None:
        super().__init__(f"{reserved} of {sku} are reserved", sku=sku, reserved=reserved)


class HoldMissing(Missing):
    """No such hold was placed."""

    code = "hold_missing"
    title = "No such hold"

    def __init__(self, hold_id: UUID) -> None:
        super().__init__(f"there is no hold {hold_id}")


class HoldExpired(Conflict):
    """Its units have gone back and may be sold to somebody else."""

    code = "hold_expired"
    title = "Hold expired"

    def __init__(self, *, state: str) -> None:
        super().__init__("the units of this hold have gone back", state=state)


class HoldCommitted(Conflict):
    """Its units were taken for good: they come back as a restock."""

    code = "hold_committed"
    title = "Hold committed"

    def __init__(self, hold_id: UUID) -> None:
        super().__init__(f"hold {hold_id} was committed")


class HoldRefused(Invalid):
    """Nothing to hold, too many lines, or an end that has passed."""

    code = "hold_refused"
    title = "Hold refused"


class StockLevel(Struct, frozen=True, kw_only=True):
    """What is there of one SKU."""

    sku: str
    item_id: UUID
    on_hand: int
    reserved: int
    version: int
    """Rises whenever `on_hand` changes, so that a seller who counts and a sale at the same time do not overwrite each
    other; holds leave it alone."""


class Shift(Struct, frozen=True, kw_only=True):
    """What one unit of a line does to its SKU."""

    on_hand: int
    reserved: int


HOLD = Shift(on_hand=0, reserved=1)
COMMIT = Shift(on_hand=-1, reserved=-1)
RELEASE = Shift(on_hand=0, reserved=-1)
RESTOCK = Shift(on_hand=1, reserved=0)


class Shifted(Struct, frozen=True, kw_only=True):
    """A SKU after a change of its stock."""

    sku: str
    item_id: UUID
    free: int
    freed: int
    """How many more are free than before; negative when some were taken."""
    sequence: int
    """Rises with every change of the SKU's stock."""

    @property
    def ran_out(self) -> bool:
        """The last free unit was taken."""
        return self.free == 0 and self.freed < 0

    @property
    def returned(self) -> bool:
        """There were none, and now there are."""
        return self.free > 0 and self.free == self.freed


class HeldLine(Struct, frozen=True, kw_only=True):
    """So many of an offer, as it was when they were held."""

    offer: Offer
    quantity: int


class StoredHold(Struct, frozen=True, kw_only=True):
    """A hold with all that is known of it."""

    hold_id: UUID
    state: HoldState
    expires_at: datetime
    lines: list[HeldLine]

    @property
    def quantities(self) -> dict[str, int]:
        """By SKU."""
        return {line.offer.sku: line.quantity for line in self.lines}

    def told(self) -> Hold:
        """As orders sees it."""
        offers = [line.offer for line in self.lines]
        return Hold(hold_id=self.hold_id, state=self.state, expires_at=self.expires_at, offers=offers)


def summed(lines: Iterable[HoldLine]) -> dict[str, int]:
    """By SKU, in the order in which SKUs are locked. Raises `HoldRefused` for none, and for more than `LINES_MOST`."""
    totals: dict[str, int] = {}
    for line in lines:
        totals[line.sku] = totals.get(line.sku, 0) + line.quantity
    if not 1 <= len(totals) <= LINES_MOST:
        raise HoldRefused(f"between 1 and {LINES_MOST} SKUs are held at once")
    return dict(sorted(totals.items()))


def refusal(
    lines: Mapping[str, int], quotes: Mapping[str, Quote], expires_at: datetime, *, now: datetime
) -> OfferMissing | OutOfStock | HoldRefused | None:
    """Why lines cannot be held, as far as that can be told without locking any stock: it spares the crowd that comes
    after the last unit a wait for one another.
    """
    if expires_at <= now:
        return HoldRefused("the hold would have expired already")
    for sku, quantity in lines.items():
        quote = quotes.get(sku)
        if quote is None:
            return OfferMissing(sku=sku)
        if quote.free < quantity:
            return OutOfStock(sku=sku, free=quote.free)
    return None


def is_plenty(lines: Mapping[str, int], quotes: Mapping[str, Quote], expires_at: datetime, *, now: datetime) -> bool:
    """Whether, by their quotes, a unit of each SKU stays free when the lines are held."""
    more = {sku: quantity + 1 for sku, quantity in lines.items()}
    return refusal(more, quotes, expires_at, now=now) is None


def held(wanted: PlaceHold, lines: Mapping[str, int], quotes: Mapping[str, Quote]) -> StoredHold:
    """A hold of these lines at these quotes."""
    kept = [HeldLine(offer=quotes[sku].offer, quantity=quantity) for sku, quantity in lines.items()]
    return StoredHold(hold_id=wanted.hold_id, state="held", expires_at=wanted.expires_at, lines=kept)


def require_quotable(skus: Sequence[str]) -> None:
    """Raises `HoldRefused` for more than `LINES_MOST`."""
    if len(skus) > LINES_MOST:
        raise HoldRefused(f"at most {LINES_MOST} SKUs are quoted at once")


def added_up(holds: Iterable[StoredHold]) -> dict[str, int]:
    """What several holds keep together, by SKU, in the order in which SKUs are locked."""
    totals: dict[str, int] = {}
    for hold in holds:
        for sku, quantity in hold.quantities.items():
            totals[sku] = totals.get(sku, 0) + quantity
    return dict(sorted(totals.items()))


def commit(hold: StoredHold) -> StoredHold:
    """The units leave for good. The hold itself when that was done before. Raises `HoldExpired`."""
    if hold.state in {"released", "expired"}:
        raise HoldExpired(state=hold.state)
    return hold if hold.state == "committed" else replace(hold, state="committed")


def release(hold: StoredHold) -> StoredHold:
    """The units go back. The hold itself when they have gone back before. Raises `HoldCommitted`."""
    if hold.state == "committed":
        raise HoldCommitted(hold.hold_id)
    return replace(hold, state="released") if hold.state == "held" else hold


def count(level: StockLevel, on_hand: int, *, seen: int) -> StockLevel:
    """So many were counted on the shelf. Raises `StaleVersion`, `StockBelowReserved`."""
    if level.version != seen:
        raise StaleVersion(seen=seen, current=level.version)
    if on_hand < level.reserved:
        raise StockBelowReserved(sku=level.sku, reserved=level.reserved)
    return replace(level, on_hand=on_hand, version=level.version + 1)
