"""How a careful caller asks: with one key, until it knows."""

from collections.abc import Awaitable

from services.orders.payments.port import (
    Ask,
    Authorize,
    Capture,
    Outcome,
    PaymentProvider,
    ProviderFailed,
    Refund,
    Void,
)

TRIES_MOST = 50


def send(provider: PaymentProvider, ask: Ask) -> Awaitable[Outcome]:
    """The method that fits the ask."""
    match ask:
        case Authorize():
            return provider.authorize(ask)
        case Capture():
            return provider.capture(ask)
        case Void():
            return provider.void(ask)
        case Refund():
            return provider.refund(ask)


async def persist(provider: PaymentProvider, ask: Ask) -> Outcome:
    """Ask; when no answer comes, look; when nothing is found, ask again."""
    for _ in range(TRIES_MOST):
        try:
            return await send(provider, ask)
        except ProviderFailed:
            found = await _look(provider, ask)
            if found is not None:
                return found
    raise AssertionError(f"no answer after {TRIES_MOST} tries")


async def _look(provider: PaymentProvider, ask: Ask) -> Outcome | None:
    try:
        return await provider.find(ask)
    except ProviderFailed:
        return None
