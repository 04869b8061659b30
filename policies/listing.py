"""The listing of all policies in docs/policies.md: `python -m policies.listing` writes it."""

from pathlib import Path

from policies.catalogue import RULES, STACK_RULES
from policies.rules import Rule, StackRule

PAGE = Path(__file__).parent.parent / "docs" / "policies.md"

HEAD = """# Policies

What a stack of Souk may never look like. `pulumi preview --policy-pack policies` checks all of it before anything is
created, `pulumi up --policy-pack policies` once more with every value known. A mandatory policy stops the update, an
advisory one warns. `--policy-pack-config FILE` changes that by name (`{"image-is-exact": "advisory"}`; also `disabled`,
`remediate` where a policy mends, or an object with settings). This page is made from the policies themselves.
"""


def listing() -> str:
    """The page, as Markdown."""
    parts = [HEAD]
    for theme, rules in RULES.items():
        parts.append(f"\n## {theme.capitalize()}\n\n| policy | what must hold | why | level |\n|---|---|---|---|\n")
        parts.extend(_row(rule, _notes(rule)) for rule in rules)
        parts.extend(_row(rule, f"{rule.level.value}, whole stack") for rule in STACK_RULES.get(theme, ()))
    return "".join(parts)


def _notes(rule: Rule) -> str:
    return f"{rule.level.value}, mends" if rule.mend is not None else rule.level.value


def _row(rule: Rule | StackRule, notes: str) -> str:
    return f"| `{rule.name}` | {rule.must} | {rule.why} | {notes} |\n"


if __name__ == "__main__":
    PAGE.write_text(listing(), encoding="utf-8")
