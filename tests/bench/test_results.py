from pathlib import Path

import pytest

from tests.bench.examples import load, outcome, sample
from tests.bench.results import Everything, cpu_ratio, load_results, save_results, throughput_ratio


def test_what_failed_does_not_count_as_throughput() -> None:
    taken = sample("souk", 0, load(done=1000, failed=400))

    assert taken.per_second == 600


def test_only_named_processes_are_charged() -> None:
    taken = sample("souk", 0, load(done=1000), {"souk": 2.0, "postgres": 1.0})

    assert taken.cpu_ms(["souk"]) == 2.0


def test_rounds_are_compared_with_themselves_so_that_a_slow_one_changes_nothing() -> None:
    found = outcome(
        sample("bare", 0, load(done=2000)),
        sample("souk", 0, load(done=1000)),
        sample("souk", 1, load(done=100)),
        sample("bare", 1, load(done=200)),
    )

    ratio = throughput_ratio(found, "souk", "bare", 32)

    assert (ratio.least, ratio.median, ratio.most) == (0.5, 0.5, 0.5)


def test_twice_the_processor_time_is_half_as_good() -> None:
    found = outcome(sample("bare", 0, load(), {"bare": 1.0}), sample("souk", 0, load(), {"souk": 2.0}))

    assert cpu_ratio(found, "souk", "bare", 32).median == 0.5


def test_a_competitor_that_missed_a_round_is_not_compared() -> None:
    found = outcome(sample("bare", 0, load()), sample("bare", 1, load()), sample("souk", 0, load()))

    with pytest.raises(ValueError, match="longer"):
        throughput_ratio(found, "souk", "bare", 32)


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    everything = Everything(machine={"memory": "1 GiB"}, outcomes={"list": outcome(sample("souk", 0, load()))})

    save_results(tmp_path / "results.json", everything)

    assert load_results(tmp_path / "results.json").outcomes["list"].of("souk", 32)[0].load.done == 1000


def test_nothing_was_found_before_the_first_run(tmp_path: Path) -> None:
    assert load_results(tmp_path / "results.json").outcomes == {}
