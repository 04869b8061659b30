"""API keys: made, resolved for the gateway, revoked."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from services.auth.actions.ending import end_keys
from services.auth.actions.granting import new_secret
from services.auth.actions.noting import note
from services.auth.clients.vault import Vault
from services.auth.domain.accounts import AccountSuspended, EmailUnverified, admit
from services.auth.domain.api_keys import HINT_LENGTH, ApiKey, ApiKeyMissing, ApiKeyRefused, check_new
from services.auth.domain.audit import Action, Note
from services.auth.domain.one_time import API_KEY_PREFIX, fingerprint
from services.auth.store import api_keys, users
from services.chassis.database import Database, Unit
from services.contracts.auth import ResolvedApiKey


class NewApiKey(Struct, frozen=True, kw_only=True):
    """What is wanted."""

    name: str
    scopes: frozenset[str]
    expires_at: datetime | None


async def create(unit: Unit, vault: Vault, user_id: UUID, wanted: NewApiKey) -> tuple[ApiKey, str]:
    """The key's record, and the key itself, which nobody can show again. Raises `TooManyApiKeys`, `ExpiryUnfit`."""
    user = await users.load(unit, user_id)
    check_new(await api_keys.count(unit, user.id), wanted.expires_at, now=unit.now)
    secret = API_KEY_PREFIX + new_secret(vault)
    key = ApiKey(
        id=unit.new_id(),
        user_id=user.id,
        name=wanted.name,
        hint=secret[:HINT_LENGTH],
        key_hash=fingerprint(secret),
        scopes=sorted(wanted.scopes),
        created_at=unit.now,
        expires_at=wanted.expires_at,
    )
    await api_keys.add(unit, key)
    await _note(unit, vault, Action.API_KEY_CREATED, user.id, key.id)
    return key, secret


async def revoke(unit: Unit, vault: Vault, user_id: UUID, key_id: UUID) -> None:
    """Raises `ApiKeyMissing`."""
    if not await end_keys(unit, user_id, only=key_id):
        raise ApiKeyMissing
    await _note(unit, vault, Action.API_KEY_REVOKED, user_id, key_id)


async def resolve(database: Database, presented: str, *, now: datetime) -> ResolvedApiKey:
    """Whose it is and what it may do. Raises `ApiKeyRefused`."""
    found = await api_keys.resolve(database, fingerprint(presented), now=now)
    if found is None:
        raise ApiKeyRefused
    key, user = found
    try:
        admit(user)
    except (AccountSuspended, EmailUnverified) as shut_out:
        raise ApiKeyRefused from shut_out
    return ResolvedApiKey(
        key_id=key.id, user_id=user.id, roles=user.roles, scopes=frozenset(key.scopes), expires_at=key.expires_at
    )


async def _note(unit: Unit, vault: Vault, action: Action, user_id: UUID, key_id: UUID) -> None:
    details = {"key_id": str(key_id)}
    await note(unit, vault, Note(action=action, actor_id=user_id, subject_id=user_id, details=details))
