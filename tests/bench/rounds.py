"""Takes samples: the competitors of a figure in turn, round after round, so that a busy moment strikes all of them."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from tests.bench.figures import Competitor, Figure
from tests.bench.machine import Moment
from tests.bench.processes import Tree
from tests.bench.results import Outcome, Sample


class Costly(Protocol):
    """What uses a processor."""

    def cpu_s(self) -> float:
        """Seconds so far."""


class Plan(Struct, frozen=True, kw_only=True):
    """How much is measured."""

    rounds: int
    seconds: float
    """Of load for each sample."""


def measure(figure: Figure, trees: Mapping[str, Costly], plan: Plan, say: Callable[[str], None]) -> list[Sample]:
    """All samples of it, in the order they were taken."""
    samples: list[Sample] = []
    for connections in figure.connections:
        for competitor in figure.competitors:
            competitor.load(connections, figure.warm_up_s)
        for number in range(plan.rounds):
            say(f"{figure.title}, {connections} at once, round {number + 1} of {plan.rounds}")
            samples += [
                _sample(figure, competitor, trees, plan, connections=connections, number=number)
                for competitor in turned(figure.competitors, number)
            ]
    return samples


def outcome_of(
    figure: Figure, samples: Sequence[Sample], plan: Plan, moment: Moment, trees: Mapping[str, Tree]
) -> Outcome:
    """What is kept of them, and what the processes hold now."""
    return Outcome(
        title=figure.title,
        moment=moment,
        rounds=plan.rounds,
        seconds=plan.seconds,
        compared=figure.compared,
        servers={competitor.name: competitor.servers for competitor in figure.competitors},
        samples=samples,
        resident_mib={name: tree.resident_mib() for name, tree in trees.items()},
    )


def turned(competitors: Sequence[Competitor], number: int) -> list[Competitor]:
    """Another one first each time."""
    first = number % len(competitors)
    return [*competitors[first:], *competitors[:first]]


def _sample(
    figure: Figure, competitor: Competitor, trees: Mapping[str, Costly], plan: Plan, *, connections: int, number: int
) -> Sample:
    before = {name: tree.cpu_s() for name, tree in trees.items()}
    load = competitor.load(connections, plan.seconds)
    time.sleep(figure.settle_s)
    spent = {name: tree.cpu_s() - before[name] for name, tree in trees.items()}
    return Sample(competitor=competitor.name, connections=connections, round=number, load=load, cpu_s=spent)
