"""HTTP in."""

from litestar.handlers import HTTPRouteHandler

from services.orders.api import carts, checkouts, internal, orders, seller, staff, webhooks

HANDLERS: tuple[HTTPRouteHandler, ...] = (
    *carts.HANDLERS,
    *checkouts.HANDLERS,
    *orders.HANDLERS,
    *seller.HANDLERS,
    *staff.HANDLERS,
    *webhooks.HANDLERS,
    *internal.HANDLERS,
)
