"""Prints what a secret manager must hold for a stack: commands for Vault, or JSON by key for any other.

`python -m stacks.deposits vault souk/prod given.json`. As in `stacks.minting`, what is known is read from standard
input, what only others know from files, and the rest is made.
"""

import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from stacks.configuration.sealed import Sealed, SecretManager
from stacks.minting import complete
from stacks.safe import VALUE, key_of

Form = Literal["vault", "json"]
Deposits = Mapping[str, Mapping[str, str]]
"""Texts by property, by key."""


def deposits(secrets: Sealed, manager: SecretManager) -> Deposits:
    """All that is known of the secrets, under the keys by which the stack asks for them."""
    return {key_of(manager, name): dict(texts) for name, texts in _entries(secrets)}


def _entries(secrets: Sealed) -> Iterator[tuple[str, Mapping[str, str]]]:
    for field, value in msgspec.structs.asdict(secrets).items():
        match value:
            case str():
                yield field, {VALUE: value}
            case Mapping():
                for name, held in value.items():
                    yield f"{field}/{name}", held if isinstance(held, Mapping) else {VALUE: held}
            case _:
                pass  # What nobody gave is left out.


def told(made: Deposits, form: Form) -> str:
    """For a shell that is logged in to Vault, whose key-value engine is mounted at `secret`; or JSON."""
    if form == "json":
        return msgspec.json.format(msgspec.json.encode(made)).decode() + "\n"
    return "".join(
        f"vault kv put -mount=secret {shlex.quote(key)} - <<'END'\n{msgspec.json.encode(texts).decode()}\nEND\n"
        for key, texts in made.items()
    )


def main(form: str, path: str, files: list[str]) -> str:
    """What the command line asked for. Raises `msgspec.ValidationError` for what is wrong."""
    manager = msgspec.convert({"source": "external-secrets", "store": "any", "path": path}, SecretManager)
    secrets = msgspec.json.decode(complete(sys.stdin.read(), [Path(file) for file in files]), type=Sealed)
    return told(deposits(secrets, manager), msgspec.convert(form, Form))


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
