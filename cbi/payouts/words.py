"""What the pages say about findings: one line of why for each kind, and the footing strip of a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cbi.payouts.placing import Place
from cbi.payouts.queries import KindSums
from cbi.payouts.tables import PayoutFile
from cbi.web.filters import amount, money, number
from cbi.web.footing import Footing, Sum, Term
from cbi.web.words import _, _l, _n, listed
from reconciliation.findings import FindingKind
from reconciliation.payout import Outcome

_NAMED_REASONS = 2
_SUMMED = ("instructed", "delivered", "open", "suspense", "set_aside", "successes", "taken_back")
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
KIND_WORDS = {
    FindingKind.PAID: _l("Paid"),
    FindingKind.PAID_LESS: _l("Paid less"),
    FindingKind.PAID_MORE: _l("Paid more"),
    FindingKind.FAILED: _l("Failed"),
    FindingKind.RETURNED: _l("Returned"),
    FindingKind.PAID_TWICE: _l("Paid twice"),
    FindingKind.PAID_BEFORE: _l("Paid before"),
    FindingKind.CONTRADICTS: _l("Contradicts"),
    FindingKind.WRONG_PAYEE: _l("Wrong payee"),
    FindingKind.WRONG_CURRENCY: _l("Wrong currency"),
    FindingKind.NOT_INSTRUCTED: _l("Not instructed"),
    FindingKind.NOT_OURS: _l("Not ours"),
    FindingKind.MISSING: _l("Missing"),
    FindingKind.SUGGESTED: _l("Suggested"),
    FindingKind.UNREADABLE: _l("Unreadable"),
}
OUTCOME_WORDS = {Outcome.PAID: _l("Paid"), Outcome.FAILED: _l("Failed"), Outcome.RETURNED: _l("Returned")}
THEN = {
    FindingKind.PAID: _l("It is counted as delivered."),
    FindingKind.PAID_LESS: _l("What is missing stays open."),
    FindingKind.PAID_MORE: _l("The approved amount is delivered; what is over it waits in suspense."),
    FindingKind.FAILED: _l("The transfer stays open and can be instructed again."),
    FindingKind.RETURNED: _l("The money came back, so the transfer is open again."),
    FindingKind.PAID_TWICE: _l("It is delivered once; the rest waits in suspense."),
    FindingKind.PAID_BEFORE: _l("An earlier file counts it already, so it is set aside."),
    FindingKind.CONTRADICTS: _l("Nothing of it is posted until two people have chosen."),
    FindingKind.WRONG_PAYEE: _l("So the money waits in suspense and the transfer stays open."),
    FindingKind.WRONG_CURRENCY: _l("The money waits in suspense in its own currency; the transfer stays open."),
    FindingKind.NOT_INSTRUCTED: _l("The transfer is ours, but it is on no released list of this file. The money waits in suspense."),
    FindingKind.NOT_OURS: _l("No transfer of ours has this reference. The money waits in suspense."),
    FindingKind.MISSING: _l("The file says nothing of it. It stays open until a file does, or until the list is closed."),
    FindingKind.SUGGESTED: _l("The row counts as not ours until a person says it is this transfer."),
    FindingKind.UNREADABLE: _l("Nothing of it is counted until corrected rows arrive."),
}
BECAUSE = {
    "reference": _l("reference"),
    "narrative": _l("reference in a text"),
    "provider_id": _l("provider’s id"),
    "token": _l("token"),
    "account": _l("account"),
    "phone": _l("phone"),
    "name": _l("name"),
    "amount": _l("amount"),
    "currency": _l("currency"),
    "ambiguous": _l("points at several"),
    "earlier": _l("an earlier file"),
    "decided": _l("decided before"),
    "site": _l("site"),
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
    "": _l("without a reason in this file"),
}


def because_words(because: str) -> str:
    """Why, in words: one of our reasons of failure, or the facts that are alike or differ."""
    if because in REASONS:
        return str(REASONS[because])
    return listed(str(BECAUSE.get(key, key)) for key in because.split(","))


def kind_why(kind: FindingKind, sums: Mapping[FindingKind, KindSums], currency: str, failures: Sequence[tuple[str, int]]) -> str:
    """The line beside a kind; with its figures where there are any."""
    of = sums[kind]
    if not of.count:
        return (
            _("Every row is in %(currency)s", currency=currency)
            if kind is FindingKind.WRONG_CURRENCY
            else str(EMPTY_WHY.get(kind, WHY[kind]))
        )
    if kind is FindingKind.FAILED and failures:
        return _failed(failures)
    suggested = sums[FindingKind.SUGGESTED].count
    if kind is FindingKind.NOT_OURS and suggested:
        return _n("%(num)s of these looks like a transfer below", "%(num)s of these look like a transfer below", min(suggested, of.count))
    if kind is FindingKind.CONTRADICTS and of.set_aside_minor:
        return _("An earlier result differs. %(amount)s waits for two people", amount=amount(of.set_aside_minor, currency))
    words = [str(WHY[kind])]
    if of.set_aside_minor:
        words.append(_("%(amount)s set aside", amount=amount(of.set_aside_minor, currency)))
    words += [_("%(amount)s in suspense", amount=money(minor, foreign)) for foreign, minor in sorted(of.foreign.items())]
    return ". ".join(words)


def _failed(failures: Sequence[tuple[str, int]]) -> str:
    """The two most frequent reasons, and how many have another."""
    named = [(count, str(REASONS.get(reason, reason))) for reason, count in failures[:_NAMED_REASONS]]
    rest = sum(count for _reason, count in failures[_NAMED_REASONS:])
    return listed(f"{number(count)} {words}" for count, words in [*named, *([(rest, _("other reasons"))] if rest else [])])


def footing_of(
    summary: Mapping[str, Any], file: PayoutFile, currency: str, rows_at: Callable[[str], str], *, unplaced: int
) -> Footing:  # Any: the preview's JSON
    """The strip of a file: what we asked for, and what the file says was paid, in the lists' currency and in every other.

    rows_at: the address of the rows of one place; "" for all of them.  unplaced: what still keeps the file from footing beside its sums.
    """
    counts = summary.get("placed") or {"transfers": {}, "rows": {}}
    own = summary["by_currency"].get(currency) or dict.fromkeys(_SUMMED, 0)
    others = {code: sums for code, sums in sorted(summary["by_currency"].items()) if code != currency}
    strips = [_asked(own, counts["transfers"], rows_at), _paid(own, currency, {} if others else counts["rows"], rows_at)]
    strips += [_paid(sums, code, {}, rows_at, foreign=True) for code, sums in others.items()]
    rows = _n("%(num)s row read, the same by a second count", "%(num)s rows read, the same by a second count", file.rows)
    note = f"{rows}, " + _("%(count)s unreadable.", count=number(int(summary["counts"]["UNREADABLE"])))
    heading = _n("%(num)s row has no place yet", "%(num)s rows have no place yet", unplaced) if unplaced else ""
    return Footing(currency, tuple(strips), heading, note, unplaced)


def _asked(own: Mapping[str, int], transfers: Mapping[str, int], rows_at: Callable[[str], str]) -> Sum:
    delivered, still_open = transfers.get(Place.DELIVERED), transfers.get(Place.OPEN)
    whole = None if delivered is None or still_open is None else delivered + still_open
    part = transfers.get("part", 0)
    words = _("delivered (%(part)s in part)", part=number(part)) if part else _("delivered")
    return Sum(
        _("What we asked for"),
        Term(own["instructed"], _("instructed"), count=whole, href=rows_at("")),
        (
            Term(own["delivered"], words, "delivered", delivered, rows_at(Place.DELIVERED)),
            Term(own["open"], _("open"), "open", still_open, rows_at(Place.OPEN)),
        ),
    )


def _paid(sums: Mapping[str, int], code: str, rows: Mapping[str, int], rows_at: Callable[[str], str], *, foreign: bool = False) -> Sum:
    """What the file says was paid, in one currency. rows: how many rows each place has, where all are of this currency."""
    read = sums["successes"] - sums["taken_back"]
    words = _("read, less %(amount)s reversed", amount=amount(sums["taken_back"], code)) if sums["taken_back"] else _("read")
    parts = [
        Term(sums["delivered"], _("delivered"), "delivered", rows.get(Place.DELIVERED), rows_at(Place.DELIVERED)),
        Term(sums["suspense"], _("suspense"), "held", rows.get(Place.SUSPENSE), rows_at(Place.SUSPENSE)),
    ]
    if sums["set_aside"] or rows.get(Place.ASIDE):
        parts.append(Term(sums["set_aside"], _("set aside"), "aside", rows.get(Place.ASIDE), rows_at(Place.ASIDE)))
    if rows.get(Place.NOTHING):
        parts.append(Term(0, _("nothing paid"), "", rows[Place.NOTHING], rows_at(Place.NOTHING)))
    heading = _("What the file says was paid") + (f" ({code})" if foreign else "")
    return Sum(heading, Term(read, words, count=sum(rows.values()) if rows else None, href=rows_at("")), tuple(parts))
