"""Bus in: what users tells of sellers."""

from collections.abc import Sequence

from services.auth.actions import selling
from services.auth.clients.vault import Vault
from services.chassis.database import Unit
from services.chassis.worker import Subscription, on
from services.contracts.message import Message
from services.contracts.users import SellerApproved, SellerSuspended


def subscriptions(vault: Vault) -> Sequence[Subscription]:
    """All that auth listens to."""

    async def approved(unit: Unit, event: SellerApproved, message: Message) -> None:
        version = message.aggregate_version
        await selling.follow(unit, vault, event.seller_id, event.owner_id, version, approved=True)

    async def suspended(unit: Unit, event: SellerSuspended, message: Message) -> None:
        version = message.aggregate_version
        await selling.follow(unit, vault, event.seller_id, event.owner_id, version, approved=False)

    return (on(SellerApproved, approved), on(SellerSuspended, suspended))
