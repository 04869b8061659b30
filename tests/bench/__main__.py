"""Measures and writes docs/benchmarks.md, its plots and docs/benchmarks/results.json.

From the environment: ROUNDS (5), SECONDS of each sample (4), ONLY, some figures' names, comma separated (all).
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from msgspec.structs import replace

from tests.bench import machine
from tests.bench.embedded import measure_embedded
from tests.bench.figures import FIGURES
from tests.bench.plot import draw
from tests.bench.processes import REPOSITORY
from tests.bench.report import write_page
from tests.bench.results import Outcome, load_results, save_results
from tests.bench.rounds import Plan, measure, outcome_of
from tests.bench.stand import Builder, Stand
from tests.servers.run import Run

EMBEDDED = "embedded"
BUYERS = 64


def main(environment: Mapping[str, str], docs: Path) -> None:
    """Each figure is kept as soon as it is there, in place of what was found before."""
    plan = Plan(rounds=int(environment.get("ROUNDS", "5")), seconds=float(environment.get("SECONDS", "4")))
    chosen = _chosen(environment.get("ONLY", ""))
    with Run() as run:
        figures = [name for name in chosen if name != EMBEDDED]
        if figures:
            stand = Builder(run, _say).build(buyers=BUYERS)
            for name in figures:
                _keep(docs, name, _measure(name, stand, plan), machine.describe(stand.database))
        if EMBEDDED in chosen:
            _keep(docs, EMBEDDED, measure_embedded(run, plan, _say), {})


def _chosen(only: str) -> list[str]:
    known = [*FIGURES, EMBEDDED]
    asked = [name.strip() for name in only.split(",") if name.strip()] or known
    unknown = sorted(set(asked) - set(known))
    if unknown:
        raise SystemExit(f"ONLY: there is no {', '.join(unknown)}; there are {', '.join(known)}")
    return asked


def _measure(name: str, stand: Stand, plan: Plan) -> Outcome:
    figure = FIGURES[name](stand)
    begun = machine.moment()
    samples = measure(figure, stand.trees, plan, _say)
    return outcome_of(figure, samples, plan, begun, stand.trees)


def _keep(docs: Path, name: str, outcome: Outcome, described: Mapping[str, str]) -> None:
    folder = docs / "benchmarks"
    before = load_results(folder / "results.json")
    found = replace(before, machine={**before.machine, **described}, outcomes={**before.outcomes, name: outcome})
    save_results(folder / "results.json", found)
    draw(found, folder)
    write_page(found, docs / "benchmarks.md")


def _say(what: str) -> None:
    sys.stdout.write(f"bench: {what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(os.environ, REPOSITORY / "docs")
