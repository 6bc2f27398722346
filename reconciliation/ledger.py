"""Double entry: every posting sums to zero."""

from __future__ import annotations

from enum import StrEnum


class Account(StrEnum):
    """Where money stands."""

    INSTRUCTED = "instructed"
    OPEN = "open"
    DELIVERED = "delivered"
    SUSPENSE = "suspense"
    PROVIDER = "provider"
    FEES = "fees"
    ADVANCE = "advance"
