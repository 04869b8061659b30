"""What staff may change while the gateway runs: close a route, send a share elsewhere, move a limit."""

import hashlib

from msgspec import Struct

CANARY_HEADER = b"x-canary"


class Canary(Struct, frozen=True, kw_only=True):
    """Who goes to the canary: everyone who sends `X-Canary: <header>`, and `weight` of 100 others."""

    header: str | None = None
    weight: int = 0

    def chooses(self, header: bytes | None, seed: bytes) -> bool:
        """The same `seed` (a user, an address) always gets the same answer, so that nobody flips between versions."""
        if self.header is not None and header is not None and header.decode("latin-1") == self.header:
            return True
        if self.weight <= 0:
            return False
        return int.from_bytes(hashlib.blake2b(seed, digest_size=4).digest()) % 100 < self.weight
