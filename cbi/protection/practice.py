"""What an officer does: reach the person, decide with her, ask a second officer, let go when she takes it back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlmodel import col, select

from cbi.errors import Refused, SameHands
from cbi.protection import odd
from cbi.protection.cases import Dossier, Sites, dossier, next_offer, the_case
from cbi.protection.deadlines import TRIES
from cbi.protection.dossier import About, Stage, State, about_of, each, move, state_of
from cbi.protection.facts import ContactNoted, DecisionSigned, DecisionTaken, Withdrawn
from cbi.protection.history import Choice, Decided, Outcome, contacts_of, counted, decisions_of
from cbi.protection.holding import begin, hold, officer_of
from cbi.protection.hours import allows
from cbi.protection.intake import letter_of
from cbi.protection.keys import RoomKeys
from cbi.protection.outgoing import told_where
from cbi.protection.purge import AFTER_DECISION_DAYS, forget
from cbi.protection.snapshot import Office
from cbi.protection.tables import Case, Contact, Decision, LetterCopy, Outbox
from cbi.store.work import Work
from cbi.transfers.receiving import plain, read
from cbi.transfers.tables import ArrangementKind
from cbi.web.words import _

_CONTENT = 1536
# What needs no talk: the letter turned out not to be about somebody this office pays.
_WITHOUT_TALK = frozenset({Choice.NOT_APPLICABLE})
# Who is paid: two officers stand by that.
_PAYEES = frozenset({ArrangementKind.RECIPIENT, ArrangementKind.SHARES})
# What is followed until it is applied, or until the service has answered.
_FOLLOWED = frozenset({Choice.CHANGE, Choice.REFER})


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision before it is written down.

    agreed: the person said so.  changes: for CHANGE only.  service_id: for REFER only.  next_check: agreed with her, or none.
    """

    choice: Choice
    agreed: bool = False
    changes: Mapping[ArrangementKind, object] = field(default_factory=dict)
    service_id: UUID | None = None
    next_check: date | None = None


def note_contact(
    work: Work,
    office: Office,
    sites: Sites,
    case_id: UUID,
    outcome: Outcome,
    come_back_at: datetime | None = None,
    *,
    revision: int | None = None,
) -> Stage:
    """Write down that somebody tried: when and with what result, nothing else. Returns where the case stands now.

    Three attempts in her safe hours without reaching her change nothing; the next offer comes with the next cycle.
    """
    row, state = begin(work, sites, case_id, revision)
    _refuse_closed(state)
    if outcome is Outcome.COME_BACK and (come_back_at is None or come_back_at <= work.now):
        raise Refused(_("enter when to come back, for example tomorrow at 10:00"))
    state = hold(work, row, state)
    known = dossier(work, office, row)
    contact = Contact(id=work.new_id("contact"), case_id=row.id, officer_id=officer_of(work), at=work.now, outcome=b"")
    safe = allows(known.hours, work.now, zone=work.zone)
    work.seal(contact, "outcome", json.dumps({"outcome": outcome.value, "safe": safe}).ljust(48))
    work.add(contact)
    work.session.flush()
    begun_at = work.now if next_offer(office, known.about, state, work.today, work.zone) else state.begun_at
    stage = _stage_after(outcome, counted(contacts_of(work, [row.id])[row.id], begun_at), state.stage)
    back = come_back_at if outcome is Outcome.COME_BACK else None
    move(work, row, state, stage=stage, come_back_at=back, begun_at=begun_at)
    work.remember(ContactNoted(case_id=row.id, contact_id=contact.id))
    return stage


def decide(work: Work, office: Office, sites: Sites, case_id: UUID, ruling: Ruling, *, revision: int | None = None) -> Stage:
    """Write down what was decided with the person. Returns where the case stands: SECOND while another officer is asked.

    Raises Refused before anybody talked with her, and without her spoken agreement.
    """
    row, state = begin(work, sites, case_id, revision)
    _refuse_closed(state)
    _refuse_unheard(dossier(work, office, row), ruling)
    changes = _changes(ruling)
    state = hold(work, row, state)
    about, needs_second = about_of(work, row), bool(_PAYEES & set(changes))
    made = Decision(id=work.new_id("decision"), case_id=row.id, officer_id=officer_of(work), at=work.now, content=b"")
    work.seal(made, "content", _content(ruling, changes, needs_second=needs_second))
    work.add(made)
    work.session.flush()
    if changes and not needs_second:
        _post(work, row, made.id, about.household_id, changes)
    stage = Stage.SECOND if needs_second else _stage_decided(ruling.choice)
    move(work, row, state, stage=stage, come_back_at=None, next_check=ruling.next_check)
    letters = _age_letters(work, row, about)
    work.remember(DecisionTaken(case_id=row.id, decision_id=made.id, letters=letters))
    return stage


def sign(work: Work, office: Office, sites: Sites, case_id: UUID, *, stands_by: bool, revision: int | None = None) -> Stage:
    """The second officer's answer to a change of who is paid. Raises SameHands for the one who decided."""
    row, state = begin(work, sites, case_id, revision)
    asked = _asked(work, office, row)
    if asked.by_id == work.actor.id:
        raise SameHands(_("ask another officer: two people stand by a change of who is paid"))
    if stands_by:
        made = work.session.get(Decision, asked.id)
        assert made is not None
        work.seal(made, "second", json.dumps({"officer": str(officer_of(work)), "at": work.now.isoformat()}))
        work.add(made)
        changes = {ArrangementKind(kind): value for kind, value in asked.changes.items()}
        _post(work, row, made.id, about_of(work, row).household_id, changes)
    stage = Stage.MONITORING if stands_by else Stage.TALKED
    move(work, row, state, stage=stage)
    work.remember(DecisionSigned(case_id=row.id, decision_id=asked.id))
    return stage


