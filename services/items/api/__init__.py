"""HTTP in, by who asks. Which handlers there are is told here, and nothing else."""

from services.items.api.counter import Counter
from services.items.api.desk import DESK
from services.items.api.finder import Finder
from services.items.api.internal import INTERNAL
from services.items.api.public import PUBLIC
from services.items.api.searching import SEARCHING
from services.items.api.sheets import SHEETS
from services.items.api.staff import STAFF
from services.items.api.variants import VARIANTS

HANDLERS = (*PUBLIC, *SEARCHING, *DESK, *VARIANTS, *SHEETS, *STAFF, *INTERNAL)

__all__ = ["HANDLERS", "Counter", "Finder"]
