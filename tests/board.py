"""Where the processes of one test run leave each other notices. `make test` runs tests in several, side by side."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

VARIABLE = "SOUK_TEST_BOARD"
_POLL_S = 0.05


class Board:
    """A folder with a file for each notice."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def post(self, name: str, text: str) -> None:
        """Whole or not at all, for whoever reads at the same time."""
        written = self._folder / f".{name}-{os.getpid()}"
        written.write_text(text)
        written.rename(self._folder / name)

    def read(self, name: str) -> str | None:
        """None: nobody has posted it yet."""
        try:
            return (self._folder / name).read_text()
        except FileNotFoundError:
            return None

    def wait(self, name: str, *, timeout_s: float) -> str:
        """As soon as it is there. Raises `TimeoutError`."""
        deadline = time.monotonic() + timeout_s
        while (text := self.read(name)) is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"nobody has posted {name} within {timeout_s:.0f} s")
            time.sleep(_POLL_S)
        return text


def board_of(environment: Mapping[str, str]) -> Board | None:
    """The board of this run; None where a single process runs all tests."""
    folder = environment.get(VARIABLE)
    return Board(Path(folder)) if folder else None


@contextmanager
def new_board() -> Iterator[Board]:
    """Known to every process that this one starts while the block runs."""
    with TemporaryDirectory(prefix="souk-board-") as folder:
        os.environ[VARIABLE] = folder
        try:
            yield Board(Path(folder))
        finally:
            del os.environ[VARIABLE]
