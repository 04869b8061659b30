"""The labels that policies tell objects apart by."""

from collections.abc import Mapping

NAME = "app.kubernetes.io/name"
INSTANCE = "app.kubernetes.io/instance"
COMPONENT = "app.kubernetes.io/component"
VERSION = "app.kubernetes.io/version"

DATABASE = "database"
BACKUP = "backup"
RESTORE_CHECK = "restore-check"

DISPOSABLE_STACKS = frozenset({"dev", "lab"})
"""Environments whose data may go with them."""


def is_disposable(labels: Mapping[str, str]) -> bool:
    """Whether what carries them may be gone tomorrow."""
    return labels.get(INSTANCE) in DISPOSABLE_STACKS
