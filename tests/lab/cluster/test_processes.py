from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil
import pytest

from tests.lab.cluster.processes import Processes, ProcessFailed, Started

pytestmark = pytest.mark.embedded

SLEEPS = ("sleep", "60")


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    processes = Processes(tmp_path / "run", tmp_path / "log")
    yield processes
    processes.stop("one")


def number(tmp_path: Path) -> int:
    return msgspec.json.decode((tmp_path / "run" / "one.pid").read_bytes(), type=Started).pid


def test_what_was_started_is_known_again_by_another_command(processes: Processes, tmp_path: Path) -> None:
    processes.start("one", SLEEPS)

    assert Processes(tmp_path / "run", tmp_path / "log").is_running("one")


def test_what_runs_is_not_started_again(processes: Processes, tmp_path: Path) -> None:
    processes.start("one", SLEEPS)
    first = number(tmp_path)

    processes.start("one", SLEEPS)

    assert number(tmp_path) == first


def test_what_was_stopped_is_gone(processes: Processes, tmp_path: Path) -> None:
    processes.start("one", SLEEPS)
    pid = number(tmp_path)

    processes.stop("one")

    assert not processes.is_running("one")
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_another_process_with_the_same_number_is_left_alone(processes: Processes, tmp_path: Path) -> None:
    bystander = psutil.Popen(SLEEPS)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "one.pid").write_bytes(msgspec.json.encode(Started(bystander.pid, 1.0)))

    processes.stop("one")

    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_a_program_that_ends_while_it_is_waited_for_says_why(processes: Processes) -> None:
    processes.start("one", ["sh", "-c", "echo no port; exit 1"])

    with pytest.raises(ProcessFailed, match="one ended:\nno port"):
        processes.wait("one", lambda: False, timeout_s=10)


def test_a_program_that_is_not_there_is_named(processes: Processes) -> None:
    with pytest.raises(ProcessFailed, match="one cannot be started: there is no no-such-program"):
        processes.start("one", ["no-such-program"])


def test_a_program_that_is_not_ready_in_time_has_failed(processes: Processes) -> None:
    processes.start("one", SLEEPS)

    with pytest.raises(ProcessFailed, match="not ready within 0 s"):
        processes.wait("one", lambda: False, timeout_s=0.1)
