"""Asking for codes at log-in: setting it up, confirming, and turning it off."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from msgspec import Struct

from services.auth.actions.login import check_code
from services.auth.actions.noting import note
from services.auth.clients.vault import Vault
from services.auth.domain.accounts import User
from services.auth.domain.audit import Action, Note
from services.auth.domain.one_time import fingerprint
from services.auth.domain.totp import (
    RECOVERY_BYTES,
    RECOVERY_CODES,
    SECRET_BYTES,
    TotpAlreadyOn,
    TotpNotEnrolled,
    accept,
    enrolment_uri,
    plain_recovery,
    to_recovery_codes,
    to_secret,
)
from services.auth.store import users
from services.chassis.database import Unit


class Enrolment(Struct, frozen=True, kw_only=True):
    """Show `uri` as a QR code, or let `secret` be typed; then confirm with a first code."""

    secret: str
    uri: str


async def enrol(unit: Unit, vault: Vault, user_id: UUID) -> Enrolment:
    """A new secret, which counts once it is confirmed. Raises `TotpAlreadyOn`."""
    user = await users.load(unit, user_id)
    if user.uses_totp:
        raise TotpAlreadyOn
    secret = to_secret(vault.chance(SECRET_BYTES))
    sealed = vault.seal.close(secret, owner=str(user.id))
    await users.save(unit, msgspec.structs.replace(user, totp_sealed=sealed, totp_step=0))
    return Enrolment(secret=secret, uri=enrolment_uri(secret, user.email))


async def confirm(unit: Unit, vault: Vault, user_id: UUID, code: str) -> Sequence[str]:
    """From now on log-in asks for codes; the recovery codes, never shown again.

    Raises `TotpAlreadyOn`, `TotpNotEnrolled`, `CodeRefused`.
    """
    user = await users.load(unit, user_id)
    if user.uses_totp:
        raise TotpAlreadyOn
    if user.totp_sealed is None:
        raise TotpNotEnrolled
    secret = vault.seal.open(user.totp_sealed, owner=str(user.id))
    step = accept(secret, code, last_step=user.totp_step, now=unit.now)
    await users.save(unit, msgspec.structs.replace(user, totp_confirmed_at=unit.now, totp_step=step))
    codes = to_recovery_codes(vault.chance(RECOVERY_CODES * RECOVERY_BYTES))
    await users.keep_recovery_codes(unit, user.id, [fingerprint(plain_recovery(code)) for code in codes])
    await note(unit, vault, Note(action=Action.TOTP_CONFIRMED, actor_id=user.id, subject_id=user.id))
    return codes


async def disable(unit: Unit, vault: Vault, user_id: UUID, code: str) -> None:
    """Needs a code, or a recovery code. Raises `TotpNotEnrolled`, `CodeRefused`."""
    user = await users.load(unit, user_id)
    if not user.uses_totp:
        raise TotpNotEnrolled
    await check_code(unit, vault, user, code)
    await turn_off(unit, user)
    await note(unit, vault, Note(action=Action.TOTP_DISABLED, actor_id=user.id, subject_id=user.id))


async def turn_off(unit: Unit, user: User) -> None:
    """Log-in asks for the password alone."""
    off = msgspec.structs.replace(user, totp_sealed=None, totp_confirmed_at=None, totp_step=0)
    await users.save(unit, off)
    await users.keep_recovery_codes(unit, user.id, ())
