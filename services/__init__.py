"""Souk's services: one folder each, on a shared chassis, joined by contracts."""
