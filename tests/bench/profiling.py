"""Where the time of a process goes while it is loaded: py-spy's samples, added up by the package whose code runs."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from msgspec import Struct

from tests.bench.figures import FIGURES
from tests.bench.stand import Stand

CONNECTIONS: Final = 32
SECONDS: Final = 4.0
RATE: Final = 200
_LEAD_S: Final = 1.0
"""The load begins before the samples, and goes on after them."""
_LOOP: Final = "uvloop and the system"
_PLACE: Final = re.compile(r"\(([^()]+?):\d+\)$")


class Look(Struct, frozen=True, kw_only=True):
    """At one process, while one competitor of a figure is loaded."""

    figure: str
    competitor: str
    process: str


LOOKS: Final = (
    Look(figure="list", competitor="items", process="items api"),
    Look(figure="item", competitor="items", process="items api"),
    Look(figure="search", competitor="items, engine asked each time", process="items without cache"),
    Look(figure="item", competitor="gateway, not cached", process="gateway api"),
    Look(figure="proxy", competitor="gateway", process="gateway as proxy"),
    Look(figure="checkout", competitor="gateway", process="orders api"),
)


def take_profiles(stand: Stand) -> dict[str, dict[str, float]]:
    """What was looked at → package → its share of the time."""
    return {
        f"{look.process}: {FIGURES[look.figure](stand).title.lower()}, {look.competitor}": _profile(stand, look)
        for look in LOOKS
    }


def _profile(stand: Stand, look: Look) -> dict[str, float]:
    competitors = FIGURES[look.figure](stand).competitors
    competitor = next(one for one in competitors if one.name == look.competitor)
    raw = stand.folder / "profile.raw"
    competitor.load(CONNECTIONS, _LEAD_S)  # Whoever must log in for it has done so then.
    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(competitor.load, CONNECTIONS, SECONDS + 2 * _LEAD_S)
        _sample(stand.trees[look.process].pids[0], raw)
        loading.result()
    return shares(raw.read_text().splitlines())


def _sample(pid: int, raw: Path) -> None:
    spy = [str(Path(sys.executable).with_name("py-spy")), "record", "--format", "raw", "--nonblocking"]
    size = ["--duration", f"{SECONDS:.0f}", "--rate", str(RATE), "--pid", str(pid), "--output", str(raw)]
    subprocess.run([*spy, *size], check=True, capture_output=True, timeout=SECONDS + 60)


def shares(stacks: Iterable[str]) -> dict[str, float]:
    """Of lines of `frame;frame;… samples`, by the package of the last frame, the largest first."""
    counted: Counter[str] = Counter()
    for line in stacks:
        stack, _, samples = line.rpartition(" ")
        counted[_owner(stack.rpartition(";")[2])] += int(samples)
    total = counted.total()
    return {owner: samples / total for owner, samples in counted.most_common()}


def _owner(frame: str) -> str:
    place = _PLACE.search(frame)
    if place is None or place[1] == "asyncio/runners.py":  # From there on all that runs is compiled.
        return _LOOP
    package, slash, _ = place[1].removeprefix("/").partition("/")
    return package if slash else "the standard library"
