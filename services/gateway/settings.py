"""What the gateway needs to know beyond what every service does."""

from typing import Annotated

from msgspec import Meta

from services.chassis.settings import Port, ServiceSettings

Url = Annotated[str, Meta(pattern="^http://[^/]+$")]
PerMinute = Annotated[int, Meta(ge=1)]


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """Read from `SOUK_*` variables."""

    internal_port: Port = 8001
    """Where services ask each other; the public listener is at `port`."""
    auth_url: Url = "http://auth:8000"
    users_url: Url = "http://users:8000"
    items_url: Url = "http://items:8000"
    orders_url: Url = "http://orders:8000"
    auth_canary_url: Url | None = None
    """Another version of the service, for those whom an override sends there; the same for the others."""
    users_canary_url: Url | None = None
    items_canary_url: Url | None = None
    orders_canary_url: Url | None = None
    address_limit: PerMinute = 1200
    """Requests a minute from one address (of IPv6, one /64)."""
    user_limit: PerMinute = 600
    """Requests a minute of one user."""
    key_limit: PerMinute = 600
    """Requests a minute with one API key."""
    cors_origins: str = ""
    """Origins whose pages may read answers, separated by commas."""
    trusted_proxies: str = ""
    """Networks (CIDR, separated by commas) whose `X-Forwarded-For` is believed."""
    cache_bytes: Annotated[int, Meta(ge=0)] = 2 * 1024 * 1024
    """For answers to public reads: a thousand or so. A full cache takes a third more than this of the memory,
    and the process is to stay under 100 MiB unless it is told to take more.
    """
    log_every: Annotated[int, Meta(ge=0)] = 0
    """One in so many requests is logged, 0: only those that failed."""
    trace_share: Annotated[float, Meta(ge=0, le=1)] = 0.0
    """Of requests, traced through all services."""
