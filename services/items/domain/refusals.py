"""Why an item cannot be made, changed or found."""

from uuid import UUID

from services.chassis.errors import Conflict, Invalid, Missing


class ItemMissing(Missing):
    """There is none, or it is not for the caller to see."""

    code = "item_missing"
    title = "No such item"

    def __init__(self, wanted: UUID | str) -> None:
        super().__init__(f"there is no item {wanted}")


class VariantMissing(Missing):
    """The item is not sold under that SKU."""

    code = "variant_missing"
    title = "No such variant"

    def __init__(self, *, sku: str) -> None:
        super().__init__(f"there is no variant {sku}", sku=sku)


class StaleVersion(Conflict):
    """Somebody else has changed it since it was seen: read it again."""

    code = "stale_version"
    title = "Changed meanwhile"

    def __init__(self, *, seen: int, current: int) -> None:
        super().__init__(f"version {current} is there, version {seen} was seen", seen=seen, current=current)


class IllegalMove(Conflict):
    """The item's status does not lead there."""

    code = "illegal_move"
    title = "Not possible in this status"

    def __init__(self, *, status: str, wanted: str) -> None:
        super().__init__(f"an item that is {status} cannot become {wanted}", item_status=status, wanted=wanted)


class ItemIncomplete(Invalid):
    """Only a draft may miss things."""

    code = "item_incomplete"
    title = "Item incomplete"

    def __init__(self, *, missing: list[str]) -> None:
        super().__init__(f"an item on sale needs {', '.join(missing)}", missing=missing)


class SkuTaken(Conflict):
    """SKUs are unique in the whole market."""

    code = "sku_taken"
    title = "SKU taken"

    def __init__(self, *, sku: str) -> None:
        super().__init__(f"{sku} names another variant", sku=sku)


class ReferenceTaken(Conflict):
    """The seller calls another item so."""

    code = "reference_taken"
    title = "Reference taken"

    def __init__(self, reference: str) -> None:
        super().__init__(f"another item has the reference {reference}", reference=reference)


class TooManyVariants(Invalid):
    """More than an item may have."""

    code = "too_many_variants"
    title = "Too many variants"

    def __init__(self, *, most: int) -> None:
        super().__init__(f"an item has at most {most} variants", most=most)


class PriceRefused(Invalid):
    """Another currency than the item's, or an amount nobody sells at."""

    code = "price_refused"
    title = "Price refused"

    def __init__(self, *, minor: int, currency: str, wanted: str) -> None:
        super().__init__(f"a price must be positive, bounded and in {wanted}", minor=str(minor), currency=currency)
