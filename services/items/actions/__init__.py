"""Use cases: load, decide, save, record. They work inside the unit they are given and never commit it."""
