"""The one door: how any household asks to receive otherwise, whoever writes it down, and what holds for it now."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from uuid import UUID, uuid5

from sqlmodel import col, select

from cbi.errors import NotThere, Refused
from cbi.people.lives_homes import closed_into
from cbi.people.tables import Household, Member
from cbi.sites.tables import Site
from cbi.staff.tables import Staff
from cbi.store.parts import in_parts
from cbi.store.work import Reading, Work
from cbi.transfers.receiving import NEEDED_ACCOUNT, Collector, Plain, Wanted, Way, folded, plain, read
from cbi.transfers.tables import Arrangement, ArrangementKind, ArrangementRequest, Cycle, Mechanism, ProgrammeSite, Provider
from cbi.web.words import _

BODY_BYTES = 3072
VALUE_BYTES = 768
HOUSEHOLDS_PER_COLLECTOR = 3
ADULT = 18
PAYEE_KINDS = (ArrangementKind.RECIPIENT, ArrangementKind.SHARES, ArrangementKind.COLLECTOR, ArrangementKind.MECHANISM)
_NOT_WITH_SHARES = (ArrangementKind.RECIPIENT, ArrangementKind.COLLECTOR, ArrangementKind.PARTS)


def propose_arrangement(
    work: Work, *, household_id: UUID, changes: Mapping[ArrangementKind, object], agreed: bool, client_key: UUID | None
) -> None:
    """Put a household's wish into the inbox, where no page shows it until the next publishing.

    changes: per kind the value wished for (see `receiving.read`), None to go back to what is planned for everybody.
    agreed: the person said so.  client_key: the same key a second time changes nothing.
    Raises Refused with what to do, judged by what is published and never by what else lies in the inbox.
    """
    if not agreed:
        raise Refused(_("ask the person, and tick that they agreed"))
    if not changes:
        raise Refused(_("choose at least one change"))
    joined = closed_into(work, household_id)
    if joined is not None:  # its people belong to another household now, and receive with it
        household_id = joined.household_id
    household = work.session.get(Household, household_id)
    if household is None:
        raise NotThere
    wanted = {kind: read(kind, changes[kind]) for kind in ArrangementKind if kind in changes}
    checked = {kind: _possible(work, household, kind, value) for kind, value in wanted.items()}
    _refuse_together(work, household, checked)
    _refuse_too_long(checked)
    key = request_key(client_key or work.new_id("transfers.request"))
    if _known(work, key):
        return
    request = ArrangementRequest(id=key, operation_id=work.operation_id, household_id=household_id, body=b"")
    work.seal(request, "body", _body(work, checked))
    work.add(request)


def current_for(reading: Reading, household_ids: Iterable[UUID]) -> dict[UUID, dict[ArrangementKind, Wanted]]:
    """What these households arranged and was published; only those that arranged something, kinds in their usual order."""
    rows = list(current_rows(reading, household_ids))
    reading.vault.prefetch(reading.session, rows)
    found: dict[UUID, dict[ArrangementKind, Wanted]] = {}
    for row in sorted(rows, key=lambda row: list(ArrangementKind).index(row.kind)):
        value = value_of(reading, row)
        if value is not None:
            found.setdefault(row.household_id, {})[row.kind] = value
    return found


def current_rows(reading: Reading, household_ids: Iterable[UUID]) -> Iterator[Arrangement]:
    """The published arrangements that hold now, taken-back ones included as rows without a value."""
    wanted = sorted(set(household_ids))
    for chunk in in_parts(wanted):
        yield from reading.session.exec(
            select(Arrangement).where(col(Arrangement.household_id).in_(chunk), col(Arrangement.current)).order_by(col(Arrangement.id))
        )


def value_of(reading: Reading, row: Arrangement) -> Wanted:
    """What an arrangement says; None when it says "as planned for everybody", or when the household was erased."""
    text = reading.open(row, "value")
    return read(row.kind, json.loads(text)) if text else None


def padded(text: str, size: int) -> str:
    """The text, spaces behind it, so that every sealed one has the same length."""
    short = size - len(text.encode())
    if short < 0:
        raise ValueError("longer than its fixed length")
    return text + " " * short


def written(value: Wanted | Plain) -> str:
    """A value as it is sealed: always of one length."""
    return padded(json.dumps(value, ensure_ascii=False), VALUE_BYTES)


def request_key(client_key: UUID) -> UUID:
    """The id of a request, made from the form's own key so that the same form counts once."""
    return uuid5(client_key, "arrangement")


def collector_mark(reading: Reading, collector: Collector) -> bytes | None:
    """The keyed digest by which one named adult is met again in other households; None for a member."""
    if collector.member_id is not None:
        return None
    return reading.digest("collector", f"{folded(collector.name)}:{folded(collector.contact)}")


def collects_for(reading: Reading, mark: bytes, *, besides: UUID) -> int:
    """For how many other households this named adult already collects."""
    found = reading.session.exec(
        select(col(Arrangement.household_id)).where(
            col(Arrangement.digest) == mark, col(Arrangement.current), col(Arrangement.household_id) != besides
        )
    )
    return len(set(found))


def _known(work: Work, key: UUID) -> bool:
    return work.session.get(ArrangementRequest, key) is not None or work.session.get(work.system.answered_form, key) is not None


def _body(work: Work, wanted: Mapping[ArrangementKind, Wanted]) -> str:
    # Who and when travel inside the seal only; every body has one length.
    content = {
        "at": work.now.isoformat(),
        "staff": str(work.actor.id or UUID(int=0)),
        "changes": {kind.value: plain(value) for kind, value in wanted.items()},
    }
    return padded(json.dumps(content, ensure_ascii=False), BODY_BYTES)


