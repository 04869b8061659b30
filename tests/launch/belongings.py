"""What one buyer and one seller own, for others to try and touch."""

from collections.abc import Mapping

from msgspec import Struct

from services.auth.actions.granting import Grant
from services.auth.api.keys import CreatedApiKey
from services.orders.domain.views import CheckoutView
from tests.launch.guest import Guest
from tests.launch.shop import HOME, Seller, Shop, fill_cart, list_item

SECRETS = (b"Lindenstrasse", b"10969", b"TRACK-SECRET")
"""Parts of what only the owner, and whoever has to send it, may read."""


class Belongings(Struct, frozen=True, kw_only=True):
    """`places`: parameter of a path → the id of something owned."""

    owner: Guest
    seller: Seller
    places: Mapping[str, str]


async def made(guest: Guest, target: str, body: object) -> str:
    """The id of what was made."""
    return str((await guest.post(target, body)).told(dict[str, object])["id"])


SHEET = b"reference,title,currency\nR-1,Sheet lamp,EUR\n"


async def own_everything(shop: Shop, seller: Seller) -> Belongings:
    """A buyer with one of each kind of thing."""
    owner = await shop.buyer("owner")
    granted: Grant = await owner.log_in()
    me = (await owner.get("/api/v1/auth/me")).facts
    item = await list_item(seller, "Coveted lamp", "COVETED-1")
    checkout: CheckoutView = await shop.bought(owner, "COVETED-1")
    parcel = {"carrier": "Parcel Post", "tracking": "TRACK-SECRET"}
    order = str(checkout.orders[0].id)
    (await seller.guest.post(f"/api/v1/seller/orders/{order}/shipments", parcel)).told(object)
    imported = await seller.guest.ask("POST", "/api/v1/seller/imports", SHEET, headers={"content-type": "text/csv"})
    key = await owner.post("/api/v1/auth/api-keys", {"name": "mine", "scopes": ["orders:read"]})
    places = {
        "account_id": str(me["id"]),
        "address_id": await made(owner, "/api/v1/users/me/addresses", {"address": HOME}),
        "cart_id": str((await fill_cart(owner, "COVETED-1")).id),
        "checkout_id": str(checkout.id),
        "import_id": str(imported.told(dict[str, object])["id"]),
        "item_id": str(item.id),
        "key_id": str(key.told(CreatedApiKey).key.id),
        "list_id": await made(owner, "/api/v1/users/me/wish-lists", {"name": "Mine"}),
        "order_id": order,
        "provider": "sandbox",
        "reindex_id": "01900000-0000-7000-8000-000000000000",
        "seller": str(seller.shop.id),
        "seller_id": str(seller.shop.id),
        "session_id": str(granted.session_id),
        "sku": "COVETED-1",
        "slug": item.slug,
    }
    return Belongings(owner=owner, seller=seller, places=places)
