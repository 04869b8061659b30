"""A budget for second tries: they may be a small share of all calls, so that trouble is not multiplied."""

SHARE = 0.1
MOST_SAVED = 10.0


class RetryBudget:
    """Every call saves a tenth of a retry."""

    __slots__ = ("_saved",)

    def __init__(self) -> None:
        self._saved = MOST_SAVED

    def save(self) -> None:
        """A call was made."""
        if self._saved < MOST_SAVED:
            self._saved += SHARE

    def spend(self) -> bool:
        """Whether a second try is within the budget."""
        if self._saved < 1.0:
            return False
        self._saved -= 1.0
        return True
