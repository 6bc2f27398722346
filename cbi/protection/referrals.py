"""Bringing a person to a service: with her word, with no more than she agreed to, and followed until the service has answered."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from cbi.errors import NotThere, Refused, SameHands, SomebodyWasFirst
from cbi.protection.cases import Dossier, Sites, dossier
from cbi.protection.dossier import Stage, each, move
from cbi.protection.facts import (
    ReferralAnswered,
    ReferralPacketTaken,
    ReferralRead,
    ReferralSigned,
    ReferralWithoutConsent,
    ReferralWritten,
)
from cbi.protection.holding import begin, hold, officer_of
from cbi.protection.outgoing import (
    NEEDS,
    Consent,
    ConsentBy,
    Ground,
    ReferralRecord,
    Rejected,
    SafeContact,
    Satisfied,
    Scope,
    Status,
    Told,
    Urgency,
    Way,
    all_referrals,
    new_number,
    record_of,
    record_text,
    referrals_of,
    refuse_empty,
    safe_contact_of,
    safe_contact_text,
)
from cbi.protection.packet import Packet, packet
from cbi.protection.snapshot import MemberCard, Office, ServiceCard
from cbi.protection.tables import Referral, ReferralCount
from cbi.store.work import Reading, Work
from cbi.transfers.receiving import SLOTS
from cbi.web.words import _

_COUNT_LENGTH = 160


@dataclass(frozen=True, slots=True)
class Wish:
    """A referral before it is written down, as the person said it.

    person_id: who is brought, a member of the household.  ground: only without consent, with told beside it.
    """

    service_id: UUID
    person_id: UUID | None
    consent: Consent
    consent_by: ConsentBy = ConsentBy.SELF
    scope: tuple[Scope, ...] = ()
    contact: SafeContact = field(default_factory=SafeContact, repr=False)
    needs: tuple[str, ...] = ()
    urgency: Urgency = Urgency.ROUTINE
    way: Way = Way.PHONE
    ground: Ground | None = None
    told: Told | None = None


def write(work: Work, office: Office, sites: Sites, case_id: UUID, wish: Wish, revision: int | None = None) -> UUID:
    """Write a referral down; without consent only that information was given. Returns its id.

    A wish with a ground is exceptional: it waits for a second officer before anything leaves.
    """
    row, state = begin(work, sites, case_id, revision)
    known = dossier(work, office, row)
    _refuse_early(known, wish)
    service, person = _service(office, known, wish), _person(known, wish)
    _refuse_incomplete(wish, person)
    state = hold(work, row, state)
    record = _new(work, known, wish, service)
    kept = Referral(id=record.id, case_id=row.id, content=b"")
    _keep(work, kept, record)
    if record.scope:
        work.seal(kept, "safe_contact", safe_contact_text(_scoped(wish)))
    if record.is_open and state.stage is Stage.DECIDED:
        move(work, row, state, stage=Stage.MONITORING)
    fact = ReferralWithoutConsent if wish.ground else ReferralWritten
    work.remember(fact(case_id=row.id, referral_id=record.id))
    return record.id


def sign(work: Work, sites: Sites, referral_id: UUID, *, stands_by: bool) -> None:
    """The second officer's answer to a referral without consent. Raises SameHands for the one who wrote it."""
    row, record = the_referral(work, sites, referral_id)
    if not record.waits_for_second:
        raise SomebodyWasFirst(_("go back to the list: this one waits for nobody any more"))
    if record.by_id == work.actor.id:
        raise SameHands(_("ask another officer: two people stand by a referral without consent"))
    if stands_by:
        _keep(work, row, replace(record, second_id=officer_of(work)))
    else:
        row.safe_contact = None
        _end(work, row, replace(record, status=Status.REVOKED, scope=(), needs=()))
    work.remember(ReferralSigned(referral_id=row.id))


