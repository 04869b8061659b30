"""One request and its answer, seen from the client's side: who asks, whether they may, and what they are told.

The way: route → maintenance → limit of the address → who asks → limit of the visitor → cache → the body → `Errand`.
Everything that is known already happens at once, without a task; only what must be asked (an API key seen for the
first time) is awaited.
"""

import asyncio
from collections.abc import Awaitable, Mapping

from msgspec import Struct

from services.chassis.errors import SoukError
from services.chassis.telemetry.traces import OpenSpan
from services.chassis.wire.port import Headers, UpstreamError
from services.gateway.domain.refusals import UnderMaintenance
from services.gateway.domain.visitors import Visitor
from services.gateway.proxy.caching import Entry, key_of, retell
from services.gateway.proxy.calling import choose_target, make_call
from services.gateway.proxy.errand import Errand
from services.gateway.proxy.gate import Client, Gate
from services.gateway.proxy.headers import Field, tell
from services.gateway.proxy.hearing import ClientEnd, Hearer
from services.gateway.proxy.incoming import Incoming
from services.gateway.proxy.keeping import Keeping
from services.gateway.proxy.lanes import Lane
from services.gateway.proxy.limiting import spend
from services.gateway.proxy.problems import (
    BodyTooLarge,
    HttpRefusal,
    MethodNotAllowed,
    Problem,
    fault,
    render,
)
from services.gateway.proxy.streams import SessionEnded
from services.gateway.proxy.tunnel import SWITCHING, Tunnel

NO_CONTENT = 204
CLIENT_LEFT = 499
TORN = 502


