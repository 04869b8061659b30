"""How a process takes memory from the system and looks for garbage. It is set once, before anything is loaded."""

import ctypes
import gc

MMAP_THRESHOLD, ARENA_MAX, TRIM_THRESHOLD = -3, -8, -1
"""Names of options in glibc's malloc.h."""
MIB = 1 << 20
YOUNG_MOST = 10_000
"""New objects before a search for garbage. Python's own 700 is met hundreds of times while a service is loaded, and
nothing is found: most of what is thrown away is let go at once, and cycles alone are left to the search.
"""


def stay_small() -> None:
    """Let go of what is freed. Where the C library is not glibc, its own ways are kept."""
    gc.set_threshold(YOUNG_MOST, 10, 10)
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    # A heap for each thread would hold on to what its thread has freed, and embedded there are many threads.
    mallopt(ARENA_MAX, 2)
    # Left alone, glibc raises these with the first large block freed: 19 MiB for each password, kept for the next.
    mallopt(MMAP_THRESHOLD, MIB)
    mallopt(TRIM_THRESHOLD, MIB)


def keep_what_is_loaded() -> None:
    """What is here now is no garbage and will be none: it is not searched again."""
    gc.collect()
    gc.freeze()
