"""What nobody should send, and what each is told. One more kind is one more row.

Places in braces are those of `Belongings`, by the names that the OpenAPI document gives them.
"""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from tests.launch.shop import HOME

Who = Literal["visitor", "owner", "rival", "seller"]
MINE = "COVETED-1"
"""The SKU that the seller sells and the owner has bought."""
USED_KEY = "used for another purchase"
EXPIRED = "expired_checkout_id"
"""The place of a checkout whose hold has run out."""


class Bad(Struct, frozen=True):
    """One request, and its refusal."""

    what: str
    who: Who
    request: str
    """Method and path, and a query if need be."""
    body: object
    """Bytes are sent as they are, all else as JSON; its strings may hold places too."""
    status: int
    code: str
    headers: Mapping[str, str] = {}

    def __str__(self) -> str:
        return self.what


def cart(quantity: object = 1, sku: object = MINE) -> object:
    """What a cart is begun with."""
    return {"lines": [{"sku": sku, "quantity": quantity}]}


def priced(minor: object, currency: str = "EUR", version: int = 3) -> object:
    """A variant at a price."""
    return {"variant": {"sku": "NEW-1", "price": {"minor": minor, "currency": currency}}, "version": version}


PURCHASE = {"cart_id": "{cart_id}", "payment_method": "tok_visa", "address": HOME}
CARTS, CHECKOUTS, VARIANTS = (
    "POST /api/v1/carts",
    "POST /api/v1/checkouts",
    "POST /api/v1/seller/items/{item_id}/variants",
)
ITEM = "PATCH /api/v1/seller/items/{item_id}"
FORM, XML = "application/x-www-form-urlencoded", "application/xml"

