"""Bus in."""

from services.chassis.database import Unit
from services.chassis.worker import Subscription, on
from services.contracts.auth import UserErased
from services.contracts.items import ItemListed, ItemWithdrawn
from services.contracts.message import Message
from services.contracts.users import SellerApproved, SellerSuspended
from services.orders.actions import copies


async def item_listed(unit: Unit, event: ItemListed, message: Message) -> None:
    """Carts quote from the copy."""
    await copies.list_item(unit, event, message.aggregate_version)


async def item_withdrawn(unit: Unit, event: ItemWithdrawn, message: Message) -> None:
    """Carts quote it no more."""
    await copies.withdraw_item(unit, event.item_id, message.aggregate_version)


async def seller_approved(unit: Unit, event: SellerApproved, message: Message) -> None:
    """Its owner may use the seller's desk."""
    await copies.keep_seller(unit, event, message.aggregate_version)


async def seller_suspended(unit: Unit, event: SellerSuspended, message: Message) -> None:
    """Items withdraws what they sell; their open orders remain theirs to send."""
    await copies.keep_seller(unit, event, message.aggregate_version)


async def user_erased(unit: Unit, event: UserErased, _message: Message) -> None:
    """Carts go at once, addresses when nothing has to be sent there."""
    await copies.forget(unit, event.user_id)


SUBSCRIPTIONS: tuple[Subscription, ...] = (
    on(ItemListed, item_listed),
    on(ItemWithdrawn, item_withdrawn),
    on(SellerApproved, seller_approved),
    on(SellerSuspended, seller_suspended),
    on(UserErased, user_erased),
)
