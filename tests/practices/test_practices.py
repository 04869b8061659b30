"""The mutation test: every practice is taken out of the rendered stacks once, and a policy must refuse each of them."""

from collections.abc import Sequence
from functools import cache

import pytest

from policies.manifests import Resource
from tests.practices.practices import PRACTICES
from tests.practices.removing import without
from tests.practices.sending import WAYS
from tests.stacks.files import STACKS, declared
from tests.stacks.judging import judges, resource_of
from tests.stacks.variants import variant

CASES = [(name, stack) for name, practice in PRACTICES.items() for stack in practice.stacks]


@cache
def rendered(stack: str) -> Sequence[Resource]:
    made = declared(stack) if stack in STACKS else variant(stack)
    return [resource_of(one) for one in made.resources]


def configured_for(stack: str) -> str:
    """Variants are judged as production is."""
    return stack if stack in STACKS else "prod"


@pytest.mark.parametrize(("name", "stack"), CASES)
def test_a_stack_without_a_practice_is_refused(name: str, stack: str) -> None:
    practice = PRACTICES[name]
    judge = judges(configured_for(stack))[practice.gate]

    judged = {
        f"{changed.kind} {changed.name}": list(judge(spoilt))
        for changed, spoilt in without(rendered(stack), practice.removal)
    }

    assert judged, f"nothing in {stack} has it, so nothing was taken away"
    assert [at for at, findings in judged.items() if not findings] == [], f"{practice.gate} does not see it"
    assert list(judge(rendered(stack))) == []


def test_every_policy_that_stops_an_update_stands_for_a_practice() -> None:
    advice = {"pod-has-recommended-labels", "alert-has-a-severity"}
    elsewhere = {"external-secret-is-made-once"}  # tests/stacks/test_safe.py has the stacks that it judges.

    assert set(judges("prod")) - {practice.gate for practice in PRACTICES.values()} == advice | elsewhere


@pytest.mark.parametrize(("name", "stack"), [(name, stack) for name, way in WAYS.items() for stack in way.stacks])
def test_an_object_that_is_sent_otherwise_is_refused(name: str, stack: str) -> None:
    kinds, change, gate, _ = WAYS[name]
    made = declared(stack).objects()

    sent = [[*made[:at], change(one), *made[at + 1 :]] for at, one in enumerate(made) if one.kind in kinds]
    changed = [others for others in sent if others != made]

    assert changed, f"nothing in {stack} has it, so nothing was taken away"
    assert [others for others in changed[:10] if not list(gate(others))] == []
    assert list(gate(made)) == []
