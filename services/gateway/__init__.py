"""The way in. The gateway owns no trade: it carries requests from outside to services, and from one service to another.

It offers routing, authentication, limits, caching and protection as `edges.py` says, an item page in one call, the
merged OpenAPI document, and overrides for staff. It announces nothing; it listens to what makes a cached answer or a
remembered token wrong.
"""
