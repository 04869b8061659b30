"""All of Souk in one process on SQLite: how fast it reads, and how much memory it holds after that."""

from collections.abc import Callable

import msgspec
from msgspec import Struct

from services.launch.seed.people import PASSWORD, STAFF_EMAIL
from tests.bench import machine, wrk
from tests.bench.figures import Competitor, Figure
from tests.bench.filling import lift_limits
from tests.bench.processes import Tree, answers_ok, fetch, python, start
from tests.bench.results import Load, Outcome
from tests.bench.rounds import Plan, measure, outcome_of
from tests.servers.ports import free_port
from tests.servers.run import Run

NAME = "embedded"
_START_S = 120.0


class _Card(Struct, frozen=True):
    id: str


class _Cards(Struct, frozen=True):
    items: list[_Card]


def measure_embedded(run: Run, plan: Plan, say: Callable[[str], None]) -> Outcome:
    """Starts it with the demonstration shop, and reads from it through its own gateway."""
    say("starting an embedded Souk")
    port = free_port()
    tree = _open(run, port)
    lift_limits(f"http://127.0.0.1:{port}", STAFF_EMAIL, PASSWORD)
    figure = Figure(title="Embedded", competitors=_competitors(run, port), connections=(8,), compared=False)
    begun = machine.moment()
    samples = measure(figure, {NAME: tree}, plan, say)
    return outcome_of(figure, samples, plan, begun, {NAME: tree})


def _open(run: Run, port: int) -> Tree:
    return start(
        run,
        NAME,
        python("-m", "services", "run", "--port", str(port), "--data", str(run.root / "var")),
        environment={},
        ready=lambda: answers_ok(port, "/health/ready"),
        timeout_s=_START_S,
    )


def _competitors(run: Run, port: int) -> list[Competitor]:
    origin = f"http://127.0.0.1:{port}"
    cards = msgspec.json.decode(fetch(port, "/api/v1/items?limit=100"), type=_Cards)
    targets = {
        "list": ["/api/v1/items?n={n}"],
        "item": [f"/api/v1/items/{card.id}?n={{n}}" for card in cards.items],
        "search": [f"/api/v1/search?text={word}&n={{n}}" for word in ("lamp", "mug", "linen", "brass", "notebook")],
    }

    def load(paths: list[str]) -> Callable[[int, float], Load]:
        return lambda connections, seconds: wrk.read(
            origin, paths, connections=connections, seconds=seconds, fields={}, folder=run.root
        )

    return [Competitor(name=name, servers=(NAME,), load=load(paths)) for name, paths in targets.items()]
