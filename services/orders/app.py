"""Wiring."""

import secrets

from services.chassis.service import Platform, Service
from services.chassis.settings import WrongSettings
from services.chassis.wire.origin import read_origin
from services.chassis.wire.port import Upstream
from services.chassis.wire.upstream import TcpUpstream
from services.orders.actions.asking import Till
from services.orders.actions.fail_points import Fails, nothing_fails
from services.orders.actions.refunds import Refunding
from services.orders.actions.saga import Saga
from services.orders.api import HANDLERS
from services.orders.api.counter import Counter
from services.orders.api.replies import reply_of
from services.orders.clients import Addresses, ItemsDesk, Stock, UsersDesk
from services.orders.domain.pricing import Terms
from services.orders.events import SUBSCRIPTIONS
from services.orders.payments.port import PaymentProvider
from services.orders.payments.sandbox import SandboxProvider
from services.orders.settings import Settings
from services.orders.timers import timers

NAME = "orders"
TOKEN_BYTES = 32


def build(
    settings: Settings, platform: Platform, *, sandbox: Upstream | None = None, fails: Fails = nothing_fails
) -> Service:
    """`sandbox` is another way to the origin of `settings.sandbox_url`. Raises `WrongSettings`."""
    provider = open_provider(settings, platform, sandbox)
    stock, addresses = ItemsDesk(platform.peers), UsersDesk(platform.peers)
    return assemble(settings, platform, provider=provider, stock=stock, addresses=addresses, fails=fails)


def assemble(
    settings: Settings,
    platform: Platform,
    *,
    provider: PaymentProvider,
    stock: Stock,
    addresses: Addresses,
    fails: Fails = nothing_fails,
) -> Service:
    """The service with these neighbours."""
    counter = open_counter(settings, platform, provider=provider, stock=stock, addresses=addresses, fails=fails)
    return Service(
        name=NAME,
        handlers=HANDLERS,
        dependencies={"counter": lambda: counter},
        subscriptions=SUBSCRIPTIONS,
        timers=timers(platform.database, counter.saga, counter.refunding, platform.clock),
        stop=provider.close,
    )


def open_counter(
    settings: Settings,
    platform: Platform,
    *,
    provider: PaymentProvider,
    stock: Stock,
    addresses: Addresses,
    fails: Fails,
) -> Counter:
    """What stands behind the handlers."""
    units, clock = platform.database.unit, platform.clock
    till = Till(provider, fails=fails)
    return Counter(
        database=platform.database,
        stock=stock,
        addresses=addresses,
        provider=provider,
        saga=Saga(units=units, stock=stock, till=till, clock=clock, reply_of=reply_of, fails=fails),
        refunding=Refunding(units=units, stock=stock, till=till, clock=clock, fails=fails),
        terms=Terms(
            commission_bp=settings.commission_bp,
            shipping_minor=settings.shipping_minor,
            free_shipping_from_minor=settings.free_shipping_from_minor,
        ),
        clock=clock,
        new_token=lambda: secrets.token_urlsafe(TOKEN_BYTES),
        fails=fails,
        timeout_s=settings.checkout_timeout_s,
        payout_from_minor=settings.payout_from_minor,
    )


def open_provider(settings: Settings, platform: Platform, sandbox: Upstream | None) -> PaymentProvider:
    """The one that the settings name. Raises `WrongSettings`."""
    if settings.payment_provider == "stripe":
        from services.orders.payments.stripe import StripeProvider  # With all it needs it takes 11 MiB.

        return StripeProvider(
            api_key=_given(settings.stripe_api_key, "SOUK_STRIPE_API_KEY"),
            webhook_secret=_given(settings.stripe_webhook_secret, "SOUK_STRIPE_WEBHOOK_SECRET"),
            return_url=settings.stripe_return_url,
            timeout_s=settings.payment_timeout_s,
        )
    url = _given(settings.sandbox_url, "SOUK_SANDBOX_URL")
    return SandboxProvider(
        sandbox or TcpUpstream(read_origin(url)),
        api_key=_given(settings.sandbox_api_key, "SOUK_SANDBOX_API_KEY"),
        webhook_secret=_given(settings.sandbox_webhook_secret, "SOUK_SANDBOX_WEBHOOK_SECRET"),
        clock=platform.clock,
        timeout_s=settings.payment_timeout_s,
    )


def _given(value: str | None, variable: str) -> str:
    if value is None:
        raise WrongSettings(f"{variable} is not set, and the payment provider needs it")
    return value
