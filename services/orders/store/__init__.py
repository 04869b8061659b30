"""All SQL of orders, by subject. A checkout is always locked or changed before its orders."""
