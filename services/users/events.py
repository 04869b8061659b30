"""Bus in: what auth tells of accounts."""

from collections.abc import Sequence

from services.chassis.database import Unit
from services.chassis.worker import Subscription, on
from services.contracts.auth import UserErased, UserRegistered
from services.contracts.message import Message
from services.users.actions import profiles
from services.users.domain.profiles import Defaults


def subscriptions(defaults: Defaults) -> Sequence[Subscription]:
    """All that users listens to."""

    async def registered(unit: Unit, event: UserRegistered, message: Message) -> None:
        version = message.aggregate_version
        await profiles.register(unit, event.user_id, event.display_name, defaults, version=version)

    async def erased(unit: Unit, event: UserErased, _message: Message) -> None:
        await profiles.erase(unit, event.user_id)

    return (on(UserRegistered, registered), on(UserErased, erased))
