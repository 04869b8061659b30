"""What a run has found out: samples as they were taken, and what they come to."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

import msgspec
from msgspec import Struct

from tests.bench.machine import Moment


class Load(Struct, frozen=True, kw_only=True):
    """What a load tool saw."""

    done: int
    """Requests, or journeys of several."""
    failed: int
    """Of those done, or never answered."""
    seconds: float
    p50_ms: float
    p99_ms: float
    bytes: int = 0
    """Received, heads included; 0 where the tool does not tell."""


class Sample(Struct, frozen=True, kw_only=True):
    """One competitor under load for some seconds."""

    competitor: str
    connections: int
    round: int
    load: Load
    cpu_s: Mapping[str, float]
    """Processor seconds spent meanwhile, by process."""

    @property
    def per_second(self) -> float:
        """Done, of those that did not fail."""
        return max(0, self.load.done - self.load.failed) / self.load.seconds

    def cpu_ms(self, processes: Sequence[str]) -> float:
        """Milliseconds of these processes for one request."""
        return sum(self.cpu_s.get(name, 0.0) for name in processes) * 1000 / max(1, self.load.done)


class Outcome(Struct, frozen=True, kw_only=True):
    """All samples of one figure, in the order they were taken."""

    title: str
    moment: Moment
    rounds: int
    seconds: float
    compared: bool
    """Whether its competitors do the same, so that the others can be measured by the first."""
    servers: Mapping[str, Sequence[str]]
    """Competitor → the processes whose time is its own; the database's is told beside it."""
    samples: Sequence[Sample]
    resident_mib: Mapping[str, float]
    """By process, when all rounds were over."""

    @property
    def connections(self) -> list[int]:
        """That were tried, ascending."""
        return sorted({one.connections for one in self.samples})

    def of(self, competitor: str, connections: int) -> list[Sample]:
        """By round."""
        chosen = [one for one in self.samples if one.competitor == competitor and one.connections == connections]
        return sorted(chosen, key=lambda one: one.round)


class Spread(Struct, frozen=True, kw_only=True):
    """Of one value over the rounds."""

    median: float
    least: float
    most: float


class Everything(Struct, frozen=True, kw_only=True):
    """What is kept in the file."""

    machine: Mapping[str, str]
    outcomes: Mapping[str, Outcome]
    profiles: Mapping[str, Mapping[str, float]] = {}
    """What was looked at → package → its share of the processor time."""


def spread(values: Sequence[float]) -> Spread:
    """Raises `StatisticsError` where there are none."""
    return Spread(median=median(values), least=min(values), most=max(values))


def throughput_ratio(outcome: Outcome, competitor: str, baseline: str, connections: int) -> Spread:
    """How often as many a second as the baseline, round by round, so that what slows both cancels out."""
    pairs = zip(outcome.of(competitor, connections), outcome.of(baseline, connections), strict=True)
    return spread([one.per_second / other.per_second for one, other in pairs])


def cpu_ratio(outcome: Outcome, competitor: str, baseline: str, connections: int) -> Spread:
    """How often as many for each of its servers' processor seconds as the baseline, round by round."""
    pairs = zip(outcome.of(competitor, connections), outcome.of(baseline, connections), strict=True)
    ours, theirs = outcome.servers[competitor], outcome.servers[baseline]
    return spread([other.cpu_ms(theirs) / one.cpu_ms(ours) for one, other in pairs if one.cpu_ms(ours) > 0])


def load_results(file: Path) -> Everything:
    """What earlier runs have left; empty when there were none."""
    if not file.exists():
        return Everything(machine={}, outcomes={})
    return msgspec.json.decode(file.read_bytes(), type=Everything)


def save_results(file: Path, everything: Everything) -> None:
    """In place of what was there."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(everything), indent=1) + b"\n")
