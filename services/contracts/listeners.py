"""Who listens to which events: the one table that queues, docs and tests are made from."""

from collections.abc import Mapping

from services.contracts.auth import UserErased, UserRegistered
from services.contracts.items import ItemListed, ItemWithdrawn, StockRanOut, StockReturned
from services.contracts.message import Event
from services.contracts.users import SellerApproved, SellerSuspended

LISTENERS: Mapping[str, tuple[type[Event], ...]] = {
    "auth": (SellerApproved, SellerSuspended),
    "users": (UserRegistered, UserErased),
    "items": (SellerApproved, SellerSuspended, ItemListed, ItemWithdrawn, StockRanOut, StockReturned, UserErased),
    "orders": (SellerApproved, SellerSuspended, ItemListed, ItemWithdrawn, UserErased),
}
"""Service → what its queue `<service>.in` is bound to."""
