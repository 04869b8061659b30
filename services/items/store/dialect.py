"""The one place where the two databases are told apart: INSERT … ON CONFLICT has a construct for each."""

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from services.chassis.database.unit import Unit


def is_postgres(unit: Unit) -> bool:
    """Else it is SQLite, which has one writer at a time and no data-changing WITH."""
    return unit.connection.dialect.name == "postgresql"


def insert_into(unit: Unit, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that can say what to do on conflict."""
    return postgresql.insert(table) if is_postgres(unit) else sqlite.insert(table)
