"""Imports: a sheet of items on its way into the catalogue, and what was wrong with it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from services.chassis.errors import Invalid, Missing

State = Literal["queued", "done"]


class ImportMissing(Missing):
    """There is none, or it is another seller's."""

    code = "import_missing"
    title = "No such import"

    def __init__(self, import_id: UUID) -> None:
        super().__init__(f"there is no import {import_id}")


class ImportUnreadable(Invalid):
    """Not a file of the kind it claims to be."""

    code = "import_unreadable"
    title = "Import unreadable"


class Fault(Struct, frozen=True, kw_only=True):
    """Why one row of the sheet was not taken in. An item is taken in whole or not at all."""

    line: int
    """Where the row is, from 1."""
    reference: str
    """The item's, as far as it could be read."""
    code: str
    detail: str


class Import(Struct, frozen=True, kw_only=True):
    """How far an import is."""

    id: UUID
    seller_id: UUID
    format: Literal["csv", "jsonl"]
    state: State
    items_total: int
    items_read: int
    created: int
    updated: int
    faulty: int
    """Items that were not taken in; the report has a line for each of their bad rows."""
    created_at: datetime
    finished_at: datetime | None
