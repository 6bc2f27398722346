"""Every right on one screen: what may be done, which role may do it, and what never meets in one person."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Permission(StrEnum):
    """One right, named SUBJECT_VERB. A page asks for exactly one."""

    HOME = "home"
    # In the office, people.
    PERSON_READ = "person_read"
    PERSON_REGISTER = "person_register"
    PERSON_IMPORT = "person_import"
    VERIFICATION_DRAW = "verification_draw"
    VERIFICATION_ENTER = "verification_enter"
    HELD_READ = "held_read"
    PERSON_WITHDRAW = "person_withdraw"
    PERSON_ERASE = "person_erase"
    VISIT_READ = "visit_read"
    CHOICES_ASK = "choices_ask"
    CHECK_ASK = "check_ask"
    # In the office, places.
    SITE_READ = "site_read"
    SITE_CHECK = "site_check"
    DAY_PLAN = "day_plan"
    ROLL_PRINT = "roll_print"
    SITE_AGREE = "site_agree"
    # In the office, how a household receives.
    ARRANGEMENT_CHANGE = "arrangement_change"
    ARRANGEMENTS_PUBLISH = "arrangements_publish"
    # In the office, who is enrolled.
    APPEAL_ASK = "appeal_ask"
    APPEAL_DECIDE = "appeal_decide"
    # In the office, feedback.
    FEEDBACK_TAKE = "feedback_take"
    FEEDBACK_ANSWER = "feedback_answer"
    # In the office, money.
    PROGRAMME_PLAN = "programme_plan"
    LIST_PREPARE = "list_prepare"
    LIST_READ = "list_read"
    LIST_APPROVE = "list_approve"
    LIST_RELEASE = "list_release"
    LIST_EXPORT = "list_export"
    PAYOUT_READ = "payout_read"
    PAYOUT_UPLOAD = "payout_upload"
    PAYOUT_POST = "payout_post"
    STATEMENT_READ = "statement_read"
    JOURNAL_EXPORT = "journal_export"
    MONEY_READ = "money_read"
    MONEY_ENTER = "money_enter"
    MONEY_CONFIRM = "money_confirm"
    LINE_DECIDE = "line_decide"
    LIST_CLOSE = "list_close"
    # In the office, the house.
    AUDIT_READ = "audit_read"
    COUNTS_READ = "counts_read"
    STAFF_READ = "staff_read"
    STAFF_GRANT = "staff_grant"
    INSTRUMENT_INSTALL = "instrument_install"
    # In the room.
    ROOM_HOME = "room_home"
    LETTER_OPEN = "letter_open"
    CASE_WORK = "case_work"
    NOTICE_WRITE = "notice_write"
    OFFICERS_KEEP = "officers_keep"
    HANDOVER_READ = "handover_read"
    ROOM_LOG_READ = "room_log_read"
    INSTRUMENT_READ = "instrument_read"
    INSTRUMENT_EDIT = "instrument_edit"


class Role(StrEnum):
    """A seat in the office or in the room; one person may hold several that never conflict."""

    REGISTRAR = "registrar"
    INTERVIEWER = "interviewer"
    LEAD = "lead"
    HELP_DESK = "help_desk"
    MANAGER = "manager"
    FINANCE = "finance"
    APPROVER = "approver"
    RELEASER = "releaser"
    FEEDBACK = "feedback"
    MONITORING = "monitoring"
    AUDITOR = "auditor"
    DONOR = "donor"
    ADMINISTRATOR = "administrator"
    OFFICER = "officer"
    PROTECTION_LEAD = "protection_lead"
    PSEA = "psea"
    CHILD = "child"
    ROOM_AUDITOR = "room_auditor"


P = Permission

ROOM_ROLES = frozenset({Role.OFFICER, Role.PROTECTION_LEAD, Role.PSEA, Role.CHILD, Role.ROOM_AUDITOR})
OFFICE_ROLES = frozenset(Role) - ROOM_ROLES
ROOM_PERMISSIONS = frozenset(
    {
        P.ROOM_HOME,
        P.LETTER_OPEN,
        P.CASE_WORK,
        P.NOTICE_WRITE,
        P.OFFICERS_KEEP,
        P.HANDOVER_READ,
        P.ROOM_LOG_READ,
        P.INSTRUMENT_READ,
        P.INSTRUMENT_EDIT,
    }
)

_REGISTRAR = {
    P.HOME,
    P.PERSON_READ,
    P.PERSON_REGISTER,
    P.PERSON_IMPORT,
    P.PERSON_WITHDRAW,
    P.HELD_READ,
    P.VERIFICATION_ENTER,
    P.APPEAL_ASK,
    P.VISIT_READ,
    P.CHOICES_ASK,
    P.SITE_READ,
}
_ROOM = {P.ROOM_HOME}

GRANTS: dict[Role, frozenset[Permission]] = {
    role: frozenset(rights)
    for role, rights in {
        Role.REGISTRAR: _REGISTRAR,
        Role.INTERVIEWER: _REGISTRAR | {P.CHECK_ASK},
        Role.LEAD: {P.HOME, P.SITE_READ, P.SITE_CHECK, P.DAY_PLAN, P.ROLL_PRINT, P.VERIFICATION_DRAW, P.APPEAL_DECIDE},
        Role.HELP_DESK: {P.HOME, P.PERSON_READ, P.PERSON_WITHDRAW, P.ARRANGEMENT_CHANGE, P.APPEAL_ASK, P.FEEDBACK_TAKE},
        Role.MANAGER: {
            P.HOME,
            P.PERSON_READ,
            P.PERSON_ERASE,
            P.SITE_READ,
            P.SITE_AGREE,
            P.VERIFICATION_DRAW,
            P.APPEAL_DECIDE,
            P.PROGRAMME_PLAN,
            P.LIST_READ,
            P.LIST_PREPARE,
            P.ARRANGEMENTS_PUBLISH,
            P.STATEMENT_READ,
        },
        Role.FINANCE: {
            P.HOME,
            P.LIST_READ,
            P.LIST_EXPORT,
            P.PAYOUT_READ,
            P.PAYOUT_UPLOAD,
            P.PAYOUT_POST,
            P.STATEMENT_READ,
            P.JOURNAL_EXPORT,
            P.MONEY_READ,
            P.MONEY_ENTER,
            P.LINE_DECIDE,
        },
        Role.APPROVER: {P.HOME, P.LIST_READ, P.LIST_APPROVE, P.STATEMENT_READ, P.MONEY_READ, P.MONEY_CONFIRM, P.LIST_CLOSE},
        Role.RELEASER: {P.HOME, P.LIST_READ, P.LIST_RELEASE, P.STATEMENT_READ},
        Role.FEEDBACK: {P.HOME, P.FEEDBACK_TAKE, P.FEEDBACK_ANSWER},
        Role.MONITORING: {P.HOME, P.COUNTS_READ},
        Role.AUDITOR: {P.HOME, P.AUDIT_READ, P.COUNTS_READ, P.STATEMENT_READ},
        Role.DONOR: {P.HOME, P.COUNTS_READ, P.STATEMENT_READ},
        Role.ADMINISTRATOR: {P.HOME, P.STAFF_READ, P.STAFF_GRANT, P.INSTRUMENT_INSTALL},
        Role.OFFICER: _ROOM | {P.LETTER_OPEN, P.CASE_WORK, P.INSTRUMENT_READ},
        Role.PROTECTION_LEAD: _ROOM
        | {P.LETTER_OPEN, P.CASE_WORK, P.NOTICE_WRITE, P.OFFICERS_KEEP, P.ROOM_LOG_READ, P.INSTRUMENT_READ, P.INSTRUMENT_EDIT},
        Role.PSEA: _ROOM | {P.HANDOVER_READ},
        Role.CHILD: _ROOM | {P.HANDOVER_READ},
        Role.ROOM_AUDITOR: _ROOM | {P.ROOM_LOG_READ},
    }.items()
}

# Each pair: no single person may hold a right of the first set and one of the second.
NEVER_TOGETHER: tuple[tuple[frozenset[Permission], frozenset[Permission], str], ...] = (
    (frozenset({P.LIST_PREPARE}), frozenset({P.LIST_APPROVE}), "who prepares a payment list never approves one"),
    (frozenset({P.LIST_APPROVE}), frozenset({P.LIST_RELEASE}), "who approves a payment list never releases one"),
    (frozenset({P.LIST_RELEASE}), frozenset({P.PAYOUT_POST}), "who releases money never confirms that it arrived"),
    (
        frozenset({P.STAFF_GRANT}),
        frozenset({P.LIST_APPROVE, P.LIST_RELEASE, P.PAYOUT_POST, P.MONEY_ENTER, P.MONEY_CONFIRM, P.LINE_DECIDE, P.LIST_CLOSE}),
        "who gives rights never approves, releases or posts",
    ),
    (
        ROOM_PERMISSIONS,
        frozenset(
            {
                P.LIST_PREPARE,
                P.LIST_APPROVE,
                P.LIST_RELEASE,
                P.PAYOUT_POST,
                P.LIST_EXPORT,
                P.JOURNAL_EXPORT,
                P.ROLL_PRINT,
                P.MONEY_ENTER,
                P.MONEY_CONFIRM,
                P.LINE_DECIDE,
                P.LIST_CLOSE,
                P.STAFF_GRANT,
            }
        ),
        "who works in the room never prepares, approves, releases, posts, exports or gives rights",
    ),
)


def rights_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """All that a person with these roles may do."""
    return frozenset().union(*(GRANTS[role] for role in roles))


def conflicts(roles: Iterable[Role]) -> tuple[str, ...]:
    """The rules that this set of roles breaks, in words; empty when one person may hold them all."""
    rights = rights_of(roles)
    return tuple(rule for one, other, rule in NEVER_TOGETHER if rights & one and rights & other)
