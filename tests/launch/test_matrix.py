"""Who may do what, of every operation there is: the table is made from the OpenAPI document, not written by hand."""

from collections.abc import Mapping

import msgspec
import pytest
import pytest_asyncio

from services.chassis.identity.tokens import IdentityClaims, sign
from services.gateway.edges import EDGES
from tests.launch.belongings import SECRETS, Belongings, own_everything
from tests.launch.forging import auth_key, expired, resign
from tests.launch.guest import PASSWORD, Guest, Heard
from tests.launch.matrix import CALLERS, Caller, Operation, operations
from tests.launch.shop import HOME, Seller, Shop

pytestmark = [pytest.mark.embedded, pytest.mark.asyncio(loop_scope="package")]

OPERATIONS_LEAST = 120
ENDS_THE_SESSION = "/api/v1/auth/logout-everywhere"
ROLES_DENIED = {"denied", "scope_missing"}
OWN = frozenset({"cart_id", "checkout_id", "order_id", "address_id", "session_id", "key_id", "list_id", "import_id"})
"""Places of what belongs to one user alone."""


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def everything(shop: Shop) -> list[Operation]:
    return operations(await shop.document())


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def owned(shop: Shop, potter: Seller) -> Belongings:
    return await own_everything(shop, potter)


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def callers(shop: Shop) -> Mapping[Caller, Guest]:
    """Each logged in as nobody else is; `staff` is not the one who keeps the shop running."""
    other, seller = await shop.buyer("other"), (await shop.seller("Rival")).guest
    staff = shop.visitor()
    account = {"email": "clerk@example.org", "display_name": "Clerk", "password": PASSWORD, "roles": ["staff"]}
    (await shop.staff.post("/api/v1/auth/users", account)).told(object)
    token = (await staff.log_in("clerk@example.org", PASSWORD)).access_token
    key = auth_key(shop.data)
    return {
        "anonymous": shop.visitor(),
        "other user": other,
        "seller": seller,
        "staff": staff,
        "wrong audience": Guest(shop.gateway, token=resign(token, key, aud="souk-internal")),
        "expired": Guest(shop.gateway, token=expired(token, key)),
        "forged header": shop.visitor(),
    }


def forged_identity(shop: Shop, owned: Belongings) -> Mapping[str, str]:
    """A real identity of the owner with every role, signed by a key that is not the gateway's."""
    claims = IdentityClaims(
        iss="souk-gateway",
        aud="orders",
        exp=2**40,
        iat=0,
        sub=msgspec.convert(owned.places["account_id"], type(owned.seller.shop.id)),
        roles=frozenset({"buyer", "seller", "staff"}),
    )
    told = sign(claims, auth_key(shop.data))
    return {
        "x-souk-identity": told,
        "x-souk-user": str(claims.sub),
        "x-forwarded-user": "staff",
        "x-souk-roles": "staff",
    }


@pytest.mark.parametrize("caller", CALLERS)
async def test_every_operation_lets_in_whom_its_rule_names_and_nobody_else(
    shop: Shop, everything: list[Operation], owned: Belongings, callers: Mapping[Caller, Guest], caller: Caller
) -> None:
    guest = callers[caller]
    headers = forged_identity(shop, owned) if caller == "forged header" else {}
    wrong: list[str] = []

    for operation in sorted(everything, key=lambda one: one.path == ENDS_THE_SESSION):
        heard = await guest.ask(operation.method, operation.target(owned.places), headers=headers)
        verdict = judge(operation, caller, heard)
        if verdict is not None:
            wrong.append(verdict)

    assert len(everything) >= OPERATIONS_LEAST
    assert wrong == []


def judge(operation: Operation, caller: Caller, heard: Heard) -> str | None:
    """What is wrong with an answer, if anything."""
    told = f"{operation} of {operation.access.who} for {caller}: {heard.status} {heard.code}"
    if heard.status >= 500:
        return f"{told}: failed"
    if not operation.admits(caller):
        refused = {403} if caller in {"other user", "seller", "staff"} else {401}
        return None if heard.status in refused else f"{told}: let in"
    if operation.access.who != "anyone" and (heard.status == 401 or heard.code in ROLES_DENIED):
        return f"{told}: kept out"
    mine = caller == "staff" and "/staff/" in operation.path
    if not mine and any(secret in heard.body for secret in SECRETS):
        return f"{told}: tells what is the owner's"
    foreign = any(f"{{{place}}}" in operation.path for place in OWN)
    if foreign and not mine and heard.status not in {400, 403, 404}:
        return f"{told}: touches what is the owner's"
    return None


