from stacks.neighbours import neighbours
from stacks.places import places_of
from stacks.telling import tell
from tests.stacks.files import REPOSITORY, configuration_of

WRITTEN = REPOSITORY / "docs" / "network.md"


def test_the_table_in_the_documentation_is_the_one_that_is_enforced() -> None:
    configuration = configuration_of("prod")

    told = tell(neighbours(configuration, places_of("prod", configuration)))

    assert WRITTEN.read_text() == told, f"`python -m tests.stacks.telling` writes {WRITTEN.name} again"
