"""`python -m tests.stacks.telling` writes docs/network.md."""

from stacks.neighbours import neighbours
from stacks.places import places_of
from stacks.telling import tell
from tests.stacks.files import REPOSITORY, configuration_of

if __name__ == "__main__":
    production = configuration_of("prod")
    told = tell(neighbours(production, places_of("prod", production)))
    (REPOSITORY / "docs" / "network.md").write_text(told)
