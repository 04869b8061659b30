"""Bus in: sellers come, go and are renamed; and what items itself announces is due to be indexed."""

from collections.abc import Sequence

from services.chassis.database import Unit
from services.chassis.worker import Subscription, on
from services.contracts.auth import UserErased
from services.contracts.items import ItemListed, ItemWithdrawn, StockRanOut, StockReturned
from services.contracts.message import Message
from services.contracts.users import SellerApproved, SellerSuspended
from services.items.actions import indexing, sellers

Shown = ItemListed | ItemWithdrawn | StockRanOut | StockReturned


async def approved(unit: Unit, told: SellerApproved, message: Message) -> None:
    """Their items are shown."""
    await sellers.approve(unit, told, version=message.aggregate_version)


async def suspended(unit: Unit, told: SellerSuspended, message: Message) -> None:
    """Their items vanish."""
    await sellers.suspend(unit, told, version=message.aggregate_version)


async def erased(unit: Unit, told: UserErased, _message: Message) -> None:
    """Their shop closes and loses its name."""
    await sellers.forget(unit, told.user_id)


async def changed(unit: Unit, told: Shown, _message: Message) -> None:
    """What the public sees of the item is not what the search engine has."""
    await indexing.note_change(unit, told.item_id)


def subscriptions() -> Sequence[Subscription]:
    """All of them."""
    return (
        on(SellerApproved, approved),
        on(SellerSuspended, suspended),
        on(UserErased, erased),
        on(ItemListed, changed),
        on(ItemWithdrawn, changed),
        on(StockRanOut, changed),
        on(StockReturned, changed),
    )
