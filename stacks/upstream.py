"""Images that are not ours: an exact version each, and the digest of it where `images.lock.json` knows one."""

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pulumi

from infra.pod import Image
from stacks.configuration.shape import Upstream, UpstreamName

LOCK = Path(__file__).with_name("images.lock.json")
_BASE = re.compile(r"^ARG BASE_IMAGE=(\S+)$", re.MULTILINE)

USUAL: Mapping[UpstreamName, str] = {
    "postgres": "docker.io/library/postgres:17.6",
    "redis": "docker.io/library/redis:7.4.5",
    "rabbitmq": "docker.io/library/rabbitmq:4.1.4",
    "elasticsearch": "docker.elastic.co/elasticsearch/elasticsearch:9.4.3",
    "prometheus": "docker.io/prom/prometheus:v3.5.0",
    "alertmanager": "docker.io/prom/alertmanager:v0.28.1",
    "grafana": "docker.io/grafana/grafana:12.1.1",
    "minio": "docker.io/minio/minio:RELEASE.2025-09-07T16-13-09Z",
}


def image_of(name: UpstreamName, upstream: Upstream, login: pulumi.Input[str] | None) -> Image:
    """The one the stack asks for instead, or the usual one, pinned if its digest is known."""
    reference = upstream.instead.get(name, USUAL[name])
    return Image(reference=pinned(reference) or reference, pull=upstream.pull, login=login)


def pinned(reference: str, lock: Path = LOCK) -> str | None:
    """With its digest, where that is known."""
    digest = msgspec.json.decode(lock.read_bytes(), type=dict[str, str]).get(reference)
    return f"{reference}@{digest}" if digest else None


def base_of(dockerfile: Path) -> str:
    """What an image of ours is made on unless it is told otherwise."""
    found = _BASE.search(dockerfile.read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(f"{dockerfile} names no BASE_IMAGE")
    return found[1]
