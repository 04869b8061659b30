"""What orders keeps of a person, for the person."""

from uuid import UUID

from services.chassis.database import Database
from services.contracts.users import PersonalData
from services.orders.domain.views import show_cart, show_checkout
from services.orders.store import carts, checkouts

EXPORTED_MOST = 1000
"""Purchases, newest first; who has made more asks staff for the rest."""


async def export(database: Database, person_id: UUID) -> PersonalData:
    """The open cart, and every purchase with its orders and where they were sent."""
    cart = await carts.latest_of(database, person_id)
    ids = await checkouts.of_buyer(database, person_id, most=EXPORTED_MOST)
    purchases = [show_checkout(await checkouts.get(database, one)) for one in ids]
    return PersonalData(
        service="orders", held={"cart": None if cart is None else show_cart(cart), "purchases": purchases}
    )
