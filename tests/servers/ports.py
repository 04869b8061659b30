"""Ports for private servers."""

import random
import socket

_LOWEST, _HIGHEST = 20_000, 32_000
"""Below every system's ephemeral ports, so that a killed server finds its port free when it comes back."""


def free_port() -> int:
    """A loopback TCP port nobody listens on now."""
    for port in random.SystemRandom().sample(range(_LOWEST, _HIGHEST), k=100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"100 ports between {_LOWEST} and {_HIGHEST} were tried and all are taken")


def answers(port: int, *, timeout_s: float = 0.5) -> bool:
    """Whether something accepts connections there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=timeout_s).close()
    except OSError:
        return False
    return True
