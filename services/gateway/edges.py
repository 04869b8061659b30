"""The one table of edges: who may reach what, and under which policies. Data only.

The gateway routes by it, its tests make their matrix from it, and network policies and documents are derived from it.
Services serve `/internal/v1/…` too, but no route leads there; only an `Edge` does, through the internal listener.
"""

from services.gateway.domain.concurrency import Priority
from services.gateway.domain.limits import Rule
from services.gateway.domain.routes import READS, WRITES, Access, By, Caching, Edge, Purge, RateLimit, Route

MAX_IMPORT_BYTES = 8_000_000
MINUTE = 60.0


def _limit(name: str, by: By, burst: int) -> RateLimit:
    return RateLimit(by=by, rule=Rule(name=name, burst=burst, per_s=MINUTE))


LOGIN = _limit("login", By.ADDRESS, 60)
SEARCH = _limit("search", By.VISITOR, 300)
CHECKOUT = _limit("checkout", By.VISITOR, 60)
IMPORT = _limit("import", By.VISITOR, 10)

_POST = frozenset({"POST"})
_GET = frozenset({"GET"})

ROUTES: tuple[Route, ...] = (
    # The gateway's own.
    Route(path="/api/v1/openapi.json", methods=READS, service="gateway", priority=Priority.BACKGROUND),
    Route(path="/api/v1/docs", methods=READS, service="gateway", priority=Priority.BACKGROUND),
    Route(
        path="/api/v1/pages/items/{id}",
        methods=READS,
        service="gateway",
        cache=Caching(ttl_s=10, tags=("item:{id}",)),
    ),
    Route(path="/api/v1/gateway", methods=READS | WRITES, service="gateway", access=Access.USER),
    # auth
    Route(path="/api/v1/auth", methods=_POST, service="auth", priority=Priority.ACCOUNT, limits=(LOGIN,)),
    Route(
        path="/api/v1/auth",
        methods=READS | WRITES - _POST,
        service="auth",
        access=Access.USER,
        priority=Priority.ACCOUNT,
    ),
    # users
    Route(
        path="/api/v1/users",
        methods=READS | WRITES,
        service="users",
        access=Access.USER,
        priority=Priority.ACCOUNT,
    ),
    Route(path="/api/v1/sellers", methods=READS, service="users"),
    Route(
        path="/api/v1/sellers",
        methods=WRITES,
        service="users",
        access=Access.USER,
        priority=Priority.ACCOUNT,
    ),
    # items
    Route(path="/api/v1/items", methods=READS, service="items", cache=Caching(ttl_s=10, tags=("items",))),
    Route(path="/api/v1/items/{id}", methods=READS, service="items", cache=Caching(ttl_s=30, tags=("item:{id}",))),
    Route(path="/api/v1/categories", methods=READS, service="items", cache=Caching(ttl_s=60, tags=("categories",))),
    Route(
        path="/api/v1/search",
        methods=READS,
        service="items",
        limits=(SEARCH,),
        cache=Caching(ttl_s=5, tags=("items",)),
    ),
    Route(path="/api/v1/seller/items", methods=READS | WRITES, service="items", access=Access.USER),
    Route(
        path="/api/v1/seller/items/imports",
        methods=_POST,
        service="items",
        access=Access.USER,
        priority=Priority.BACKGROUND,
        limits=(IMPORT,),
        timeout_s=60,
        body_bytes=MAX_IMPORT_BYTES,
    ),
    # orders
    Route(
        path="/api/v1/carts",
        methods=READS | WRITES,
        service="orders",
        access=Access.USER,
        priority=Priority.CHECKOUT,
    ),
    Route(
        path="/api/v1/checkouts",
        methods=READS | WRITES,
        service="orders",
        access=Access.USER,
        priority=Priority.CHECKOUT,
        limits=(CHECKOUT,),
        timeout_s=30,
    ),
    Route(
        path="/api/v1/orders",
        methods=READS | WRITES,
        service="orders",
        access=Access.USER,
        priority=Priority.ACCOUNT,
    ),
    Route(
        path="/api/v1/payments/webhooks/{provider}",
        methods=_POST,
        service="orders",
        priority=Priority.CHECKOUT,
        body_bytes=256_000,
    ),
    Route(path="/api/v1/seller/orders", methods=READS | WRITES, service="orders", access=Access.USER),
    Route(path="/api/v1/seller/balance", methods=READS, service="orders", access=Access.USER),
)

EDGES: tuple[Edge, ...] = (
    Edge(caller="orders", methods=_POST, path="/internal/v1/holds", target="items"),
    Edge(caller="orders", methods=_POST, path="/internal/v1/holds/{id}/commit", target="items"),
    Edge(caller="orders", methods=_POST, path="/internal/v1/holds/{id}/release", target="items"),
    Edge(caller="orders", methods=_POST, path="/internal/v1/quotes", target="items"),
    Edge(caller="orders", methods=_GET, path="/internal/v1/addresses/{id}", target="users"),
    Edge(caller="gateway", methods=_POST, path="/internal/v1/api-keys/resolve", target="auth"),
    Edge(caller="gateway", methods=_GET, path="/internal/v1/revocations", target="auth"),
)

PURGES: tuple[Purge, ...] = ()
