"""Everything items keeps. `stock` and `reservations` change with every checkout and stay small; `listings` is what the
public reads.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
)

from services.chassis.database.types import Json, UtcDateTime
from services.chassis.outbox.tables import journal

METADATA = MetaData()
JOURNAL = journal(METADATA)

SELLERS = Table(
    "sellers",
    METADATA,
    Column("seller_id", Uuid, primary_key=True),
    Column("owner_id", Uuid, nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("slug", String(200), nullable=False),
    Column("approved", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
)

CATEGORIES = Table(
    "categories",
    METADATA,
    Column("slug", String(60), primary_key=True),
    Column("parent", String(60), ForeignKey("categories.slug"), index=True),
    Column("name", String(80), nullable=False),
    Column("position", Integer, nullable=False),
    Column("version", Integer, nullable=False),
)

ITEMS = Table(
    "items",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("seller_id", Uuid, ForeignKey("sellers.seller_id"), nullable=False),
    Column("reference", String(80), nullable=False),
    Column("slug", String(80), nullable=False, unique=True),
    Column("title", String(160), nullable=False),
    Column("description", Text, nullable=False),
    Column("category", String(60), ForeignKey("categories.slug"), index=True),
    Column("currency", String(3), nullable=False),
    Column("tax_rate_bp", Integer, nullable=False),
    Column("attributes", Json, nullable=False),
    Column("images", Json, nullable=False),
    Column("status", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("listed_at", UtcDateTime),
    UniqueConstraint("seller_id", "reference", name="items_reference"),
    Index("items_of_seller", "seller_id", "id"),
)

VARIANTS = Table(
    "variants",
    METADATA,
    Column("sku", String(40), primary_key=True),
    Column("item_id", Uuid, ForeignKey("items.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("title", String(120), nullable=False),
    Column("price_minor", BigInteger, nullable=False),
    Column("attributes", Json, nullable=False),
    Column("withdrawn", Boolean, nullable=False, server_default=false()),
    CheckConstraint("price_minor > 0", name="variants_price"),
)

STOCK = Table(
    "stock",
    METADATA,
    Column("sku", String(40), primary_key=True),
    Column("item_id", Uuid, nullable=False, index=True),
    Column("on_hand", Integer, nullable=False),
    Column("reserved", Integer, nullable=False),
    Column("version", Integer, nullable=False),  # Of `on_hand`, for sellers.
    Column("sequence", Integer, nullable=False),  # Of every change, for events.
    CheckConstraint("reserved >= 0 and reserved <= on_hand", name="stock_reserved"),
)

HOLDS = Table(
    "holds",
    METADATA,
    Column("hold_id", Uuid, primary_key=True),
    Column("state", String(16), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("lines", Json, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)
_HELD = HOLDS.c.state == "held"
Index("holds_due", HOLDS.c.expires_at, postgresql_where=_HELD, sqlite_where=_HELD)

RESERVATIONS = Table(
    "reservations",
    METADATA,
    # Of holds that are held: their sum by SKU is what `stock` calls reserved. No foreign key to `stock`, whose check
    # would lock its row out of SKU order.
    Column("hold_id", Uuid, primary_key=True),
    Column("sku", String(40), primary_key=True),
    Column("quantity", Integer, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index("reservations_of_sku", "sku", "expires_at"),
)

RESTOCKS = Table(
    "restocks",
    METADATA,
    Column("restock_id", Uuid, primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
)

LISTINGS = Table(
    "listings",
    METADATA,
    Column("item_id", Uuid, primary_key=True),
    Column("seller_id", Uuid, nullable=False),
    Column("category", String(60), nullable=False),
    Column("slug", String(80), nullable=False, unique=True),
    Column("listed_at", UtcDateTime, nullable=False),
    Column("in_stock", Boolean, nullable=False),
    Column("card", LargeBinary, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Index("listings_newest", "listed_at", "item_id"),
    Index("listings_of_category", "category", "listed_at", "item_id"),
    Index("listings_of_seller", "seller_id", "listed_at", "item_id"),
)

OFFERS = Table(
    "offers",
    METADATA,
    # Of listed items: what each SKU is sold as, ready to be frozen by an order.
    Column("sku", String(40), primary_key=True),
    Column("item_id", Uuid, nullable=False, index=True),
    Column("offer", LargeBinary, nullable=False),
)

IMPORTS = Table(
    "imports",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("seller_id", Uuid, nullable=False),
    Column("format", String(8), nullable=False),
    Column("state", String(16), nullable=False),
    Column("items_total", Integer, nullable=False),
    Column("items_read", Integer, nullable=False),
    Column("created", Integer, nullable=False),
    Column("updated", Integer, nullable=False),
    Column("faulty", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Index("imports_of_seller", "seller_id", "id"),
)
_OPEN = IMPORTS.c.finished_at.is_(None)
Index("imports_open", IMPORTS.c.id, postgresql_where=_OPEN, sqlite_where=_OPEN)

IMPORT_SOURCES = Table(
    "import_sources",
    METADATA,
    # Apart from `imports`, whose row changes with every item; dropped when the import is done.
    Column("import_id", Uuid, ForeignKey("imports.id"), primary_key=True),
    Column("source", LargeBinary, nullable=False),
)

IMPORT_FAULTS = Table(
    "import_faults",
    METADATA,
    Column("import_id", Uuid, ForeignKey("imports.id"), primary_key=True),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("reference", String(80), nullable=False),
    Column("code", String(64), nullable=False),
    Column("detail", Text, nullable=False),
)

SEARCH_ENTRIES = Table(
    "search_entries",
    METADATA,
    Column("item_id", Uuid, primary_key=True),
    Column("revision", Integer, nullable=False),  # Rises with every announcement about the item.
    Column("indexed", Integer, nullable=False),  # The revision that the search engine has.
    Column("changed_at", UtcDateTime, nullable=False),
)
_STALE = SEARCH_ENTRIES.c.indexed < SEARCH_ENTRIES.c.revision
Index("search_entries_stale", SEARCH_ENTRIES.c.changed_at, postgresql_where=_STALE, sqlite_where=_STALE)

REINDEXES = Table(
    "reindexes",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("state", String(16), nullable=False),
    Column("requested_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("documents", Integer),
)
