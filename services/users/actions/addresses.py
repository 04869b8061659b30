"""Address books. The first address is the default until another is chosen; there is always one."""

from uuid import UUID

import msgspec

from services.chassis.database import Unit
from services.contracts.users import Address
from services.users.domain.profiles import Defaults, SavedAddress, blank, check_room
from services.users.store import addresses, profiles


async def add(unit: Unit, user_id: UUID, address: Address, defaults: Defaults, *, is_default: bool) -> SavedAddress:
    """Raises `TooManyAddresses`, `AccountGone`."""
    await profiles.hold(unit, blank(user_id, defaults))
    kept = await addresses.count(unit, user_id)
    check_room(kept)
    saved = SavedAddress(id=unit.new_id(), user_id=user_id, address=address, is_default=False, created_at=unit.now)
    await addresses.add(unit, saved)
    if not (is_default or kept == 0):
        return saved
    await addresses.set_default(unit, user_id, saved.id)
    return msgspec.structs.replace(saved, is_default=True)


async def change(unit: Unit, user_id: UUID, address_id: UUID, address: Address, defaults: Defaults) -> SavedAddress:
    """Another text in the same place. Raises `AddressMissing`, `AccountGone`."""
    await profiles.hold(unit, blank(user_id, defaults))
    saved = await addresses.load(unit, user_id, address_id)
    changed = msgspec.structs.replace(saved, address=address)
    await addresses.save(unit, changed)
    return changed


async def choose(unit: Unit, user_id: UUID, address_id: UUID, defaults: Defaults) -> SavedAddress:
    """This is the default from now on. Raises `AddressMissing`, `AccountGone`."""
    await profiles.hold(unit, blank(user_id, defaults))
    saved = await addresses.load(unit, user_id, address_id)
    await addresses.set_default(unit, user_id, address_id)
    return msgspec.structs.replace(saved, is_default=True)


async def remove(unit: Unit, user_id: UUID, address_id: UUID, defaults: Defaults) -> None:
    """After the default the newest takes its place. Raises `AddressMissing`, `AccountGone`."""
    await profiles.hold(unit, blank(user_id, defaults))
    saved = await addresses.load(unit, user_id, address_id)
    await addresses.remove(unit, address_id)
    if saved.is_default:
        await addresses.set_default(unit, user_id, None)
