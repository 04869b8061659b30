"""Measures and writes docs/benchmarks.md, its plots and docs/benchmarks/results.json.

From the environment: ROUNDS (5), SECONDS of each sample (2), ONLY, some figures' names, comma separated (all). A figure
that cannot be measured is named at the end, and the others are measured all the same.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from tests.bench import machine
from tests.bench.embedded import measure_embedded
from tests.bench.figures import FIGURES, Figure
from tests.bench.plot import draw
from tests.bench.processes import REPOSITORY
from tests.bench.profiling import take_profiles
from tests.bench.report import write_page
from tests.bench.results import Everything, Outcome, load_results, save_results
from tests.bench.rounds import Plan, measure, outcome_of
from tests.bench.stand import Builder, Stand
from tests.servers.program import ServerFailed
from tests.servers.run import Run

EMBEDDED = "embedded"
PROFILE = "profile"
BUYERS = 64
FAILURES = (OSError, ServerFailed, ValueError, subprocess.SubprocessError)


def main(environment: Mapping[str, str], docs: Path) -> None:
    """Each figure is kept as soon as it is there, in place of what was found before. Raises `SystemExit`."""
    plan = Plan(rounds=int(environment.get("ROUNDS", "5")), seconds=float(environment.get("SECONDS", "2")))
    chosen = _chosen(environment.get("ONLY", ""))
    missed: list[str] = []
    with Run() as run:
        bench = Bench(run, docs, plan)
        for name in chosen:
            try:
                bench.measure(name)
            except FAILURES as failed:
                _say(f"{name} was not measured: {failed}")
                missed.append(name)
    if missed:
        raise SystemExit(f"not measured: {', '.join(missed)}")


def _chosen(only: str) -> list[str]:
    known = [*FIGURES, EMBEDDED, PROFILE]
    asked = [name.strip() for name in only.split(",") if name.strip()] or known
    unknown = sorted(set(asked) - set(known))
    if unknown:
        raise SystemExit(f"ONLY: there is no {', '.join(unknown)}; there are {', '.join(known)}")
    return asked


class Bench:
    """One run."""

    def __init__(self, run: Run, docs: Path, plan: Plan) -> None:
        self._run = run
        self._docs = docs
        self._plan = plan

    def measure(self, name: str) -> None:
        """And keep what was found. Raises one of `FAILURES`."""
        if name == EMBEDDED:
            self._keep(outcomes={name: measure_embedded(self._run, self._plan, _say)})
        elif name == PROFILE:
            _say("looking where the time goes")
            self._keep(profiles=take_profiles(self._stand))
        else:
            self._keep(outcomes={name: self._outcome(FIGURES[name](self._stand))})

    @cached_property
    def _stand(self) -> Stand:
        return Builder(self._run, _say).build(buyers=BUYERS)

    def _outcome(self, figure: Figure) -> Outcome:
        begun = machine.moment()
        samples = measure(figure, self._stand.trees, self._plan, _say)
        self._keep(machine=machine.describe(self._stand.database))
        return outcome_of(figure, samples, self._plan, begun, self._stand.trees)

    def _keep(
        self,
        *,
        machine: Mapping[str, str] | None = None,
        outcomes: Mapping[str, Outcome] | None = None,
        profiles: Mapping[str, Mapping[str, float]] | None = None,
    ) -> None:
        folder = self._docs / "benchmarks"
        before = load_results(folder / "results.json")
        found = Everything(
            machine={**before.machine, **(machine or {})},
            outcomes={**before.outcomes, **(outcomes or {})},
            profiles={**before.profiles, **(profiles or {})},
        )
        save_results(folder / "results.json", found)
        draw(found, folder)
        write_page(found, self._docs / "benchmarks.md")


def _say(what: str) -> None:
    sys.stdout.write(f"bench: {what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(os.environ, REPOSITORY / "docs")
