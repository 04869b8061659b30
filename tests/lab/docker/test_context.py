from pathlib import Path

import pytest

from tests.lab.docker.context import digest, is_ignored, parse, sent_files


@pytest.fixture
def context(tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "services" / "orders").mkdir(parents=True)
    (tmp_path / "services" / "orders" / "app.py").write_text("app = 1\n")
    return tmp_path


def digest_of(context: Path) -> str:
    return digest(context, context / "Dockerfile")


@pytest.mark.parametrize(
    ("listing", "name", "ignored"),
    [
        ("var", "var/souk.db", True),
        ("/var/", "var/souk.db", True),
        ("var", "services/var", False),
        ("**/__pycache__", "services/orders/__pycache__/app.pyc", True),
        ("**/__pycache__", "__pycache__/app.pyc", True),
        ("*.md", "README.md", True),
        ("*.md", "docs/README.md", False),
        ("docs/?.md", "docs/a.md", True),
        ("*\n!services", "services/app.py", False),
        ("*\n!services", "tests/app.py", True),
        ("!services\n*", "services/app.py", True),
        ("# var\n\n", "# var", False),
        ("a.b", "a-b", False),
    ],
)
def test_what_a_dockerignore_leaves_out(listing: str, name: str, *, ignored: bool) -> None:
    assert is_ignored(name, parse(listing)) is ignored


def test_the_same_files_give_the_same_digest_whatever_their_times(context: Path) -> None:
    before = digest_of(context)

    (context / "services" / "orders" / "app.py").touch()

    assert digest_of(context) == before


def test_a_changed_file_gives_another_digest(context: Path) -> None:
    before = digest_of(context)

    (context / "services" / "orders" / "app.py").write_text("app = 2\n")

    assert digest_of(context) != before


def test_a_file_that_may_now_be_run_gives_another_digest(context: Path) -> None:
    before = digest_of(context)

    (context / "services" / "orders" / "app.py").chmod(0o755)

    assert digest_of(context) != before


def test_an_ignored_file_may_change(context: Path) -> None:
    (context / ".dockerignore").write_text("services\n")
    before = digest_of(context)

    (context / "services" / "orders" / "app.py").write_text("app = 2\n")

    assert digest_of(context) == before
    assert {path.name for path in sent_files(context)} == {"Dockerfile", ".dockerignore"}


def test_another_dockerfile_gives_another_digest(context: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "Dockerfile"
    elsewhere.write_text("FROM other\n")

    assert digest(context, elsewhere) != digest_of(context)