BAD: tuple[Bad, ...] = (
    Bad("malformed JSON", "owner", CARTS, b'{"lines": [', 400, "malformed"),
    Bad("two documents in one body", "owner", CARTS, b"{} {}", 400, "malformed"),
    Bad("no body at all", "owner", CARTS, b"", 400, "malformed"),
    Bad("an unknown field", "owner", CARTS, {"lines": [], "total_minor": 1}, 400, "malformed"),
    Bad("a missing field", "owner", CHECKOUTS, {"payment_method": "tok_visa"}, 400, "malformed"),
    Bad("a number in quotes", "owner", CARTS, cart("2"), 400, "malformed"),
    Bad("a list where an object belongs", "owner", CARTS, [], 400, "malformed"),
    Bad("null where a text belongs", "owner", CARTS, cart(sku=None), 400, "malformed"),
    Bad("a quantity of nothing", "owner", CARTS, cart(0), 400, "malformed"),
    Bad("a quantity below nothing", "owner", CARTS, cart(-1), 400, "malformed"),
    Bad("a quantity beyond 64 bits", "owner", CARTS, cart(2**64), 400, "malformed"),
    Bad(
        "a number that is none", "owner", CARTS, b'{"lines": [{"sku": "COVETED-1", "quantity": NaN}]}', 400, "malformed"
    ),
    Bad("a key that is there twice", "owner", CARTS, b'{"lines": [], "lines": []}', 400, "malformed"),
    Bad(
        "a key that is there twice further in",
        "seller",
        VARIANTS,
        b'{"variant":{"sku":"NEW-1","price":{"minor":1,"minor":2,"currency":"EUR"}},"version":3}',
        400,
        "malformed",
    ),
    Bad("text that is not UTF-8", "owner", CARTS, b'{"lines": [{"sku": "\xff\xfe", "quantity": 1}]}', 400, "malformed"),
    Bad(
        "half of a surrogate pair", "owner", CARTS, b'{"lines": [{"sku": "\\ud800", "quantity": 1}]}', 400, "malformed"
    ),
    Bad("NUL in a text", "owner", CARTS, cart(sku="COVETED\x00"), 400, "malformed"),
    Bad("NUL in a query", "visitor", "GET /api/v1/search?text=%00", None, 400, "malformed"),
    Bad("nesting without end", "owner", CARTS, b'{"lines": ' + b"[" * 100_000, 400, "malformed"),
    Bad("a form instead of JSON", "owner", CARTS, b"lines=1", 415, "unsupported_media_type", {"content-type": FORM}),
    Bad("XML instead of JSON", "owner", CARTS, b"<cart/>", 415, "unsupported_media_type", {"content-type": XML}),
    Bad("a body over the route's limit", "owner", CARTS, b"[" + b" " * 1_000_000 + b"]", 413, "too_large"),
    Bad("a body of 10 MB", "owner", CARTS, b" " * 10_000_001, 413, "too_large"),
    Bad("a price below nothing", "seller", VARIANTS, priced(-1), 422, "price_refused"),
    Bad("a price of nothing", "seller", VARIANTS, priced(0), 422, "price_refused"),
    Bad("a price with a fraction", "seller", VARIANTS, priced(19.5), 400, "malformed"),
    Bad(
        "a price with a fraction of nothing",
        "seller",
        VARIANTS,
        b'{"variant":{"sku":"NEW-1","price":{"minor":1e3,"currency":"EUR"}},"version":3}',
        400,
        "malformed",
    ),
    Bad(
        "a price beyond 64 bits",
        "seller",
        VARIANTS,
        b'{"variant":{"sku":"NEW-1","price":{"minor":99999999999999999999,"currency":"EUR"}},"version":3}',
        422,
        "price_refused",
    ),
    Bad("a price in another currency", "seller", VARIANTS, priced(1900, "USD"), 422, "price_refused"),
    Bad("a price in no currency", "seller", VARIANTS, priced(1900, "euro"), 400, "malformed"),
    Bad(
        "a SKU that is sold already",
        "seller",
        VARIANTS,
        {"variant": {"sku": MINE, "price": {"minor": 1, "currency": "EUR"}}, "version": 3},
        409,
        "sku_taken",
    ),
    Bad("a stale version", "seller", ITEM, {"version": 1, "title": "Late"}, 409, "stale_version"),
    Bad("a version of the future", "seller", ITEM, {"version": 99, "title": "Early"}, 409, "stale_version"),
    Bad(
        "less stock than is promised",
        "seller",
        "PUT /api/v1/seller/stock/{sku}",
        {"on_hand": -1, "version": 1},
        400,
        "malformed",
    ),
    Bad("somebody else's cart", "rival", CHECKOUTS, PURCHASE, 404, "cart_missing"),
    Bad(
        "somebody else's address",
        "rival",
        "PUT /api/v1/users/me/addresses/{address_id}",
        {"address": HOME},
        404,
        "address_missing",
    ),
    Bad(
        "somebody else's saved address",
        "rival",
        CHECKOUTS,
        {"cart_id": "{cart_id}", "payment_method": "tok_visa", "address_id": "{address_id}"},
        404,
        "address_missing",
    ),
    Bad("somebody else's order", "rival", "POST /api/v1/orders/{order_id}/cancel", None, 404, "order_missing"),
    Bad("what is for sellers", "owner", "GET /api/v1/seller/items", None, 403, "denied"),
    Bad("what is for users", "visitor", CHECKOUTS, PURCHASE, 401, "login_needed"),
    Bad(
        "no address",
        "owner",
        CHECKOUTS,
        {"cart_id": "{cart_id}", "payment_method": "tok_visa"},
        422,
        "address_required",
    ),
    Bad("no Idempotency-Key", "owner", CHECKOUTS, PURCHASE, 400, "idempotency_key_missing", {"idempotency-key": ""}),
    Bad(
        "an Idempotency-Key of another purchase",
        "owner",
        CHECKOUTS,
        PURCHASE,
        422,
        "idempotency_key_reused",
        {"idempotency-key": USED_KEY},
    ),
    Bad(
        "an Idempotency-Key that is too long",
        "owner",
        CHECKOUTS,
        PURCHASE,
        400,
        "malformed",
        {"idempotency-key": "k" * 256},
    ),
    Bad(
        "calling off what has expired",
        "owner",
        "POST /api/v1/checkouts/{expired_checkout_id}/cancel",
        None,
        409,
        "illegal_state",
    ),
    Bad("calling off what was sent", "owner", "POST /api/v1/orders/{order_id}/cancel", None, 409, "illegal_state"),
    Bad("an empty beginning of a title", "visitor", "GET /api/v1/search/suggestions?text=", None, 400, "malformed"),
    Bad(
        "sorting prices of several currencies",
        "visitor",
        "GET /api/v1/search?sort=price_asc",
        None,
        422,
        "currency_needed",
    ),
    Bad("a cursor nobody gave", "visitor", "GET /api/v1/items?cursor=nonsense", None, 400, "cursor_malformed"),
    Bad("a query that is not UTF-8", "visitor", "GET /api/v1/search?text=%ff", None, 400, "malformed"),
    Bad("a path that is not UTF-8", "visitor", "GET /api/v1/items/by-slug/%ff", None, 404, "item_missing"),
    Bad("a slash that hides in a path", "visitor", "GET /api/v1/items/by-slug/a%2Fb", None, 400, "ambiguous_target"),
    Bad("a limit that is no number", "visitor", "GET /api/v1/items?limit=ten", None, 400, "malformed"),
    Bad("a SKU in small letters", "seller", "GET /api/v1/seller/stock/coveted-1", None, 404, "variant_missing"),
    Bad(
        "a scope nobody knows",
        "owner",
        "POST /api/v1/auth/api-keys",
        {"name": "x", "scopes": ["all"]},
        400,
        "malformed",
    ),
    Bad("no scope at all", "owner", "POST /api/v1/auth/api-keys", {"name": "x", "scopes": []}, 400, "malformed"),
    Bad(
        "a key that ends in the past",
        "owner",
        "POST /api/v1/auth/api-keys",
        {"name": "x", "scopes": ["orders:read"], "expires_at": "2020-01-01T00:00:00Z"},
        422,
        "expiry_unfit",
    ),
    Bad(
        "a time of no zone",
        "owner",
        "POST /api/v1/auth/api-keys",
        {"name": "x", "scopes": ["orders:read"], "expires_at": "2099-01-01T00:00:00"},
        400,
        "malformed",
    ),
    Bad(
        "a role nobody can have",
        "rival",
        "PUT /api/v1/auth/users/{account_id}/roles",
        {"roles": ["owner"], "version": 1},
        403,
        "denied",
    ),
    Bad(
        "an address in no country",
        "owner",
        "POST /api/v1/users/me/addresses",
        {"address": {**HOME, "country": "Germany"}},
        400,
        "malformed",
    ),
    Bad("a way to pay that does not exist", "owner", CHECKOUTS, {**PURCHASE, "payment_method": ""}, 400, "malformed"),
    Bad(
        "credentials of another kind",
        "visitor",
        "GET /api/v1/orders",
        None,
        401,
        "token_refused",
        {"authorization": "Basic YTpi"},
    ),
    Bad(
        "an API key nobody made",
        "visitor",
        "GET /api/v1/orders",
        None,
        401,
        "token_refused",
        {"authorization": "Bearer sk_" + "0" * 43},
    ),
    Bad("a page that is too long", "visitor", "GET /api/v1/items?limit=101", None, 400, "malformed"),
    Bad("an id that is none", "visitor", "GET /api/v1/items/one", None, 404, "missing"),
    Bad(
        "an unknown item",
        "visitor",
        "GET /api/v1/items/01900000-0000-7000-8000-000000000000",
        None,
        404,
        "item_missing",
    ),
    Bad("an unknown route", "visitor", "POST /api/v2/carts", {}, 404, "no_such_route"),
    Bad("a path with dots", "visitor", "GET /api/v1/items/../carts", None, 400, "ambiguous_target"),
    Bad("a method the gateway's route does not know", "visitor", "POST /api/v1/search", {}, 405, "method_not_allowed"),
    Bad("a method the resource does not know", "visitor", "PATCH /api/v1/carts", {}, 405, "method_not_allowed"),
    Bad("a method hardly anybody knows", "visitor", "QUERY /api/v1/items", None, 405, "method_not_allowed"),
    Bad(
        "a token that is none",
        "visitor",
        "GET /api/v1/orders",
        None,
        401,
        "token_refused",
        {"authorization": "Bearer x.y.z"},
    ),
    Bad(
        "news of a payment without a signature",
        "visitor",
        "POST /api/v1/payments/webhooks/{provider}",
        {},
        401,
        "webhook_refused",
    ),
    Bad(
        "a weak password",
        "visitor",
        "POST /api/v1/auth/register",
        {"email": "new@example.org", "password": "1212121212", "display_name": "New"},
        422,
        "password_weak",
    ),
)
"""Every row is tried by tests/launch/test_bad_input.py."""
