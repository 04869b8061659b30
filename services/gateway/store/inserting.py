"""Inserts that change a row that is there already, on either database."""

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from services.chassis.database import Unit

Insert = postgresql.Insert | sqlite.Insert


def insert_into(unit: Unit, table: Table) -> Insert:
    """An insert that knows `on_conflict_do_update`."""
    return postgresql.insert(table) if unit.connection.dialect.name == "postgresql" else sqlite.insert(table)
