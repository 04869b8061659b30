"""What auth knows of a person, for the person."""

from datetime import datetime
from uuid import UUID

import msgspec

from services.auth.store import api_keys, audit, sessions, users
from services.chassis.database import Database
from services.contracts.users import PersonalData

MOST = 1000


async def export(database: Database, user_id: UUID, *, now: datetime) -> PersonalData:
    """Account, living sessions, API keys and the latest entries of the log; no secrets. Raises `UserMissing`."""
    user = await users.get(database, user_id)
    living = await sessions.page(database, user_id, now=now, before=None, limit=MOST)
    keys = await api_keys.owned(database, user_id)
    entries = await audit.page(database, subject_id=user_id, limit=MOST)
    held: dict[str, object] = {
        "account": {
            "email": user.email,
            "roles": sorted(user.roles),
            "created_at": user.created_at,
            "verified_at": user.verified_at,
            "asks_for_codes": user.uses_totp,
        },
        "sessions": [msgspec.to_builtins(session) for session in living],
        "api_keys": [
            {"name": key.name, "hint": key.hint, "scopes": key.scopes, "created_at": key.created_at} for key in keys
        ],
        "log": [{"at": entry.at, "action": entry.action, "details": entry.details} for entry in entries],
    }
    return PersonalData(service="auth", held=held)
