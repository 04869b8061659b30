"""Images that are not ours: an exact version each, and the digest of it where `images.lock.json` knows one."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pulumi

from infra.pod import Image
from stacks.configuration.shape import Upstream, UpstreamName

LOCK = Path(__file__).with_name("images.lock.json")

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
    digest = _digests().get(reference)
    return Image(reference=f"{reference}@{digest}" if digest else reference, pull=upstream.pull, login=login)


def _digests() -> dict[str, str]:
    return msgspec.json.decode(LOCK.read_bytes(), type=dict[str, str])
