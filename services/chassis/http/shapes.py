"""What bodies look like in OpenAPI, told by msgspec, which reads and writes them.

Litestar's own schemas know neither that unknown fields are refused, nor what the keys of a mapping may be, nor what
stands behind `Response[View] | Response[bytes]`.
"""

import types
from collections.abc import Iterable, Mapping
from typing import Union, get_args, get_origin

import msgspec
from litestar import Response
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from services.chassis.http.components import COMPONENTS, Node


class Shapes:
    """The schemas of everything that some handlers take and give."""

    def __init__(self, handlers: Iterable[HTTPRouteHandler]) -> None:
        self._known: list[object] = []
        for handler in handlers:
            for shape in (taken_by(handler), *given_by(handler).values()):
                if shape is not None and shape not in self._known:
                    self._known.append(shape)
        told, components = msgspec.json.schema_components(
            self._known, schema_hook=_anything, ref_template=f"{COMPONENTS}{{name}}"
        )
        self._told = list(told)
        self.components: Node = dict(components)

    def of(self, shape: object) -> Node:
        """A reference to its component."""
        return self._told[self._known.index(shape)]


def _anything(kind: type) -> Node:
    if kind is not object:
        raise NotImplementedError(f"OpenAPI cannot be told what {kind} looks like")
    return {"description": "Any JSON"}


def taken_by(handler: HTTPRouteHandler) -> object | None:
    """The type of its JSON body."""
    field = handler.parsed_data_field
    return None if field is None else _struct(field.annotation)


def given_by(handler: HTTPRouteHandler) -> Mapping[int, object]:
    """The types of its JSON answers by status, refusals left out."""
    given = {handler.status_code: handler.parsed_return_field.annotation}
    given |= {status: spec.data_container for status, spec in (handler.responses or {}).items()}
    found = {status: _struct(annotation) for status, annotation in given.items()}
    return {status: shape for status, shape in found.items() if shape is not None}


def _struct(annotation: object) -> object | None:
    origin = get_origin(annotation)
    if origin in {Union, types.UnionType, Response}:
        return next((shape for shape in map(_struct, get_args(annotation)) if shape is not None), None)
    kind = origin or annotation
    return annotation if isinstance(kind, type) and issubclass(kind, Struct) else None
