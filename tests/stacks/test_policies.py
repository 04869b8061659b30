"""The stacks of the repository hold to the policies that they are judged by."""

from collections.abc import Iterator, Sequence

import pytest

from policies.catalogue import RULES, STACK_RULES
from policies.manifests import Resource
from policies.rules import Rule
from tests.stacks.files import STACKS, declared

REGISTRIES = ["docker.elastic.co", "docker.io", "localhost:5000", "registry.example.com"]
ALLOWED = {
    # Nobody but this machine reaches dev's host.
    "dev": {"ingress-has-tls"},
}


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_holds_to_every_policy(stack: str) -> None:
    findings = list(_findings(_resources(stack)))

    assert [finding for name, finding in findings if name not in ALLOWED.get(stack, set())] == []


def _resources(stack: str) -> list[Resource]:
    return [
        Resource(
            type=one.type,
            name=one.name,
            urn=one.urn,
            props=dict(one.inputs),
            protected=one.protect,
            parent=one.parent,
        )
        for one in declared(stack).resources
    ]


def _findings(resources: Sequence[Resource]) -> Iterator[tuple[str, str]]:
    for rules in RULES.values():
        for rule in map(_with_our_registries, rules):
            for resource in resources:
                for finding in rule.check(resource):
                    yield rule.name, f"{rule.name}: {resource.name}: {finding}"
    for stack_rules in STACK_RULES.values():
        for stack_rule in stack_rules:
            for finding, resource in stack_rule.check(resources):
                yield stack_rule.name, f"{stack_rule.name}: {resource.name}: {finding}"


def _with_our_registries(rule: Rule) -> Rule:
    return rule.adjust.apply({"registries": REGISTRIES}) if rule.adjust else rule
