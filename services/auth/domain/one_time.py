"""Opaque secrets that are handed out once and kept as a hash: refresh tokens, API keys, tokens in mails."""

import base64
import hashlib
import hmac

SECRET_BYTES = 32
API_KEY_PREFIX = "sk_"


def to_text(secret: bytes) -> str:
    """URL-safe, without padding: 43 characters for 32 bytes."""
    return base64.urlsafe_b64encode(secret).rstrip(b"=").decode()


def fingerprint(token: str) -> bytes:
    """What is kept. 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode()).digest()


def successor(key: bytes, presented: str, retry_key: str) -> bytes:
    """The next refresh token for a client that names its try, so that the same try again gets the same one."""
    return hmac.digest(key, b"refresh\n" + fingerprint(presented) + retry_key.encode(), "sha256")
