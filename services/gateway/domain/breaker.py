"""A circuit breaker for one upstream: after too many failures it is left alone for a while, then tried carefully."""

from enum import Enum

WINDOW_S = 10.0
LEAST_CALLS = 20
FAILURE_SHARE = 0.5
OPEN_S = 5.0
PROBES = 3


class State(Enum):
    """Closed lets calls pass, open does not, half-open lets one at a time."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Breaker:
    """Counts in windows of `WINDOW_S`; opens when half of at least `LEAST_CALLS` calls in one got no answer."""

    __slots__ = ("_failures", "_probing", "_proven", "_since", "_successes", "_until", "state")

    def __init__(self) -> None:
        self.state = State.CLOSED
        self._since = 0.0
        self._successes = 0
        self._failures = 0
        self._until = 0.0
        self._probing = False
        self._proven = 0

    def admit(self, now: float) -> float:
        """0.0 if a call may pass, else the seconds until it is worth asking again."""
        if self.state is State.CLOSED:
            return 0.0
        if self.state is State.OPEN:
            if now < self._until:
                return self._until - now
            self.state = State.HALF_OPEN
            self._proven = 0
            self._probing = False
        if self._probing:
            return 1.0
        self._probing = True
        return 0.0

    def succeeded(self) -> None:
        """The call was answered."""
        if self.state is State.CLOSED:
            self._successes += 1
        elif self.state is State.HALF_OPEN:
            self._probing = False
            self._proven += 1
            if self._proven >= PROBES:
                self._close()

    def failed(self, now: float) -> None:
        """The call was not answered, or not in time."""
        if self.state is State.HALF_OPEN:
            self._open(now)
            return
        if now - self._since >= WINDOW_S:
            self._since, self._successes, self._failures = now, 0, 0
        self._failures += 1
        calls = self._failures + self._successes
        if self.state is State.CLOSED and calls >= LEAST_CALLS and self._failures >= calls * FAILURE_SHARE:
            self._open(now)

    def forgone(self) -> None:
        """The call was abandoned by whoever asked: it proves nothing."""
        self._probing = False

    def _open(self, now: float) -> None:
        self.state = State.OPEN
        self._until = now + OPEN_S
        self._probing = False

    def _close(self) -> None:
        self.state = State.CLOSED
        self._successes = self._failures = 0
