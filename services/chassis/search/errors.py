"""Why a search or a document was not accepted, or not served."""

from services.chassis.errors import Conflict, Invalid, Unavailable


class SearchInvalid(Invalid):
    """The index has no such field, or a value is outside what both engines can hold."""

    code = "search_invalid"
    title = "The search cannot be made"


class CursorUnknown(Invalid):
    """The cursor is not one that this search gave."""

    code = "search_cursor_unknown"
    title = "Unknown cursor"


class DocumentInvalid(Invalid):
    """The document does not suit the shape of the index."""

    code = "document_invalid"
    title = "The document cannot be indexed"


class RebuildOvertaken(Conflict):
    """A later rebuild of the same index has begun, and this one ends without effect."""

    code = "rebuild_overtaken"
    title = "Another rebuild has begun"


class SearchAway(Unavailable):
    """The engine does not answer."""

    code = "search_unavailable"
    title = "Search is temporarily unavailable"
