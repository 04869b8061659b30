"""Keeping up with items, users and auth."""

from uuid import UUID

from services.chassis.database import Unit
from services.contracts.items import ItemListed
from services.contracts.users import SellerApproved, SellerSuspended
from services.orders.store import carts, offers, people


async def list_item(unit: Unit, listed: ItemListed, version: int) -> None:
    """What it is sold as from now on."""
    await offers.replace_of_item(unit, listed.item_id, version, listed.offers)


async def withdraw_item(unit: Unit, item_id: UUID, version: int) -> None:
    """It is not sold any more."""
    await offers.replace_of_item(unit, item_id, version, ())


async def keep_seller(unit: Unit, told: SellerApproved | SellerSuspended, version: int) -> None:
    """Who owns a seller, and whether it may sell."""
    suspended = isinstance(told, SellerSuspended)
    await offers.keep_seller(unit, told.seller_id, told.owner_id, suspended=suspended, version=version)


async def forget(unit: Unit, user_id: UUID) -> None:
    """What could name the person, as far as nothing has to be sent to them any more; the rest follows by timer."""
    await carts.remove_of(unit, user_id)
    await people.ask_erasure(unit, user_id)
    await people.erase_addresses(unit)
