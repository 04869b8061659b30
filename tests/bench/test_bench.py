import shutil
from pathlib import Path

import pytest

from tests.bench.__main__ import main
from tests.bench.processes import REPOSITORY
from tests.bench.results import load_results

pytestmark = pytest.mark.bench


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    shutil.copy(REPOSITORY / "docs" / "benchmarks.md", tmp_path)
    return tmp_path


def test_one_short_round_of_every_figure_is_measured_without_a_failure(docs: Path) -> None:
    main({"ROUNDS": "1", "SECONDS": "1"}, docs)

    found = load_results(docs / "benchmarks" / "results.json")
    failed = {
        (name, one.competitor, one.connections): one.load
        for name, outcome in found.outcomes.items()
        for one in outcome.samples
        if one.load.failed or not one.load.done
    }
    assert not failed
    assert (docs / "benchmarks" / "goals.svg").exists()
    assert "| items | 32 |" in (docs / "benchmarks.md").read_text()


def test_a_figure_that_does_not_exist_is_named(docs: Path) -> None:
    with pytest.raises(SystemExit, match="there is no speed; there are list, item"):
        main({"ONLY": "speed"}, docs)
