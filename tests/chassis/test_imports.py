import importlib
import sys

import pytest

from services.chassis.imports import left_out


def test_what_is_left_out_cannot_be_imported_until_the_block_ends() -> None:
    sys.modules.pop("wave", None)

    with left_out("wave"), pytest.raises(ModuleNotFoundError, match="wave"):
        importlib.import_module("wave")

    assert importlib.import_module("wave").__name__ == "wave"


def test_what_is_loaded_already_is_found() -> None:
    with left_out("json"):
        assert importlib.import_module("json") is sys.modules["json"]
