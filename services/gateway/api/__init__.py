"""The gateway's own routes. They are reached like any service's: through the gateway, with an identity."""

from services.gateway.api.desk import Desk
from services.gateway.api.documents import DOCUMENTS
from services.gateway.api.overrides import OVERRIDES
from services.gateway.api.pages import PAGES
from services.gateway.api.usage import USAGE

HANDLERS = (*DOCUMENTS, *PAGES, *OVERRIDES, *USAGE)

__all__ = ["HANDLERS", "Desk"]
