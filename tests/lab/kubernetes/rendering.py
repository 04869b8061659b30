"""Writes objects into files instead of a cluster: one YAML file each, custom resource definitions apart.

File names are those that the official plugin chooses, so that a rendered stack does not depend on who rendered it.
"""

from pathlib import Path

import yaml

from tests.lab.engine.wire import Object
from tests.lab.kubernetes.objects import kind_of, name_of, namespace_of


def place(directory: Path, manifest: Object) -> Path:
    """Where an object is written: definitions come first when a folder is applied in the order of its names."""
    kind = kind_of(manifest)
    folder = "0-crd" if kind.name == "CustomResourceDefinition" else "1-manifest"
    parts = [kind.api_version.replace("/", "_"), kind.name.lower(), namespace_of(manifest), name_of(manifest)]
    return directory / folder / f"{'-'.join(part for part in parts if part)}.yaml"


def render(directory: Path, manifest: Object) -> None:
    """Write it, over what was there. Secrets are written in plain text, as the cluster would get them."""
    path = place(directory, manifest)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(manifest, sort_keys=True, allow_unicode=True, width=120))


def forget(directory: Path, manifest: Object) -> None:
    """Remove its file, if it is there."""
    place(directory, manifest).unlink(missing_ok=True)
