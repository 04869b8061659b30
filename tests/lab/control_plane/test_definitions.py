import pytest

from tests.lab.building.pins import MODULES
from tests.lab.control_plane.components import free_ports
from tests.lab.control_plane.definitions import SOURCES, version_of, without_prose
from tests.lab.engine.wire import Object


@pytest.mark.parametrize("name", SOURCES)
def test_definitions_are_pinned_at_the_version_that_a_cluster_installs(name: str) -> None:
    pinned = (MODULES / "definitions" / "go.sum").read_text()

    assert f"{SOURCES[name].module} {version_of(name)} h1:" in pinned


def test_schemas_lose_their_texts_and_keep_a_field_of_that_name() -> None:
    field: Object = {"type": "string", "description": "What it is."}
    schema: Object = {"description": "Of an object.", "properties": {"description": field, "required": field}}

    assert without_prose(schema) == {"properties": {"description": {"type": "string"}, "required": {"type": "string"}}}


@pytest.mark.embedded
def test_a_control_plane_listens_on_ports_of_its_own() -> None:
    ports = free_ports()

    found = {getattr(ports, name) for name in ports.__struct_fields__}
    assert len(found) == len(ports.__struct_fields__)
