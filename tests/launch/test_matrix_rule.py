"""How the matrix reads the document it is made from."""

import pytest

from tests.launch.matrix import operations


def test_an_operation_that_does_not_say_who_may_call_it_fails() -> None:
    document = b'{"paths": {"/api/v1/open": {"get": {"responses": {}}}}}'

    with pytest.raises(AssertionError, match="GET /api/v1/open does not say"):
        operations(document)


def test_a_rule_that_nobody_knows_fails() -> None:
    document = b'{"paths": {"/a": {"get": {"x-souk-access": {"who": "friends", "scope": null, "callers": []}}}}}'

    with pytest.raises(AssertionError, match="friends"):
        operations(document)
