"""What holds for every component."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator

import pulumi
import pytest

import infra
from tests.infra.engine import Declarations, declare, plain_texts
from tests.infra.every import EVERY
from tests.infra.examples import KEY, PASSWORD

Kind = type[pulumi.ComponentResource]


@pytest.fixture(scope="module")
def made() -> Callable[[Kind], Declarations]:
    known: dict[Kind, Declarations] = {}

    def make(kind: Kind) -> Declarations:
        if kind not in known:
            known[kind] = declare(EVERY[kind])
        return known[kind]

    return make


def components() -> Iterator[Kind]:
    for module in pkgutil.walk_packages(infra.__path__, "infra."):
        for value in vars(importlib.import_module(module.name)).values():
            if (
                isinstance(value, type)
                and issubclass(value, pulumi.ComponentResource)
                and value.__module__ == module.name
            ):
                yield value


every_component = pytest.mark.parametrize("kind", list(components()), ids=lambda kind: kind.__name__)


@every_component
def test_its_type_names_its_module_and_itself(kind: Kind, made: Callable[[Kind], Declarations]) -> None:
    first = made(kind).components()[0]

    module = kind.__module__.removeprefix("infra.").replace(".", "-")
    assert first.type == f"souk:{module}:{kind.__name__}"


@every_component
def test_whatever_it_makes_is_below_it(kind: Kind, made: Callable[[Kind], Declarations]) -> None:
    declared = made(kind)

    known = {one.urn for one in declared.components()}
    orphans = [one.urn for one in declared.resources[1:] if one.parent not in known]
    assert orphans == []
    assert len(declared.resources) > 1


@every_component
def test_it_registers_its_outputs(kind: Kind, made: Callable[[Kind], Declarations]) -> None:
    declared = made(kind)

    assert {one.urn for one in declared.components()} <= set(declared.outputs)


@every_component
def test_no_secret_leaves_it_in_plain_text(kind: Kind, made: Callable[[Kind], Declarations]) -> None:
    declared = made(kind)

    texts = [text for one in declared.resources for text in plain_texts(one.sent)]
    told = [text for outputs in declared.outputs.values() for text in plain_texts(outputs)]
    assert [text for text in [*texts, *told] if PASSWORD in text or KEY in text] == []
