"""What an embedded Souk must keep to itself: made once, at its first start, and kept beside its data."""

import secrets
from pathlib import Path

import msgspec
from msgspec import Struct, field


def _fresh() -> str:
    return secrets.token_urlsafe(32)


class Secrets(Struct, frozen=True, kw_only=True):
    """Random text for each purpose."""

    auth_data_key: str = field(default_factory=_fresh)
    sandbox_api_key: str = field(default_factory=_fresh)
    sandbox_webhook_secret: str = field(default_factory=_fresh)


def keep_secrets(path: Path) -> Secrets:
    """Those in `path`; what is not there yet is made and written, readable by the owner alone."""
    known = msgspec.json.decode(path.read_bytes(), type=Secrets) if path.exists() else Secrets()
    draft = path.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_bytes(msgspec.json.encode(known))
    draft.replace(path)
    return known
