"""A service's Litestar application, wired the way all of them are."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

from litestar import Litestar, Response, get
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.routes import HTTPRoute
from litestar.types import AnyCallable, ASGIApp, ExceptionHandlersMap

from services.chassis.errors import SoukError
from services.chassis.http.access import OUTSIDE, access_of, admit, provide_identity, provide_user_id
from services.chassis.http.bodies import StrictRequest
from services.chassis.http.entrance import BODY_BYTES_MOST, Entrance
from services.chassis.http.health import Health, health_routes
from services.chassis.http.openapi import describe
from services.chassis.http.problems import (
    DATABASE_AWAY,
    on_database_away,
    on_fault,
    on_http_error,
    on_refusal,
    on_unreadable,
)
from services.chassis.identity.checking import IdentityCheck
from services.chassis.identity.keys import KeyRing
from services.chassis.telemetry.metrics import Metrics
from services.chassis.telemetry.traces import Traces

API_VERSION = "1"


def build_app(
    name: str,
    handlers: Sequence[HTTPRouteHandler],
    *,
    dependencies: Mapping[str, AnyCallable],
    identities: IdentityCheck,
    keys: KeyRing,
    health: Health,
    metrics: Metrics,
    traces: Traces,
) -> ASGIApp:
    """The ASGI application; `dependencies` are injected by name (`NamedDependency`)."""
    app = Litestar(
        [*handlers, *health_routes(health), _jwks(keys)],
        dependencies=_provide(dependencies),
        before_request=admit,
        request_class=StrictRequest,
        exception_handlers=_EXCEPTION_HANDLERS,
        openapi_config=_openapi(name),
        request_max_body_size=BODY_BYTES_MOST,
        logging_config=None,
    )
    _require_access(app)
    app.register(_document(cache(lambda: describe(app))))
    return Entrance(app, service=name, identities=identities, metrics=metrics, traces=traces)


_EXCEPTION_HANDLERS: ExceptionHandlersMap = {
    SoukError: on_refusal,
    HTTPException: on_http_error,
    **dict.fromkeys(DATABASE_AWAY, on_database_away),
    UnicodeDecodeError: on_unreadable,
    RecursionError: on_unreadable,
    Exception: on_fault,
}


def _provide(dependencies: Mapping[str, AnyCallable]) -> dict[str, Provide]:
    everyone = {"identity": provide_identity, "user_id": provide_user_id}
    return {name: Provide(provider, sync_to_thread=False) for name, provider in {**everyone, **dependencies}.items()}


def _openapi(name: str) -> OpenAPIConfig:
    return OpenAPIConfig(title=f"Souk {name}", version=API_VERSION, path="/-/schema", use_handler_docstrings=True)


def _require_access(app: Litestar) -> None:
    """Raises TypeError for a handler that does not say who may call it, or that would not be asked."""
    for handler in _handlers(app):
        if handler.resolve_include_in_schema():
            access_of(handler.opt)
        if handler.resolve_before_request() is not admit:
            raise TypeError("a route handler may not have a before_request of its own: the access rule is one")


def _handlers(app: Litestar) -> Iterator[HTTPRouteHandler]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            yield from route.route_handlers


def _jwks(keys: KeyRing) -> HTTPRouteHandler:
    @get("/.well-known/jwks.json", opt=OUTSIDE, include_in_schema=False, sync_to_thread=False)
    def jwks() -> Response[object]:
        return Response(keys.jwks(), headers={"cache-control": "max-age=5"})

    return jwks


def _document(tell: Callable[[], bytes]) -> HTTPRouteHandler:
    # It takes a tenth of a second and 5 MiB to tell, so it is told when somebody asks, and to the side of the loop.
    @get("/openapi.json", opt=OUTSIDE, include_in_schema=False, sync_to_thread=True)
    def openapi() -> Response[bytes]:
        return Response(tell(), media_type="application/json")

    return openapi
