"""Keeping account of what the search engine lacks."""

from services.items.store.indexing import note_change as note_change
