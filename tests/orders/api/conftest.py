import pytest


@pytest.fixture
def orders_url(sqlite_orders: str) -> str:
    """What is tried here does not depend on the database; what does is in `actions`, `races` and `store`."""
    return sqlite_orders