FOREIGN: tuple[tuple[str, str, object], ...] = (
    ("GET", "/api/v1/carts/{cart_id}", None),
    ("PUT", "/api/v1/carts/{cart_id}/lines/{sku}", {"quantity": 2}),
    ("DELETE", "/api/v1/carts/{cart_id}/lines/{sku}", None),
    ("DELETE", "/api/v1/carts/{cart_id}", None),
    ("POST", "/api/v1/carts/{cart_id}/merge", None),
    ("GET", "/api/v1/checkouts/{checkout_id}", None),
    ("POST", "/api/v1/checkouts/{checkout_id}/cancel", None),
    ("GET", "/api/v1/orders/{order_id}", None),
    ("POST", "/api/v1/orders/{order_id}/cancel", None),
    ("POST", "/api/v1/orders/{order_id}/confirm-delivery", None),
    ("GET", "/api/v1/seller/orders/{order_id}", None),
    ("POST", "/api/v1/seller/orders/{order_id}/shipments", {"carrier": "Thief"}),
    ("POST", "/api/v1/seller/orders/{order_id}/deliver", {}),
    ("POST", "/api/v1/seller/orders/{order_id}/refunds", {"reason": "mine", "shipping_minor": 1}),
    ("GET", "/api/v1/seller/items/{item_id}", None),
    ("PATCH", "/api/v1/seller/items/{item_id}", {"version": 3, "title": "Stolen"}),
    ("POST", "/api/v1/seller/items/{item_id}/archive", {"version": 3}),
    ("PATCH", "/api/v1/seller/items/{item_id}/variants/{sku}", {"version": 3, "withdrawn": True}),
    ("PUT", "/api/v1/seller/stock/{sku}", {"on_hand": 0, "version": 1}),
    ("GET", "/api/v1/seller/imports/{import_id}", None),
    ("GET", "/api/v1/users/me/addresses/{address_id}", None),
    ("PUT", "/api/v1/users/me/addresses/{address_id}", {"address": HOME}),
    ("PUT", "/api/v1/users/me/addresses/{address_id}/default", None),
    ("DELETE", "/api/v1/users/me/addresses/{address_id}", None),
    ("PATCH", "/api/v1/users/me/wish-lists/{list_id}", {"name": "Stolen"}),
    ("GET", "/api/v1/users/me/wish-lists/{list_id}/items", None),
    ("DELETE", "/api/v1/users/me/wish-lists/{list_id}", None),
    ("DELETE", "/api/v1/auth/sessions/{session_id}", None),
    ("DELETE", "/api/v1/auth/api-keys/{key_id}", None),
)
"""Well-formed requests for what is somebody else's."""


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def rival(shop: Shop) -> Guest:
    """Buys and sells, as the owner and the owner's seller do."""
    return (await shop.seller("Thief")).guest


@pytest.mark.parametrize(("method", "path", "body"), FOREIGN)
async def test_what_is_somebody_elses_is_not_there_for_a_rival(
    rival: Guest, owned: Belongings, method: str, path: str, body: object
) -> None:
    heard = await rival.ask(method, path.format(**owned.places), body)

    assert heard.status in {403, 404}
    assert not any(secret in heard.body for secret in SECRETS)
    assert (await owned.owner.get(f"/api/v1/users/me/addresses/{owned.places['address_id']}")).status == 200
    assert (await owned.owner.get(f"/api/v1/carts/{owned.places['cart_id']}")).status == 200


async def test_what_services_ask_of_each_other_is_not_reached_from_outside(
    shop: Shop, callers: Mapping[Caller, Guest]
) -> None:
    place = "01900000-0000-7000-8000-000000000000"
    targets = [edge.path.replace("{", "").replace("}", "") for edge in EDGES]
    outside = ["/metrics", "/.well-known/jwks.json", "/openapi.json", "/internal/v1", f"/internal/v1/holds/{place}"]

    heard = [
        await guest.ask(method, target)
        for guest in (shop.visitor(), shop.staff, callers["seller"])
        for target in (*targets, *outside)
        for method in ("GET", "POST")
    ]

    assert {one.status for one in heard} == {404}
