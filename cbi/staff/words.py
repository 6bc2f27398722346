"""Seats, rights and rules in the reader's words."""

from __future__ import annotations

from cbi.access import Permission as P  # noqa: N817 -- as in access.py
from cbi.web.words import _, _l

RIGHT_WORDS = {
    P.HOME: _l("See Today and their own account"),
    P.PERSON_READ: _l("Find and read households"),
    P.PERSON_REGISTER: _l("Register and correct households"),
    P.PERSON_IMPORT: _l("Import households from a file"),
    P.VERIFICATION_DRAW: _l("Draw verification visits"),
    P.VERIFICATION_ENTER: _l("Enter what a verification visit found"),
    P.HELD_READ: _l("Tell a household what is held about it"),
    P.PERSON_WITHDRAW: _l("Take a household’s consent back, and ask that it is forgotten"),
    P.PERSON_ERASE: _l("Agree that a household is forgotten"),
    P.VISIT_READ: _l("See the visit list"),
    P.CHOICES_ASK: _l("Ask for delivery choices"),
    P.CHECK_ASK: _l("Make visits as an interviewer"),
    P.SITE_READ: _l("Read sites and their checks"),
    P.SITE_CHECK: _l("Set sites up and confirm site checks"),
    P.DAY_PLAN: _l("Plan and confirm distribution days"),
    P.ROLL_PRINT: _l("Print who is expected on a distribution day"),
    P.SITE_AGREE: _l("Agree to days at a place where something is still open"),
    P.ARRANGEMENT_CHANGE: _l("Change how a household receives, at its wish"),
    P.ARRANGEMENTS_PUBLISH: _l("Publish arrangements"),
    P.APPEAL_ASK: _l("Write down that a household asks for another look at its result"),
    P.APPEAL_DECIDE: _l("Answer appeals against a result"),
    P.FEEDBACK_TAKE: _l("Record feedback"),
    P.FEEDBACK_ANSWER: _l("Read and answer feedback"),
    P.PROGRAMME_PLAN: _l("Set programmes, their rules and cycles up"),
    P.LIST_PREPARE: _l("Prepare and submit payment lists"),
    P.LIST_READ: _l("Read payment lists"),
    P.LIST_APPROVE: _l("Approve payment lists"),
    P.LIST_RELEASE: _l("Release payment lists"),
    P.LIST_EXPORT: _l("Export the provider's file"),
    P.PAYOUT_READ: _l("Read payout files"),
    P.PAYOUT_UPLOAD: _l("Upload payout files"),
    P.PAYOUT_POST: _l("Post and undo payout files"),
    P.STATEMENT_READ: _l("Read statements"),
    P.JOURNAL_EXPORT: _l("Export the journal"),
    P.MONEY_READ: _l("Read fees, advances, refunds and rates"),
    P.MONEY_ENTER: _l("Enter fees, advances, refunds and rates"),
    P.MONEY_CONFIRM: _l("Confirm fees, advances and refunds"),
    P.LINE_DECIDE: _l("Decide what becomes of open transfers"),
    P.LIST_CLOSE: _l("Close lists and cycles"),
    P.AUDIT_READ: _l("Read and verify the audit trail"),
    P.COUNTS_READ: _l("Read counts"),
    P.STAFF_READ: _l("Read staff and rights"),
    P.STAFF_GRANT: _l("Add staff and give seats"),
    P.INSTRUMENT_INSTALL: _l("Put another version of the delivery questions in use"),
}
# access.py is below every language: its rules are named there in English, which is what gettext looks up.
_RULES = (
    _l("who prepares a payment list never approves one"),
    _l("who approves a payment list never releases one"),
    _l("who releases money never confirms that it arrived"),
    _l("who gives rights never approves, releases or posts"),
    _l("who works in the room never prepares, approves, releases, posts, exports or gives rights"),
)


def rule_words(rule: str) -> str:
    """A rule of `access.NEVER_TOGETHER` in the reader's language."""
    return _(rule)
