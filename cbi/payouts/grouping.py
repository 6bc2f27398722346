"""Findings that are alike, counted and summed while they are staged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from reconciliation.findings import Finding, FindingKind
from reconciliation.instruction import Instructions

_REASONED = frozenset({FindingKind.FAILED, FindingKind.RETURNED})
_COMPARED = frozenset({FindingKind.PAID_LESS, FindingKind.PAID_MORE, FindingKind.PAID_TWICE})
_RUNGS = 1  # the first evidence of a finding with a transfer is the key that tied it; what differs comes after it
_SUMMED = ("instructed_minor", "delivered_minor", "suspense_minor", "open_minor", "set_aside_minor", "paid_minor", "taken_back_minor")
_LONGEST = 80
Alike = tuple[FindingKind, str | None, str, str, str]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the transfers of a file stand: beside each instruction its list and its own line; only: the file's list, when it is about one.

    All are the hexadecimal digits of ids: an id made of each of a million is seldom looked at.
    """

    instructed: Instructions
    lists: Sequence[str]
    lines: Sequence[str]
    only: str | None = None

    def line_id(self, finding: Finding) -> str | None:
        """The line a finding is about."""
        place = self._place(finding.instruction.reference) if finding.instruction else None
        return None if place is None else self.lines[place]

    def list_id(self, finding: Finding) -> str | None:
        """The list a finding counts in: of its transfer, or of the transfer its rows name in another currency; strangers have the file's only one."""
        if finding.instruction:
            named = finding.instruction.reference
        else:
            named = finding.evidence[0].approved if finding.kind is FindingKind.WRONG_CURRENCY and finding.evidence else ""
        place = self._place(named)
        return self.only if place is None else self.lists[place]

    def _place(self, reference: str) -> int | None:
        return self.instructed.places().get(reference)


class Groups:
    """The groups of one file, numbered from 1 in the order they are first met."""

    def __init__(self) -> None:
        self._numbers: dict[Alike, int] = {}
        self._sums: list[list[int]] = []

    def put(self, finding: Finding, list_id: str | None, because: str) -> int:
        """Count a finding; returns the number of its group."""
        number = self._number((finding.kind, list_id, because, finding.currency, finding.suspense_currency))
        sums = self._sums[number - 1]
        sums[0] += 1
        sums[1] += len(finding.payouts)
        sums[2] += finding.instructed_minor
        sums[3] += finding.delivered_minor
        sums[4] += finding.suspense_minor
        sums[5] += finding.open_minor
        sums[6] += finding.set_aside_minor
        sums[7] += finding.paid_minor
        sums[8] += finding.taken_back_minor
        return number

    def plain(self, list_id: str, currency: str, each: int, count: int) -> int:
        """Count so many transfers of a list, of so much each, that one row each paid as instructed; returns the number of their group."""
        number = self._number((FindingKind.PAID, list_id, "", currency, ""))
        sums = self._sums[number - 1]
        sums[0] += count
        sums[1] += count
        for paid in (2, 3, 7):  # instructed, delivered, paid
            sums[paid] += each * count
        return number

    def _number(self, alike: Alike) -> int:
        number = self._numbers.get(alike)
        if number is None:
            number = self._numbers[alike] = len(self._numbers) + 1
            self._sums.append([0] * (2 + len(_SUMMED)))
        return number

    def rows(self) -> Iterator[dict[str, Any]]:
        """Every group as the columns of FindingGroup, without its ids."""
        for (kind, list_id, because, currency, suspense_currency), number in self._numbers.items():
            counted, rows, *money = self._sums[number - 1]
            yield {
                "number": number,
                "kind": kind,
                "list_id": UUID(list_id) if list_id else None,
                "because": because,
                "currency": currency,
                "suspense_currency": suspense_currency,
                "findings": counted,
                "rows": rows,
                **dict(zip(_SUMMED, money, strict=True)),
            }


def because_of(finding: Finding) -> str:
    """Why, in codes: the provider's reason of what failed or came back, else the keys of what is alike or differs; nothing personal."""
    if finding.kind is FindingKind.PAID:
        return ""
    if finding.kind in _REASONED:
        return next((each.reason for each in reversed(finding.payouts) if each.reason), "")
    after = 0 if finding.kind is FindingKind.SUGGESTED else _RUNGS
    keys = finding.evidence[after:] if finding.instruction else ()
    return ",".join(sorted({each.key for each in keys}))[:_LONGEST]


def difference_of(finding: Finding) -> int:
    """Paid less instructed, in minor units, where a transfer was paid in its own currency; else 0."""
    return finding.paid_minor - finding.instructed_minor if finding.kind in _COMPARED else 0
