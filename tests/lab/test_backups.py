"""What is lost with the databases comes back from the object store, equal to the last row."""

import pytest

from infra.scripts import read
from services.launch.names import RUNNABLE
from tests.lab.souk.installation import DATA, Installation

pytestmark = pytest.mark.lab

_SERVER = "postgres-0"


def test_backup_wipe_and_restore_bring_every_row_back(souk: Installation) -> None:
    souk.smoke()
    services, data = souk.kubectl(), souk.kubectl(DATA)
    services("scale", "deployment", "--all", "--replicas=0")
    services("wait", "pod", "--for=delete", "--selector=!job-name", "--timeout=170s")
    before = {name: _digest(souk, name) for name in RUNNABLE}
    _run(souk, "backup")
    for name in RUNNABLE:
        _psql(souk, "postgres", f'drop database "{name}" with (force)')
    wiped = _psql(souk, "postgres", "select count(*) from pg_database where not datistemplate")

    _run(souk, "restore")

    after = {name: _digest(souk, name) for name in RUNNABLE}
    assert wiped.strip() == "1"
    assert before == after
    assert "public.checkout" in before["orders"]
    _run(souk, "check")
    data("delete", "job", "backup", "restore", "check")
    services("scale", "deployment", "--all", "--replicas=1")
    for one in services("get", "deployments", "--output=name").split():
        services("rollout", "status", one, "--timeout=170s")
    assert souk.smoke() == "paid"


def _run(souk: Installation, what: str) -> None:
    """As somebody would who does it by hand."""
    kubectl = souk.kubectl(DATA)
    source = "postgres-backup" + ("" if what == "backup" else f"-{what}")
    kubectl("create", "job", what, f"--from=cronjob/{source}")
    kubectl("wait", "--for=condition=Complete", f"job/{what}", "--timeout=170s")


def _digest(souk: Installation, database: str) -> str:
    """A line a table, as backups have it."""
    return _psql(souk, database, read("digest.sql")["digest.sql"])


def _psql(souk: Installation, database: str, statements: str) -> str:
    command = ("psql", "--username=postgres", "--quiet", "--tuples-only", "--no-align", f"--dbname={database}")
    environment = ("env", "PGTZ=UTC")
    return souk.kubectl(DATA)("exec", "--stdin", _SERVER, "--", *environment, *command, given=statements)
