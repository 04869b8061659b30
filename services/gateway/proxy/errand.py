"""The call to a service that answers a request: guarded by breaker and load limit, tried twice at most, passed on."""

from typing import Protocol

from msgspec import Struct

from services.chassis.errors import SoukError
from services.chassis.wire.carrier import Flight
from services.chassis.wire.port import Call, Headers, UpstreamError
from services.gateway.domain.overrides import CANARY_HEADER
from services.gateway.domain.refusals import CircuitOpen, Overloaded
from services.gateway.domain.visitors import Visitor
from services.gateway.proxy.gate import Gate
from services.gateway.proxy.headers import CONDITIONS, Field
from services.gateway.proxy.hearing import Hearer
from services.gateway.proxy.incoming import Incoming
from services.gateway.proxy.lanes import Lane, Target
from services.gateway.proxy.problems import DeadlinePassed, ServiceSilent

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
SERVICE_AWAY = frozenset({502, 503, 504})


class Asking(Protocol):
    """The exchange that an errand is for."""

    gate: Gate
    incoming: Incoming
    request_id: bytes


class Errand(Struct):
    """One call, from `go` to its end."""

    asking: Asking
    hearer: Hearer
    lane: Lane
    visitor: Visitor
    shared: bool
    """The answer will be told to others too, so it may not depend on who asked first."""
    target: Target | None = None
    flight: Flight | None = None
    started: float = 0.0
    status: int = 0
    tries: int = 0

    def go(self) -> None:
        """Raises `CircuitOpen` and `Overloaded`."""
        asking, lane = self.asking, self.lane
        target = lane.target
        if lane.canary is not None and lane.canary_target is not None and self._goes_to_canary():
            target = lane.canary_target
        self.started = now = asking.gate.now()
        concurrency = target.concurrency
        if not concurrency.enter(lane.route.priority):
            raise Overloaded(target.service)
        wait = target.breaker.admit(now)
        if wait > 0.0:
            concurrency.leave_unmeasured()
            raise CircuitOpen(target.service, retry_after_s=int(wait) + 1)
        self.target = target
        self.tries += 1
        target.budget.save()
        self.flight = target.carrier.send(self._call(target), self, lane.patience)

    def abandon(self) -> None:
        """Nobody wants the answer any more."""
        target, self.target = self.target, None
        if target is not None:
            target.breaker.forgone()
            target.concurrency.leave_unmeasured()
        if self.flight is not None:
            self.flight.abort()

    def hold(self) -> None:
        """See `Flight`."""
        if self.flight is not None:
            self.flight.hold()

    def resume(self) -> None:
        """See `Flight`."""
        if self.flight is not None:
            self.flight.resume()

    def head(self, status: int, headers: Headers) -> None:
        """See `Answer`."""
        self.status = status
        self.hearer.head(status, headers)

    def piece(self, body: bytes) -> None:
        """See `Answer`."""
        self.hearer.piece(body)

    def pause(self) -> None:
        """See `Answer`."""
        self.hearer.pause()

    def end(self) -> None:
        """See `Answer`."""
        target, self.target = self.target, None
        if target is not None:
            now = self.asking.gate.now()
            if self.status in SERVICE_AWAY:
                target.breaker.failed(now)
            else:
                target.breaker.succeeded()
            self._leave(target, now)
        self.hearer.end()

    def fail(self, error: UpstreamError) -> None:
        """See `Answer`."""
        target, self.target = self.target, None
        if target is None:
            return
        now = self.asking.gate.now()
        target.breaker.failed(now)
        self._leave(target, now)
        if self.status:
            self.hearer.tear(error)
        elif self._may_retry(target, error):
            try:
                self.go()
            except SoukError as refusal:
                self.hearer.refuse(refusal)
        else:
            self.hearer.refuse(DeadlinePassed() if error.timed_out else ServiceSilent())

    def _leave(self, target: Target, now: float) -> None:
        if self.lane.route.streams:
            target.concurrency.leave_unmeasured()
        else:
            target.concurrency.leave(now - self.started)

    def _may_retry(self, target: Target, error: UpstreamError) -> bool:
        if self.tries > 1 or error.timed_out:
            return False
        safe = not error.sent or self.asking.incoming.method in IDEMPOTENT
        return safe and target.budget.spend()

    def _goes_to_canary(self) -> bool:
        canary, incoming = self.lane.canary, self.asking.incoming
        seed = str(self.visitor.sub) if self.visitor.sub else incoming.peer.address
        return canary is not None and canary.chooses(incoming.held.get(CANARY_HEADER), seed.encode())

    def _call(self, target: Target) -> Call:
        asking, incoming = self.asking, self.asking.incoming
        gate = asking.gate
        fields = incoming.fields
        method = incoming.method
        visitor = self.visitor
        if self.shared:
            fields = [field for field in fields if field[0] not in CONDITIONS]
            method = "GET"
            visitor = gate.anonymous
        headers: list[Field] = [
            *fields,
            gate.minter.field(visitor, target.service, incoming.body),
            incoming.peer.field,
            self.lane.timeout,
            (b"x-request-id", asking.request_id),
            (b"traceparent", gate.traceparent(incoming, asking.request_id)),
        ]
        if self.lane.route.cookies and b"cookie" in incoming.held:
            headers.append((b"cookie", incoming.held[b"cookie"]))
        return Call(method=method, target=incoming.target.decode("ascii"), headers=headers, body=incoming.body)
