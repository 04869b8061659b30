"""What is fast enough: each goal as a ratio of two competitors in the same rounds, or as a bound."""

from typing import Literal

from msgspec import Struct

from tests.bench.results import Everything, Outcome, Spread, cpu_ratio, spread, throughput_ratio

Measure = Literal["throughput", "cpu", "added_ms"]
AT = 32

SERVICE_MIB = 100.0
EMBEDDED_MIB = 250.0


class Goal(Struct, frozen=True, kw_only=True):
    """One of them."""

    text: str
    figure: str
    competitor: str
    baseline: str
    bound: float
    measures: tuple[Measure, ...] = ("throughput", "cpu")
    connections: int = AT

    @property
    def at_most(self) -> bool:
        """Whether less is better."""
        return self.measures == ("added_ms",)


class Verdict(Struct, frozen=True, kw_only=True):
    """How one measure of a goal came out."""

    goal: Goal
    measure: Measure
    found: Spread

    @property
    def met(self) -> bool:
        """By the median."""
        return self.found.median <= self.goal.bound if self.goal.at_most else self.found.median >= self.goal.bound


GOALS = (
    Goal(
        text="Gateway against nginx, for each second of processor",
        figure="proxy",
        competitor="gateway",
        baseline="nginx",
        bound=0.45,
        measures=("cpu",),
    ),
    Goal(
        text="Added by the gateway to one request at a time, in ms",
        figure="proxy",
        competitor="gateway",
        baseline="directly",
        bound=0.3,
        measures=("added_ms",),
        connections=1,
    ),
    Goal(
        text="Answers from the gateway's cache against nginx's proxying",
        figure="proxy",
        competitor="gateway, cached",
        baseline="nginx",
        bound=0.85,
        measures=("cpu",),
    ),
    Goal(text="List straight at items", figure="list", competitor="items", baseline="bare shop", bound=0.7),
    Goal(
        text="List through the gateway",
        figure="list",
        competitor="gateway, not cached",
        baseline="bare shop",
        bound=0.5,
    ),
    Goal(text="Item straight at items", figure="item", competitor="items", baseline="bare shop", bound=0.7),
    Goal(
        text="Item through the gateway",
        figure="item",
        competitor="gateway, not cached",
        baseline="bare shop",
        bound=0.5,
    ),
    Goal(text="Search straight at items", figure="search", competitor="items", baseline="bare shop", bound=0.5),
    Goal(
        text="Search through the gateway",
        figure="search",
        competitor="gateway, not cached",
        baseline="bare shop",
        bound=0.5,
    ),
    Goal(text="Full checkout", figure="checkout", competitor="gateway", baseline="bare shop", bound=0.4),
    Goal(
        text="Two processes of the gateway against one",
        figure="two",
        competitor="two gateways",
        baseline="one gateway",
        bound=1.7,
        measures=("throughput",),
    ),
)


def judge(everything: Everything) -> list[Verdict]:
    """Every goal whose figure has been measured."""
    return [
        Verdict(goal=goal, measure=measure, found=found(everything.outcomes[goal.figure], goal, measure))
        for goal in GOALS
        if goal.figure in everything.outcomes
        for measure in goal.measures
    ]


def found(outcome: Outcome, goal: Goal, measure: Measure) -> Spread:
    """What the samples say of it."""
    if measure == "throughput":
        return throughput_ratio(outcome, goal.competitor, goal.baseline, goal.connections)
    if measure == "cpu":
        return cpu_ratio(outcome, goal.competitor, goal.baseline, goal.connections)
    ours, theirs = outcome.of(goal.competitor, goal.connections), outcome.of(goal.baseline, goal.connections)
    pairs = zip(ours, theirs, strict=True)
    return spread([one.load.p50_ms - other.load.p50_ms for one, other in pairs])
