"""What graders find, and which of it is excused."""

import csv
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

EXCEPTIONS = Path(__file__).with_name("exceptions.csv")


class Finding(NamedTuple):
    """Of one object, by one check."""

    kind: str
    name: str
    check: str
    message: str
    """With the stack or the variant in which it was found."""


class Exemption(NamedTuple):
    """A line of the file: `name` may have wildcards, and `kind` too."""

    kind: str
    name: str
    check: str
    reason: str

    def excuses(self, finding: Finding) -> bool:
        """Whether it is about this."""
        patterns, found = (self.kind, self.name, self.check), (finding.kind, finding.name, finding.check)
        return all(fnmatchcase(value, pattern) for value, pattern in zip(found, patterns, strict=True))


def exemptions() -> list[Exemption]:
    """All of them, reviewed."""
    with EXCEPTIONS.open(encoding="utf-8", newline="") as file:
        return [Exemption(**row) for row in csv.DictReader(file)]


def unexcused(findings: Iterable[Finding]) -> Iterator[Finding]:
    """What is left to be mended."""
    given = exemptions()
    for finding in findings:
        if not any(exemption.excuses(finding) for exemption in given):
            yield finding
