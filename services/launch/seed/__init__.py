"""The demonstration shop: the same sellers, items and orders every time, made through the public API."""