def answered(
    work: Work,
    sites: Sites,
    referral_id: UUID,
    status: Status,
    *,
    rejected: Rejected | None = None,
    satisfied: Satisfied = Satisfied.NOT_ASKED,
) -> None:
    """Note what the service said, how it ended, or that the person takes the consent back."""
    row, record = the_referral(work, sites, referral_id)
    if not record.is_open:
        raise SomebodyWasFirst(_("go back to the list: this referral has ended"))
    if status is Status.IN_PROGRESS:
        raise Refused(_("choose what the service said, or how it ended"))
    if status is Status.REJECTED and rejected is None:
        raise Refused(_("choose why the service does not take the person"))
    if record.waits_for_second and status is not Status.REVOKED:
        raise Refused(_("wait for the second officer: nothing has gone to the service yet"))
    after = replace(record, status=status, responded_at=record.responded_at or (None if status is Status.REVOKED else work.now))
    count_id = None
    match status:
        case Status.ACCEPTED:
            _keep(work, row, after)
        case Status.REVOKED:
            row.safe_contact = None
            _end(work, row, replace(after, scope=(), needs=()))
        case _:
            _end(work, row, replace(after, rejected=rejected if status is Status.REJECTED else None, satisfied=satisfied))
            count_id = _count(work, after)
    work.remember(ReferralAnswered(referral_id=row.id, count_id=count_id))


def take_packet(work: Work, office: Office, sites: Sites, referral_id: UUID) -> Packet:
    """What the service gets; that it was opened becomes an entry of the chain. Raises NotThere while nothing may leave."""
    row, record = the_referral(work, sites, referral_id)
    if not record.may_leave:
        raise NotThere
    work.remember(ReferralPacketTaken(referral_id=row.id))
    card = office.households.get(record.household_id)
    made_on = record.made_at.astimezone(_zone(work)).date()
    return packet(record, made_on, card.about(record.member_id) if card else None, safe_contact_of(work, row))


def the_referral(reading: Reading, sites: Sites, referral_id: UUID) -> tuple[Referral, ReferralRecord]:
    """A referral an officer of these sites may see. Raises NotThere."""
    row = reading.session.get(Referral, referral_id, with_for_update=True if isinstance(reading, Work) else None)
    if row is None:
        raise NotThere
    record = record_of(reading, row)
    if sites and record.site_id not in sites:
        raise NotThere
    return row, record


def open_referral(work: Work, sites: Sites, referral_id: UUID) -> ReferralRecord:
    """Open a referral; that it was read becomes an entry of the room's chain. Raises NotThere."""
    row, record = the_referral(work, sites, referral_id)
    work.remember(ReferralRead(referral_id=row.id))
    return record


def open_referrals(reading: Reading, sites: Sites) -> list[ReferralRecord]:
    """Those that have not ended, by when the service has to answer; the ones it has answered come last."""
    mine = [one for one in all_referrals(reading) if one.is_open and (not sites or one.site_id in sites)]
    return sorted(mine, key=lambda one: (one.answer_by is None, one.answer_by or one.made_at, one.id))


def counts(reading: Reading) -> list[tuple[str, UUID | None, str, int]]:
    """Ended referrals by month, site and kind of service, also of those that are gone."""
    rows = reading.session.exec(select(ReferralCount).order_by(col(ReferralCount.id))).all()
    kept = [json.loads(reading.open(row, "content")) for row in each(reading, rows)]
    found = Counter((one["month"], one["site"], one["kind"]) for one in kept)
    return [(month, UUID(site) if site else None, kind, number) for (month, site, kind), number in sorted(found.items(), key=str)]


def _refuse_early(known: Dossier, wish: Wish) -> None:
    if known.state.stage in {Stage.CLOSED, Stage.SECOND}:
        raise Refused(_("open the case again first, or wait for the second officer's answer"))
    if wish.ground is None and not known.was_reached:
        raise Refused(_("note a contact in which you reached the person: only they say who may be told"))


