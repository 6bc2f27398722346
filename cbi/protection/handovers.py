"""Handing a case to a focal point: sealed to that person's own key, so that nobody else in the room opens it afterwards."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, select

from cbi.access import Role
from cbi.errors import NotThere, Refused, SomebodyWasFirst
from cbi.protection.cases import Sites, dossier
from cbi.protection.dossier import Stage, move
from cbi.protection.facts import HandedOver, HandoverAcknowledged, HandoverRead, HandoverTakenBack, OfficerReset
from cbi.protection.history import officer_names
from cbi.protection.holding import begin, hold, officer_of
from cbi.protection.keys import open_sealed, seal_to
from cbi.protection.officers import present, sites_of
from cbi.protection.outgoing import SafeContact, Scope, Stub, new_number, refuse_empty, stub_of, stub_text
from cbi.protection.packet import Told, told
from cbi.protection.purge import forget
from cbi.protection.snapshot import Office
from cbi.protection.tables import Handover, Officer
from cbi.store.keys import WrongKey
from cbi.store.work import Reading, Work
from cbi.web.words import _

FOCAL = {Role.PSEA: Stage.PSEA_HANDOVER, Role.CHILD: Stage.CP_HANDOVER}
# After receipt. A child's hand-over is kept as a referral is.
KEPT_DAYS = {Role.PSEA: 30, Role.CHILD: 90}
# A hand-over that nobody took in a day is told to the lead.
TAKEN_IN = timedelta(hours=24)
_LENGTH = 1536


@dataclass(frozen=True, slots=True)
class Given:
    """What a focal point gets."""

    id: UUID
    made_at: datetime
    acknowledged_at: datetime | None
    ref_no: str
    site_id: UUID | None
    site: str
    by: str
    told: Told = field(repr=False)


@dataclass(frozen=True, slots=True)
class Passed:
    """A hand-over as the officers of the case see it: to whom, by whom and when, and not what was told.

    opens: with the key the focal point has now; not after she left, or got new keys from the lead.
    """

    id: UUID
    case_id: UUID
    site_id: UUID | None
    to: str
    by_id: UUID
    track: Role
    made_at: datetime
    acknowledged_at: datetime | None
    opens: bool = True

    @property
    def may_come_back(self) -> bool:
        """Whether it can be taken back: nobody has taken it, or nobody can open it any more."""
        return self.acknowledged_at is None or not self.opens

    def is_late(self, now: datetime) -> bool:
        """Whether nobody took it within a day."""
        return self.acknowledged_at is None and self.made_at + TAKEN_IN < now


def focal_points(reading: Reading, office: Office, site_id: UUID | None) -> list[Officer]:
    """To whom a case of this site can be handed: never to somebody who is listed as staff of that site."""
    return [one for one in present(reading) if one.role in FOCAL and may_have(one, office, site_id)]


def hand_over(
    work: Work,
    office: Office,
    sites: Sites,
    case_id: UUID,
    to_id: UUID,
    *,
    scope: Sequence[Scope],
    contact: SafeContact,
    agreed: bool,
    revision: int | None = None,
) -> UUID:
    """Hand a case to a focal point, with no more than the person agreed to. Returns the hand-over's id."""
    row, state = begin(work, sites, case_id, revision)
    known = dossier(work, office, row)
    if state.stage in {Stage.CLOSED, Stage.SECOND, *FOCAL.values()}:
        raise Refused(_("open the case again first, or wait for the answer it waits for"))
    if not known.was_reached or not agreed:
        raise Refused(_("ask the person first, and tick that they agreed aloud to exactly this"))
    to = next((one for one in focal_points(work, office, known.about.site_id) if one.id == to_id), None)
    if to is None:
        raise Refused(_("choose a focal point who does not work at this place"))
    if not scope:
        raise Refused(_("tick what the focal point may be told, at least one thing"))
    refuse_empty(scope, contact)
    state = hold(work, row, state)
    ref_no, names = new_number("H"), officer_names(work)
    member_id = known.about.member_id or (known.card.recipient_id if known.card else None)
    content = {
        "ref_no": ref_no,
        "site_id": str(known.about.site_id) if known.about.site_id else None,
        "site": known.site,
        "by": names.get(officer_of(work), ""),
        "told": _facts(told(scope, known.card, member_id, contact, ())),
    }
    handed = Handover(
        id=work.new_id("handover"),
        case_id=row.id,
        stub=b"",
        body=seal_to(to.public_key, json.dumps(content).ljust(_LENGTH)),
        made_at=work.now,
    )
    stub = Stub(
        known.about.household_id, known.about.member_id, known.about.site_id, to.id, officer_of(work), to.role, ref_no, to.public_key.hex()
    )
    work.seal(handed, "stub", stub_text(stub))
    work.add(handed)
    move(work, row, state, stage=FOCAL[to.role], come_back_at=None)
    work.remember(HandedOver(case_id=row.id, handover_id=handed.id))
    return handed.id