def unfold(text: str) -> tuple[datetime, str, dict[ArrangementKind, Plain]]:
    """What a request's body says: when it was written, by whom, and the changes."""
    content = json.loads(text)
    changes = {ArrangementKind(kind): value for kind, value in content["changes"].items()}
    return datetime.fromisoformat(content["at"]), content["staff"], changes


def _refuse_too_long(checked: Mapping[ArrangementKind, Wanted]) -> None:
    # Asked here and not at noon: one wish that fits into no arrangement would keep everybody's from being published.
    for value in checked.values():
        try:
            written(plain(value))
        except ValueError as problem:
            raise Refused(_("write the collector's name shorter: it is too long for a payment list")) from problem


def _possible(work: Work, household: Household, kind: ArrangementKind, value: Wanted) -> Wanted:
    if kind is ArrangementKind.SITE and isinstance(value, UUID):
        _known_site(work, value)
    elif kind is ArrangementKind.RECIPIENT and isinstance(value, UUID):
        _member_of(work, household, value)
    elif kind is ArrangementKind.SHARES and isinstance(value, tuple):
        for member_id in value:
            _adult_of(work, household, UUID(member_id))
    elif kind is ArrangementKind.COLLECTOR and isinstance(value, Collector):
        return _may_collect(work, household, value)
    elif kind is ArrangementKind.MECHANISM and isinstance(value, Way):
        _first_of_cycle(work, household, value)
    return value


def _known_site(work: Work, site_id: UUID) -> None:
    site = work.session.get(Site, site_id)
    if site is None or site.operation_id != work.operation_id:
        raise Refused(_("choose the place from the list"))


def _member_of(work: Work, household: Household, member_id: UUID) -> Member:
    member = work.session.get(Member, member_id)
    if member is None or member.household_id != household.id:
        raise Refused(_("choose a member of the household from the list"))
    return member


def _adult_of(work: Work, household: Household, member_id: UUID) -> Member:
    member = _member_of(work, household, member_id)
    if work.today.year - member.birth_year < ADULT:
        raise Refused(_("choose adults only: this member is a child"))
    return member


def _refuse_together(work: Work, household: Household, checked: Mapping[ArrangementKind, Wanted]) -> None:
    """Separate transfers stand alone, and where money is handed over: no member but the recipient has an account on file."""
    after = {**current_for(work, [household.id]).get(household.id, {}), **checked}
    if not after.get(ArrangementKind.SHARES):
        return
    if any(after.get(kind) for kind in _NOT_WITH_SHARES):
        raise Refused(_("choose either separate transfers, or one recipient, with a collector and parts as they wish"))
    way = after.get(ArrangementKind.MECHANISM)
    site = after.get(ArrangementKind.SITE)
    ways = {way.mechanism} if isinstance(way, Way) else _planned(work, site if isinstance(site, UUID) else household.site_id)
    if ways & set(NEEDED_ACCOUNT):
        raise Refused(_("choose cash at a place, or a voucher, as the way to be paid: separate transfers cannot go to one account"))


def _planned(work: Work, site_id: UUID) -> set[Mechanism]:
    """The ways in which programmes pay at a place."""
    query = select(col(Provider.mechanism)).join(ProgrammeSite, col(ProgrammeSite.provider_id) == col(Provider.id))
    return set(work.session.exec(query.where(col(ProgrammeSite.site_id) == site_id)))


def _may_collect(work: Work, household: Household, collector: Collector) -> Collector:
    if collector.member_id is not None:
        member = _member_of(work, household, collector.member_id)
        if work.today.year - member.birth_year < ADULT:
            raise Refused(_("choose an adult to collect: this member is a child"))
        name = f"{work.open(member, 'given')} {work.open(member, 'family')}".strip()
        return Collector(name, member.id, "")
    if folded(collector.name) in {folded(name) for name in work.session.exec(select(col(Staff.name)).where(col(Staff.left_on).is_(None)))}:
        raise Refused(_("choose somebody who does not work here: staff never collect for a household"))
    mark = collector_mark(work, collector)
    if mark is not None and collects_for(work, mark, besides=household.id) >= HOUSEHOLDS_PER_COLLECTOR:
        raise Refused(
            _("choose another collector: this one already collects for 3 households (or add a phone number, when it is a namesake)")
        )
    return collector


def _first_of_cycle(work: Work, household: Household, wanted: Way) -> None:
    """At most one change of mechanism in a cycle; the same wish again is none."""
    before = current_for(work, [household.id]).get(household.id, {}).get(ArrangementKind.MECHANISM)
    begun = _cycle_began(work, household)
    if begun is None or before == wanted:
        return
    rows = work.session.exec(
        select(Arrangement).where(col(Arrangement.household_id) == household.id, col(Arrangement.kind) == ArrangementKind.MECHANISM)
    ).all()
    followed = {row.replaces_id for row in rows}
    if any(row.published_on >= begun and (row.current or row.id in followed) for row in rows):
        raise Refused(_("wait for the next cycle: the way to pay was already changed once in this one"))


def _cycle_began(work: Work, household: Household) -> date | None:
    return work.session.exec(
        select(col(Cycle.starts_on))
        .join(ProgrammeSite, col(ProgrammeSite.programme_id) == col(Cycle.programme_id))
        .where(col(ProgrammeSite.site_id) == household.site_id, col(Cycle.starts_on) <= work.today)
        .order_by(col(Cycle.starts_on).desc())
        .limit(1)
    ).first()
