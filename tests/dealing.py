"""Deals tests out to processes side by side. A module is run by one of them, so that what it shares is shared."""

import pytest
from xdist.scheduler import LoadScopeScheduling

LONGEST = ("tests/engine/", "tests/cluster/")
"""Modules of these share what they start: one process runs all of them, and they are begun first."""


class Dealer(LoadScopeScheduling):
    """Hands out a unit after the other to whichever process has least to do."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)


def unit_of(nodeid: str) -> str:
    """A module, or a folder of modules."""
    path = nodeid.partition("::")[0]
    return next((unit for unit in LONGEST if path.startswith(unit)), path)


def in_order(items: list[pytest.Item]) -> list[pytest.Item]:
    """What takes longest first, so that nothing is waited for in the end."""
    return sorted(items, key=lambda item: unit_of(item.nodeid) not in LONGEST)
