"""Startup, readiness and liveness, by HTTP, by connecting or by command.

Liveness is patient: a busy process is not a dead one, and a restart mends no dependency.
"""

from dataclasses import dataclass

from pulumi_kubernetes.core.v1 import ExecActionArgs, HTTPGetActionArgs, ProbeArgs, TCPSocketActionArgs

Check = HTTPGetActionArgs | ExecActionArgs | TCPSocketActionArgs


@dataclass(frozen=True, kw_only=True)
class Probes:
    """All three, always."""

    startup: ProbeArgs
    readiness: ProbeArgs
    liveness: ProbeArgs


@dataclass(frozen=True, kw_only=True)
class HttpPaths:
    """Where each probe asks; those of Souk's own processes unless told otherwise."""

    started: str = "/health/started"
    ready: str = "/health/ready"
    live: str = "/health/live"


def http_probes(port: str, paths: HttpPaths | None = None) -> Probes:
    """`port` is the name of a container port."""
    paths = paths or HttpPaths()
    return probes(
        started=http_get(port, paths.started), ready=http_get(port, paths.ready), live=http_get(port, paths.live)
    )


def probes(*, started: Check, ready: Check, live: Check) -> Probes:
    """Each asked in its own time."""
    return Probes(startup=_STARTUP.probe(started), readiness=_READINESS.probe(ready), liveness=_LIVENESS.probe(live))


def http_get(port: str, path: str) -> HTTPGetActionArgs:
    """Well is any answer from 200 to 399."""
    return HTTPGetActionArgs(path=path, port=port, scheme="HTTP")


def run(*command: str) -> ExecActionArgs:
    """Well is exit status 0."""
    return ExecActionArgs(command=list(command))


def connect(port: str) -> TCPSocketActionArgs:
    """Well is whoever accepts."""
    return TCPSocketActionArgs(port=port)


@dataclass(frozen=True, kw_only=True)
class _Timing:
    every_s: int
    timeout_s: int
    failures: int

    def probe(self, check: Check) -> ProbeArgs:
        return ProbeArgs(
            http_get=check if isinstance(check, HTTPGetActionArgs) else None,
            exec_=check if isinstance(check, ExecActionArgs) else None,
            tcp_socket=check if isinstance(check, TCPSocketActionArgs) else None,
            period_seconds=self.every_s,
            timeout_seconds=self.timeout_s,
            failure_threshold=self.failures,
        )


_STARTUP = _Timing(every_s=3, timeout_s=5, failures=60)  # Three minutes to answer for the first time.
_READINESS = _Timing(every_s=5, timeout_s=5, failures=2)
_LIVENESS = _Timing(every_s=15, timeout_s=10, failures=4)
