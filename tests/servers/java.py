"""Finding a Java that Elasticsearch runs on."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.servers.binaries import ServerMissing, version_of

AT_LEAST = (21,)
ADVICE = (
    "Install a JDK of 21 or newer (macOS: brew install openjdk) and set JAVA_HOME. Or set SOUK_TEST_ELASTICSEARCH_URL."
)
_PLACES = (
    "usr/lib/jvm/*",
    "opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
    "usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
    "Library/Java/JavaVirtualMachines/*/Contents/Home",
)


def find_java() -> Path:
    """The home of a Java runtime. Raises `ServerMissing`."""
    for home in _homes():
        if _is_whole(home) and version_of(home / "bin" / "java") >= AT_LEAST:
            return home
    raise ServerMissing(f"Elasticsearch needs Java 21 or newer and none was found. {ADVICE}")


def _homes() -> Iterator[Path]:
    yield from (Path(os.environ[name]) for name in ("ES_JAVA_HOME", "JAVA_HOME") if os.environ.get(name))
    on_path = shutil.which("java")
    if on_path:
        yield Path(on_path).resolve().parents[1]
    for place in _PLACES:
        yield from sorted(Path("/").glob(place), reverse=True)


def _is_whole(home: Path) -> bool:
    # Elasticsearch asks for modules that runtimes cut down to size leave out; jdk.jlink is the first to go.
    with contextlib.suppress(OSError):
        return os.access(home / "bin" / "java", os.X_OK) and "jdk.jlink" in (home / "release").read_text()
    return False
