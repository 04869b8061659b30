"""Makes the secrets of a new stack: prints `souk:secrets` as JSON, for `pulumi config set --secret`.

What a stack has already is read from standard input and kept. What only others know (a payment company's key, the
address of a mail server) comes from JSON files given as arguments. Nothing is written anywhere.
"""

import base64
import secrets
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from services.launch.names import RUNNABLE
from stacks.configuration.sealed import Sealed

RANDOM = (
    "redis",
    "rabbitmq",
    "rabbitmq_cookie",
    "elasticsearch",
    "grafana",
    "objects_access_key",
    "objects_secret_key",
    "auth_data_key",
    "staff_password",
    "sandbox_api_key",
    "sandbox_webhook_secret",
)
FIRST_KEY = "0001.pem"
STAFF = "staff@souk.example"


def mint(known: Mapping[str, object]) -> Sealed:
    """What is known stays as it is; what is missing is made. Raises `msgspec.ValidationError` for what is wrong."""
    fresh: dict[str, object] = {name: _random() for name in RANDOM}
    fresh["staff_email"] = STAFF
    fresh["databases"] = {name: _random() for name in RUNNABLE} | _mapping(known, "databases")
    fresh["brokers"] = {name: _random() for name in RUNNABLE} | _mapping(known, "brokers")
    servers = ["postgres", *(f"postgres-{name}" for name in RUNNABLE)]
    fresh["postgres"] = {server: _random() for server in servers} | _mapping(known, "postgres")
    fresh["keys"] = {name: {FIRST_KEY: _key()} for name in RUNNABLE} | _mapping(known, "keys")
    kept = {name: value for name, value in known.items() if name not in {"brokers", "databases", "keys", "postgres"}}
    return msgspec.convert(fresh | kept, Sealed)


def _mapping(known: Mapping[str, object], name: str) -> dict[str, object]:
    return msgspec.convert(known.get(name, {}), dict[str, object])


def _random() -> str:
    return base64.b32encode(secrets.token_bytes(25)).decode().lower()


def _key() -> str:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def complete(known: str, files: Sequence[Path]) -> str:
    """JSON of what is `known` (or empty), with what is in `files` instead, and all that is missing made."""
    values = msgspec.json.decode(known.strip() or "{}", type=dict[str, object])
    for file in files:
        values |= msgspec.json.decode(file.read_bytes(), type=dict[str, object])
    return msgspec.json.encode(mint(values)).decode()


if __name__ == "__main__":
    sys.stdout.write(complete(sys.stdin.read(), [Path(file) for file in sys.argv[1:]]))
