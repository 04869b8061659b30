"""Results that no run has found, for tests of what is made of results."""

from collections.abc import Mapping

from tests.bench.machine import Moment
from tests.bench.results import Load, Outcome, Sample


def load(*, done: int = 1000, failed: int = 0, p50_ms: float = 1.0) -> Load:
    return Load(done=done, failed=failed, seconds=1.0, p50_ms=p50_ms, p99_ms=2 * p50_ms)


def sample(competitor: str, number: int, seen: Load, cpu_s: Mapping[str, float] | None = None) -> Sample:
    """With 32 connections."""
    return Sample(competitor=competitor, connections=32, round=number, load=seen, cpu_s=cpu_s or {})


def outcome(*samples: Sample, title: str = "A figure") -> Outcome:
    """Of competitors that each are one process of the same name."""
    return Outcome(
        title=title,
        moment=Moment(at="2026-01-01 12:00", commit="abc", busy="0.1"),
        rounds=1 + max(one.round for one in samples),
        seconds=1.0,
        compared=True,
        servers={one.competitor: (one.competitor,) for one in samples},
        samples=samples,
        resident_mib={},
    )
