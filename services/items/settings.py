"""What items needs to know beside what every service does: where its search engine is, and what can be filtered by."""

from typing import Annotated

from msgspec import Meta

from services.chassis.settings import ServiceSettings

_SEARCH_URL = "^(https?://|sqlite:///).+"


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """Read from `SOUK_*` variables."""

    search_url: Annotated[str, Meta(pattern=_SEARCH_URL)]
    """`http://elasticsearch:9200`, or `sqlite:///path` for a file of its own."""
    search_filters: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,39}(,[a-z][a-z0-9_]{0,39}){0,19}$")] = (
        "brand,colour,material,size"
    )
    """Attributes that searches may filter and count by. After a change in a cluster, ask for a reindex."""
    search_cache_s: Annotated[float, Meta(ge=0, le=60)] = 5.0
    """How long the engine's answer to one search is kept. Prices, stock and visibility are read anew all the same."""