def take_back(work: Work, sites: Sites, case_id: UUID) -> None:
    """Take back a case that the focal point has not taken, or cannot open any more: to hand it over anew, for example. What was told is gone."""
    row, state = begin(work, sites, case_id)
    found = [one.id for one in passed_on(work, row.id) if one.may_come_back]
    if state.stage not in FOCAL.values() or not found:
        raise SomebodyWasFirst(_("leave it to the focal point: they have taken it"))
    state = hold(work, row, state)
    move(work, row, state, stage=Stage.TALKED)
    forget(work, cases=[], letters=[], others=[(Handover, found)])
    work.remember(HandoverTakenBack(case_id=case_id))


def given_to(reading: Reading, officer: Officer, private: bytes, office: Office) -> list[Given]:
    """What was handed to this focal point, what waits first. The rows do not say for whom they are: hers are those that open."""
    rows = reading.session.exec(select(Handover).order_by(col(Handover.made_at), col(Handover.id))).all()
    found = [opened(row, private) for row in rows]
    mine = [one for one in found if one is not None and may_have(officer, office, one.site_id)]
    return sorted(mine, key=lambda one: (one.acknowledged_at is not None, one.made_at, one.id))


def read_given(work: Work, officer: Officer, private: bytes, office: Office, handover_id: UUID) -> Given:
    """Open what was handed over; that becomes an entry of the chain. Raises NotThere."""
    found = _the_given(work, officer, private, office, handover_id)
    work.remember(HandoverRead(handover_id=handover_id))
    return found


def acknowledge(work: Work, officer: Officer, private: bytes, office: Office, handover_id: UUID) -> None:
    """The focal point takes it; its days begin to count."""
    found = _the_given(work, officer, private, office, handover_id)
    row = work.session.get_one(Handover, found.id)
    if row.acknowledged_at is None:
        row.acknowledged_at = work.now
        row.expires_on = work.today + timedelta(days=KEPT_DAYS[officer.role])
        work.add(row)
        work.remember(HandoverAcknowledged(handover_id=handover_id))


def passed_on(reading: Reading, case_id: UUID | None = None, sites: Sites = frozenset()) -> list[Passed]:
    """Hand-overs as officers of these sites see them, of one case or of all."""
    wanted = select(Handover).order_by(col(Handover.made_at), col(Handover.id))
    rows = reading.session.exec(wanted if case_id is None else wanted.where(col(Handover.case_id) == case_id)).all()
    people = {one.id: one for one in reading.session.exec(select(Officer))} if rows else {}
    renewed = _renewed(reading) if rows else {}
    found = []
    for row in rows:
        stub = stub_of(reading, row)
        if not sites or stub.site_id in sites:
            to = people[stub.to_id]
            opens = to.left_on is None and _is_hers(stub, row, to, renewed.get(to.id))
            found.append(
                Passed(row.id, row.case_id, stub.site_id, to.name, stub.by_id, stub.track, row.made_at, row.acknowledged_at, opens)
            )
    return found


def _is_hers(stub: Stub, row: Handover, to: Officer, renewed: datetime | None) -> bool:
    """Whether a hand-over was sealed to the key its focal point has now. renewed: when she was last given new keys."""
    if stub.sealed_to:
        return stub.sealed_to == to.public_key.hex()
    return renewed is None or row.made_at > renewed


def _renewed(reading: Reading) -> dict[UUID, datetime]:
    """When officers were last given new keys, as the room's chain has it."""
    entry = reading.system.audit_entry
    rows = reading.session.exec(select(entry).where(col(entry.kind) == OfficerReset.kind()).order_by(col(entry.seq))).all()
    return {UUID(json.loads(row.body)["officer_id"]): row.at for row in rows}


def waiting_for_receipt(reading: Reading, case_id: UUID) -> bool:
    """Whether the focal point has not acknowledged the last hand-over of this case."""
    passed = passed_on(reading, case_id)
    return bool(passed) and passed[-1].acknowledged_at is None


def opened(row: Handover, private: bytes) -> Given | None:
    """What a hand-over says to the owner of this key; None when it is not for her, or was changed."""
    try:
        kept = json.loads(open_sealed(row.body, private))
    except WrongKey:
        return None
    facts = kept["told"]
    return Given(
        row.id,
        row.made_at,
        row.acknowledged_at,
        kept["ref_no"],
        UUID(kept["site_id"]) if kept["site_id"] else None,
        kept["site"],
        kept["by"],
        Told(facts["first_name"], facts["full_name"], facts["phone"], tuple(facts["hours"]), facts["language"], tuple(facts["needs"])),
    )


def _the_given(reading: Reading, officer: Officer, private: bytes, office: Office, handover_id: UUID) -> Given:
    found = next((one for one in given_to(reading, officer, private, office) if one.id == handover_id), None)
    if found is None:
        raise NotThere
    return found


def may_have(officer: Officer, office: Office, site_id: UUID | None) -> bool:
    """Whether a focal point may read what is about a place: where she works for the room, and is not listed as staff."""
    sites = sites_of(officer)
    is_staff_there = site_id is not None and office.staff_of.get(officer.sign_in_name) == site_id
    return (not sites or site_id in sites) and not is_staff_there


def _facts(facts: Told) -> dict[str, object]:
    return {name: getattr(facts, name) for name in Told.__dataclass_fields__}
