"""How a message looks in AMQP: the payload is the body, the rest travels in properties and headers."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from aiormq.abc import DeliveredMessage, FieldTable
from msgspec import Struct
from pamqp.commands import Basic

from services.contracts.message import Message

_OWN = "souk-"
_BROKERS = "x-"
_PERSISTENT = 2


class Unreadable(Exception):
    """It was not published by this bus."""


class Letter(Struct, frozen=True, kw_only=True):
    """What is to be published, and where."""

    exchange: str
    routing_key: str
    body: bytes
    properties: Basic.Properties
    wanted: bool = True
    """Whether a queue must be there to take it."""


class Marks(Struct, frozen=True, kw_only=True, omit_defaults=True, rename=lambda name: _OWN + name.replace("_", "-")):
    """What happened to a message on its way; a new one has none."""

    tries: int = 0
    """How many have failed."""
    reason: str | None = None
    died_at: datetime | None = None


class _Facts(Struct, frozen=True, kw_only=True, rename=lambda name: _OWN + name.replace("_", "-")):
    schema_version: int
    aggregate_id: str
    aggregate_version: int
    occurred_at: datetime


class _Identity(Struct, frozen=True, kw_only=True):
    message_id: UUID
    message_type: str


def properties_of(message: Message) -> Basic.Properties:
    """Headers of the message whose names begin with `souk-` or `x-` do not travel."""
    facts = _Facts(
        schema_version=message.schema_version,
        aggregate_id=message.aggregate_id,
        aggregate_version=message.aggregate_version,
        occurred_at=message.occurred_at,
    )
    return _properties(str(message.event_id), message.kind, {**_context(message.headers), **msgspec.to_builtins(facts)})


def read(delivered: DeliveredMessage) -> Message:
    """Raises `Unreadable`."""
    headers = headers_of(delivered)
    try:
        identity = msgspec.convert(delivered.header.properties, _Identity, from_attributes=True)
        facts = msgspec.convert(headers, _Facts)
    except msgspec.ValidationError as fault:
        raise Unreadable(str(fault)) from fault
    return Message(
        event_id=identity.message_id,
        kind=identity.message_type,
        schema_version=facts.schema_version,
        aggregate_id=facts.aggregate_id,
        aggregate_version=facts.aggregate_version,
        occurred_at=facts.occurred_at,
        payload=delivered.body,
        headers=_context(headers),
    )


def marks_of(delivered: DeliveredMessage) -> Marks:
    """Raises `Unreadable`."""
    try:
        return msgspec.convert(headers_of(delivered), Marks)
    except msgspec.ValidationError as fault:
        raise Unreadable(str(fault)) from fault


def forwarded(delivered: DeliveredMessage, marks: Marks) -> Basic.Properties:
    """The same message with other marks. What the broker noted on it is left behind: it would count in a new life."""
    old = {field.encode_name for field in msgspec.structs.fields(Marks)}
    kept = {
        name: value
        for name, value in headers_of(delivered).items()
        if name not in old and not name.startswith(_BROKERS)
    }
    properties = delivered.header.properties
    return _properties(properties.message_id, properties.message_type, {**kept, **msgspec.to_builtins(marks)})


def headers_of(delivered: DeliveredMessage) -> FieldTable:
    """Its own, the context's and the broker's."""
    return delivered.header.properties.headers or {}


def _properties(message_id: str | None, kind: str | None, headers: FieldTable) -> Basic.Properties:
    return Basic.Properties(
        content_type="application/json",
        delivery_mode=_PERSISTENT,
        message_id=message_id,
        message_type=kind,
        headers=headers,
    )


def _context(headers: Mapping[str, object]) -> dict[str, str]:
    return {
        name: value
        for name, value in headers.items()
        if isinstance(value, str) and not name.startswith((_OWN, _BROKERS))
    }
