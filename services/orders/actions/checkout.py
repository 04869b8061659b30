"""How a checkout begins, and how its buyer calls it off. How it goes on is the saga's."""

from msgspec.structs import replace

from services.chassis.database import Unit
from services.orders.domain.carts import Cart, Offers, require_open
from services.orders.domain.checkouts import CheckoutUnderWay, Group, Refusal
from services.orders.domain.opening import Purchase, open_checkout
from services.orders.domain.orders import IllegalMove
from services.orders.domain.pricing import Terms
from services.orders.domain.saga import turn_back
from services.orders.store import carts, checkouts, orders


def place(unit: Unit, cart: Cart, offers: Offers, purchase: Purchase, terms: Terms) -> Group:
    """Everything there is to know of the purchase, in rows, before anybody outside is asked for anything.

    Raises `CartClosed`, `CartEmpty`, `OfferMissing`, `PriceChanged`; the unit may fail `CartChanged`.
    """
    require_open(cart)
    group = open_checkout(cart, offers, purchase, terms, new_id=unit.new_id, now=unit.now)
    carts.close(unit, cart, group.checkout.id)
    checkouts.add(unit, group.checkout)
    orders.add(unit, group.orders)
    return group


def call_off(unit: Unit, group: Group) -> Group:
    """While it waits for its buyer it can be called off; a moment before its end it cannot.

    Raises `CheckoutUnderWay`, `IllegalMove`.
    """
    if group.checkout.ended:
        raise IllegalMove(state=group.checkout.state, wanted="cancelled")
    if not group.checkout.waiting:
        raise CheckoutUnderWay("the checkout is being completed at this moment; look again in a few seconds")
    turned = turn_back(group, "cancelled", Refusal(code="cancelled"), unit.now)
    due = replace(turned.checkout, due_at=unit.now)
    return replace(turned, checkout=checkouts.save(unit, group.checkout, due))
