"""The kinds of every operator that the stacks declare objects of, out of the operators' own Go modules.

In the versions that `stacks.cluster` installs; what they are is pinned in `tests/lab/modules/definitions/go.sum`.
"""

import hashlib
import json
import os
import subprocess
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import yaml
from msgspec import Struct

from stacks.cluster.catalogue import OFFERS
from tests.lab.building.build import cache_folder
from tests.lab.building.pins import MODULES
from tests.lab.building.toolchain import find_go
from tests.lab.engine.wire import Json, Object, object_at, text_at

_FOLDER = MODULES / "definitions"


class Source(Struct, frozen=True, kw_only=True):
    """Files of a module, without the YAML ending."""

    module: str
    folder: str
    files: Sequence[str]
    kinds: Sequence[str] = ()
    """Empty for all that are in the files."""
    version: str = ""
    """Where it is not that of the addon, such as that of a chart."""


SOURCES: Mapping[str, Source] = {
    "argo-rollouts": Source(
        module="github.com/argoproj/argo-rollouts",
        folder="manifests/crds",
        files=["analysis-template-crd", "rollout-crd"],
    ),
    "cert-manager": Source(
        module="github.com/cert-manager/cert-manager",
        folder="deploy/crds",
        files=["cert-manager.io_certificates", "cert-manager.io_clusterissuers", "cert-manager.io_issuers"],
    ),
    "cnpg": Source(
        module="github.com/cloudnative-pg/cloudnative-pg",
        folder="config/crd/bases",
        files=["postgresql.cnpg.io_clusters"],
    ),
    "eck": Source(
        module="github.com/elastic/cloud-on-k8s/v3",
        folder="config/crds/v1/resources",
        files=["elasticsearch.k8s.elastic.co_elasticsearches"],
    ),
    "external-secrets": Source(
        module="github.com/external-secrets/external-secrets",
        folder="config/crds/bases",
        files=["external-secrets.io_externalsecrets"],
    ),
    "gateway-api": Source(
        module="sigs.k8s.io/gateway-api",
        folder="config/crd/standard",
        files=[f"gateway.networking.k8s.io_{kind}" for kind in ("gatewayclasses", "gateways", "httproutes")],
    ),
    # Not installed by `stacks.cluster`: a mesh is a matter of the whole cluster.
    "istio": Source(
        module="istio.io/api",
        folder="kubernetes",
        files=["customresourcedefinitions.gen"],
        kinds=["AuthorizationPolicy", "PeerAuthentication", "Sidecar"],
        version="v1.31.1",
    ),
    "prometheus-operator": Source(
        module="github.com/prometheus-operator/prometheus-operator",
        folder="example/prometheus-operator-crd",
        files=["monitoring.coreos.com_podmonitors", "monitoring.coreos.com_prometheusrules"],
    ),
    "rabbitmq-operator": Source(
        module="github.com/rabbitmq/cluster-operator/v2",
        folder="config/crd/bases",
        files=["rabbitmq.com_rabbitmqclusters"],
    ),
    "redis-operator": Source(
        module="github.com/OT-CONTAINER-KIT/redis-operator",
        folder="config/crd/bases",
        files=[f"redis.redis.opstreelabs.in_{kind}" for kind in ("redisreplications", "redissentinels")],
    ),
    "snapshots": Source(
        module="github.com/kubernetes-csi/external-snapshotter/client/v8",
        folder="config/crd",
        files=["snapshot.storage.k8s.io_volumesnapshots"],
    ),
    "vertical-pod-autoscaler": Source(
        module="k8s.io/autoscaler/vertical-pod-autoscaler",
        folder="deploy",
        files=["vpa-v1-crd-gen"],
        version="v1.8.1",
    ),
}


class DefinitionsMissing(Exception):
    """A module cannot be fetched, or is not the one that was pinned."""


class _Fetched(Struct, kw_only=True, rename="pascal"):
    """What `go mod download -json` says. There may be an error too, such as a module that wants a newer Go."""

    path: str = ""
    version: str = ""
    zip: str = ""
    sum: str = ""
    error: str = ""


def definitions(environment: Mapping[str, str], tell: Callable[[str], None]) -> list[Object]:
    """Every CustomResourceDefinition; fetched once and kept. Raises `DefinitionsMissing` or `GoMissing`."""
    kept = cache_folder(environment) / f"definitions-{_pins()}.json"
    if not kept.exists():
        tell("fetching the operators' definitions from their Go modules")
        found = [one for name, source in SOURCES.items() for one in _read(source, _fetch(name, environment))]
        making = kept.with_suffix(".making")
        making.write_text(json.dumps(found))
        making.replace(kept)
    loaded: list[Json] = json.loads(kept.read_text())
    return [object_at(one) for one in loaded]


def version_of(name: str) -> str:
    """Of the module: that which the cluster's project installs."""
    offered = {str(addon): offer.version for addon, offer in OFFERS.items()}
    return SOURCES[name].version or f"v{offered[name].removeprefix('v')}"


def _pins() -> str:
    versions = [(source, version_of(name)) for name, source in SOURCES.items()]
    return hashlib.sha256(repr(versions).encode() + (_FOLDER / "go.sum").read_bytes()).hexdigest()[:16]


def _fetch(name: str, environment: Mapping[str, str]) -> Path:
    """The module's archive."""
    wanted = f"{SOURCES[name].module}@{version_of(name)}"
    go = find_go(cache_folder(environment), environment.get("PATH"))
    own = {"GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local", "GOWORK": "off"}
    asked = [str(go), "mod", "download", "-json", wanted]
    done = subprocess.run(
        asked, cwd=_FOLDER, env={**os.environ, **environment, **own}, capture_output=True, text=True, check=False
    )
    fetched = msgspec.json.decode(done.stdout or "{}", type=_Fetched)
    if not fetched.zip:
        raise DefinitionsMissing(f"{wanted} cannot be fetched: {fetched.error or done.stderr}")
    if f"{fetched.path} {fetched.version} {fetched.sum}\n" not in (_FOLDER / "go.sum").read_text():
        raise DefinitionsMissing(f"{wanted} is not pinned in {_FOLDER / 'go.sum'}: {fetched.sum}")
    return Path(fetched.zip)


def _read(source: Source, archive: Path) -> Iterator[Object]:
    root = archive.stem
    with zipfile.ZipFile(archive) as opened:
        for file in source.files:
            text = opened.read(f"{source.module}@{root}/{source.folder}/{file}.yaml")
            for document in text.decode().split("\n---"):
                # Parsing takes long; most of a file that holds many is not wanted.
                if not source.kinds or any(f"    kind: {kind}\n" in document for kind in source.kinds):
                    yield from _definition(yaml.load(document, yaml.CSafeLoader))


def _definition(loaded: Json) -> Iterator[Object]:
    if text_at(loaded, "kind") == "CustomResourceDefinition":
        yield object_at(without_prose(loaded))


def without_prose(value: Json) -> Json:
    """Without the descriptions in schemas: nine tenths of most."""
    if isinstance(value, dict):
        return {key: without_prose(one) for key, one in value.items() if not _is_prose(key, one)}
    return [without_prose(one) for one in value] if isinstance(value, list) else value


def _is_prose(key: str, value: Json) -> bool:
    # A field may be called so too; then it has a schema, not a text.
    return key == "description" and isinstance(value, str)
