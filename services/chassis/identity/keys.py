"""Ed25519 signing keys in a folder of PEM files, and the public halves as a JWK set (RFC 7517, RFC 8037).

A key is made by writing a file and retired by deleting it; names sort by age. The newest file that has been there for
`ACTIVATION_S` signs, so that every process publishes a key before any process uses it.
"""

import base64
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

ACTIVATION_S = 30.0
RELOAD_S = 5.0


class Jwk(msgspec.Struct, frozen=True, kw_only=True):
    """The public half of a key."""

    kid: str
    x: str
    kty: str = "OKP"
    crv: str = "Ed25519"
    alg: str = "EdDSA"
    use: str = "sig"


class JwkSet(msgspec.Struct, frozen=True, kw_only=True):
    """What `/.well-known/jwks.json` answers."""

    keys: list[Jwk]


class NoSigningKey(Exception):
    """The folder holds no usable key."""


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """A private key and the name verifiers know it by: its RFC 7638 thumbprint."""

    kid: str
    private: Ed25519PrivateKey
    since: float
    """Unix seconds at which the file appeared."""

    @property
    def public(self) -> Ed25519PublicKey:
        """The half that may be told."""
        return self.private.public_key()


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def to_jwk(key: Ed25519PublicKey) -> Jwk:
    """The key as JWK, named by its thumbprint."""
    x = _base64url(key.public_bytes(Encoding.Raw, PublicFormat.Raw))
    canonical = f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'
    return Jwk(kid=_base64url(hashlib.sha256(canonical.encode()).digest()), x=x)


def from_jwk(jwk: Jwk) -> Ed25519PublicKey:
    """Raises ValueError for a key that is not Ed25519."""
    if jwk.kty != "OKP" or jwk.crv != "Ed25519":
        raise ValueError(f"key {jwk.kid} is {jwk.kty} {jwk.crv}, not OKP Ed25519")
    return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(jwk.x + "=" * (-len(jwk.x) % 4)))


def make_key(folder: Path, *, name: str | None = None) -> Path:
    """Add a key to `folder` (made with mode 0700); it begins to sign `ACTIVATION_S` later, the first one at once."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{name or time.time_ns()}.pem"
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    draft = path.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_bytes(pem)
    draft.rename(path)
    return path


class KeyRing:
    """The keys of one signer, reread from their folder every `RELOAD_S` seconds."""

    def __init__(
        self, folder: Path, *, activation_s: float = ACTIVATION_S, now: Callable[[], float] = time.time
    ) -> None:
        self._folder = folder
        self._activation_s = activation_s
        self._now = now
        self._read_at = float("-inf")
        self._keys: tuple[SigningKey, ...] = ()

    def signing(self) -> SigningKey:
        """The key to sign with now. Raises `NoSigningKey`."""
        keys = self._current()
        if not keys:
            raise NoSigningKey(f"{self._folder} holds no *.pem signing key")
        ripe = [key for key in keys if self._now() - key.since >= self._activation_s]
        return ripe[-1] if ripe else keys[0]

    def jwks(self) -> JwkSet:
        """Every public key a verifier may meet."""
        return JwkSet(keys=[to_jwk(key.public) for key in self._current()])

    def publics(self) -> Mapping[str, Ed25519PublicKey]:
        """The same, for a verifier in this process."""
        return {key.kid: key.public for key in self._current()}

    def _current(self) -> tuple[SigningKey, ...]:
        if self._now() - self._read_at >= RELOAD_S:
            self._keys = tuple(_read(path) for path in sorted(self._folder.glob("*.pem")))
            self._read_at = self._now()
        return self._keys


def _read(path: Path) -> SigningKey:
    private = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(private, Ed25519PrivateKey):
        raise NoSigningKey(f"{path} is not an Ed25519 key")
    return SigningKey(kid=to_jwk(private.public_key()).kid, private=private, since=path.stat().st_mtime)
