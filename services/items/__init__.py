"""Items owns the catalogue: categories, items with their variants, stock and the holds on it, and the search index.

It offers the public catalogue and search, the seller's desk with imports and exports, the staff's categories, and to
orders quotes, holds and restocks. It announces `items.item.listed`, `items.item.withdrawn`, `items.stock.ran_out` and
`items.stock.returned`. It listens to sellers being approved and suspended, to users being erased, and to its own
announcements, which keep the search index up to date.
"""
