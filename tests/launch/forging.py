"""Access tokens signed with auth's own key, with something about each that makes them worthless."""

import base64
from pathlib import Path

import jwt
import msgspec

from services.chassis.identity.keys import KeyRing, SigningKey

Claims = dict[str, object]


def auth_key(data: Path) -> SigningKey:
    """What auth signs with now."""
    return KeyRing(data / "keys" / "auth").signing()


def claims_of(token: str) -> Claims:
    """Without looking at the signature."""
    payload = token.split(".")[1]
    return msgspec.json.decode(base64.urlsafe_b64decode(payload + "=="), type=Claims)


def resign(token: str, key: SigningKey, *, typ: str = "at+jwt", **changed: object) -> str:
    """The same claims but for those that are given."""
    return jwt.encode(
        {**claims_of(token), **changed}, key.private, algorithm="EdDSA", headers={"kid": key.kid, "typ": typ}
    )


def expired(token: str, key: SigningKey) -> str:
    """An hour ago."""
    claims = msgspec.convert(claims_of(token), dict[str, object])
    issued, ends = (msgspec.convert(claims[name], int) - 3600 for name in ("iat", "exp"))
    return resign(token, key, iat=issued, exp=ends)
