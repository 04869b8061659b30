"""Coming in, with a password and, where the account asks for it, a code."""

from uuid import UUID

import msgspec
from msgspec import Struct

from services.auth.actions.granting import Grant, begin
from services.auth.actions.noting import note, seen_from
from services.auth.clients.vault import Vault
from services.auth.domain.accounts import CredentialsRefused, User, admit
from services.auth.domain.audit import Action, Note
from services.auth.domain.one_time import fingerprint
from services.auth.domain.sessions import Client
from services.auth.domain.totp import CodeRefused, CodeRequired, accept, is_recovery, plain_recovery
from services.auth.store import users
from services.chassis.database import Database, Unit
from services.chassis.errors import Denied, SoukError, Unproven


class Proof(Struct, frozen=True, kw_only=True):
    """What a password was worth when it was checked, outside any transaction."""

    user: User | None
    """Whom the address belongs to."""
    matched: bool
    renewed_hash: str | None = None
    """The password hashed anew, when the costs of the old hash are out of date."""


async def prove(database: Database, vault: Vault, email_key: str, password: str) -> Proof:
    """The same work whether the address has an account or not. Raises `HashingBusy`."""
    user = await users.by_email(database, email_key)
    if not await vault.hasher.matches(password, None if user is None else user.password_hash) or user is None:
        return Proof(user=user, matched=False)
    outdated = vault.hasher.outdated(user.password_hash)
    return Proof(user=user, matched=True, renewed_hash=await vault.hasher.hash(password) if outdated else None)


async def log_in(
    unit: Unit, vault: Vault, proof: Proof, code: str | None, client: Client, *, device_id: UUID | None
) -> Grant | SoukError:
    """A new session, or why not; either way it is remembered."""
    try:
        user = await _admit(unit, vault, proof, code)
    except (Unproven, Denied) as refused:
        subject = None if proof.user is None else proof.user.id
        details = {"reason": refused.code, **seen_from(client)}
        refusal = Note(action=Action.LOGIN_REFUSED, actor_id=None, subject_id=subject, details=details)
        await note(unit, vault, refusal)
        return refused
    granted = await begin(unit, vault, user, client, device_id)
    details = {"session_id": str(granted.session_id), **seen_from(client)}
    await note(unit, vault, Note(action=Action.LOGGED_IN, actor_id=user.id, subject_id=user.id, details=details))
    return granted


async def _admit(unit: Unit, vault: Vault, proof: Proof, code: str | None) -> User:
    if proof.user is None or not proof.matched:
        raise CredentialsRefused
    before = await users.find(unit, proof.user.id)
    if before is None or before.password_hash != proof.user.password_hash:
        raise CredentialsRefused  # Changed or erased since the password was checked.
    admit(before)
    user = await check_code(unit, vault, before, code)
    if proof.renewed_hash is not None:
        user = msgspec.structs.replace(user, password_hash=proof.renewed_hash)
    if user is not before:
        await users.save(unit, user)
    return user


async def check_code(unit: Unit, vault: Vault, user: User, code: str | None) -> User:
    """The user with the code spent. Raises `CodeRequired`, `CodeRefused`."""
    if not user.uses_totp or user.totp_sealed is None:
        return user
    if code is None:
        raise CodeRequired
    if is_recovery(code):
        if not await users.spend_recovery_code(unit, user.id, fingerprint(plain_recovery(code))):
            raise CodeRefused
        return user
    secret = vault.seal.open(user.totp_sealed, owner=str(user.id))
    step = accept(secret, code, last_step=user.totp_step, now=unit.now)
    return msgspec.structs.replace(user, totp_step=step)
