"""What Jobs run: POSIX shell and SQL, mounted into the pods as they are."""

from importlib.resources import files


def read(*names: str) -> dict[str, str]:
    """Scripts by file name."""
    return {name: (files(__name__) / name).read_text(encoding="utf-8") for name in names}
