import pytest
from prometheus_client import generate_latest

from tests.gateway.running import RunningGateway, get

pytestmark = pytest.mark.embedded


async def test_requests_are_counted_by_route_method_and_class_and_never_by_target(gateway: RunningGateway) -> None:
    client = await gateway.client()
    for target in ("/api/v1/open/secret-1", "/api/v1/open/secret-2", "/api/v1/own", "/nowhere", "/api/v1/shelf/7"):
        await client.ask(get(target))
    await client.ask(get("/api/v1/shelf/7"))

    told = generate_latest(gateway.registry).decode()

    assert 'souk_gateway_public_requests_total{method="GET",route="/api/v1/open",status="2xx"} 2.0' in told
    assert 'souk_gateway_public_requests_total{method="GET",route="/api/v1/own",status="4xx"} 1.0' in told
    assert 'souk_gateway_public_requests_total{method="-",route="-",status="4xx"} 1.0' in told
    assert 'souk_gateway_public_cached_total{method="GET",route="/api/v1/shelf/{id}"} 1.0' in told
    assert 'souk_gateway_public_seconds_count{method="GET",route="/api/v1/open"} 2.0' in told
    assert "secret" not in told
