"""PostgreSQL or SQLite behind SQLAlchemy 2 Core: units of work, prepared reads, column types, migrations."""

from services.chassis.database.engine import Database, open_database
from services.chassis.database.prepared import Prepared, single
from services.chassis.database.unit import Unit, Units

__all__ = ["Database", "Prepared", "Unit", "Units", "open_database", "single"]
