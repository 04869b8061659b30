"""Every instant at which a process may die in a way that matters: round each commit and each ask of somebody else.

The services run with `nothing_fails`; a test arms one point after the other and shows that nothing is lost or doubled.
"""

from collections.abc import Callable
from enum import StrEnum


class FailPoint(StrEnum):
    """`BEFORE_…`: it has not happened. `AFTER_…`: it has, and nobody here knows yet."""

    BEFORE_PLACE = "before_place"
    AFTER_PLACE = "after_place"
    BEFORE_HOLD = "before_hold"
    AFTER_HOLD = "after_hold"
    BEFORE_AUTHORIZE = "before_authorize"
    AFTER_AUTHORIZE = "after_authorize"
    BEFORE_COMMIT_STOCK = "before_commit_stock"
    AFTER_COMMIT_STOCK = "after_commit_stock"
    BEFORE_CAPTURE = "before_capture"
    AFTER_CAPTURE = "after_capture"
    BEFORE_RECORD = "before_record"
    AFTER_RECORD = "after_record"
    BEFORE_VOID = "before_void"
    AFTER_VOID = "after_void"
    BEFORE_RELEASE = "before_release"
    AFTER_RELEASE = "after_release"
    BEFORE_RESTOCK = "before_restock"
    AFTER_RESTOCK = "after_restock"
    BEFORE_REFUND = "before_refund"
    AFTER_REFUND = "after_refund"
    BEFORE_REFUND_RECORD = "before_refund_record"
    AFTER_REFUND_RECORD = "after_refund_record"


Fails = Callable[[FailPoint], None]


def nothing_fails(_point: FailPoint) -> None:
    """The everyday case."""
