"""The steps of the saga on its way forward. Each asks one question and says what the answer makes of the checkout."""

from msgspec.structs import replace

from services.chassis.clock import Clock
from services.contracts.items import Hold, PlaceHold
from services.orders.actions.asking import Till
from services.orders.actions.fail_points import FailPoint, Fails
from services.orders.clients import HoldRefused, Stock
from services.orders.domain.carts import OfferMissing
from services.orders.domain.checkouts import Group, OutOfStock, Refusal
from services.orders.domain.orders import IllegalMove, hold_lines
from services.orders.domain.saga import advance, confirm, hold_anew, learn, price_refusal, turn_back
from services.orders.payments.port import ProviderRefused

HOLDS_MOST = 5
"""So often a hold may run out before the checkout counts as expired."""

_EXPIRED = Refusal(code="expired")


class Steps:
    """From one state to the next."""

    def __init__(self, *, stock: Stock, till: Till, clock: Clock, fails: Fails) -> None:
        self._stock = stock
        self._till = till
        self._clock = clock
        self._fails = fails

    async def take(self, group: Group, *, first: bool) -> Group:
        """One step. Raises `Unavailable`, `ProviderRefused`, `HoldRefused`."""
        match group.checkout.state:
            case "created":
                return await self._hold(group, first=first)
            case "stock_held":
                return await self._authorize(group, first=first)
            case "authorized":
                return await self._commit_stock(group)
            case "stock_committed":
                return await self._capture(group)
            case state:
                raise IllegalMove(state=state, wanted="the next step")

    async def _hold(self, group: Group, *, first: bool) -> Group:
        if self._clock() >= group.checkout.expires_at:
            return await self._hold_late(group)
        try:
            hold = await self._ask_for_hold(group)
        except (OutOfStock, OfferMissing) as refused:
            return self._reject(group, _to_refusal(refused), asked=group.checkout.hold_attempt > 1)
        if hold.state in {"expired", "released"}:
            return self._hold_anew(group)
        refusal = price_refusal(group.orders, hold.offers)
        if refusal is not None:
            return self._reject(group, refusal, asked=not first)
        return advance(group, "stock_held", self._clock())

    async def _hold_late(self, group: Group) -> Group:
        """Left lying until its hold would be over: it goes on only if its money is there already."""
        charge = await self._till.look_up(group.checkout, self._clock())
        known = replace(group, checkout=replace(group.checkout, charge=charge))
        if charge.state in {"authorized", "captured"}:
            return self._hold_anew(known)
        return turn_back(known, "expired", _EXPIRED, self._clock())

    def _reject(self, group: Group, refusal: Refusal, *, asked: bool) -> Group:
        """`asked`: the provider may have been. Otherwise nothing is reserved there, and need not be looked for."""
        if not asked:
            charge = replace(group.checkout.charge, state="voided")
            group = replace(group, checkout=replace(group.checkout, charge=charge))
        return turn_back(group, "rejected", refusal, self._clock())

    async def _authorize(self, group: Group, *, first: bool) -> Group:
        charge = group.checkout.charge
        if charge.state in {"pending", "requires_action"}:
            charge = await self._till.authorize(group.checkout, again=not first)
        known = replace(group, checkout=replace(group.checkout, charge=charge))
        if charge.state == "requires_action" and self._clock() >= group.checkout.expires_at:
            return turn_back(known, "expired", _EXPIRED, self._clock())
        return learn(known, charge, self._clock())

    async def _commit_stock(self, group: Group) -> Group:
        try:
            if group.checkout.hold_attempt > 1:
                await self._ask_for_hold(group)
            self._fails(FailPoint.BEFORE_COMMIT_STOCK)
            await self._stock.commit(group.checkout.hold_id)
            self._fails(FailPoint.AFTER_COMMIT_STOCK)
        except HoldRefused:
            return self._hold_anew(group)
        except (OutOfStock, OfferMissing) as gone:
            # Paid too late: somebody else has it by now, so the money goes back.
            return turn_back(group, "expired", _to_refusal(gone), self._clock())
        return advance(group, "stock_committed", self._clock())

    async def _capture(self, group: Group) -> Group:
        charge = group.checkout.charge
        if charge.state != "captured":
            try:
                charge = await self._till.capture(group.checkout)
            except ProviderRefused as refused:
                refusal = Refusal(code="payment_declined", reason=refused.reason)
                return turn_back(group, "payment_failed", refusal, self._clock())
        return confirm(group, charge, self._clock())

    async def _ask_for_hold(self, group: Group) -> Hold:
        checkout = group.checkout
        self._fails(FailPoint.BEFORE_HOLD)
        wanted = PlaceHold(hold_id=checkout.hold_id, lines=hold_lines(group.orders), expires_at=checkout.expires_at)
        hold = await self._stock.hold(wanted)
        self._fails(FailPoint.AFTER_HOLD)
        return hold

    def _hold_anew(self, group: Group) -> Group:
        if group.checkout.hold_attempt >= HOLDS_MOST:
            return turn_back(group, "expired", _EXPIRED, self._clock())
        return hold_anew(group, self._clock())


def _to_refusal(refused: OutOfStock | OfferMissing) -> Refusal:
    sku = str(refused.facts["sku"])
    if isinstance(refused, OfferMissing):
        return Refusal(code="offer_missing", sku=sku)
    free = refused.facts["free"]
    return Refusal(code="out_of_stock", sku=sku, free=free if isinstance(free, int) else 0)
