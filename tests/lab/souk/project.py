"""The Pulumi project of Souk in the lab: the repository's program, with a configuration made of dev's.

It stands in a folder of its own, so that no file of the repository is written.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

from tests.lab.engine.wire import Json, Object, object_at

STACK = "lab"
REPOSITORY = Path(__file__).parents[3]
_OTHERWISE = Path(__file__).with_name("lab.yaml")
# Written by Pulumi into the stack's file, and kept when the rest of it is made anew.
_SALT, _SECRETS = "encryptionsalt", "souk:secrets"


def write(folder: Path, images: Mapping[str, str]) -> None:
    """The project and its stack's configuration; secrets that were made stay."""
    folder.mkdir(parents=True, exist_ok=True)
    options: Json = {"virtualenv": sys.prefix}
    project: Object = {
        "name": "souk",
        "runtime": {"name": "python", "options": options},
        "main": str(REPOSITORY / "stacks"),
    }
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    file = folder / f"Pulumi.{STACK}.yaml"
    known = _read(file) if file.exists() else {}
    (file).write_text(yaml.safe_dump(_with_kept(configuration(images), known)))


def tell(folder: Path, path: str, value: Json) -> None:
    """Write one thing otherwise: `souk:services.settings`."""
    file = folder / f"Pulumi.{STACK}.yaml"
    for name in reversed(path.split(".")):
        value = {name: value}
    file.write_text(yaml.safe_dump(over(_read(file), {"config": value})))


def has_secrets(folder: Path) -> bool:
    """Whether they were made."""
    return _SECRETS in object_at(_read(folder / f"Pulumi.{STACK}.yaml"), "config")


def configuration(images: Mapping[str, str]) -> Object:
    """Of dev, with what the lab is told otherwise, and these images of stores."""
    stores: Object = {"config": {"souk:upstream": {"instead": {**images}}}}
    return over(over(_read(REPOSITORY / "Pulumi.dev.yaml"), _read(_OTHERWISE)), stores)


def over(given: Object, otherwise: Object) -> Object:
    """The second wins wherever both say something."""
    merged = dict(given)
    for key, value in otherwise.items():
        before = merged.get(key)
        merged[key] = over(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return merged


def _with_kept(made: Object, known: Object) -> Object:
    salt: Object = {_SALT: known[_SALT]} if _SALT in known else {}
    kept = object_at(known, "config").get(_SECRETS)
    return over({**made, **salt}, {"config": {_SECRETS: kept} if kept else {}})


def _read(file: Path) -> Object:
    loaded: Json = yaml.safe_load(file.read_text())
    return object_at(loaded)
