"""The call to a service that answers a request: guarded by breaker and load limit, tried twice at most, passed on."""

import logging

from msgspec import Struct

from services.chassis.errors import SoukError
from services.chassis.telemetry.traces import OpenSpan
from services.chassis.wire.carrier import Flight
from services.chassis.wire.port import Headers, UpstreamError
from services.gateway.domain.refusals import CircuitOpen, Overloaded
from services.gateway.domain.visitors import Visitor
from services.gateway.proxy.calling import Asking, choose_target, make_call
from services.gateway.proxy.hearing import Hearer
from services.gateway.proxy.lanes import Lane, Target
from services.gateway.proxy.problems import DeadlinePassed, ServiceSilent
from services.gateway.proxy.streams import SessionEnded

_LOG = logging.getLogger(__name__)
IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
SERVICE_AWAY = frozenset({502, 503, 504})


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
    span: OpenSpan | None = None
    """Of the try under way, if the exchange is traced."""

    def go(self) -> None:
        """Raises `CircuitOpen` and `Overloaded`."""
        asking, lane = self.asking, self.lane
        target = lane.target if lane.canary is None else choose_target(asking.incoming, lane, self.visitor)
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
        patience, told = asking.gate.deadline(asking.incoming, lane)
        if asking.span is not None:
            name = f"{asking.incoming.method} {target.service}"
            self.span = asking.span.child(name, **{"server.address": target.service, "http.route": lane.path})
        call = make_call(asking, lane, self.visitor, target, shared=self.shared, told=told, span=self.span)
        self.flight = target.carrier.send(call, self, patience)
        if lane.route.streams:
            asking.gate.door.streams.add(self.visitor, self)

    def abandon(self) -> None:
        """Nobody wants the answer any more."""
        target = self._land("abandoned")
        if target is not None:
            target.breaker.forgone()
            target.concurrency.leave_unmeasured()
        if self.flight is not None:
            self.flight.abort()

    def cut(self) -> None:
        """See `Stream`."""
        self.abandon()
        self.hearer.tear(SessionEnded())

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
        target = self._land()
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
        target = self._land("timeout" if error.timed_out else "no_answer")
        if target is None:
            return
        now = self.asking.gate.now()
        target.breaker.failed(now)
        self._leave(target, now)
        self._tell_operators(target, error)
        if self.status:
            self.hearer.tear(error)
        elif self._may_retry(target, error):
            try:
                self.go()
            except SoukError as refusal:
                self.hearer.refuse(refusal)
        else:
            self.hearer.refuse(DeadlinePassed() if error.timed_out else ServiceSilent())

    def _land(self, failed: str | None = None) -> Target | None:
        target, self.target = self.target, None
        span, self.span = self.span, None
        if span is not None:
            span.end(status=self.status, failed=failed)
        if self.lane.route.streams:
            self.asking.gate.door.streams.remove(self.visitor, self)
        return target

    def _tell_operators(self, target: Target, error: UpstreamError) -> None:
        told = {"upstream": target.service, "route": self.lane.path, "reason": str(error), "try": self.tries}
        _LOG.warning("a service gave no answer", extra={**told, "request_id": self.asking.request_id.decode()})

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
