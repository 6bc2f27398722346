"""Findings that people look at have an index by kind: those that were paid as instructed, nearly all of a file, are not in it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import col

from cbi.payouts.tables import PayoutFinding
from reconciliation.findings import FindingKind


def is_one_of(*kinds: FindingKind) -> sa.ColumnElement[bool]:
    """Whether a finding is of one of these kinds; where PAID is none of them, in the words by which a database finds it in that index."""
    chosen = col(PayoutFinding.kind).in_(kinds)
    return chosen if FindingKind.PAID in kinds else sa.and_(chosen, col(PayoutFinding.kind) != sa.literal_column("'PAID'"))
