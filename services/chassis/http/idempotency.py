"""The `Idempotency-Key` header as a claim, and saved replies as responses."""

import hashlib
from typing import Annotated

import msgspec
from litestar import Response
from litestar.params import HeaderParameter

from services.chassis.errors import Malformed
from services.chassis.http.access import AnyRequest, provide_identity
from services.chassis.outbox.idempotency import Claim, SavedReply

KEY_HEADER = "Idempotency-Key"
KEY_LENGTH_MOST = 255

IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name=KEY_HEADER,
        required=False,
        max_length=KEY_LENGTH_MOST,
        description="Required: a new unique value per intended effect; the same value repeats the first reply.",
    ),
]


class KeyMissing(Malformed):
    """Money moves only under an `Idempotency-Key`."""

    code = "idempotency_key_missing"
    title = "Idempotency-Key required"


async def claim_of(request: AnyRequest, key: str | None, *, actor: str | None = None) -> Claim:
    """Who asks for what under which key; `actor` stands in for visitors who have no user id. Raises `KeyMissing`."""
    if not key:
        raise KeyMissing("send an Idempotency-Key header with a new unique value")
    who = actor or str(provide_identity(request).sub)
    target = f"{request.method} {request.url.path}"
    digest = hashlib.sha256(target.encode() + b"\n" + await request.body()).digest()
    return Claim(actor=who, route=str(request.scope.get("path_template", target))[:128], key=key, fingerprint=digest)


def to_saved(status: int, body: object) -> SavedReply:
    """What to keep for the next request with the same key."""
    return SavedReply(status=status, body=msgspec.json.encode(body))


def replayed(reply: SavedReply) -> Response[bytes]:
    """The first answer again, marked as such."""
    headers = {"idempotency-replayed": "true"}
    return Response(reply.body, status_code=reply.status, media_type="application/json", headers=headers)
