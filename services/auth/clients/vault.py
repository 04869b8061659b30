"""Everything that is secret: how passwords are hashed, what seals and signs, and where chance comes from."""

import hashlib
import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.auth.clients.hashing import Hasher
from services.chassis.identity.keys import KeyRing

NONCE_BYTES = 12
Chance = Callable[[int], bytes]
"""So many random bytes."""


class Seal:
    """Keeps what must be read again: AES-256-GCM, bound to whose it is."""

    def __init__(self, data_key: str, *, chance: Chance) -> None:
        self._aead = AESGCM(derive(data_key, "sealing"))
        self._chance = chance

    def close(self, secret: str, *, owner: str) -> bytes:
        """Nonce, text and tag."""
        nonce = self._chance(NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, secret.encode(), owner.encode())

    def open(self, sealed: bytes, *, owner: str) -> str:
        """Raises `cryptography.exceptions.InvalidTag` when it was sealed with another key or for another owner."""
        return self._aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], owner.encode()).decode()


@dataclass(frozen=True, kw_only=True)
class Vault:
    """What use cases need of secrets."""

    hasher: Hasher
    seal: Seal
    succession: bytes
    """Key from which successors of refresh tokens are derived for clients that may retry."""
    chain: bytes
    """Key of the audit log's digests."""
    keys: KeyRing
    chance: Chance


def open_vault(data_key: str, keys: KeyRing, *, hasher: Hasher, chance: Chance = os.urandom) -> Vault:
    """Everything derives from the one `data_key`."""
    return Vault(
        hasher=hasher,
        seal=Seal(data_key, chance=chance),
        succession=derive(data_key, "succession"),
        chain=derive(data_key, "chain"),
        keys=keys,
        chance=chance,
    )


def derive(data_key: str, use: str) -> bytes:
    """A key of 32 bytes for one use."""
    return hmac.digest(hashlib.sha256(data_key.encode()).digest(), use.encode(), "sha256")
