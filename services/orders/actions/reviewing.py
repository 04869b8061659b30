"""What staff do with a checkout that was handed over to them."""

from typing import Literal

from msgspec.structs import replace

from services.chassis.database import Unit
from services.orders.domain.checkouts import Group, Refusal
from services.orders.domain.orders import entry
from services.orders.domain.saga import resume, turn_back
from services.orders.store import checkouts, orders

Decision = Literal["retry", "turn_back"]


def resolve(unit: Unit, group: Group, decision: Decision, *, note: str, actor: str) -> Group:
    """Drive it on from where it was, or give everything back. Of a group that the unit has locked.

    Raises `IllegalMove`.
    """
    resumed = resume(group, unit.now)
    if decision == "turn_back":
        resumed = turn_back(resumed, "cancelled", Refusal(code="cancelled", reason="staff"), unit.now)
    saved = replace(resumed, checkout=checkouts.save(unit, group.checkout, resumed.checkout))
    orders.tell(unit, [replace(entry(one, one, actor, note), at=unit.now) for one in saved.orders])
    return saved
