"""Profiles; and the marks of those who were erased, so that nothing late brings them back."""

from uuid import UUID

import msgspec
from sqlalchemy import delete, select, update

from services.chassis.database import Database, Unit
from services.users.domain.profiles import AccountGone, Profile
from services.users.store.inserting import insert_into
from services.users.tables import ERASED_USERS, PROFILES

_ALL = select(*(PROFILES.c[name] for name in Profile.__struct_fields__))


async def get(database: Database, user_id: UUID) -> Profile | None:
    """None while nothing is known of the user."""
    async with database.reading() as connection:
        row = (await connection.execute(_ALL.where(PROFILES.c.user_id == user_id))).mappings().one_or_none()
    return None if row is None else Profile(**row)


async def hold(unit: Unit, blank: Profile) -> Profile:
    """The user's profile, made from `blank` if there is none, locked: all writes of one user queue here.

    Raises `AccountGone`.
    """
    profile = await hold_unless_erased(unit, blank)
    if profile is None:
        raise AccountGone
    return profile


async def hold_unless_erased(unit: Unit, blank: Profile) -> Profile | None:
    """The same, but for an account that is gone: None, and nothing is left of it."""
    await _make(unit, blank)
    query = _ALL.where(PROFILES.c.user_id == blank.user_id).with_for_update()
    row = (await unit.connection.execute(query)).mappings().one_or_none()
    if row is None or await _is_erased(unit, blank.user_id):
        await _remove(unit, blank.user_id)
        return None
    return Profile(**row)


async def _make(unit: Unit, blank: Profile) -> None:
    new = insert_into(unit, PROFILES).values(msgspec.structs.asdict(blank))
    await unit.connection.execute(new.on_conflict_do_nothing())


async def _remove(unit: Unit, user_id: UUID) -> None:
    await unit.connection.execute(delete(PROFILES).where(PROFILES.c.user_id == user_id))


async def _is_erased(unit: Unit, user_id: UUID) -> bool:
    query = select(ERASED_USERS.c.user_id).where(ERASED_USERS.c.user_id == user_id)
    return (await unit.connection.execute(query)).first() is not None


async def save(unit: Unit, profile: Profile) -> None:
    """What `hold` locked, as it is to be."""
    values = msgspec.structs.asdict(profile)
    await unit.connection.execute(update(PROFILES).where(PROFILES.c.user_id == profile.user_id).values(values))


async def erase(unit: Unit, user_id: UUID) -> None:
    """Forget the profile and remember that there is to be none."""
    # Whoever is just making the profile is waited for: their row could not be seen by the delete.
    await _make(unit, Profile(user_id=user_id, display_name="", locale="", currency=""))
    mark = insert_into(unit, ERASED_USERS).values(user_id=user_id, erased_at=unit.now)
    await unit.connection.execute(mark.on_conflict_do_nothing())
    await _remove(unit, user_id)
