"""What a machine can lack that the engine's tier needs; each says what to install."""

from tests.lab.building.build import BuildFailed
from tests.lab.building.toolchain import GoMissing
from tests.lab.cluster.processes import ProcessFailed
from tests.lab.control_plane.definitions import DefinitionsMissing

LACKING = (BuildFailed, DefinitionsMissing, GoMissing, ProcessFailed)
