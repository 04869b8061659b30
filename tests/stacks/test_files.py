"""`main: stacks` puts the folder first on the path of every import, so a file there may hide a library."""

import sys
from importlib.metadata import packages_distributions

from tests.stacks.files import REPOSITORY


def test_no_file_in_stacks_carries_a_librarys_name() -> None:
    libraries = set(sys.stdlib_module_names) | set(packages_distributions())
    ours = {path.stem for path in (REPOSITORY / "stacks").rglob("*.py")} | {
        path.name for path in (REPOSITORY / "stacks").rglob("*") if path.is_dir()
    }

    assert ours & libraries - {"__init__", "__main__", "__pycache__"} == set()
