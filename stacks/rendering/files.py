"""Writes manifests down, so that the same stack is the same bytes."""

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

from stacks.rendering.gitops import MANIFESTS, Repository, application, kustomizations
from stacks.rendering.steps import Manifest, Placed, step_of


class _Dumper(yaml.SafeDumper):
    """Texts of several lines stand as they are; nothing is an alias of anything."""

    def ignore_aliases(self, _: object) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def files_of(stack: str, placed: Iterable[Placed], repository: Repository | None) -> dict[str, str]:
    """Texts by path: the manifests, and what Argo CD and Flux are told where a repository is named."""
    listed = list(placed)
    texts = {f"{MANIFESTS}/{one.path}": dump(one.manifest) for one in listed}
    if repository is None:
        return texts
    steps = sorted({step_of(one.manifest) for one in listed})
    told = "---\n".join(dump(one) for one in kustomizations(stack, repository, steps))
    return {**texts, "argocd.yaml": dump(application(stack, repository)), "flux.yaml": told}


def dump(manifest: Manifest) -> str:
    """As YAML, keys in order; whole numbers without a point, however they travelled."""
    return yaml.dump(_whole(manifest), Dumper=_Dumper, sort_keys=True, allow_unicode=True, width=10_000)


def write(folder: Path, texts: Mapping[str, str]) -> None:
    """In place of what was rendered there before; other files stay."""
    shutil.rmtree(folder / MANIFESTS, ignore_errors=True)
    for path, text in texts.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def _whole(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
