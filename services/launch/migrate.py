"""Bringing databases to the newest schema, before anything that needs it starts."""

from collections.abc import Mapping

from services.chassis.schema.upgrade import upgrade


async def migrate(urls: Mapping[str, str]) -> None:
    """Service name → database URL. One after the other: each is a transaction of its own."""
    for service, url in urls.items():
        await upgrade(service, url)
