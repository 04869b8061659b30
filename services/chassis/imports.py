"""Imports that would bring along what a process never uses: a service is to stay under 100 MiB."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from types import ModuleType


class _Nowhere(MetaPathFinder):
    """Finds that some packages are not installed."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = frozenset(names)

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        """None leaves a name to the other finders. Raises ModuleNotFoundError."""
        del path, target
        if fullname in self._names:
            raise ModuleNotFoundError(f"{fullname} is left out here", name=fullname)


@contextmanager
def left_out(*names: str) -> Iterator[None]:
    """What is imported in this block does without these, as libraries do whose optional parts are not installed.

    What has been imported before is found all the same.
    """
    nowhere = _Nowhere(names)
    sys.meta_path.insert(0, nowhere)
    try:
        yield
    finally:
        sys.meta_path.remove(nowhere)
