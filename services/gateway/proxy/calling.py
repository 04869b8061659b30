"""The call that goes to a service: what the client sent, less what it may not say, plus what only the gateway may."""

from typing import Protocol

from services.chassis.telemetry.traces import OpenSpan
from services.chassis.wire.port import Call
from services.gateway.domain.overrides import CANARY_HEADER
from services.gateway.domain.visitors import Visitor
from services.gateway.proxy.gate import Gate
from services.gateway.proxy.headers import ACCEPT_JSON, Field
from services.gateway.proxy.incoming import Incoming
from services.gateway.proxy.lanes import Lane, Target

UPGRADE: tuple[Field, ...] = ((b"connection", b"Upgrade"), (b"upgrade", b"websocket"))


class Asking(Protocol):
    """The exchange that a call is for."""

    gate: Gate
    incoming: Incoming
    request_id: bytes
    span: OpenSpan | None


def choose_target(incoming: Incoming, lane: Lane, visitor: Visitor) -> Target:
    """The service, or its canary for those who are chosen."""
    canary = lane.canary
    if canary is None or lane.canary_target is None:
        return lane.target
    seed = str(visitor.sub) if visitor.sub else incoming.peer.address
    chosen = canary.chooses(incoming.held.get(CANARY_HEADER), seed.encode())
    return lane.canary_target if chosen else lane.target


def make_call(
    asking: Asking,
    lane: Lane,
    visitor: Visitor,
    target: Target,
    *,
    shared: bool,
    told: Field,
    span: OpenSpan | None,
) -> Call:
    """For a `shared` answer the service is asked by nobody in particular, with nothing that tells clients apart but
    what the route's answers vary by: else one client could choose what another is told. `told` is the deadline, `span`
    what the service's own work is part of.
    """
    gate, incoming = asking.gate, asking.incoming
    fields, method, body = incoming.fields, incoming.method, incoming.body
    if shared:
        fields = [ACCEPT_JSON, *(field for field in fields if field[0] in lane.varies)]
        method, visitor, body = "GET", gate.anonymous, b""
    headers: list[Field] = [
        *fields,
        gate.minter.field(visitor, target.service, body),
        incoming.peer.field,
        told,
        (b"x-request-id", asking.request_id),
        (b"traceparent", gate.traceparent(incoming, asking.request_id) if span is None else span.traceparent),
    ]
    if lane.route.cookies and b"cookie" in incoming.held:
        headers.append((b"cookie", incoming.held[b"cookie"]))
    if incoming.websocket and lane.route.websocket:
        headers += UPGRADE
    return Call(method=method, target=incoming.target.decode("ascii"), headers=headers, body=body)
