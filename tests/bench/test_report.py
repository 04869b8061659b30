from pathlib import Path

import pytest

from tests.bench.examples import load, outcome, sample
from tests.bench.figures import FIGURES
from tests.bench.filling import Shop
from tests.bench.goals import GOALS, judge
from tests.bench.plot import draw
from tests.bench.processes import REPOSITORY
from tests.bench.report import write_page
from tests.bench.results import Everything
from tests.bench.stand import Origins, Stand

LIST = outcome(
    sample("bare shop", 0, load(done=1000), {"bare shop": 1.0}),
    sample("items", 0, load(done=800), {"items": 1.6}),
    sample("gateway, not cached", 0, load(done=400), {"gateway, not cached": 1.6}),
)
FOUND = Everything(machine={"memory": "1 GiB"}, outcomes={"list": LIST})


def stand() -> Stand:
    """One where nobody is."""
    origins = Origins(**dict.fromkeys(Origins.__struct_fields__, "http://127.0.0.1:1"))
    shop = Shop(item_ids=(), buyers=())
    return Stand(folder=Path(), keys=Path(), origins=origins, shop=shop, trees={}, database={})


def test_a_goal_is_met_by_one_measure_and_missed_by_the_other() -> None:
    verdicts = [verdict for verdict in judge(FOUND) if verdict.goal.competitor == "items"]

    assert [(verdict.measure, verdict.met) for verdict in verdicts] == [("throughput", True), ("cpu", False)]


def test_goals_of_what_was_not_measured_are_left_out() -> None:
    assert {verdict.goal.figure for verdict in judge(FOUND)} == {"list"}


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: goal.text)
def test_every_goal_compares_what_is_measured(goal: object) -> None:
    chosen = next(one for one in GOALS if one is goal)

    figure = FIGURES[chosen.figure](stand())

    assert {chosen.competitor, chosen.baseline} <= {competitor.name for competitor in figure.competitors}
    assert chosen.connections in figure.connections


def test_tables_take_their_places_and_prose_stays(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text(
        "Before.\n<!-- table: list -->\nold\n<!-- end -->\nAfter.\n<!-- table: item -->\nkept\n<!-- end -->\n"
    )

    write_page(FOUND, page)

    text = page.read_text()
    assert text.startswith("Before.\n<!-- table: list -->\n|")
    assert "| items | 32 | 800 |" in text
    assert "old" not in text
    assert text.endswith("After.\n<!-- table: item -->\nkept\n<!-- end -->\n")


@pytest.mark.parametrize("name", ["machine", "goals", *FIGURES, "embedded", "profile", "memory"])
def test_the_page_has_a_place_for_every_table(name: str) -> None:
    page = (REPOSITORY / "docs" / "benchmarks.md").read_text()

    assert page.count(f"<!-- table: {name} -->") == 1


def test_the_same_results_are_drawn_the_same(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        draw(FOUND, tmp_path / folder)

    assert (tmp_path / "one" / "goals.svg").read_bytes() == (tmp_path / "two" / "goals.svg").read_bytes()
    assert "List straight at items" in (tmp_path / "one" / "goals.svg").read_text()
