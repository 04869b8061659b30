import pytest

from tests.dealing import in_order, unit_of


@pytest.mark.parametrize(
    ("nodeid", "unit"),
    [
        ("tests/a.py::test_b[::1]", "tests/a.py"),
        ("tests/cluster/test_a.py::test_b", "tests/cluster/"),
        ("tests/cluster/test_c.py::test_d", "tests/cluster/"),
    ],
)
def test_a_unit_is_a_module_or_all_modules_that_share_what_they_start(nodeid: str, unit: str) -> None:
    assert unit_of(nodeid) == unit


def test_what_takes_longest_begins_first(request: pytest.FixtureRequest) -> None:
    nodeids = ("tests/a.py::test", "tests/cluster/test_a.py::test", "tests/b.py::test", "tests/engine/test_b.py::test")
    items: list[pytest.Item] = [_Item.from_parent(request.session, name="test", nodeid=nodeid) for nodeid in nodeids]

    assert [item.nodeid for item in in_order(items)] == [nodeids[1], nodeids[3], nodeids[0], nodeids[2]]


class _Item(pytest.Item):
    """One that is only dealt."""

    def runtest(self) -> None:
        """Never asked for."""
