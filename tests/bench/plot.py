"""Two plots of the results: how each goal came out, and how many requests a second there were."""

from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tests.bench.goals import Verdict, judge
from tests.bench.results import Everything, Outcome, spread

_MET, _MISSED, _SPREAD, _BOUND = "#2f7d4f", "#b5482f", "#222222", "#7a7a7a"
_WIDTH_IN = 10.0
_ROW_IN = 0.42
_COLUMNS = 3
_PANEL_IN = 3.4


def draw(everything: Everything, folder: Path) -> None:
    """`goals.svg` and `throughput.svg`."""
    # Text stays text, and the same results give the same file.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "souk", "font.size": 9}):
        verdicts = [verdict for verdict in judge(everything) if not verdict.goal.at_most]
        if verdicts:
            _save(_draw_goals(verdicts), folder / "goals.svg")
        if everything.outcomes:
            _save(_draw_throughput(list(everything.outcomes.values())), folder / "throughput.svg")


def _save(figure: Figure, file: Path) -> None:
    figure.savefig(file, bbox_inches="tight", metadata={"Date": None})


def _draw_goals(verdicts: list[Verdict]) -> Figure:
    figure = Figure(figsize=(_WIDTH_IN, _ROW_IN * len(verdicts) + 1))
    axes = figure.add_subplot()
    for place, verdict in enumerate(reversed(verdicts)):
        found, bound = verdict.found, verdict.goal.bound
        axes.barh(place, found.median, height=0.6, color=_MET if verdict.met else _MISSED)
        axes.hlines(place, found.least, found.most, color=_SPREAD, linewidth=1.5)
        axes.vlines(bound, place - 0.4, place + 0.4, color=_BOUND, linewidth=2.5)
    labels = [f"{verdict.goal.text} ({'CPU' if verdict.measure == 'cpu' else '/s'})" for verdict in reversed(verdicts)]
    axes.set_yticks(range(len(verdicts)), labels)
    axes.set_xlabel("ratio: bar median, dark line least to most, grey mark goal")
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _draw_throughput(outcomes: list[Outcome]) -> Figure:
    rows = -(-len(outcomes) // _COLUMNS)
    figure = Figure(figsize=(_PANEL_IN * _COLUMNS, _PANEL_IN * rows), layout="constrained")
    for place, outcome in enumerate(outcomes):
        _draw_outcome(figure.add_subplot(rows, _COLUMNS, place + 1), outcome)
    return figure


def _draw_outcome(axes: Axes, outcome: Outcome) -> None:
    ticks = range(len(outcome.connections))
    for name in outcome.servers:
        found = [spread([one.per_second for one in outcome.of(name, count)]) for count in outcome.connections]
        middle = [one.median for one in found]
        below = [one.median - one.least for one in found]
        above = [one.most - one.median for one in found]
        axes.errorbar(ticks, middle, yerr=[below, above], marker="o", markersize=3, capsize=2, label=name)
    axes.set_title(outcome.title)
    axes.set_xticks(ticks, [str(count) for count in outcome.connections])
    axes.set_xlabel("at once")
    axes.set_ylabel("a second")
    axes.set_ylim(bottom=0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=6, frameon=False)
