"""The one table of edges: who may reach what, and under which policies. Data only.

The gateway routes by it, tests make their matrix from it, network policies and documents are derived from it. Services
serve `/internal/v1/…` too, but no route leads there: only an `Edge` does, through the internal listener.
"""

from services.contracts.items import ItemListed, ItemWithdrawn, StockRanOut, StockReturned
from services.gateway.domain.concurrency import Priority
from services.gateway.domain.limits import Rule
from services.gateway.domain.routes import READS, WRITES, Access, By, Caching, Edge, Purge, RateLimit, Route

MINUTE = 60.0
ALL = READS | WRITES
POST = frozenset({"POST"})
GET = frozenset({"GET"})


def _limit(name: str, by: By, burst: int) -> RateLimit:
    return RateLimit(by=by, rule=Rule(name=name, burst=burst, per_s=MINUTE))


CREDENTIALS = _limit("credentials", By.ADDRESS, 60)
"""Trying passwords, codes and tokens. Auth itself limits by account."""
SEARCH = _limit("search", By.VISITOR, 300)
CHECKOUT = _limit("checkout", By.VISITOR, 60)
IMPORT = _limit("import", By.VISITOR, 10)

OWN = (
    Route(path="/health", methods=READS, service="gateway", priority=Priority.CHECKOUT),
    Route(path="/api/v1/openapi.json", methods=READS, service="gateway", priority=Priority.BACKGROUND),
    Route(path="/api/v1/docs", methods=READS, service="gateway", priority=Priority.BACKGROUND),
    Route(
        path="/api/v1/pages/items/{id}",
        methods=READS,
        service="gateway",
        cache=Caching(ttl_s=5, tags=("item:{id}",)),
    ),
    Route(path="/api/v1/gateway", methods=ALL, service="gateway", access=Access.USER, priority=Priority.ACCOUNT),
)

AUTH = (
    Route(path="/api/v1/auth", methods=ALL, service="auth", priority=Priority.ACCOUNT, limits=(CREDENTIALS,)),
    Route(path="/api/v1/auth/me", methods=ALL, service="auth", access=Access.USER, priority=Priority.ACCOUNT),
    Route(path="/api/v1/auth/sessions", methods=ALL, service="auth", access=Access.USER, priority=Priority.ACCOUNT),
    Route(path="/api/v1/auth/api-keys", methods=ALL, service="auth", access=Access.USER, priority=Priority.ACCOUNT),
    Route(path="/api/v1/auth/audit", methods=READS, service="auth", access=Access.USER, priority=Priority.ACCOUNT),
    Route(path="/api/v1/auth/users", methods=ALL, service="auth", access=Access.USER, priority=Priority.ACCOUNT),
)

USERS = (
    Route(path="/api/v1/users", methods=ALL, service="users", access=Access.USER, priority=Priority.ACCOUNT),
    Route(path="/api/v1/sellers", methods=READS, service="users"),
    Route(path="/api/v1/sellers", methods=WRITES, service="users", access=Access.USER, priority=Priority.ACCOUNT),
    Route(path="/api/v1/seller/profile", methods=ALL, service="users", access=Access.USER, priority=Priority.ACCOUNT),
    Route(path="/api/v1/staff/sellers", methods=ALL, service="users", access=Access.USER, priority=Priority.ACCOUNT),
)

ITEMS = (
    Route(path="/api/v1/items", methods=READS, service="items", cache=Caching(ttl_s=10, tags=("items",))),
    Route(path="/api/v1/items/{id}", methods=READS, service="items", cache=Caching(ttl_s=10, tags=("item:{id}",))),
    Route(
        path="/api/v1/items/by-slug/{slug}",
        methods=READS,
        service="items",
        cache=Caching(ttl_s=5, tags=("items",)),
    ),
    Route(path="/api/v1/categories", methods=READS, service="items", cache=Caching(ttl_s=30, tags=("categories",))),
    Route(
        path="/api/v1/search",
        methods=READS,
        service="items",
        limits=(SEARCH,),
        cache=Caching(ttl_s=3, tags=("items",)),
    ),
    Route(path="/api/v1/seller/items", methods=ALL, service="items", access=Access.USER, priority=Priority.ACCOUNT),
    Route(path="/api/v1/seller/stock", methods=ALL, service="items", access=Access.USER, priority=Priority.ACCOUNT),
    Route(
        path="/api/v1/seller/imports",
        methods=READS,
        service="items",
        access=Access.USER,
        priority=Priority.BACKGROUND,
    ),
    Route(
        path="/api/v1/seller/imports",
        methods=POST,
        service="items",
        access=Access.USER,
        priority=Priority.BACKGROUND,
        limits=(IMPORT,),
        timeout_s=30,
        body_bytes=10_000_000,
    ),
    Route(
        path="/api/v1/seller/exports",
        methods=READS,
        service="items",
        access=Access.USER,
        priority=Priority.BACKGROUND,
        limits=(IMPORT,),
        timeout_s=30,
        streams=True,
    ),
    Route(path="/api/v1/staff/categories", methods=ALL, service="items", access=Access.USER, priority=Priority.ACCOUNT),
    Route(path="/api/v1/staff/search", methods=ALL, service="items", access=Access.USER, priority=Priority.ACCOUNT),
)

