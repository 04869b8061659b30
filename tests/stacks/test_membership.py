"""Stacks in a service mesh."""

from collections.abc import Mapping
from functools import cache

import pytest

from infra.network import Pods
from stacks.composing import compose
from stacks.configuration.reading import WrongConfiguration, read
from stacks.membership import members_of, meshed
from stacks.neighbours import neighbours
from stacks.places import places_of
from tests.infra.engine import Declarations, declare
from tests.stacks.files import STACKS, changed, configuration_of
from tests.stacks.judging import violations

NAME = "app.kubernetes.io/name"
MESHES: Mapping[str, Mapping[str, object]] = {"dev": {"stores": True}, "staging": {}, "prod": {"revision": "stable"}}


@cache
def made(stack: str) -> Declarations:
    configuration = read(changed(stack, mesh=MESHES[stack]))
    return declare(lambda: compose(stack, configuration), stack=stack)


@pytest.mark.parametrize("stack", STACKS)
def test_every_pod_in_the_mesh_runs_as_an_account_that_its_name_stands_for(stack: str) -> None:
    configuration = read(changed(stack, mesh=MESHES[stack]))
    places = places_of(stack, configuration)
    assert configuration.mesh is not None
    members = members_of(configuration, configuration.mesh, places, neighbours(configuration, places))

    for kind in ("Deployment", "StatefulSet", "Job"):
        for one in made(stack).of(kind):
            namespace, labels = one.at("metadata.namespace"), one.at("spec.template.metadata.labels")
            if namespace in meshed(configuration.mesh, places):
                assert isinstance(labels, dict)
                pods = Pods(namespace=str(namespace), name=labels[NAME])
                assert one.at("spec.template.spec.serviceAccountName") in members.accounts[pods]


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_in_a_mesh_breaks_no_policy(stack: str) -> None:
    assert list(violations(stack, made(stack))) == []


def test_namespaces_are_told_apart_by_whether_their_pods_get_sidecars() -> None:
    labels = {one.at("metadata.name"): one.at("metadata.labels") for one in made("prod").of("Namespace")}

    told = {name: found.get("istio.io/rev") for name, found in labels.items() if isinstance(found, dict)}
    assert told == {"souk": "stable", "souk-monitoring": "stable", "souk-data": None}


def test_every_sidecar_may_ask_whom_it_may_believe() -> None:
    configuration = read(changed("prod", mesh={}))
    places = places_of("prod", configuration)
    edges = neighbours(configuration, places)

    ours = {end for edge in edges for end in (edge.source, edge.target) if isinstance(end, Pods) and end.name}
    asking = {
        edge.source for edge in edges if isinstance(edge.target, Pods) and edge.target.namespace == "istio-system"
    }
    assert asking == {pods for pods in ours if pods.namespace in {"souk", "souk-monitoring"}}


def test_without_a_mesh_there_is_nothing_of_it() -> None:
    made_without = declare(lambda: compose("dev", configuration_of("dev")))

    assert [one.kind for one in made_without.objects() if "istio" in one.type] == []


def test_operators_pods_cannot_be_in_the_mesh() -> None:
    with pytest.raises(WrongConfiguration, match=r"souk:mesh\.stores: souk:postgres is an operator's"):
        read(changed("prod", mesh={"stores": True}))
