"""docs/benchmarks.md: prose by hand, tables by this, between the comments that name them."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from tests.bench.goals import EMBEDDED_MIB, SERVICE_MIB, Verdict, judge
from tests.bench.results import Everything, Outcome, Spread, cpu_ratio, spread, throughput_ratio
from tests.servers.fleet import KINDS

SERVERS = (*KINDS, "nginx", "stub")
_SLOT = re.compile(r"(<!-- table: ([\w ]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_MEASURES = {"throughput": "requests/s", "cpu": "requests per CPU-second", "added_ms": "ms at the median"}
_TOLD_SHARE = 0.02
_NOT_SOUK = ("bare", "bare_on_uvicorn")


def write_page(everything: Everything, page: Path) -> None:
    """Fill in what has been measured; a table of something that has not stays as it is."""
    tables: dict[str, str] = {"machine": _machine(everything), "goals": _goals(judge(everything))}
    tables |= {name: _figure(outcome) for name, outcome in everything.outcomes.items()}
    tables["memory"] = _memory(everything.outcomes)
    if everything.profiles:
        tables["profile"] = _profiles(everything.profiles)

    def filled(slot: re.Match[str]) -> str:
        table = tables.get(slot[2])
        return slot[0] if table is None else f"{slot[1]}{table}\n{slot[3]}"

    page.write_text(_SLOT.sub(filled, page.read_text()))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _machine(everything: Everything) -> str:
    return "\n".join(f"- {name}: {value}" for name, value in everything.machine.items())


def _goals(verdicts: Sequence[Verdict]) -> str:
    head = ["Goal", "measured as", "goal", "median", "least to most", ""]
    return _table(head, [_goal(verdict) for verdict in verdicts])


def _goal(verdict: Verdict) -> list[str]:
    goal, found = verdict.goal, verdict.found
    asked = f"{'≤' if goal.at_most else '≥'} {goal.bound}"
    return [
        goal.text,
        _MEASURES[verdict.measure],
        asked,
        f"**{found.median:.2f}**",
        f"{found.least:.2f} to {found.most:.2f}",
        "met" if verdict.met else "missed",
    ]


def _figure(outcome: Outcome) -> str:
    baseline = next(iter(outcome.servers))
    compared = outcome.compared and len(outcome.servers) > 1
    head = ["", "at once", "/s", "p50 ms", "p99 ms", "CPU ms", "PostgreSQL ms", "failed"]
    head += ["ratio of /s", "ratio per CPU-second"] if compared else []
    rows = [
        [*_plain(outcome, name, connections), *(_ratios(outcome, name, baseline, connections) if compared else [])]
        for connections in outcome.connections
        for name in outcome.servers
    ]
    moment = outcome.moment
    about = f"{moment.at} UTC, {moment.commit}, {outcome.rounds} rounds of {outcome.seconds:g} s, "
    return f"{_table(head, rows)}\n\n{about}load of the machine before: {moment.busy}."


def _plain(outcome: Outcome, name: str, connections: int) -> list[str]:
    samples = outcome.of(name, connections)

    def middle(value: Callable[[int], float]) -> float:
        return spread([value(place) for place in range(len(samples))]).median

    failed = sum(one.load.failed for one in samples) / max(1, sum(one.load.done for one in samples))
    return [
        name,
        str(connections),
        _number(middle(lambda place: samples[place].per_second)),
        f"{middle(lambda place: samples[place].load.p50_ms):.2f}",
        f"{middle(lambda place: samples[place].load.p99_ms):.2f}",
        f"{middle(lambda place: samples[place].cpu_ms(outcome.servers[name])):.3f}",
        f"{middle(lambda place: samples[place].cpu_ms(['postgres'])):.3f}",
        "" if failed == 0 else f"{failed:.2%}",
    ]


def _ratios(outcome: Outcome, name: str, baseline: str, connections: int) -> list[str]:
    if name == baseline:
        return ["1", "1"]
    return [_spread(of(outcome, name, baseline, connections)) for of in (throughput_ratio, cpu_ratio)]


def _spread(found: Spread) -> str:
    return f"{found.median:.2f} ({found.least:.2f} to {found.most:.2f})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _profiles(profiles: Mapping[str, Mapping[str, float]]) -> str:
    return "\n".join(f"- {looked_at}: {_largest(shares)}." for looked_at, shares in profiles.items())


def _largest(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{owner} {share:.0%}" for owner, share in shares.items() if share >= _TOLD_SHARE)


def _memory(outcomes: Mapping[str, Outcome]) -> str:
    held = {name: mib for outcome in outcomes.values() for name, mib in outcome.resident_mib.items()}
    rows = [_held(name, mib) for name, mib in sorted(held.items()) if name not in SERVERS]
    return _table(["process", "MiB", "goal", ""], rows)


def _held(name: str, mib: float) -> list[str]:
    if name in _NOT_SOUK:
        return [name, f"{mib:.0f}", "", ""]
    bound = EMBEDDED_MIB if name == "embedded" else SERVICE_MIB
    return [name, f"{mib:.0f}", f"< {bound:.0f}", "met" if mib < bound else "missed"]
