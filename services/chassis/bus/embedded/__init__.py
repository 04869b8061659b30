"""The bus inside one process: a durable queue in an SQLite file of its own."""

from services.chassis.bus.embedded.bus import EmbeddedBus as EmbeddedBus
