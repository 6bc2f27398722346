"""The room's words for referrals, hand-overs and the end of a case. Logistics only: no word of what happened to anybody."""

from __future__ import annotations

from datetime import datetime

from cbi.access import Role
from cbi.protection.closing import Again, Ending
from cbi.protection.outgoing import (
    Consent,
    ConsentBy,
    Ground,
    ReferralRecord,
    Rejected,
    Satisfied,
    Scope,
    Status,
    Urgency,
    Way,
)
from cbi.protection.outgoing import Told as WasTold
from cbi.protection.packet import Packet, Told
from cbi.protection.wording import HELPS, due, hours_words, language_name
from cbi.sites.tables import ServiceKind
from cbi.transfers.receiving import Help
from cbi.web.words import _, _l, listed

CONSENTS = {
    Consent.GIVEN: _l("They agree to be brought to the service"),
    Consent.INFO_ONLY: _l("They take the information only"),
    Consent.REFUSED: _l("They do not wish it"),
}
CONSENT_BY = {ConsentBy.SELF: _l("The person"), ConsentBy.CAREGIVER: _l("Caregiver, and the child agrees")}
SCOPES = {
    Scope.FIRST_NAME: _l("First name"),
    Scope.FULL_NAME: _l("Full name"),
    Scope.PHONE: _l("Phone number that is safe"),
    Scope.SAFE_HOURS: _l("Hours that are safe"),
    Scope.LANGUAGE: _l("Language"),
    Scope.ACCESS_NEEDS: _l("What they need at the service"),
}
URGENCIES = {Urgency.ROUTINE: _l("Ordinary, answer within 48 hours"), Urgency.URGENT: _l("Urgent, answer within 24 hours")}
WAYS = {Way.CARD: _l("With the card"), Way.PHONE: _l("You ring the service"), Way.ACCOMPANIED: _l("Somebody goes along")}
# The same for the one who reads the paper.
WAYS_TOLD = {Way.CARD: _l("By themselves, with a card"), Way.PHONE: _l("We ring you first"), Way.ACCOMPANIED: _l("Somebody goes along")}
STATUSES = {
    Status.IN_PROGRESS: ("wait", "ring", _l("Waits for an answer")),
    Status.ACCEPTED: ("ok", "half", _l("Accepted")),
    Status.REJECTED: ("look", "fail", _l("Not taken")),
    Status.DONE: ("ok", "done", _l("Ended")),
    Status.REVOKED: ("", "closed", _l("Taken back")),
}
ANSWERS = {
    Status.ACCEPTED: _l("The service takes the person"),
    Status.REJECTED: _l("The service does not take the person"),
    Status.DONE: _l("It has ended"),
    Status.REVOKED: _l("The person takes their word back"),
}
REJECTIONS = {
    Rejected.FULL: _l("Full"),
    Rejected.OUT_OF_AREA: _l("Out of its area"),
    Rejected.NOT_ELIGIBLE: _l("Not for this person"),
    Rejected.OTHER: _l("Another reason"),
}
SATISFIED = {Satisfied.YES: _l("Yes"), Satisfied.NO: _l("No"), Satisfied.NOT_ASKED: _l("Not asked")}
GROUNDS = {
    Ground.LIFE: _l("A life is in danger now"),
    Ground.CHILD: _l("The best interests of a child"),
    Ground.LAW: _l("The law says so"),
}
WAS_TOLD = {WasTold.YES: _l("Yes"), WasTold.NOT_SAFE: _l("No, telling them is not safe")}
KINDS = {
    ServiceKind.HEALTH: _l("Health"),
    ServiceKind.PSYCHOSOCIAL: _l("Somebody to talk with"),
    ServiceKind.SHELTER: _l("Shelter"),
    ServiceKind.LEGAL: _l("Legal"),
    ServiceKind.CHILD: _l("Children"),
    ServiceKind.ANTI_TRAFFICKING: _l("People on the move"),
    ServiceKind.DISABILITY: _l("Disability"),
    ServiceKind.DOCUMENTS: _l("Documents"),
    ServiceKind.FEEDBACK: _l("Feedback"),
    ServiceKind.OTHER: _l("Other"),
}
ENDINGS = {
    Ending.APPLIED: _l("Applied, and a round of payments has passed"),
    Ending.WISH: _l("At the person's wish"),
    Ending.REFERRAL_ENDED: _l("The referral has ended"),
    Ending.NOT_REACHED: _l("Not reached: offered again at the next cycle"),
    Ending.NOT_OURS: _l("Not about somebody this office pays"),
    Ending.HANDED_OVER: _l("Handed over to the focal point"),
}
AGAIN = {
    Again.ASKED: _l("The person asked"),
    Again.CHANGED: _l("Way, recipient or place of payment has changed"),
    Again.MISTAKE: _l("It was closed by mistake"),
}
FOCAL = {Role.PSEA: _l("Focal point"), Role.CHILD: _l("Focal point, children")}


def told_words(told: Told) -> list[tuple[str, str]]:
    """The facts that were agreed to, as label and words; a fact that was not has no line."""
    lines = [
        (Scope.FIRST_NAME, told.first_name),
        (Scope.FULL_NAME, told.full_name),
        (Scope.PHONE, told.phone),
        (Scope.SAFE_HOURS, "; ".join(hours_words(told.hours))),
        (Scope.LANGUAGE, language_name(told.language) if told.language else ""),
        (Scope.ACCESS_NEEDS, "; ".join(str(HELPS[Help(one)]) for one in told.needs)),
    ]
    return [(str(SCOPES[scope]), words) for scope, words in lines if words]


def packet_words(packet: Packet, day: str) -> list[tuple[str, str]]:
    """Everything a service is told, in the order of the page."""
    return [
        (_("Number"), packet.ref_no),
        (_("Called here"), packet.alias),
        (_("Date"), day),
        (_("From"), _("An officer of this office's support room")),
        (_("For"), packet.service),
        (_("How soon"), str(URGENCIES[packet.urgency])),
        (_("How they come"), str(WAYS_TOLD[packet.way])),
        *told_words(packet.told),
    ]


def kind_words(kind: str) -> str:
    """What a service is for."""
    return str(KINDS[ServiceKind(kind)]) if kind in set(ServiceKind) else kind


def scope_words(record: ReferralRecord) -> str:
    """What the service is told, by its labels."""
    return listed(str(SCOPES[one]) for one in record.scope)


def referral_where(record: ReferralRecord) -> tuple[str, str, str]:
    """Tone, shape and word of where a referral stands."""
    if record.waits_for_second:
        return "wait", "half", _("Waits for a second officer")
    if record.consent is not Consent.GIVEN and record.ground is None:
        return "", "closed", _("Information given")
    tone, shape, word = STATUSES[record.status]
    return tone, shape, str(word)


def answer_by(record: ReferralRecord, zone: str, now: datetime) -> str:
    """By when the service answers, and what to do when it has not."""
    if record.answer_by is None:
        return ""
    if record.answer_by < now:
        return _("Ring the service: it should have answered by %(when)s", when=due(record.answer_by, zone, exact=True))
    return _("The service answers by %(when)s", when=due(record.answer_by, zone, exact=True))
