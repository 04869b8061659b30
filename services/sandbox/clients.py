"""The shop's webhook address, as the provider reaches it."""

from services.chassis.clock import Clock
from services.chassis.wire.port import Call, Upstream, UpstreamError
from services.sandbox.domain.webhooks import SIGNATURE_HEADER, sign

TIMEOUT_S = 5.0
ANSWER_BYTES_MOST = 64 * 1024


class Shop:
    """Takes webhooks, or does not."""

    def __init__(self, upstream: Upstream, *, target: str, secret: str, clock: Clock) -> None:
        """`target` is the path of the webhook address."""
        self._upstream = upstream
        self._target = target
        self._secret = secret
        self._clock = clock

    async def send(self, body: bytes) -> str | None:
        """Why the shop did not take it; None when it did. Each try is signed anew, for its own time."""
        headers = (
            (b"content-type", b"application/json"),
            (SIGNATURE_HEADER.encode(), sign(body, secret=self._secret, now=self._clock()).encode()),
        )
        call = Call(method="POST", target=self._target, headers=headers, body=body)
        try:
            reply = await self._upstream.call(call, timeout_s=TIMEOUT_S, max_bytes=ANSWER_BYTES_MOST)
        except UpstreamError as failed:
            return f"no answer: {failed}"
        return None if 200 <= reply.status < 300 else f"status {reply.status}"  # noqa: PLR2004 - the class of success.
