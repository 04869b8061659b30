"""All SQL of users, by subject. What takes a `Unit` is for writing and for reads that a decision rests on."""