def withdraw(work: Work, sites: Sites, case_id: UUID, keys: RoomKeys, *, plan_kept: bool) -> None:
    """The person takes back what she said: everything of it is gone at once.

    What was already sent to be published stays until she asks for something else; what was not is dropped.
    """
    row = the_case(work, sites, case_id)
    about = about_of(work, row)
    cases, letters = _all_of(work, about.household_id, about.member_id)
    letters |= {row.letter_id}
    cases |= {row.id}
    person = (about.household_id, about.member_id)  # whose case may have gone before what was told about her
    others = told_where(work, lambda case_id, household_id, member_id: case_id in cases or (household_id, member_id) == person)
    forget(work, cases=sorted(cases), letters=sorted(letters), others=others)
    odd.let_go_of(work, keys, *person)
    work.remember(Withdrawn(letters=len(letters), plan_kept=plan_kept))


def _stage_after(outcome: Outcome, tries: int, before: Stage) -> Stage:
    if outcome is Outcome.REACHED:
        return before if before in (Stage.DECIDED, Stage.MONITORING) else Stage.TALKED
    if before in (Stage.TALKED, Stage.SECOND, Stage.DECIDED, Stage.MONITORING):
        return before
    return Stage.UNREACHABLE if tries >= TRIES else Stage.TRIED


def _stage_decided(choice: Choice) -> Stage:
    return Stage.MONITORING if choice in _FOLLOWED else Stage.DECIDED


def _age_letters(work: Work, row: Case, about: About) -> tuple[UUID, ...]:
    """From now on the answers go thirty days after this decision, and never later than at their own age. Returns the letters."""
    aged = []
    for letter_id in sorted(one for one in (row.letter_id, about.choices_id) if one):
        letter = work.session.get(LetterCopy, letter_id)
        if letter is not None:
            letter.goes_on = work.today + timedelta(days=AFTER_DECISION_DAYS)
            work.add(letter)
            aged.append(letter_id)
    return tuple(aged)


def _refuse_closed(state: State) -> None:
    if state.stage is Stage.CLOSED:
        raise Refused(_("open the case again first: it is closed"))
    if state.stage in (Stage.PSEA_HANDOVER, Stage.CP_HANDOVER):
        raise Refused(_("leave it to the focal point: this case was handed over"))
    if state.stage is Stage.SECOND:
        raise Refused(_("wait for the second officer's answer"))


def _refuse_unheard(known: Dossier, ruling: Ruling) -> None:
    if ruling.choice in _WITHOUT_TALK:
        return
    if not known.was_reached:
        raise Refused(_("note a contact in which you reached the person: it is decided with them, not about them"))
    if not ruling.agreed:
        raise Refused(_("tick that the person agreed, in their own words, to exactly this"))


def _changes(ruling: Ruling) -> dict[ArrangementKind, object]:
    if ruling.choice is not Choice.CHANGE:
        if ruling.changes:
            raise Refused(_("choose the change of arrangement, or leave the arrangement as it is"))
        if ruling.choice is Choice.REFER and ruling.service_id is None:
            raise Refused(_("choose the service the person wishes to be brought to"))
        return {}
    if not ruling.changes:
        raise Refused(_("choose at least one change of arrangement"))
    return {kind: plain(read(kind, value)) for kind, value in ruling.changes.items()}


def _content(ruling: Ruling, changes: Mapping[ArrangementKind, object], *, needs_second: bool) -> str:
    content = {
        "choice": ruling.choice.value,
        "agreed": ruling.agreed,
        "changes": {kind.value: value for kind, value in changes.items()},
        "service": str(ruling.service_id) if ruling.service_id else None,
        "next_check": ruling.next_check.isoformat() if ruling.next_check else None,
        "needs_second": needs_second,
    }
    return json.dumps(content, sort_keys=True).ljust(_CONTENT)


def _post(work: Work, row: Case, decision_id: UUID, household_id: UUID, changes: Mapping[ArrangementKind, object]) -> None:
    out = Outbox(
        id=work.new_id("outbox"),
        case_id=row.id,
        decision_id=decision_id,
        client_key=work.new_id("outbox.key"),
        content=b"",
        made_at=work.now,
    )
    content = {"household": str(household_id), "changes": {kind.value: value for kind, value in changes.items()}}
    work.seal(out, "content", json.dumps(content, sort_keys=True).ljust(_CONTENT))
    work.add(out)


def _asked(work: Work, office: Office, row: Case) -> Decided:
    made = decisions_of(work, row.id, office)
    if state_of(work, row).stage is not Stage.SECOND or not made or not made[-1].needs_second:
        raise Refused(_("go back to the list: this one waits for nobody any more"))
    return made[-1]


def _all_of(work: Work, household_id: UUID, member_id: UUID | None) -> tuple[set[UUID], set[UUID]]:
    cases, letters = set(), set()
    rows = work.session.exec(select(Case)).all()
    for row in each(work, rows):
        about = about_of(work, row)
        if about.household_id == household_id and about.member_id == member_id:
            cases.add(row.id)
            letters |= {one for one in (row.letter_id, about.choices_id) if one}
    copies = work.session.exec(select(LetterCopy).order_by(col(LetterCopy.id))).all()
    for copy in each(work, copies):
        letter = letter_of(work, copy.id)
        if letter and letter.household_id == household_id and letter.member_id == member_id:
            letters.add(copy.id)
    return cases, letters
