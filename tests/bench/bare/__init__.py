"""The barest shop on Litestar, asyncpg and PostgreSQL: the limit that Souk is compared with, with none of its promises.

It sells what `tests.bench.catalogue` lists, and knows no sellers, no logins, no holds, no retries and no events.
"""
