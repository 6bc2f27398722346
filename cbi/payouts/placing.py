"""Where every transfer and every row of a file has its place, counted: the footing strip closes in numbers as it does in money."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

from reconciliation.findings import Finding, FindingKind, looked_at

_ASIDE = frozenset({FindingKind.PAID_BEFORE, FindingKind.CONTRADICTS})


class Place(StrEnum):
    """Where money of a file went."""

    DELIVERED = "delivered"
    OPEN = "open"
    SUSPENSE = "suspense"
    ASIDE = "aside"
    NOTHING = "nothing"


KINDS = {
    Place.DELIVERED: (FindingKind.PAID, FindingKind.PAID_LESS, FindingKind.PAID_MORE, FindingKind.PAID_TWICE),
    Place.OPEN: (
        FindingKind.FAILED,
        FindingKind.MISSING,
        FindingKind.SUGGESTED,
        FindingKind.RETURNED,
        FindingKind.PAID_LESS,
        FindingKind.WRONG_PAYEE,
        FindingKind.WRONG_CURRENCY,
    ),
    Place.SUSPENSE: (
        FindingKind.PAID_MORE,
        FindingKind.PAID_TWICE,
        FindingKind.WRONG_PAYEE,
        FindingKind.WRONG_CURRENCY,
        FindingKind.NOT_INSTRUCTED,
        FindingKind.NOT_OURS,
    ),
    Place.ASIDE: tuple(sorted(_ASIDE)),
    Place.NOTHING: (FindingKind.FAILED, FindingKind.RETURNED, FindingKind.UNREADABLE),
}


def placed(findings: Sequence[Finding]) -> dict[str, dict[str, int]]:
    """How many transfers and how many rows have each place.

    A transfer that was paid in part counts as delivered; "part" says how many.  A row counts where its whole story ended: a failed
    attempt beside a success is delivered.
    """
    transfers, rows = Counter[str](), Counter[str]()
    looked = list(looked_at(findings))
    plain = len(findings) - len(looked)  # paid as instructed by one row each
    rows[Place.DELIVERED] = transfers[Place.DELIVERED] = plain
    for finding in looked:
        rows[_of_rows(finding)] += len(finding.payouts)
        if finding.instructed_minor > 0:
            arrived = finding.delivered_minor > 0
            transfers[Place.DELIVERED if arrived else Place.OPEN] += 1
            transfers["part"] += arrived and finding.open_minor > 0
    return {
        "transfers": {name: transfers[name] for name in (Place.DELIVERED, Place.OPEN, "part")},
        "rows": {place: rows[place] for place in (Place.DELIVERED, Place.SUSPENSE, Place.ASIDE, Place.NOTHING)},
    }


def _of_rows(finding: Finding) -> Place:
    if finding.kind in _ASIDE:
        return Place.ASIDE
    if finding.delivered_minor > 0:
        return Place.DELIVERED
    return Place.SUSPENSE if finding.suspense_minor else Place.NOTHING
