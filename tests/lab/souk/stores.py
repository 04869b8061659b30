"""The images that Souk's stores run in the lab: Debian's packages, answering to what `infra` asks of upstream's images.

What docker has built before it does not build again, and what the node has is not brought to it again.
"""

import subprocess
import tarfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.lab.building.build import Builder
from tests.lab.building.pins import STORES as PROGRAMS
from tests.lab.building.pins import pins
from tests.lab.cluster.docker import BASE, has_image
from tests.lab.docker.daemon import Daemon
from tests.lab.docker.images import Image
from tests.servers import elasticsearch, provision
from tests.servers.java import find_java

FOLDER = Path(__file__).with_name("images")
STORES = ("postgres", "redis", "rabbitmq", "elasticsearch", "minio", "prometheus", "alertmanager")
_REPOSITORY = "docker.io/souk-lab"
_ELASTICSEARCH = f"{_REPOSITORY}/elasticsearch-files:{elasticsearch.VERSION}"
_AT_ONCE = 3
# What only developers of Java programs read.
_LEFT_OUT = ("java/jmods", "java/lib/src.zip", "java/demo", "java/man")


class Stores:
    """With the docker of an environment."""

    def __init__(self, environment: Mapping[str, str], tell: Callable[[str], None]) -> None:
        self._environment = environment
        self._tell = tell
        self._programs = f"{_REPOSITORY}/programs:{pins(PROGRAMS)}"

    def build(self) -> Mapping[str, str]:
        """Bring all of them to the node; `repository@sha256:…` by store."""
        self._gather_programs()
        self._gather_elasticsearch()
        daemon = Daemon(self._environment)

        def make(store: str) -> str:
            made = daemon.make(self.image_of(store), lambda _: None)
            self._tell(f"the image of {store} is there")
            return made

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return dict(zip(STORES, pool.map(make, STORES), strict=True))

    def image_of(self, store: str) -> Image:
        """What docker is asked for."""
        folder = FOLDER / store
        files = {
            "elasticsearch": {"FILES_IMAGE": _ELASTICSEARCH},
            "minio": {"PROGRAMS_IMAGE": self._programs},
            "prometheus": {"PROGRAMS_IMAGE": self._programs},
        }
        return Image(
            name=f"{_REPOSITORY}/{store}:1",
            context=folder,
            dockerfile=folder / "Dockerfile",
            arguments={"BASE_IMAGE": BASE, **files.get(store, {})},
        )

    def _gather_programs(self) -> None:
        if not has_image(self._programs, self._environment):
            built = Builder(self._environment, self._tell, PROGRAMS).build(PROGRAMS)
            self._gather(self._programs, {program.name: built / program.name for program in PROGRAMS})

    def _gather_elasticsearch(self) -> None:
        """It is in no package of Debian's, and the server that other tests run is on this machine, with its Java."""
        if not has_image(_ELASTICSEARCH, self._environment):
            provision.provide(["java", "elasticsearch"])
            self._gather(_ELASTICSEARCH, {"java": find_java(), "elasticsearch": elasticsearch.find_home()})

    def _gather(self, name: str, files: Mapping[str, Path]) -> None:
        """An image of these files and nothing else, for others to copy from."""
        self._tell(f"gathering {', '.join(files)}")
        command = ["docker", "import", "-", name]
        with subprocess.Popen(
            command, env={**self._environment}, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        ) as docker:
            assert docker.stdin
            # Distributions keep parts of Java elsewhere, behind links.
            with tarfile.open(fileobj=docker.stdin, mode="w|", dereference=True) as archive:
                for path, source in files.items():
                    archive.add(source, path, filter=_wanted)
        if docker.returncode:
            raise subprocess.CalledProcessError(docker.returncode, command)


def _wanted(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    if entry.name in _LEFT_OUT:
        return None
    entry.uid, entry.gid, entry.uname, entry.gname = 0, 0, "", ""
    return entry
