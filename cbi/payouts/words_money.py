"""Statements, accounts, decisions and money entries in the reader's words."""

from __future__ import annotations

from cbi.payouts.journal import ROUNDING
from cbi.payouts.standing import LineKind
from cbi.payouts.tables import PostingKind
from cbi.payouts.tables_money import Ending, MoneyKind, OpenLine
from cbi.web.words import _, _l
from reconciliation.ledger import Account

LINE_WORDS = {
    LineKind.PAID: _l("Paid"),
    LineKind.PAID_IN_PART: _l("Paid in part"),
    LineKind.FAILED: _l("Failed"),
    LineKind.RETURNED: _l("Returned"),
    LineKind.WITH_THE_WRONG_HAND: _l("With the wrong hand"),
    LineKind.WAITING_FOR_AN_ANSWER: _l("Waiting for an answer"),
    LineKind.MISSING: _l("Not reported yet"),
    LineKind.GIVEN_UP: _l("Given up at closing"),
}
OPEN_WORDS = {
    **{OpenLine(kind.value): words for kind, words in LINE_WORDS.items() if kind.value in set(OpenLine)},
    OpenLine.PAID_IN_PART: _l("The rest of what was paid in part"),
    OpenLine.SUSPENSE: _l("Suspense: paid, but to no open promise"),
}
ENDING_WORDS = {
    Ending.INSTRUCT_AGAIN: _l("Instruct again on a new list"),
    Ending.CANCEL: _l("Pay nothing more"),
    Ending.CARRY_OVER: _l("Carry over: still awaited"),
    Ending.ASK_BACK: _l("The provider is asked to give it back"),
}
ENDING_NOTES = {
    Ending.INSTRUCT_AGAIN: _l("This promise ends; the household waits for the next list."),
    Ending.CANCEL: _l("This promise ends, and nobody can promise it again. Needs a reason."),
    Ending.CARRY_OVER: _l("The promise stays open after closing; a later result still counts."),
    Ending.ASK_BACK: _l("The money stays in suspense until it is back."),
}
ACCOUNT_WORDS = {
    Account.INSTRUCTED: _l("Instructed"),
    Account.OPEN: _l("Open"),
    Account.DELIVERED: _l("Delivered"),
    Account.CANCELLED: _l("Given up"),
    Account.SUSPENSE: _l("Suspense"),
    Account.EXTRA: _l("Accepted beyond promises"),
    Account.PROVIDER: _l("Moved or charged beyond promises"),
    Account.FEES: _l("Fees"),
    Account.ADVANCE: _l("Our own account"),
    Account.FLOAT: _l("Given to providers ahead"),
    Account.DONOR: _l("Given back to donors"),
}
CODE_WORDS = {**{account.value: words for account, words in ACCOUNT_WORDS.items()}, ROUNDING: _l("Rounding of exchange")}
MONEY_WORDS = {
    MoneyKind.FEE: _l("Fee of a provider"),
    MoneyKind.ADVANCE: _l("Advance to a provider"),
    MoneyKind.GIVEN_BACK: _l("Given back by a provider"),
    MoneyKind.TO_DONOR: _l("Given back to the donor"),
}
POSTING_WORDS = {
    PostingKind.RELEASE: _l("The list was released"),
    PostingKind.PAYOUT: _l("A payout file was posted"),
    PostingKind.UNDO: _l("Something was taken back"),
    PostingKind.DECISION: _l("A finding was decided"),
    PostingKind.FEE: _l("A fee"),
    PostingKind.ADVANCE: _l("An advance"),
    PostingKind.REFUND: _l("Money was given back"),
    PostingKind.CLOSING: _l("The list was closed"),
    PostingKind.LATE: _l("A result arrived after closing"),
    PostingKind.PASSED_BACK: _l("A newer transfer failed: what was paid here counts"),
}


def sheet_words() -> dict[str, str]:
    """The words around the figures of a statement's files."""
    return {
        "line": _("Line"),
        "lists": _("Lists"),
        "list": _("List"),
        "provider": _("Provider"),
        "currency": _("Currency"),
        "transfers": _("Transfers"),
        "instructed": _("Instructed"),
        "delivered": _("Delivered"),
        "given_up": _("Given up"),
        "open": _("Open"),
        "together": _("Together"),
        "on_lists": _("By the lists themselves"),
        "foots": _("Foots: instructed = delivered + open + given up"),
        "foots_not": _("Does not foot"),
        "complete": _("Every transfer of the lists is counted once"),
        "complete_not": _("Transfers are wanting or counted twice"),
        "account": _("Account"),
        "balance": _("Balance"),
        "zero": _("The ledger sums to zero"),
        "zero_not": _("The ledger does not sum to zero"),
        "agrees": _("The lines and the ledger say the same"),
        "agrees_not": _("The lines and the ledger differ"),
        "held": _("Held by providers"),
        "open_lines": _("What is open"),
        "amount": _("Amount"),
        "decision": _("Decision"),
        "reason": _("Reason"),
        "by": _("Decided by"),
        "when": _("When"),
        "month": _("Month"),
        "opening": _("Open at the beginning"),
        "closing": _("Open at the end"),
        "suspense": _("Suspense"),
        "fees": _("Fees"),
        "late": _("After closing"),
        "rate_from": _("Rate from"),
        "rate": _("For one of the grant’s currency"),
        "paid": _("Paid"),
        "in_grant": _("In the grant’s currency"),
        "rounding": _("Rounding"),
    }
