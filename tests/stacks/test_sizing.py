import pytest

from stacks.configuration.reading import read
from stacks.configuration.shape import Configuration
from stacks.sizing import REPLICAS, connections, overbooked, size_of
from tests.stacks.files import STACKS, changed, configuration_of


def configured(services: dict[str, object]) -> Configuration:
    return read(changed("dev", services={"database_pool": 1, **services}))


def test_what_a_role_says_of_itself_goes_before_what_is_said_of_every_one() -> None:
    given = configured({"every": {"replicas": 3, "memory": "1Gi"}, "orders": {"api": {"replicas": 5}}})

    orders, items = size_of(given, "orders", "api"), size_of(given, "items", "api")

    assert (orders.scaling.replicas, orders.resources.memory) == (5, "1Gi")
    assert items.scaling.replicas == 3


def test_what_nobody_says_is_two_of_each() -> None:
    assert size_of(configured({}), "users", "relay").scaling.replicas == REPLICAS


def test_the_sandbox_answers_from_one_process() -> None:
    given = configured({"every": {"replicas": 3, "most": 5, "strategy": "canary"}})

    size = size_of(given, "sandbox", "api")

    assert (size.scaling.replicas, size.scaling.is_automatic, size.strategy) == (1, False, "rolling")


def test_only_what_answers_is_rolled_out_in_steps() -> None:
    given = configured({"every": {"strategy": "canary"}})

    assert size_of(given, "orders", "api").strategy == "canary"
    assert size_of(given, "orders", "worker").strategy == "rolling"


def test_fewer_at_most_than_at_least_means_at_least() -> None:
    given = configured({"every": {"most": 4}, "orders": {"api": {"replicas": 6}}})

    assert not size_of(given, "orders", "api").scaling.is_automatic


def test_connections_count_both_pools_and_the_process_that_comes_before_another_leaves() -> None:
    given = configured({"every": {"replicas": 1}, "database_pool": 4})

    processes = 2 * (1 + 3 + 3 + 3 + 3 + 2)
    assert connections(given) == {"postgres": processes * 2 * 4}


@pytest.mark.parametrize("stack", STACKS)
def test_no_stack_can_ask_its_databases_for_more_connections_than_they_have(stack: str) -> None:
    assert overbooked(configuration_of(stack)) == []
