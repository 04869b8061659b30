"""What becomes of a seller's items when users tells of the seller."""

from uuid import UUID

from services.chassis.database import Unit
from services.contracts.users import SellerApproved, SellerSuspended
from services.items.actions import shelf
from services.items.domain.sellers import Seller
from services.items.store import imports, sellers


async def approve(unit: Unit, told: SellerApproved, *, version: int) -> None:
    """Their items are shown, under the name they have now. Old news is dropped."""
    seller = Seller(
        seller_id=told.seller_id,
        owner_id=told.owner_id,
        name=told.name,
        slug=told.slug,
        approved=True,
        version=version,
    )
    if await sellers.save(unit, seller):
        await shelf.show_all(unit, seller)


async def suspend(unit: Unit, told: SellerSuspended, *, version: int) -> None:
    """Their items vanish. Old news is dropped.

    So is their name, which comes with every approval: what is known is what the newest event told, in whatever order
    they come, and nobody is named whose account was erased.
    """
    unnamed = Seller(
        seller_id=told.seller_id, owner_id=told.owner_id, name="", slug="", approved=False, version=version
    )
    if await sellers.save(unit, unnamed):
        await shelf.hide_all(unit, told.seller_id)


async def forget(unit: Unit, user_id: UUID) -> None:
    """The user's shop closes for good, and nothing here names them any more."""
    for seller_id in await sellers.forget(unit, user_id):
        await shelf.hide_all(unit, seller_id)
        await imports.forget(unit, seller_id)
