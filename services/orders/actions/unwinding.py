"""Turning back: money first, then stock. Every ask finds out what is true before it undoes it, and may be repeated."""

from collections.abc import Sequence

from msgspec.structs import replace

from services.chassis.clock import Clock
from services.contracts.items import Restock
from services.orders.actions.asking import Till
from services.orders.actions.fail_points import FailPoint, Fails
from services.orders.clients import HoldRefused, Stock
from services.orders.domain.charges import Charge
from services.orders.domain.checkouts import Checkout, Group
from services.orders.domain.orders import Order, hold_lines
from services.orders.domain.saga import turned

NOTHING_HELD = frozenset({"hold_missing", "hold_expired", "hold_released", "missing"})
"""Items' codes for a hold that holds nothing."""
TAKEN = "hold_committed"


class Unwinding:
    """Undoes a checkout that has turned back."""

    def __init__(self, *, stock: Stock, till: Till, clock: Clock, fails: Fails) -> None:
        self._stock = stock
        self._till = till
        self._clock = clock
        self._fails = fails

    async def undo(self, group: Group) -> Group:
        """The group at its end. Raises `Unavailable`, `ProviderRefused`, `HoldRefused`."""
        checkout = group.checkout
        charge = await self._give_money_back(checkout)
        await self._give_stock_back(checkout, group.orders)
        return turned(replace(group, checkout=replace(checkout, charge=charge)), self._clock())

    async def _give_money_back(self, checkout: Checkout) -> Charge:
        known = checkout
        if known.charge.state == "pending":
            known = replace(known, charge=await self._till.look_up(known, self._clock()))
        if known.charge.state in {"requires_action", "authorized"}:
            known = replace(known, charge=await self._till.void(known))
        if known.charge.state == "captured" and known.charge.refunded_minor == 0:
            known = replace(known, charge=await self._till.return_all(known))
        return known.charge

    async def _give_stock_back(self, checkout: Checkout, orders: Sequence[Order]) -> None:
        if await self._release(checkout) != "committed":
            return
        self._fails(FailPoint.BEFORE_RESTOCK)
        await self._stock.restock(Restock(restock_id=checkout.restock_id, lines=hold_lines(orders)))
        self._fails(FailPoint.AFTER_RESTOCK)

    async def _release(self, checkout: Checkout) -> str:
        self._fails(FailPoint.BEFORE_RELEASE)
        try:
            state: str = (await self._stock.release(checkout.hold_id)).state
        except HoldRefused as refused:
            if refused.code not in NOTHING_HELD | {TAKEN}:
                raise
            state = "committed" if refused.code == TAKEN else "released"
        self._fails(FailPoint.AFTER_RELEASE)
        return state
