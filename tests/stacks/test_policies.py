"""The stacks of the repository against the pack of policies, as configured for each."""

from collections.abc import Iterator

import msgspec
import pytest

from policies.catalogue import RULES, STACK_RULES
from policies.manifests import Resource
from policies.rules import Level, Rule
from tests.infra.engine import Declarations, Declared
from tests.stacks.files import REPOSITORY, STACKS, declared

Settings = dict[str, str | dict[str, object]]


def _settings(stack: str) -> Settings:
    return msgspec.json.decode((REPOSITORY / "policies" / "config" / f"{stack}.json").read_bytes(), type=Settings)


def _resource(one: Declared) -> Resource:
    return Resource(
        type=one.type, name=one.name, urn=one.urn, props=one.inputs, protected=one.protect, parent=one.parent or None
    )


def _configured(rule: Rule, settings: Settings) -> Rule:
    given = settings.get(rule.name)
    return rule.adjust.apply(given) if rule.adjust is not None and isinstance(given, dict) else rule


def violations(stack: str, made: Declarations) -> Iterator[str]:
    """Of what was made, as the pack is configured for the stack."""
    settings = _settings(stack)
    resources = [_resource(one) for one in made.resources]
    for rule in (_configured(rule, settings) for rules in RULES.values() for rule in rules):
        if settings.get(rule.name) != Level.ADVISORY.value:
            for resource in resources:
                for finding in rule.check(resource):
                    yield f"{rule.name}: {resource.kind} {resource.name}: {finding}"
    for stack_rule in (rule for rules in STACK_RULES.values() for rule in rules):
        for finding, resource in stack_rule.check(resources):
            yield f"{stack_rule.name}: {resource.kind} {resource.name}: {finding}"


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_breaks_no_policy(stack: str) -> None:
    assert list(violations(stack, declared(stack))) == []


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_configures_policies_that_there_are(stack: str) -> None:
    names = {rule.name for rules in RULES.values() for rule in rules}
    names |= {rule.name for rules in STACK_RULES.values() for rule in rules}

    assert set(_settings(stack)) <= names
