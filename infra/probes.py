"""Startup, readiness and liveness, by HTTP or by command.

Liveness is patient: a busy process is not a dead one, and a restart mends no dependency.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pulumi_kubernetes.core.v1 import ExecActionArgs, HTTPGetActionArgs, ProbeArgs


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


def http_probes(port: str, paths: HttpPaths | None = None, *, scheme: str = "HTTP") -> Probes:
    """`port` is the name of a container port."""
    paths = paths or HttpPaths()

    def get(path: str) -> HTTPGetActionArgs:
        return HTTPGetActionArgs(path=path, port=port, scheme=scheme)

    return Probes(
        startup=_STARTUP.probe(http_get=get(paths.started)),
        readiness=_READINESS.probe(http_get=get(paths.ready)),
        liveness=_LIVENESS.probe(http_get=get(paths.live)),
    )


def exec_probes(*, ready: Sequence[str], live: Sequence[str]) -> Probes:
    """For servers that answer no HTTP; `ready` tells when they have started, too."""

    def run(command: Sequence[str]) -> ExecActionArgs:
        return ExecActionArgs(command=list(command))

    return Probes(
        startup=_STARTUP.probe(exec_=run(ready)),
        readiness=_READINESS.probe(exec_=run(ready)),
        liveness=_LIVENESS.probe(exec_=run(live)),
    )


@dataclass(frozen=True, kw_only=True)
class _Timing:
    every_s: int
    timeout_s: int
    failures: int

    def probe(self, *, http_get: HTTPGetActionArgs | None = None, exec_: ExecActionArgs | None = None) -> ProbeArgs:
        return ProbeArgs(
            http_get=http_get,
            exec_=exec_,
            period_seconds=self.every_s,
            timeout_seconds=self.timeout_s,
            failure_threshold=self.failures,
        )


_STARTUP = _Timing(every_s=3, timeout_s=5, failures=60)  # Three minutes to answer for the first time.
_READINESS = _Timing(every_s=5, timeout_s=5, failures=2)
_LIVENESS = _Timing(every_s=15, timeout_s=10, failures=4)
