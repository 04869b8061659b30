"""What is graded: the stacks as they are rendered for GitOps, and every variant as it would be applied."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import msgspec
import yaml

from tests.stacks.files import STACKS
from tests.stacks.rendered import GOLDEN
from tests.stacks.variants import VARIANTS, variant

Manifest = Mapping[str, object]

NOT_GRADED: Mapping[str, str] = {
    "as little as possible": "it is for a machine whose node has all images already, and asks no registry for them",
}


@cache
def graded() -> Mapping[str, list[Manifest]]:
    """By stack or variant."""
    stacks = {stack: list(_read(GOLDEN / stack)) for stack in STACKS}
    variants = {name: [one.inputs for one in variant(name).objects()] for name in VARIANTS if name not in NOT_GRADED}
    return {**stacks, **variants}


def distinct() -> Mapping[str, list[Manifest]]:
    """Without what an earlier one has just so; NetworkPolicies stay, since others are judged by them."""
    seen: set[bytes] = set()
    left: dict[str, list[Manifest]] = {}
    for name, manifests in graded().items():
        keyed = [(msgspec.json.encode(manifest, order="sorted"), manifest) for manifest in manifests]
        left[name] = [one for key, one in keyed if key not in seen or one["kind"] == "NetworkPolicy"]
        seen |= {key for key, _ in keyed}
    return left


def written(by_name: Mapping[str, list[Manifest]], folder: Path) -> Mapping[str, Path]:
    """A file each."""
    paths = {name: folder / f"{name.replace(' ', '-')}.yaml" for name in by_name}
    for name, path in paths.items():
        path.write_text(yaml.dump_all(by_name[name], Dumper=yaml.CSafeDumper, width=200), encoding="utf-8")
    return paths


def of_kind(kind: str) -> Iterator[tuple[str, Manifest]]:
    """All objects of a kind, with the stack or variant they are in."""
    for name, manifests in graded().items():
        for manifest in manifests:
            if manifest["kind"] == kind:
                yield name, manifest


def _read(folder: Path) -> Iterator[Manifest]:
    for path in sorted(folder.rglob("*.yaml")):
        yield from yaml.load_all(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
