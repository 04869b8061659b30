"""The stacks of the repository against the pack of policies, as configured for each."""

import pytest

from policies.catalogue import RULES, STACK_RULES
from tests.stacks.files import STACKS, declared
from tests.stacks.judging import settings_of, violations
from tests.stacks.variants import VARIANTS, variant


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_breaks_no_policy(stack: str) -> None:
    assert list(violations(stack, declared(stack))) == []


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_breaks_no_policy(name: str) -> None:
    assert list(violations("dev", variant(name))) == []


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_configures_policies_that_there_are(stack: str) -> None:
    names = {rule.name for rules in RULES.values() for rule in rules}
    names |= {rule.name for rules in STACK_RULES.values() for rule in rules}

    assert set(settings_of(stack)) <= names