def _service(office: Office, known: Dossier, wish: Wish) -> ServiceCard:
    found = next((one for one in office.services if one.id == wish.service_id), None)
    if found is None or (known.about.site_id is not None and found.site_id != known.about.site_id):
        raise Refused(_("choose a service of this place from the directory"))
    return found


def _person(known: Dossier, wish: Wish) -> MemberCard | None:
    person = known.card.member(wish.person_id) if known.card else None
    if person is None and (wish.consent is Consent.GIVEN or wish.ground):
        raise Refused(_("choose the person who is brought to the service"))
    return person


def _refuse_incomplete(wish: Wish, person: MemberCard | None) -> None:
    if wish.ground is not None:
        if wish.told is None:
            raise Refused(_("choose whether the person was told"))
    elif wish.consent is not Consent.GIVEN:
        return
    elif person is not None and person.adult is not (wish.consent_by is ConsentBy.SELF):
        raise Refused(
            _("ask the person themselves: an adult agrees for themselves")
            if person.adult
            else _("ask the caregiver, and the child too: for a child both say yes")
        )
    if not wish.scope:
        raise Refused(_("tick what the service may be told, at least one thing"))
    refuse_empty(wish.scope, wish.contact, wish.needs)


def _new(work: Work, known: Dossier, wish: Wish, service: ServiceCard) -> ReferralRecord:
    earlier = [one.alias for one in referrals_of(work, known.id) if one.member_id == wish.person_id]
    leaves = wish.consent is Consent.GIVEN or wish.ground is not None
    return ReferralRecord(
        id=work.new_id("referral"),
        case_id=known.id,
        household_id=known.about.household_id,
        member_id=wish.person_id if leaves else None,
        site_id=known.about.site_id,
        ref_no=new_number("R"),
        alias=earlier[0] if earlier else new_number("P"),
        made_at=work.now,
        by_id=officer_of(work),
        service_id=service.id,
        service=service.name,
        kind=service.kind,
        urgency=wish.urgency,
        consent=wish.consent,
        consent_by=wish.consent_by,
        scope=tuple(one for one in Scope if one in wish.scope) if leaves else (),
        needs=tuple(one.value for one in NEEDS if one.value in wish.needs) if leaves and Scope.ACCESS_NEEDS in wish.scope else (),
        way=wish.way,
        status=Status.IN_PROGRESS if leaves else Status.DONE,
        ground=wish.ground,
        told=wish.told,
        closed_on=None if leaves else work.today,
    )


def _scoped(wish: Wish) -> SafeContact:
    """What is not told is not kept either."""
    hours = tuple(slot for slot in SLOTS if slot in wish.contact.hours)
    return SafeContact(
        " ".join(wish.contact.phone.split()) if Scope.PHONE in wish.scope else "", hours if Scope.SAFE_HOURS in wish.scope else ()
    )


def _keep(work: Work, row: Referral, record: ReferralRecord) -> None:
    work.seal(row, "content", record_text(record))
    row.closed_at = row.closed_at if record.is_open else row.closed_at or work.now
    work.add(row)


def _end(work: Work, row: Referral, record: ReferralRecord) -> None:
    _keep(work, row, replace(record, closed_on=work.today))


def _count(work: Work, record: ReferralRecord) -> UUID:
    """What stays when the referral is gone: its month, place and kind of service, with nothing that leads back."""
    row = ReferralCount(id=work.new_id("referral.count"), content=b"")
    content = {
        "month": f"{record.made_at.astimezone(_zone(work)):%Y-%m}",
        "site": str(record.site_id) if record.site_id else None,
        "kind": record.kind,
    }
    work.seal(row, "content", json.dumps(content, sort_keys=True).ljust(_COUNT_LENGTH))
    work.add(row)
    return row.id


def _zone(reading: Reading) -> ZoneInfo:
    return ZoneInfo(reading.zone)
