"""The connection to Elasticsearch, and which of its failures mean that it is away."""

from collections.abc import Awaitable

from elastic_transport import ObjectApiResponse
from elasticsearch import ApiError, AsyncElasticsearch, TransportError

from services.chassis.search.errors import SearchAway

TIMEOUT_S = 2.0
BULK_TIMEOUT_S = 30.0
_AWAY = frozenset({404, 429, 502, 503, 504})
"""404 too: an index that is not there has not been prepared yet."""


def connect_elasticsearch(url: str, *, timeout_s: float = TIMEOUT_S) -> AsyncElasticsearch:
    """Nothing connects yet."""
    return AsyncElasticsearch(url, request_timeout=timeout_s, max_retries=1, retry_on_timeout=False)


async def answered(call: Awaitable[ObjectApiResponse[object]]) -> object:
    """The body of the answer. Raises `SearchAway` when there is none."""
    try:
        return (await call).body
    except TransportError as away:
        raise SearchAway(f"the search engine does not answer: {away.message}") from away
    except ApiError as refused:
        if refused.status_code not in _AWAY:
            raise
        raise SearchAway(f"the search engine answers {refused.status_code}: {refused.error}") from refused
