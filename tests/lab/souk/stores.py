"""The images that Souk's stores run in the lab: Debian's packages, answering to what `infra` asks of upstream's images."""

import subprocess
import tarfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.lab.cluster.docker import BASE, has_image
from tests.lab.docker.daemon import Daemon
from tests.lab.docker.images import Image
from tests.servers import elasticsearch, provision
from tests.servers.java import find_java

FOLDER = Path(__file__).with_name("images")
STORES = ("postgres", "redis", "rabbitmq", "elasticsearch", "minio", "prometheus", "alertmanager")
_ELASTICSEARCH_FILES = f"docker.io/souk-lab/elasticsearch-files:{elasticsearch.VERSION}"
_AT_ONCE = 3
# What only developers of Java programs read.
_LEFT_OUT = ("java/jmods", "java/lib/src.zip", "java/demo", "java/man")


def build(environment: Mapping[str, str], tell: Callable[[str], None]) -> Mapping[str, str]:
    """Bring all of them to the node; `repository@sha256:…` by store. What docker has built before it does not again."""
    _gather_elasticsearch(environment, tell)
    daemon = Daemon(environment)

    def make(store: str) -> str:
        tell(f"building the image of {store}, unless it is there")
        return daemon.make(image_of(store), lambda _: None)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return dict(zip(STORES, pool.map(make, STORES), strict=True))


def image_of(store: str) -> Image:
    """What docker is asked for."""
    folder = FOLDER / store
    files = {"FILES_IMAGE": _ELASTICSEARCH_FILES} if store == "elasticsearch" else {}
    return Image(
        name=f"docker.io/souk-lab/{store}:1",
        context=folder,
        dockerfile=folder / "Dockerfile",
        arguments={"BASE_IMAGE": BASE, **files},
    )


def _gather_elasticsearch(environment: Mapping[str, str], tell: Callable[[str], None]) -> None:
    """Elasticsearch is in no package of Debian's, and its tests' server is on this machine already, with its Java."""
    if has_image(_ELASTICSEARCH_FILES, environment):
        return
    provision.provide(["java", "elasticsearch"])
    tell("gathering Elasticsearch and its Java")
    command = ["docker", "import", "-", _ELASTICSEARCH_FILES]
    with subprocess.Popen(command, env={**environment}, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as docker:
        assert docker.stdin
        # Distributions keep parts of Java elsewhere, behind links.
        with tarfile.open(fileobj=docker.stdin, mode="w|", dereference=True) as archive:
            archive.add(find_java(), "java", filter=_wanted)
            archive.add(elasticsearch.find_home(), "elasticsearch", filter=_wanted)
    if docker.returncode:
        raise subprocess.CalledProcessError(docker.returncode, command)


def _wanted(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    if entry.name in _LEFT_OUT:
        return None
    entry.uid, entry.gid, entry.uname, entry.gname = 0, 0, "", ""
    return entry
