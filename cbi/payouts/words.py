"""What the pages say about findings: one line of why for each kind, and the footing strip of a file."""

from __future__ import annotations

from typing import Any

from cbi.payouts.queries import KindSums
from cbi.payouts.tables import PayoutFile
from cbi.web.filters import amount, money, number
from cbi.web.footing import Footing, Sum, Term
from cbi.web.words import _, _l, _n
from reconciliation.findings import FindingKind

WHY = {
    FindingKind.PAID: _l("Reference and amount as approved"),
    FindingKind.PAID_LESS: _l("Part of the amount"),
    FindingKind.PAID_MORE: _l("More than the approved amount"),
    FindingKind.FAILED: _l("The provider says it did not arrive"),
    FindingKind.RETURNED: _l("Paid, then reversed for the same amount"),
    FindingKind.PAID_TWICE: _l("Equal rows that each pay the whole amount"),
    FindingKind.PAID_BEFORE: _l("The same as in an earlier file"),
    FindingKind.CONTRADICTS: _l("An earlier result differs. Waits for two people"),
    FindingKind.WRONG_PAYEE: _l("Name, phone or account differs from the approved one"),
    FindingKind.WRONG_CURRENCY: _l("Paid in another currency than approved"),
    FindingKind.NOT_INSTRUCTED: _l("Ours, but not on this released list"),
    FindingKind.NOT_OURS: _l("No transfer of ours has this reference"),
    FindingKind.MISSING: _l("Not in the file. An answer for now, never posted"),
    FindingKind.SUGGESTED: _l("A row looks right, its reference does not"),
    FindingKind.UNREADABLE: _l("A row that could not be read"),
}
EMPTY_WHY = {FindingKind.UNREADABLE: _l("Every row could be read")}
REASONS = {
    "wallet_closed": _l("wallet closed"),
    "limit_reached": _l("limit reached"),
    "wrong_number": _l("wrong number"),
    "name_mismatch": _l("name differs"),
    "not_registered": _l("not registered"),
    "insufficient_float": _l("provider had no money"),
    "pending": _l("pending"),
    "expired": _l("expired"),
    "unclaimed": _l("not collected"),
    "rejected": _l("rejected"),
    "other": _l("other reasons"),
    "": _l("no reason given"),
}


def kind_why(kind: FindingKind, sums: KindSums, currency: str, failures: list[tuple[str, int]]) -> str:
    """The line beside a kind; with its figures where there are any."""
    if not sums.count:
        return str(EMPTY_WHY.get(kind, WHY[kind]))
    if kind is FindingKind.FAILED and failures:
        return ", ".join(f"{number(count)} {REASONS.get(reason, reason)}" for reason, count in failures[:3])
    words = [str(WHY[kind])]
    if sums.set_aside_minor:
        words.append(_("%(amount)s set aside", amount=amount(sums.set_aside_minor, currency)))
    words += [_("%(amount)s in suspense", amount=money(minor, foreign)) for foreign, minor in sorted(sums.foreign.items())]
    return ". ".join(words)


def footing_of(summary: dict[str, Any], file: PayoutFile, currency: str) -> Footing:  # Any: the JSON kept by the preview
    """The strip of a file: what we asked for, and what the file says was paid, in the list's currency and in every other."""
    strips: list[Sum] = []
    for code, sums in sorted(summary["by_currency"].items(), key=lambda pair: (pair[0] != currency, pair[0])):
        where = "" if code == currency else f" ({code})"
        if code == currency:
            asked = Term(sums["instructed"], _("instructed"))
            strips.append(
                Sum(
                    _("What we asked for"),
                    asked,
                    (Term(sums["delivered"], _("delivered"), "delivered"), Term(sums["open"], _("open"), "open")),
                )
            )
        read = sums["successes"] - sums["taken_back"]
        words = _("read, less %(amount)s reversed", amount=amount(sums["taken_back"], code)) if sums["taken_back"] else _("read")
        parts = [Term(sums["delivered"], _("delivered"), "delivered"), Term(sums["suspense"], _("suspense"), "held")]
        if sums["set_aside"]:
            parts.append(Term(sums["set_aside"], _("set aside"), "aside"))
        strips.append(Sum(_("What the file says was paid") + where, Term(read, words), tuple(parts)))
    unreadable = int(summary["counts"]["UNREADABLE"])
    rows = _n("%(num)s row read and counted twice", "%(num)s rows read and counted twice", file.rows)
    note = f"{rows}, " + _("%(count)s unreadable.", count=number(unreadable))
    heading = _("A row has no place yet") if unreadable else ""
    return Footing(currency, tuple(strips), heading, note)
