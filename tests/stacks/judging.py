"""The pack of policies on what a stack declared, as it is configured for the stack."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from policies.catalogue import RULES, STACK_RULES
from policies.manifests import Resource
from policies.rules import Level, Rule, StackRule
from tests.infra.engine import Declarations, Declared
from tests.stacks.files import REPOSITORY

Settings = dict[str, str | dict[str, object]]
Judge = Callable[[Sequence[Resource]], Iterator[str]]
"""Tells what a policy finds: `Deployment orders-api: …`."""


def settings_of(stack: str) -> Settings:
    """What the pack is told of the stack."""
    return msgspec.json.decode((REPOSITORY / "policies" / "config" / f"{stack}.json").read_bytes(), type=Settings)


def resource_of(one: Declared) -> Resource:
    """As policies see it."""
    return Resource(
        type=one.type, name=one.name, urn=one.urn, props=one.inputs, protected=one.protect, parent=one.parent or None
    )


def judges(stack: str) -> Mapping[str, Judge]:
    """By name, those policies that the stack does not turn into advice."""
    settings = settings_of(stack)
    by_name: dict[str, Judge] = {}
    for rule in (_configured(rule, settings) for rules in RULES.values() for rule in rules):
        if settings.get(rule.name) != Level.ADVISORY.value:
            by_name[rule.name] = _of_each(rule)
    for stack_rule in (rule for rules in STACK_RULES.values() for rule in rules):
        if settings.get(stack_rule.name) != Level.ADVISORY.value:
            by_name[stack_rule.name] = _of_all(stack_rule)
    return by_name


def violations(stack: str, made: Declarations) -> Iterator[str]:
    """Of what was made."""
    resources = [resource_of(one) for one in made.resources]
    for name, judge in judges(stack).items():
        for finding in judge(resources):
            yield f"{name}: {finding}"


def _configured(rule: Rule, settings: Settings) -> Rule:
    given = settings.get(rule.name)
    return rule.adjust.apply(given) if rule.adjust is not None and isinstance(given, dict) else rule


def _of_each(rule: Rule) -> Judge:
    def judge(resources: Sequence[Resource]) -> Iterator[str]:
        for resource in resources:
            for finding in rule.check(resource):
                yield f"{resource.kind} {resource.name}: {finding}"

    return judge


def _of_all(rule: StackRule) -> Judge:
    def judge(resources: Sequence[Resource]) -> Iterator[str]:
        for finding, resource in rule.check(resources):
            yield f"{resource.kind} {resource.name}: {finding}"

    return judge
