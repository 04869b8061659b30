"""Which tests run: the tier of a test is told by its marker, the tiers of a run by the environment variable TIERS.

`unit` opens no sockets, `embedded` stays on this machine, `servers` talks to real ones, `engine` runs Pulumi against
the API of a Kubernetes, `graders` has others judge what the stacks render. `lab` runs a whole Kubernetes, `soak` and
`bench` take long, and these three run only when asked for. What is left out is said at the end of the run.
"""

from collections import Counter
from collections.abc import Mapping
from enum import Enum

import pytest

from tests.sockets import Reach


class Tier(Enum):
    """In the order they run."""

    UNIT = "unit"
    EMBEDDED = "embedded"
    SERVERS = "servers"
    ENGINE = "engine"
    GRADERS = "graders"
    LAB = "lab"
    SOAK = "soak"
    BENCH = "bench"


USUAL = frozenset({Tier.UNIT, Tier.EMBEDDED, Tier.SERVERS, Tier.ENGINE, Tier.GRADERS})

_REACH = {Tier.UNIT: Reach.NOWHERE, Tier.EMBEDDED: Reach.LOOPBACK}


def asked_for(environment: Mapping[str, str]) -> frozenset[Tier]:
    """The tiers named in TIERS, comma separated; without it the usual ones. Raises `pytest.UsageError`."""
    named = [name.strip() for name in environment.get("TIERS", "").split(",") if name.strip()]
    try:
        return frozenset(Tier(name) for name in named) or USUAL
    except ValueError as unknown:
        raise pytest.UsageError(f"TIERS: {unknown}; there are {', '.join(tier.value for tier in Tier)}") from None


def tier_of(item: pytest.Item) -> Tier:
    """By its marker; a soak or a benchmark may carry that of the tier it needs beside its own."""
    marked = [tier for tier in Tier if item.get_closest_marker(tier.value)]
    return marked[-1] if marked else Tier.UNIT


def reach_of(item: pytest.Item) -> Reach:
    """How far its tier lets it go."""
    return _REACH.get(tier_of(item), Reach.ANYWHERE)


def select(items: list[pytest.Item], tiers: frozenset[Tier]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """Those to run, fast tiers first, and those left out."""
    order = list(Tier)
    chosen = sorted((item for item in items if tier_of(item) in tiers), key=lambda item: order.index(tier_of(item)))
    return chosen, [item for item in items if tier_of(item) not in tiers]


def left_out(items: list[pytest.Item]) -> str:
    """`12 of servers, 1 of soak`."""
    counts = Counter(tier_of(item) for item in items)
    return ", ".join(f"{counts[tier]} of {tier.value}" for tier in Tier if counts[tier])
