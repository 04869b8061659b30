"""What a stack is told when it is rendered: its own file, with secrets as references and images by digest."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

DIGEST = "@sha256:"


class Unrenderable(Exception):
    """The stack, or what came of it, must not be written down; says why."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What the stack's file leaves open; what it settles itself stays."""

    store: str
    """The ClusterSecretStore, where the stack's own secrets are generated."""
    service_image: str | None = None
    client_image: str | None = None
    """By digest, where the stack builds its images."""


class _File(msgspec.Struct):
    config: dict[str, object]


def values_for(stack: str, file: Path, choices: Choices) -> dict[str, object]:
    """By key, as `Pulumi.<stack>.yaml` has them. Raises `Unrenderable`."""
    given = msgspec.yaml.decode(file.read_bytes(), type=_File).config
    own = {key: value for key, value in given.items() if key != "souk:secrets"}
    return {
        **own,
        "souk:secrets_from": _references(own.get("souk:secrets_from"), stack, choices),
        "souk:images": _images(own.get("souk:images"), choices),
    }


def _references(own: object, stack: str, choices: Choices) -> object:
    if isinstance(own, Mapping) and own.get("source") == "external-secrets":
        return own
    return {"source": "external-secrets", "store": choices.store, "path": f"souk/{stack}"}


def _images(own: object, choices: Choices) -> object:
    is_given = isinstance(own, Mapping) and own.get("source") == "given"
    settled = dict(own) if isinstance(own, Mapping) and is_given else {"source": "given"}
    asked = {"service": choices.service_image, "postgres_client": choices.client_image}
    images = settled | {name: image for name, image in asked.items() if image}
    loose = [name for name in asked if DIGEST not in str(images.get(name, ""))]
    if loose:
        raise Unrenderable(f"no digest is known of the image of {' and '.join(loose)}: name it with its @sha256:")
    return images
