"""Holds code to a size that is read in one go."""

import ast
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
FUNCTION_LINES = 30
MODULE_LINES = 300
TEST_MODULE_LINES = 400

Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules() -> list[Path]:
    """Every Python file, as a path from the repository."""
    folders = ("services", "infra", "stacks", "policies", "tests")
    found = (path for folder in folders for path in (REPOSITORY / folder).rglob("*.py"))
    return sorted(path.relative_to(REPOSITORY) for path in found)


def functions(source: str) -> Iterator[tuple[str, int]]:
    """Each function and its lines, from `def` to its end, without its docstring."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, Function):
            yield node.name, _lines(node) - sum(_lines(one) for one in node.body[:1] if _is_docstring(one))


def _most(module: Path) -> int:
    return TEST_MODULE_LINES if module.parts[0] == "tests" else MODULE_LINES


def _lines(node: Function | ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def test_a_module_is_no_longer_than_can_be_read_in_one_go() -> None:
    lines = {path: len((REPOSITORY / path).read_text().splitlines()) for path in modules()}

    assert {str(path): count for path, count in lines.items() if count > _most(path)} == {}


def test_a_function_fits_on_a_screen() -> None:
    found = [(path, *function) for path in modules() for function in functions((REPOSITORY / path).read_text())]

    assert [f"{path}: {name} has {lines} lines" for path, name, lines in found if lines > FUNCTION_LINES] == []


def test_a_docstring_does_not_count() -> None:
    source = 'def one():\n    """A\n    docstring.\n    """\n    return 1\n'

    assert list(functions(source)) == [("one", 2)]
