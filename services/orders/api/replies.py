"""A checkout as an answer: 201 once it is confirmed, 202 while it goes on, 409 with the reason when it failed."""

import msgspec
from litestar import Response

from services.chassis.database import Database
from services.chassis.outbox.idempotency import Claim, SavedReply, settle
from services.orders.domain.checkouts import FAILED, Group, to_error
from services.orders.domain.views import CheckoutView, show_checkout

OK = 200
CREATED = 201
ACCEPTED = 202
REFUSED = 409


def reply_of(group: Group) -> SavedReply:
    """What is kept for the same key; a refusal is kept as the checkout it belongs to."""
    state = group.checkout.state
    status = CREATED if state == "confirmed" else REFUSED if state in FAILED else ACCEPTED
    return SavedReply(status=status, body=msgspec.json.encode(show_checkout(group)))


def answer(reply: SavedReply, *, again: bool) -> Response[bytes]:
    """The answer, the first time or `again`. Raises the refusal that the checkout ended with."""
    if reply.status == REFUSED:
        _refuse(msgspec.json.decode(reply.body, type=CheckoutView))
    headers = {"idempotency-replayed": "true"} if again else {}
    return Response(reply.body, status_code=reply.status, media_type="application/json", headers=headers)


def respond(reply: SavedReply) -> Response[bytes]:
    """The answer as it was saved."""
    return Response(reply.body, status_code=reply.status, media_type="application/json")


async def answer_anew(database: Database, claim: Claim, reply: SavedReply) -> Response[bytes]:
    """What followed the commit is known now: this is the answer, and repeated from now on in place of the first."""
    async with database.unit() as unit:
        await settle(unit, claim, reply)
    return respond(reply)


def _refuse(view: CheckoutView) -> None:
    if view.refusal is None:
        raise ValueError(f"checkout {view.id} failed without a reason")
    error = to_error(view.refusal)
    error.facts["checkout_id"] = str(view.id)
    raise error
