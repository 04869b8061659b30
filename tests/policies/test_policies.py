"""Every policy against a clean stack and against the ways to break it."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import replace
from itertools import chain

import pytest

from policies.catalogue import RULES, STACK_RULES
from policies.images import registry_of
from policies.listing import PAGE, listing
from policies.manifests import UNKNOWN, NotKnown, Resource
from policies.mending import Writable
from policies.namespaces import object_belongs_to_a_component
from policies.rules import Rule, StackRule
from policies.storage import data_is_protected
from tests.policies.clean import clean_stack, spoil
from tests.policies.spoilt.every import SPOILT
from tests.policies.spoilt.ways import MAIN, Spoilt

ALL_RULES = {rule.name: rule for rule in chain.from_iterable(RULES.values())}
ALL_STACK_RULES = {rule.name: rule for rule in chain.from_iterable(STACK_RULES.values())}
ALL: dict[str, Rule | StackRule] = {**ALL_RULES, **ALL_STACK_RULES}
EACH = [(policy, spoilt) for policy, ways in SPOILT.items() for spoilt in ways]
MENDING = [(rule.name, spoilt) for rule in ALL_RULES.values() if rule.mend for spoilt in SPOILT[rule.name]]


def _findings(policy: str, stack: Sequence[Resource]) -> Iterator[str]:
    if policy in ALL_RULES:
        for resource in stack:
            for finding in ALL_RULES[policy].check(resource):
                yield f"{resource.kind} {resource.name}: {finding}"
    else:
        for finding, resource in ALL_STACK_RULES[policy].check(stack):
            yield f"{resource.kind} {resource.name}: {finding}"


@pytest.mark.parametrize("policy", ALL)
def test_a_clean_stack_breaks_no_policy(policy: str) -> None:
    assert list(_findings(policy, clean_stack())) == []


@pytest.mark.parametrize(("policy", "spoilt"), EACH)
def test_a_policy_finds_what_breaks_it(policy: str, spoilt: Spoilt) -> None:
    stack = spoil(clean_stack(), *spoilt)

    found = list(_findings(policy, stack))

    assert found, f"{policy} does not see {spoilt}"


def test_every_policy_has_ways_to_break_it() -> None:
    by_option = {data_is_protected.name, object_belongs_to_a_component.name}

    broken = {policy for policy, ways in SPOILT.items() if ways}

    assert broken | by_option == set(ALL)
    assert len(ALL) == len(list(chain(*RULES.values(), *STACK_RULES.values()))), "two policies have one name"


@pytest.mark.parametrize("kind", ["Namespace", "StatefulSet"])
def test_data_that_is_not_protected_is_found(kind: str) -> None:
    bare = [replace(each, protected=False) for each in clean_stack() if each.kind == kind]

    assert [list(data_is_protected.check(each)) for each in bare] == [["protect is not set"]]


def test_data_of_a_disposable_stack_needs_no_protection() -> None:
    stack = spoil(clean_stack(), "Namespace", "souk", r"metadata.labels.app\.kubernetes\.io/instance", "dev")

    bare = [replace(each, protected=False) for each in stack if each.kind == "Namespace"]

    assert [list(data_is_protected.check(each)) for each in bare] == [[]]


@pytest.mark.parametrize("parent", [None, "urn:pulumi:prod::souk::pulumi:pulumi:Stack::souk-prod"])
def test_an_object_outside_every_component_is_found(parent: str | None) -> None:
    lonely = replace(clean_stack()[0], parent=parent)

    assert list(object_belongs_to_a_component.check(lonely)) == ["it has no parent"]


@pytest.mark.parametrize(("policy", "spoilt"), MENDING)
def test_a_policy_that_mends_leaves_nothing_to_find(policy: str, spoilt: Spoilt) -> None:
    rule = ALL_RULES[policy]
    stack = [each for each in spoil(clean_stack(), *spoilt) if (each.kind, each.name) == (spoilt.kind, spoilt.name)]
    (broken,) = stack
    props = deepcopy(dict(broken.props))

    assert rule.mend is not None
    assert isinstance(props, Writable)
    rule.mend(props)

    assert list(rule.check(replace(broken, props=props))) == []


def test_a_rollout_that_takes_its_pods_from_a_deployment_is_judged_by_that() -> None:
    deployment = next(each for each in clean_stack() if each.kind == "Deployment")
    spec = {"workloadRef": {"kind": "Deployment", "name": "orders"}, "replicas": 3, "revisionHistoryLimit": 2}
    rollout = replace(
        deployment,
        type="kubernetes:argoproj.io/v1alpha1:Rollout",
        props={"metadata": deployment.props["metadata"], "spec": spec},
    )

    found = {policy: list(_findings(policy, [*clean_stack(), rollout])) for policy in ALL}

    assert {policy: findings for policy, findings in found.items() if findings} == {}


def test_a_stack_adds_its_own_registry_by_configuration() -> None:
    stack = spoil(clean_stack(), "Deployment", "orders", f"{MAIN}.image", "registry.shop.example/souk/service:1.2.3")
    adjust = ALL_RULES["image-is-from-known-registry"].adjust
    assert adjust is not None

    adjusted = adjust.apply({"registries": ["registry.shop.example"]})

    assert [finding for each in stack for finding in adjusted.check(each)] == []


@pytest.mark.parametrize(
    ("image", "registry"),
    [
        ("postgres:16.4", "docker.io"),
        ("souk/service:1.2.3", "docker.io"),
        ("quay.io/prometheus/prometheus:v3.1.0", "quay.io"),
        ("localhost:5000/souk/service:1.2.3", "localhost:5000"),
        ("localhost/souk/service:1.2.3", "localhost"),
    ],
)
def test_the_registry_of_an_image_is_what_a_container_runtime_takes(image: str, registry: str) -> None:
    assert registry_of(image) == registry


@pytest.mark.parametrize("policy", ["image-is-exact", "image-is-from-known-registry"])
def test_an_image_that_is_not_known_yet_is_not_judged(policy: str) -> None:
    stack = spoil(clean_stack(), "Deployment", "orders", f"{MAIN}.image", UNKNOWN)

    with pytest.raises(NotKnown):
        list(_findings(policy, stack))


def test_a_workload_whose_pods_are_not_known_yet_is_not_judged() -> None:
    stack = spoil(clean_stack(), "Deployment", "orders", "spec.template.spec", UNKNOWN)

    with pytest.raises(NotKnown):
        list(_findings("pod-runs-as-non-root", stack))


def test_an_unknown_image_does_not_keep_other_policies_from_judging() -> None:
    stack = spoil(clean_stack(), "Deployment", "orders", f"{MAIN}.image", UNKNOWN)
    stack = spoil(stack, "Deployment", "orders", f"{MAIN}.startupProbe", None)

    assert list(_findings("pod-has-startup-probe", stack)) != []


def test_the_page_of_policies_lists_them_all() -> None:
    assert PAGE.read_text(encoding="utf-8") == listing(), "python -m policies.listing writes the page anew"
