"""What a request is served with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from litestar.di import NamedDependency

from services.chassis.database import Database
from services.gateway.actions.documents import Documents
from services.gateway.actions.overriding import Apply, Known
from services.gateway.actions.pages import Reads
from services.gateway.domain.standing import Standing


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The means of every request."""

    database: Database
    documents: Documents
    reads: Reads
    known: Known
    apply: Apply
    standing: Callable[[], Sequence[Standing]]


NamedDesk = NamedDependency[Desk]
NamedUser = NamedDependency[UUID]
