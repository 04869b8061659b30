from tests.bench.examples import load
from tests.bench.figures import Competitor, Figure
from tests.bench.results import Load
from tests.bench.rounds import Plan, measure, turned


class Worker:
    """Uses a second of processor for each load."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def cpu_s(self) -> float:
        return float(len(self.asked))

    def load(self, connections: int, seconds: float) -> Load:
        del seconds
        self.asked.append(connections)
        return load()


def unheard(what: str) -> None:
    del what


def figure(*workers: Worker) -> Figure:
    competitors = [
        Competitor(name=str(place), servers=(str(place),), load=one.load) for place, one in enumerate(workers)
    ]
    return Figure(title="A figure", competitors=competitors, connections=(1, 8))


def test_each_competitor_is_loaded_once_a_round_after_warming_up() -> None:
    workers = Worker(), Worker()

    samples = measure(figure(*workers), {}, Plan(rounds=2, seconds=1), unheard)

    assert workers[0].asked == [1, 1, 1, 8, 8, 8]
    assert [(one.competitor, one.connections, one.round) for one in samples[:4]] == [
        ("0", 1, 0),
        ("1", 1, 0),
        ("1", 1, 1),
        ("0", 1, 1),
    ]


def test_a_sample_is_charged_with_what_was_used_while_it_was_taken() -> None:
    workers = Worker(), Worker()

    samples = measure(figure(*workers), {"0": workers[0], "1": workers[1]}, Plan(rounds=1, seconds=1), unheard)

    assert samples[0].cpu_s == {"0": 1.0, "1": 0.0}


def test_everyone_is_first_in_some_round() -> None:
    workers = figure(Worker(), Worker(), Worker()).competitors

    firsts = [turned(workers, number)[0].name for number in range(4)]

    assert firsts == ["0", "1", "2", "0"]
