"""A buyer does not want it any more."""

from uuid import UUID

from services.chassis.database import Unit
from services.orders.actions.checkout import call_off
from services.orders.actions.refunds import give_back
from services.orders.domain.checkouts import Group
from services.orders.domain.history import buyer
from services.orders.domain.orders import IllegalMove, Order, OrderMissing
from services.orders.domain.refunds import Refund, everything
from services.orders.store import checkouts


async def lock_own(unit: Unit, order_id: UUID, buyer_id: UUID) -> tuple[Group, Order]:
    """The order and the group it belongs to. Raises `OrderMissing` also for another buyer's."""
    group = await checkouts.lock_of_order(unit, order_id)
    order = next((one for one in group.orders if one.id == order_id and one.buyer_id == buyer_id), None)
    if order is None:
        raise OrderMissing("there is no such order")
    return group, order


def cancel(unit: Unit, group: Group, order: Order) -> Group | Refund:
    """An order that is not paid takes its whole purchase with it; one that is paid and not sent is refunded.

    What comes back is to be driven on after the commit. Raises `IllegalMove`, `CheckoutUnderWay`.
    """
    if order.state == "pending_payment":
        return call_off(unit, group)
    if order.state != "paid":
        raise IllegalMove(state=order.state, wanted="cancelled")
    wanted = everything(order, "cancelled by the buyer")
    return give_back(unit, group, order.id, wanted, actor=buyer(order.buyer_id))
