"""HTTP in, under `/sandbox/v1/`. Every route asks for the till, and only the API key opens it."""

from services.sandbox.api.charging import CHARGING
from services.sandbox.api.till import Till, opened_by
from services.sandbox.api.trying import TRYING

HANDLERS = (*CHARGING, *TRYING)

__all__ = ["HANDLERS", "Till", "opened_by"]
