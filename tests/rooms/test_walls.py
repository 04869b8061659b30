"""Plants a violation of every wall in a copy of the code and sees each one caught.

All are planted in one copy, so that the whole takes one run of the linter; a file that a plant names and that is not
there is made.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]

PACKAGES = ("services", "infra", "stacks", "policies")

IMPORTS = [
    # Services and the layers they stand on.
    ("services/orders/actions/planted.py", "services.items.store"),
    ("services/items/events.py", "services.orders.domain"),
    ("services/auth/api/planted.py", "services.gateway.edges"),
    ("services/gateway/app.py", "services.orders.app"),
    ("services/chassis/planted.py", "services.auth.domain"),
    ("services/chassis/bus/planted.py", "services.launch"),
    ("services/contracts/planted.py", "services.chassis.clock"),
    ("services/sandbox/app.py", "services.launch"),
    # Inside a service.
    ("services/orders/domain/planted.py", "services.orders.store"),
    ("services/orders/store/planted.py", "services.orders.actions"),
    ("services/auth/actions/planted.py", "services.auth.api"),
    ("services/items/api/planted.py", "services.items.events"),
    ("services/users/tables.py", "services.users.store"),
    ("services/items/search.py", "services.items.store"),
    ("services/gateway/edges.py", "services.gateway.proxy"),
    ("services/gateway/domain/planted.py", "services.gateway.edges"),
    ("services/orders/actions/planted.py", "services.orders.settings"),
    ("services/orders/domain/planted.py", "services.chassis.clock"),
    # Libraries.
    ("services/orders/domain/planted.py", "sqlalchemy"),
    ("services/items/domain/planted.py", "random"),
    ("services/items/domain/planted.py", "time"),
    ("services/contracts/planted.py", "litestar"),
    ("services/orders/actions/planted.py", "sqlalchemy"),
    ("services/items/api/planted.py", "sqlalchemy"),
    ("services/orders/actions/planted.py", "litestar"),
    ("services/items/store/planted.py", "litestar"),
    ("services/orders/events.py", "aiormq"),
    ("services/auth/store/planted.py", "asyncpg"),
    ("services/items/actions/planted.py", "redis"),
    ("services/users/app.py", "elasticsearch"),
    ("services/orders/store/planted.py", "alembic"),
    ("services/gateway/actions.py", "jwt"),
    ("services/items/actions/planted.py", "argon2"),
    ("services/orders/actions/planted.py", "stripe"),
    ("services/items/clients.py", "httpx"),
    ("services/users/app.py", "uvicorn"),
    ("services/chassis/planted.py", "pytest"),
    ("services/orders/clients.py", "aiohttp"),
    # The platform.
    ("infra/planted.py", "services.launch.names"),
    ("infra/planted.py", "stacks"),
    ("infra/planted.py", "msgspec"),
    ("services/orders/actions/planted.py", "infra.labels"),
    ("services/items/app.py", "pulumi"),
    ("stacks/planted.py", "services.orders.app"),
    ("stacks/planted.py", "services.chassis.clock"),
    # Beside the services.
    ("policies/pods.py", "services.contracts.money"),
    ("policies/rules.py", "pulumi_policy"),
]

FILES = ["services/orders/helpers.py", "services/gateway/utils/__init__.py", "services/billing/__init__.py"]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    copy = tmp_path_factory.mktemp("planted")
    shutil.copy(REPOSITORY / "pyproject.toml", copy)
    for package in PACKAGES:
        shutil.copytree(REPOSITORY / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    for file in FILES:
        _append(copy / file, '"""Not in the list of names."""\n')
    for file, imported in IMPORTS:
        _append(copy / file, f"import {imported}\n")
        if imported.partition(".")[0] in PACKAGES:
            _append(copy / f"{imported.replace('.', '/')}.py", "")
    linter = Path(sys.executable).with_name("lint-imports")
    ended = subprocess.run([linter, "--no-cache"], cwd=copy, capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 1, ended.stdout
    return ended.stdout


@pytest.mark.parametrize(("file", "imported"), IMPORTS)
def test_an_import_through_a_wall_is_caught(report: str, file: str, imported: str) -> None:
    importer = file.removesuffix(".py").replace("/", ".")

    assert f"{importer} -> {imported} " in report


@pytest.mark.parametrize("file", FILES)
def test_a_name_that_is_not_in_the_list_is_caught(report: str, file: str) -> None:
    module = file.removesuffix("/__init__.py").removesuffix(".py").replace("/", ".")

    assert f"- {module}\n" in report


def _append(module: Path, text: str) -> None:
    """To the module, made if need be, with the packages round it; to its `__init__.py` where it is a package."""
    package = module.with_suffix("")
    path = package / "__init__.py" if package.is_dir() else module
    path.parent.mkdir(parents=True, exist_ok=True)
    (path.parent / "__init__.py").touch()
    with path.open("a") as file:
        file.write(text)
