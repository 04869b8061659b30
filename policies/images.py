"""What runs: images that are known, exact, and from where they may come."""

import re
from collections.abc import Iterable
from dataclasses import replace

from msgspec import Struct, convert

from policies.containers import Container
from policies.manifests import known
from policies.pods import Pod
from policies.rules import Adjust, Findings, Rule, on_containers

DIGEST = re.compile(r"@sha256:[0-9a-f]{64}$")
EXACT_VERSION = re.compile(r":(v?\d+\.\d+(\.\d+)?([-+.][0-9A-Za-z.-]+)?|RELEASE\.\d{4}-\d\d-\d\dT[0-9-]+Z)$")
"""`16.4`, `v3.7.13`, `8.19.2-alpine`, or MinIO's dates; a tag of one number moves with every release."""

REGISTRIES = ("docker.io", "ghcr.io", "quay.io", "registry.k8s.io", "docker.elastic.co")
"""Where third parties' images come from; a stack's own registry is added by the pack's configuration."""


def registry_of(image: str) -> str:
    """`docker.io` for an image that names none, as container runtimes take it."""
    first, slash, _ = image.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return first
    return "docker.io"


@on_containers(why="A tag can be moved: two pods of one Deployment would then run different code.")
def image_is_exact(_: Pod, container: Container) -> Findings:
    """Images are given by digest or by an exact version."""
    image = known(container.image)
    if not DIGEST.search(image) and not EXACT_VERSION.search(image):
        yield f"{image or 'no image'} is neither a digest nor an exact version"


@on_containers(why="Kubernetes guesses it from the tag, and with Never a new node starts nothing.")
def image_pull_policy_is_said(_: Pod, container: Container) -> Findings:
    """The imagePullPolicy is Always or IfNotPresent, and said."""
    if container.image_pull_policy not in {"Always", "IfNotPresent"}:
        yield f"imagePullPolicy is {container.image_pull_policy or 'not set'}"


def _known_registries(extra: Iterable[str] = ()) -> Rule:
    allowed = frozenset({*REGISTRIES, *extra})

    @on_containers(why="Who can push to a registry decides what runs.")
    def image_is_from_known_registry(_: Pod, container: Container) -> Findings:
        """Images come from registries that are listed."""
        registry = registry_of(known(container.image))
        if registry not in allowed:
            yield f"{registry} is not among {', '.join(sorted(allowed))}"

    return image_is_from_known_registry


class RegistrySettings(Struct, frozen=True):
    """Of the policy on registries, in the pack's configuration."""

    registries: tuple[str, ...] = ()
    """Hosts beside `REGISTRIES`: a stack's own."""


image_is_from_known_registry = replace(
    _known_registries(),
    adjust=Adjust(
        schema={"registries": {"type": "array", "items": {"type": "string"}}},
        apply=lambda settings: _known_registries(convert(settings, RegistrySettings).registries),
    ),
)

POLICIES = (image_is_exact, image_pull_policy_is_said, image_is_from_known_registry)