class Exchange(Struct):
    """Made by a listener for each request. Told of the service's answer by its `Errand`."""

    gate: Gate
    incoming: Incoming
    client: Client | None
    """None once nobody is there to be told."""
    started: float
    request_id: bytes
    span: OpenSpan | None = None
    """None unless it is traced."""
    lane: Lane | None = None
    names: Mapping[str, str] = {}
    """What the path says by name."""
    visitor: Visitor | None = None
    errand: Errand | None = None
    keeping: Keeping | None = None
    tunnel: Tunnel | None = None
    task: asyncio.Task[None] | None = None
    status: int = 0
    admitted: bool = False
    done: bool = False

    def begin(self) -> None:
        """The head is there."""
        try:
            found = self._enter()
            if isinstance(found, Visitor):
                self._admit(found)
            elif found is not None:
                self.task = asyncio.ensure_future(self._ask(found))
        except (SoukError, HttpRefusal) as refusal:
            self.refuse(refusal)

    def body_arrived(self) -> None:
        """The body is there too."""
        if self.admitted and not self.done:
            self._forward()

    def client_left(self) -> None:
        """Nobody waits for the answer any more; one that others wait for too is fetched all the same."""
        self.client = None
        if self.task is not None:
            self.task.cancel()
        if self.done or (self.keeping is not None and self.keeping.followed()):
            return
        if self.keeping is not None:
            self.keeping.forget()
        if self.errand is not None:
            self.errand.abandon()
        if self.tunnel is not None:
            self.tunnel.close()
        self._close(CLIENT_LEFT)

    def hold(self) -> None:
        """The client reads too slowly."""
        if self.errand is not None:
            self.errand.hold()

    def resume(self) -> None:
        """The client has caught up."""
        if self.errand is not None:
            self.errand.resume()

    # Admission.

    def _enter(self) -> Visitor | Awaitable[Visitor] | None:
        gate, incoming = self.gate, self.incoming
        place = gate.table.find(incoming.target)
        lane = place.rows.get(incoming.method)
        if lane is None:
            self._answer_without_lane(place.rows)
            return None
        self.lane, self.names = lane, place.names
        incoming.body_most = lane.route.body_bytes
        if incoming.has_body and int(incoming.held.get(b"content-length", 0)) > incoming.body_most:
            raise BodyTooLarge(incoming.body_most)
        if lane.closed_s is not None:
            raise UnderMaintenance(retry_after_s=lane.closed_s)
        spend(incoming.peer.purse, gate.limits.address, self.started)
        if lane.by_address:
            spend(incoming.peer.purse, lane.by_address, self.started)
        return gate.door.recognise(incoming, lane.route)

    def _answer_without_lane(self, rows: Mapping[str, Lane]) -> None:
        if self.incoming.method != "OPTIONS":
            raise MethodNotAllowed(frozenset(rows) | {"OPTIONS"})
        self.answer(NO_CONTENT, self.gate.cors.preflight(self.incoming.held.get(b"origin"), frozenset(rows)), b"")

    async def _ask(self, found: Awaitable[Visitor]) -> None:
        try:
            visitor = await found
            if not self.done:
                self._admit(visitor)
        except (SoukError, HttpRefusal) as refusal:
            self.refuse(refusal)
        except Exception as defect:  # noqa: BLE001 - the client must get an answer, and `fault` logs the defect.
            self._tell(fault(defect, self.request_id.decode()))

    def _admit(self, visitor: Visitor) -> None:
        gate, lane = self.gate, self.lane
        assert lane is not None
        self.visitor = visitor
        visitor.used += 1
        purse = visitor.purse
        if purse is None:
            purse = self.incoming.peer.purse
        else:
            spend(purse, gate.limits.user if visitor.key_id is None else gate.limits.key, self.started)
        if lane.by_visitor:
            spend(purse, lane.by_visitor, self.started)
        if lane.route.cache is not None:
            self._read_cached()
            return
        self.admitted = True
        if self.incoming.complete:
            self._forward()
        elif self.client is not None:
            self.client.proceed()

    def _forward(self) -> None:
        lane, visitor = self.lane, self.visitor
        assert lane is not None
        assert visitor is not None
        hearer: Hearer = self.keeping or self
        try:
            if visitor.caller is not None:
                self.gate.door.confirm(visitor, self.incoming)
            if self.incoming.websocket and lane.route.websocket:
                self._open_tunnel(lane, visitor)
                return
            self.errand = Errand(self, hearer, lane, visitor, self.keeping is not None)
            self.errand.go()
        except (SoukError, HttpRefusal) as refusal:
            hearer.refuse(refusal)

    def _open_tunnel(self, lane: Lane, visitor: Visitor) -> None:
        target = choose_target(self.incoming, lane, visitor)
        call = make_call(self, lane, visitor, target, shared=False, told=lane.timeout, span=self.span)
        self.tunnel = Tunnel(call, target.service, self, visitor)
        self.task = asyncio.ensure_future(self.tunnel.dial(target.carrier))

    def switched(self, tunnel: Tunnel, headers: Headers) -> ClientEnd | None:
        """See `Switching`."""
        self._close(SWITCHING)
        if self.client is not None:
            self.client.switch(tunnel, headers)
        return self.client

    # Reads that the cache may answer.

    def _read_cached(self) -> None:
        lane, reading = self.lane, self.gate.reading
        assert lane is not None
        assert lane.route.cache is not None
        key = key_of(self.incoming.target, lane.route.cache, self.incoming.fields)
        entry = reading.cache.get(key)
        if entry is not None:
            lane.series[self.incoming.method].cached += 1
            self.answer_entry(entry)
        elif key in reading.followers:
            reading.followers[key].append(self)
        else:
            self.keeping = Keeping(reading, key, self, lane.route.cache, self.names)
            self._forward()

    def led(self, entry: Entry | None, refusal: SoukError | HttpRefusal | None) -> None:
        """See `Follower`."""
        if self.client is None or self.done:
            return
        if entry is not None:
            self.answer_entry(entry)
        elif refusal is not None:
            self.refuse(refusal)
        else:
            self._forward()

    def answer_entry(self, entry: Entry) -> None:
        """Tell a kept answer, or that the client has it already."""
        self.answer(*retell(entry, self.incoming.fields, self.gate.reading.cache.now()))

    # What the client is told.

    def refuse(self, refusal: SoukError | HttpRefusal) -> None:
        """Say no."""
        self._tell(render(refusal, self.request_id.decode()))

    def _tell(self, problem: Problem) -> None:
        self.answer(problem.status, problem.headers, problem.body)

    def answer(self, status: int, fields: list[Field], body: bytes) -> None:
        """Tell a whole answer of the gateway's own."""
        client = self.client
        self.status = status
        if client is not None:
            extra = self.gate.cors.fields(self.incoming.held.get(b"origin"))
            client.head(status, [*fields, (b"x-request-id", self.request_id), *extra])
            client.piece(body)
        self.end()

    def head(self, status: int, headers: Headers) -> None:
        """Tell the head of the service's answer."""
        client = self.client
        self.status = status
        if client is None:
            return
        fields = tell(headers, cookies=self.lane is not None and self.lane.route.cookies)
        fields.append((b"x-request-id", self.request_id))
        if self.gate.cors.on:
            fields += self.gate.cors.fields(self.incoming.held.get(b"origin"))
        client.head(status, fields)

    def piece(self, body: bytes) -> None:
        """Tell the next bytes of it."""
        if self.client is not None:
            self.client.piece(body)

    def pause(self) -> None:
        """Send what was told."""
        if self.client is not None:
            self.client.pause()

    def end(self) -> None:
        """It is whole. Whatever comes after it is not told any more."""
        self._close(self.status)
        client, self.client = self.client, None
        if client is not None:
            client.end()

    def tear(self, error: UpstreamError) -> None:
        """It broke off after its head."""
        self._close(CLIENT_LEFT if isinstance(error, SessionEnded) else TORN)
        client, self.client = self.client, None
        if client is not None:
            client.fail(error)

    def _close(self, status: int) -> None:
        if self.done:
            return
        self.done = True
        self.errand = None  # The two hold each other; parted, they are freed at once, without the cycle collector.
        gate, lane, incoming = self.gate, self.lane, self.incoming
        gate.note(incoming, lane, status, seconds=gate.now() - self.started, request_id=self.request_id)
        if self.span is not None:
            self.span.end(None if lane is None else f"{incoming.method} {lane.path}", status=status)


def open_exchange(gate: Gate, incoming: Incoming, client: Client) -> Exchange:
    """The exchange for one request; `begin` sets it going."""
    if gate.tracing is None:
        return Exchange(gate, incoming, client, gate.now(), gate.request_id(incoming))
    span = gate.tracing.enter(incoming)
    return Exchange(gate, incoming, client, gate.now(), gate.request_id(incoming, span), span)
