"""What a log-in is worth: an access token for now, and a refresh token for the next."""

from uuid import UUID

from msgspec import Struct

from services.auth.clients.vault import Vault
from services.auth.domain.accounts import User
from services.auth.domain.one_time import SECRET_BYTES, fingerprint, to_text
from services.auth.domain.sessions import Client, Session, next_token, open_session
from services.auth.store import devices, sessions
from services.chassis.database import Unit
from services.chassis.identity.tokens import ACCESS_TTL_S, GATEWAY_AUDIENCE, AccessClaims, sign

ISSUER = "souk-auth"
TOKEN_TYPE = "Bearer"  # noqa: S105 - the name of the scheme, RFC 6750.


class Grant(Struct, frozen=True, kw_only=True):
    """Send `access_token` as `Authorization: Bearer …`. When it has expired, exchange `refresh_token`, once.

    `device_token` comes with a log-in from a new device: keep it, and send it with later log-ins from there, so that
    they are not slowed down by others who guess.
    """

    access_token: str
    expires_in: int
    """Seconds."""
    refresh_token: str
    session_id: UUID
    token_type: str = TOKEN_TYPE
    device_token: str | None = None


def new_secret(vault: Vault) -> str:
    """256 bits as text."""
    return to_text(vault.chance(SECRET_BYTES))


async def begin(unit: Unit, vault: Vault, user: User, client: Client, device_id: UUID | None) -> Grant:
    """A new session."""
    session = open_session(unit.new_id(), user.id, client, now=unit.now)
    await sessions.add(unit, session)
    refresh_token = new_secret(vault)
    await sessions.add_token(unit, next_token(session, fingerprint(refresh_token), now=unit.now))
    device_token = await _recognise(unit, vault, user.id, device_id)
    return grant(unit, vault, user, session, refresh_token, device_token=device_token)


async def _recognise(unit: Unit, vault: Vault, user_id: UUID, device_id: UUID | None) -> str | None:
    if device_id is not None:
        await devices.see(unit, device_id)
        return None
    device_token = new_secret(vault)
    await devices.add(unit, unit.new_id(), user_id, fingerprint(device_token))
    return device_token


def grant(
    unit: Unit, vault: Vault, user: User, session: Session, refresh_token: str, *, device_token: str | None = None
) -> Grant:
    """The tokens of a session, from now."""
    issued_at = int(unit.now.timestamp())
    claims = AccessClaims(
        iss=ISSUER,
        aud=GATEWAY_AUDIENCE,
        sub=user.id,
        sid=session.id,
        roles=user.roles,
        iat=issued_at,
        exp=issued_at + ACCESS_TTL_S,
        jti=unit.new_id(),
    )
    return Grant(
        access_token=sign(claims, vault.keys.signing()),
        expires_in=ACCESS_TTL_S,
        refresh_token=refresh_token,
        session_id=session.id,
        device_token=device_token,
    )
