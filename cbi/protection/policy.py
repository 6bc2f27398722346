"""Who may see what in the room, on one screen: every table and every page belongs to one row of the matrix, and what is not here is nobody's."""

from __future__ import annotations

from enum import StrEnum

from cbi.access import Role
from cbi.protection.tables import (
    Case,
    Contact,
    Decision,
    FeedbackCopy,
    Handover,
    InstrumentVersion,
    LetterCopy,
    MasterKey,
    OddLetter,
    Officer,
    Outbox,
    RecoverySheet,
    Referral,
    ReferralCount,
    SeenLetter,
    ServiceSeen,
)
from cbi.store.bases import ProtectionTable


class Subject(StrEnum):
    """A row of the matrix."""

    HOME = "the start page"
    ANSWERS = "private answers, bands and what they mean"
    CASES = "cases, contacts and referrals"
    HANDOVERS = "what was handed to a focal point"
    FEEDBACK = "feedback that went past the desk"
    YOUNG = "households whose head is a child"
    DIRECTORY = "services and this week's notice"
    NOTICE = "writing the weekly notice"
    UNREADABLE = "letters that did not open"
    PEOPLE = "who may enter"
    OWN_LOG = "one's own entries of the log"
    OWN_ENTRY = "how one signs in oneself"
    LOG = "the whole log and the chain"
    COUNTS = "counts of letters, cases and what is overdue"
    INSTRUMENT = "versions of the check, and approving them"
    WORDING = "changing a version of the check"
    KEYS = "keys, which only the program touches"


class Reach(StrEnum):
    """How far a seat sees. SITES: of the places where the officer works.  OWN: what was given to this very person."""

    NOTHING = ""
    OWN = "own"
    SITES = "sites"
    ALL = "all"


_EVERYBODY = {
    Role.OFFICER: Reach.ALL,
    Role.PROTECTION_LEAD: Reach.ALL,
    Role.PSEA: Reach.ALL,
    Role.CHILD: Reach.ALL,
    Role.ROOM_AUDITOR: Reach.ALL,
}
_OFFICERS = {Role.OFFICER: Reach.SITES, Role.PROTECTION_LEAD: Reach.ALL}
_READERS = {Role.OFFICER: Reach.ALL, Role.PROTECTION_LEAD: Reach.ALL}
_LEAD = {Role.PROTECTION_LEAD: Reach.ALL}

# Default deny: a seat that is not named reaches nothing.
MATRIX: dict[Subject, dict[Role, Reach]] = {
    Subject.HOME: _EVERYBODY,
    Subject.ANSWERS: _OFFICERS,
    Subject.CASES: _OFFICERS,
    Subject.HANDOVERS: {Role.PSEA: Reach.OWN, Role.CHILD: Reach.OWN},
    Subject.FEEDBACK: {Role.PSEA: Reach.OWN, Role.CHILD: Reach.OWN},
    Subject.YOUNG: {Role.CHILD: Reach.OWN},
    Subject.DIRECTORY: _EVERYBODY,
    Subject.NOTICE: _LEAD,
    Subject.UNREADABLE: _LEAD,
    Subject.PEOPLE: _LEAD,
    Subject.OWN_LOG: dict.fromkeys(_EVERYBODY, Reach.OWN),
    Subject.OWN_ENTRY: dict.fromkeys(_EVERYBODY, Reach.OWN),
    Subject.LOG: {Role.PROTECTION_LEAD: Reach.ALL, Role.ROOM_AUDITOR: Reach.ALL},
    Subject.COUNTS: _OFFICERS,
    Subject.INSTRUMENT: _READERS,
    Subject.WORDING: _LEAD,
    Subject.KEYS: {},
}

TABLES: dict[type[ProtectionTable], Subject] = {
    LetterCopy: Subject.ANSWERS,
    SeenLetter: Subject.KEYS,
    OddLetter: Subject.UNREADABLE,
    Case: Subject.CASES,
    Contact: Subject.CASES,
    Decision: Subject.CASES,
    Outbox: Subject.CASES,
    Referral: Subject.CASES,
    ReferralCount: Subject.COUNTS,
    Handover: Subject.HANDOVERS,
    FeedbackCopy: Subject.FEEDBACK,
    InstrumentVersion: Subject.INSTRUMENT,
    ServiceSeen: Subject.DIRECTORY,
    Officer: Subject.PEOPLE,
    MasterKey: Subject.KEYS,
    RecoverySheet: Subject.KEYS,
}

PAGES: dict[str, Subject] = {
    "today": Subject.HOME,
    "key": Subject.ANSWERS,
    "letters": Subject.COUNTS,
    "cases_page": Subject.COUNTS,
    "letter": Subject.ANSWERS,
    "contact": Subject.CASES,
    "decide": Subject.CASES,
    "second": Subject.CASES,
    "withdraw": Subject.CASES,
    "withdrawn": Subject.CASES,
    "take": Subject.CASES,
    "offer": Subject.CASES,
    "offered": Subject.CASES,
    "give": Subject.PEOPLE,
    "focal": Subject.CASES,
    "focal_back": Subject.CASES,
    "close": Subject.CASES,
    "reopen": Subject.CASES,
    "referral_new": Subject.CASES,
    "referral_without": Subject.CASES,
    "referral": Subject.CASES,
    "referral_second": Subject.CASES,
    "referral_paper": Subject.CASES,
    "referral_locked": Subject.CASES,
    "handover": Subject.HANDOVERS,
    "handover_take": Subject.HANDOVERS,
    "feedback": Subject.FEEDBACK,
    "feedback_take": Subject.FEEDBACK,
    "feedback_gone": Subject.FEEDBACK,
    "young": Subject.YOUNG,
    "services": Subject.DIRECTORY,
    "service_checked": Subject.CASES,
    "notice": Subject.NOTICE,
    "unreadable": Subject.UNREADABLE,
    "officers_page": Subject.PEOPLE,
    "officer_new": Subject.PEOPLE,
    "officer_reset": Subject.PEOPLE,
    "officer_remove": Subject.PEOPLE,
    "instruments_page": Subject.INSTRUMENT,
    "instrument": Subject.INSTRUMENT,
    "instrument_approve": Subject.INSTRUMENT,
    "instrument_begin": Subject.WORDING,
    "instrument_words": Subject.WORDING,
    "instrument_entry": Subject.WORDING,
    "instrument_points": Subject.WORDING,
    "instrument_remove": Subject.WORDING,
    "instrument_language": Subject.WORDING,
    "instrument_discard": Subject.WORDING,
    "instrument_file": Subject.WORDING,
    "log": Subject.LOG,
    "log_mine": Subject.OWN_LOG,
    "passphrase": Subject.OWN_ENTRY,
}


def reach(subject: Subject, role: Role) -> Reach:
    """How far a seat sees of a row of the matrix."""
    return MATRIX[subject].get(role, Reach.NOTHING)


def may_open(page: str, roles: frozenset[Role]) -> bool:
    """Whether one of these seats opens a page; a page without a row of the matrix opens for nobody."""
    return page in PAGES and any(reach(PAGES[page], role) is not Reach.NOTHING for role in roles)
