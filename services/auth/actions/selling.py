"""The seller role follows what users tells of a seller."""

from uuid import UUID

import msgspec

from services.auth.actions.ending import end_what_outgrew
from services.auth.actions.noting import note
from services.auth.clients.vault import Vault
from services.auth.domain.audit import Action, Note
from services.auth.store import sellers, users
from services.chassis.database import Unit


async def follow(unit: Unit, vault: Vault, seller_id: UUID, owner_id: UUID, version: int, *, approved: bool) -> None:
    """What is older than what is known changes nothing; an owner who is gone has no roles."""
    if not await sellers.follow(unit, seller_id, owner_id, approved=approved, version=version):
        return
    before = await users.find(unit, owner_id)
    is_seller = await sellers.sells(unit, owner_id)
    if before is None or before.is_seller == is_seller:
        return
    after = msgspec.structs.replace(before, is_seller=is_seller, version=before.version + 1)
    await users.save(unit, after)
    await end_what_outgrew(unit, before, after)
    details = {"roles": " ".join(sorted(after.roles))}
    await note(unit, vault, Note(action=Action.ROLES_CHANGED, actor_id=None, subject_id=owner_id, details=details))
