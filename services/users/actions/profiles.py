"""Profiles: kept by registration, changed by their owners, forgotten on erasure."""

from uuid import UUID

import msgspec
from msgspec import Struct

from services.chassis.database import Database, Unit
from services.users.actions import selling
from services.users.domain.profiles import Defaults, Profile, blank, check_version, name_by_registration
from services.users.store import addresses, profiles, sellers, wishes


class ProfileChange(Struct, frozen=True, kw_only=True):
    """What is to be different; None: as it is."""

    display_name: str | None
    locale: str | None
    currency: str | None
    version: int


async def show(database: Database, user_id: UUID, defaults: Defaults) -> Profile:
    """What is known of the user so far: registration is told by event, and may be on its way."""
    return await profiles.get(database, user_id) or blank(user_id, defaults)


async def change(unit: Unit, user_id: UUID, wanted: ProfileChange, defaults: Defaults) -> Profile:
    """Raises `StaleVersion`, `AccountGone`."""
    profile = await profiles.hold(unit, blank(user_id, defaults))
    check_version(wanted.version, profile.version)
    changed = msgspec.structs.replace(
        profile,
        display_name=profile.display_name if wanted.display_name is None else wanted.display_name,
        locale=wanted.locale or profile.locale,
        currency=wanted.currency or profile.currency,
        version=profile.version + 1,
    )
    await profiles.save(unit, changed)
    return changed


async def register(unit: Unit, user_id: UUID, display_name: str, defaults: Defaults, *, version: int) -> None:
    """Someone has an account. News of one who was erased meanwhile changes nothing."""
    profile = await profiles.hold_unless_erased(unit, blank(user_id, defaults))
    if profile is not None:
        await profiles.save(unit, name_by_registration(profile, display_name, version=version))


async def erase(unit: Unit, user_id: UUID) -> None:
    """All that could name the person goes. A shop closes; its id stays for those who bought there."""
    await profiles.erase(unit, user_id)
    await addresses.remove_all(unit, user_id)
    await sellers.unfollow(unit, user_id)
    await wishes.remove_all(unit, user_id)
    await selling.close(unit, user_id)