ORDERS = (
    Route(path="/api/v1/carts", methods=ALL, service="orders", priority=Priority.CHECKOUT),
    Route(
        path="/api/v1/checkouts",
        methods=ALL,
        service="orders",
        access=Access.USER,
        priority=Priority.CHECKOUT,
        limits=(CHECKOUT,),
        timeout_s=30,
    ),
    Route(path="/api/v1/orders", methods=ALL, service="orders", access=Access.USER, priority=Priority.ACCOUNT),
    Route(
        path="/api/v1/payments/webhooks/{provider}",
        methods=POST,
        service="orders",
        priority=Priority.CHECKOUT,
        body_bytes=256_000,
    ),
    Route(path="/api/v1/seller/orders", methods=ALL, service="orders", access=Access.USER, priority=Priority.ACCOUNT),
    Route(path="/api/v1/seller/balance", methods=READS, service="orders", access=Access.USER),
    Route(path="/api/v1/seller/payouts", methods=READS, service="orders", access=Access.USER),
    Route(path="/api/v1/staff/orders", methods=ALL, service="orders", access=Access.USER, priority=Priority.ACCOUNT),
    Route(path="/api/v1/staff/checkouts", methods=ALL, service="orders", access=Access.USER, priority=Priority.ACCOUNT),
    Route(path="/api/v1/staff/disputes", methods=ALL, service="orders", access=Access.USER, priority=Priority.ACCOUNT),
    Route(path="/api/v1/staff/payouts", methods=ALL, service="orders", access=Access.USER, priority=Priority.ACCOUNT),
    Route(path="/api/v1/staff/ledger", methods=READS, service="orders", access=Access.USER, priority=Priority.ACCOUNT),
)

ROUTES: tuple[Route, ...] = (*OWN, *AUTH, *USERS, *ITEMS, *ORDERS)
"""What is served to the outside."""

INTERNAL_OWN: tuple[Route, ...] = (
    Route(path="/.well-known/jwks.json", methods=READS, service="gateway", priority=Priority.CHECKOUT),
    Route(path="/health/live", methods=READS, service="gateway", priority=Priority.CHECKOUT),
    Route(path="/health/ready", methods=READS, service="gateway", priority=Priority.CHECKOUT),
    Route(path="/health/started", methods=READS, service="gateway", priority=Priority.CHECKOUT),
)
"""What the internal listener tells everyone who can reach it."""

EDGES: tuple[Edge, ...] = (
    Edge(caller="gateway", methods=POST, path="/internal/v1/api-keys/resolve", target="auth"),
    Edge(caller="gateway", methods=GET, path="/internal/v1/revocations", target="auth"),
    Edge(caller="orders", methods=POST, path="/internal/v1/quotes", target="items"),
    Edge(caller="orders", methods=POST, path="/internal/v1/holds", target="items"),
    Edge(caller="orders", methods=POST, path="/internal/v1/holds/{id}/commit", target="items"),
    Edge(caller="orders", methods=POST, path="/internal/v1/holds/{id}/release", target="items"),
    Edge(caller="orders", methods=POST, path="/internal/v1/restocks", target="items"),
    Edge(caller="orders", methods=GET, path="/internal/v1/users/{user}/addresses/{address}", target="users"),
    Edge(caller="users", methods=GET, path="/internal/v1/personal-data/auth/{person}", target="auth"),
    Edge(caller="users", methods=GET, path="/internal/v1/personal-data/orders/{person}", target="orders"),
)
"""What services may ask of each other at once. Everything else between them is events."""

PURGES: tuple[Purge, ...] = (
    Purge(event=ItemListed, tags=("item:{item_id}", "items")),
    Purge(event=ItemWithdrawn, tags=("item:{item_id}", "items")),
    Purge(event=StockRanOut, tags=("item:{item_id}", "items")),
    Purge(event=StockReturned, tags=("item:{item_id}", "items")),
)
"""Which cached answers an event makes wrong; its fields fill in the tags."""
