"""What a purchase costs and who gets how much of it: tax, shipping and commission, in whole minor units."""

from msgspec import Struct

WHOLE_BP = 10_000


class Terms(Struct, frozen=True, kw_only=True):
    """The marketplace's conditions at this moment; an order freezes what follows from them."""

    commission_bp: int
    """Basis points of the goods' price that the marketplace keeps; shipping is the seller's whole."""
    shipping_minor: int
    """What one seller's parcel costs the buyer."""
    free_shipping_from_minor: int
    """One seller's goods from this worth are sent free."""


def tax_included(total_minor: int, rate_bp: int) -> int:
    """The tax inside a gross price, rounded half up."""
    divisor = WHOLE_BP + rate_bp
    return (2 * total_minor * rate_bp + divisor) // (2 * divisor)


def shipping(items_minor: int, terms: Terms) -> int:
    """Of one seller's goods."""
    return 0 if items_minor >= terms.free_shipping_from_minor else terms.shipping_minor


def commission(items_minor: int, terms: Terms) -> int:
    """Rounded down: the odd cent is the seller's."""
    return items_minor * terms.commission_bp // WHOLE_BP


def commission_back(commission_minor: int, items_minor: int, *, refunded_minor: int, returned_minor: int) -> int:
    """What a refund undoes of the commission, once `refunded_minor` of the goods are given back with it.

    `returned_minor` went back before. Whatever failed meanwhile, the shares never add up to more than all of it, and
    do add up to all of it when all is given back.
    """
    if items_minor == 0:
        return 0
    return max(0, commission_minor * refunded_minor // items_minor - returned_minor)
