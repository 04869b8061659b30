"""All of Souk in one process, on SQLite files: the same services, rules and events as on real servers."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from services.chassis.bus.port import Bus
from services.chassis.http.health import Health
from services.chassis.identity.keys import make_key
from services.chassis.opening import Surroundings, close_platform, open_bus, open_platform
from services.chassis.schema.upgrade import upgrade
from services.chassis.service import Platform, Service
from services.launch.blueprints import BLUEPRINTS, Configured


@dataclass(frozen=True, kw_only=True)
class Embedded:
    """Where to listen, where to keep data, and whether to begin with the demonstration shop."""

    data: Path
    host: str
    port: int
    seeded: bool
