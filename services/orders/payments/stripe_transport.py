"""How the Stripe library's requests travel: asynchronously, within one time limit, and with a failure that says whether
the request had left.
"""

import asyncio
from collections.abc import Mapping

import httpx
import stripe

from services.orders.payments.port import ProviderFailed, ProviderTimeout

CONNECT_S = 3.0
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


class StripeTransport(stripe.HTTPClient):
    """Takes the place of the library's own client, which tells every failure as the same."""

    name = "souk"

    def __init__(self, *, timeout_s: float) -> None:
        super().__init__()
        self._timeout_s = timeout_s
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(timeout_s, connect=min(CONNECT_S, timeout_s)))

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: str | bytes | None = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Body, status and headers. Raises `ProviderFailed`, past the library's own handling of errors."""
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await self._client.request(method, url, headers=headers, content=post_data)
        except TimeoutError as late:
            raise ProviderTimeout("Stripe gave no answer in time", maybe_applied=True) from late
        except httpx.TransportError as failed:
            kind = ProviderTimeout if isinstance(failed, httpx.TimeoutException) else ProviderFailed
            reason = f"Stripe gave no answer: {type(failed).__name__}"
            raise kind(reason, maybe_applied=not isinstance(failed, NEVER_SENT)) from failed
        return answer.content, answer.status_code, answer.headers

    async def aclose(self) -> None:
        """Close connections."""
        await self._client.aclose()
