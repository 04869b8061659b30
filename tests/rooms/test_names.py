"""Pulumi starts `stacks` and `policies` from inside, with the folder itself first on the path of imports."""

import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]

MODULES = sorted(
    path for folder in ("policies", "stacks") for path in (REPOSITORY / folder).glob("*") if path.suffix in {"", ".py"}
)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_no_module_hides_a_library_of_the_same_name(module: Path) -> None:
    libraries = sys.stdlib_module_names | set(packages_distributions())

    assert module.stem not in libraries - {"__init__", "__main__"}
