"""What the provider decides: the life of a charge, what goes wrong on purpose, and how news is signed."""
