"""Putting right what was written of a household; every change is a fact that says which fields, never which words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere, Refused, SomebodyWasFirst
from cbi.people import above, facts, traces
from cbi.people.history import Line, correction_kept
from cbi.people.registered import Registered, open_household
from cbi.people.service import account_row, check, document_row, fill_member, member_row, phone_row, site_of, token_rows
from cbi.people.story import tell
from cbi.people.tables import Account, Consent, Document, DocumentKind, EventKind, Household, HouseholdStatus, Member, Phone, SearchToken
from cbi.people.values import Born, NewAccount, NewDocument, NewHousehold, NewMember
from cbi.store.work import Work
from cbi.web.words import _

_HOUSEHOLD_FIELDS = ("site_id", "shelter", "group", "language", "phones", "alternate_name")
_OWN_DAY = timedelta(days=1)
_MEMBER_FIELDS = ("name", "latin", "sex", "born", "relation", "documents", "difficulties")


def correct(work: Work, household_id: UUID, told: NewHousehold, lines: Sequence[UUID | None], *, seen_version: int) -> tuple[str, ...]:
    """Make a household what `told` says; returns the codes of the fields that changed, none when nothing did.

    lines: beside `told.members`, the id of the member each line was, None for a new one; members without a line are taken out.
    Consent, account and review stay as they are: they have their own pages.  Where somebody else is paid now it waits for a second person.
    Raises SomebodyWasFirst when the household changed since the form was drawn, NotThere, Refused.
    """
    row = find_household(work, household_id)
    if row.version != seen_version:
        raise SomebodyWasFirst(_("read the household again: somebody corrected it in the meantime"))
    before = open_household(work, household_id)
    _check_lines(before, told, lines)
    different = list(differences(before, told, lines))
    changed = tuple(code for code, _from, _to in different)
    if changed:
        _apply(work, row, before, told, lines)
        row.version += 1
        work.session.add(row)
        tell(work, row.id, EventKind.CORRECTED, ", ".join(changed))
        work.remember(facts.HouseholdCorrected(household_id=row.id, fields=changed))
        correction_kept(work, row, _with_places(work, different), payee=_pays_otherwise(work, row, before))
        above.follow(work, row.id)
    return changed


def _pays_otherwise(work: Work, row: Household, before: Registered) -> bool:
    """Whether a correction has somebody else paid, or the same person under another name or phone.

    Whoever registered a household may put right within a day what they wrote themselves: nobody built upon it, and they could have written it so.
    """
    work.session.flush()
    now = open_household(work, row.id)
    names = {member_id: member.name for member_id, member in zip(now.member_ids, now.told.members, strict=True)}
    known = zip(before.member_ids, before.told.members, strict=True)
    if above.paid_as_asked(work, row.id, {member_id for member_id, member in known if names.get(member_id) != member.name}):
        return True
    own = row.registered_by == work.actor.id and row.status is HouseholdStatus.REGISTERED and work.now - row.registered_at < _OWN_DAY
    return _paid(before) != _paid(now) and not own


def _paid(one: Registered) -> tuple[UUID, str, str]:
    """Who is paid as registered, under which name, and the phone that goes with it."""
    place = one.told.recipient or 0  # nobody chosen: the head, who is the first
    return one.member_ids[place], one.told.members[place].name, next(iter(one.told.phones), "")


def change_account(work: Work, household_id: UUID, account: NewAccount | None) -> None:
    """Give, change or take away where a household is paid; who did it and when are kept for the wait before it is used."""
    household = find_household(work, household_id)
    kept = work.session.exec(select(Account).where(Account.household_id == household_id)).first()
    before = None if kept is None else NewAccount(kept.kind, work.open(kept, "number"))
    if before is not None and before == account:
        return
    if kept is not None:
        work.session.delete(kept)
        work.session.flush()
    if account is not None:
        work.add(account_row(work, household_id, account))
    household.version += 1
    work.session.add(household)
    kind = account.kind.value if account else ""
    tell(work, household_id, EventKind.ACCOUNT, kind)
    work.remember(facts.AccountChanged(household_id=household_id, account_kind=kind))
    correction_kept(work, household, [("account", before.number if before else "", account.number if account else "")])
    above.follow(work, household_id)


def take_consent(work: Work, household_id: UUID, consent: Consent, *, version: int, language: str) -> None:
    """Keep what was answered after a consent text was read; a household that had withdrawn and agrees is registered again."""
    row = find_household(work, household_id)
    row.consent, row.consent_version, row.consent_language, row.consent_on = consent, version, language, work.today
    if row.status is HouseholdStatus.WITHDRAWN and consent is Consent.AGREES:
        row.status = HouseholdStatus.REGISTERED
    row.version += 1
    work.session.add(row)
    tell(work, household_id, EventKind.CONSENT, f"{consent.value} {version} {language}")
    work.remember(facts.ConsentTaken(household_id=household_id, consent=consent, version=version, language=language))
    above.follow(work, household_id)


def withdraw_consent(work: Work, household_id: UUID) -> None:
    """The household takes its consent back: nothing more is asked of it and no transfer is made. Doing it twice does nothing more.

    Purged at once: the six answers, documents, phones, shelter, who else may collect, where it was paid, and everything that used to be written,
    also in what the households its people came from kept of them.
    Its names stay until the clock ends them (`retention`), so that it can come back.
    """
    row = find_household(work, household_id)
    if row.status is HouseholdStatus.WITHDRAWN:
        return
    row.consent, row.consent_on, row.status = Consent.DECLINES, work.today, HouseholdStatus.WITHDRAWN
    row.version += 1
    _purge(work, row)
    tell(work, household_id, EventKind.WITHDRAWN)
    work.remember(facts.ConsentWithdrawn(household_id=household_id))
    for floor in above.stands_above:
        floor.withdrawn(work, household_id)
    above.follow(work, household_id)


def _purge(work: Work, row: Household) -> None:
    for name in ("shelter", "alternate_name"):
        work.seal(row, name, None)
    work.session.add(row)
    for member in work.session.exec(select(Member).where(Member.household_id == row.id)).all():
        work.seal(member, "washington", None)
        work.session.add(member)
    work.session.flush()
    others = (col(Document.household_id) == row.id, col(Document.kind) != DocumentKind.TOKEN)
    work.bulk(Document, sa.delete(Document).where(*others))
    for table in (Phone, Account):
        work.bulk(table, sa.delete(table).where(col(table.household_id) == row.id))
    traces.empty(work, [row.id])
    work.session.expire_all()


def find_household(work: Work, household_id: UUID) -> Household:
    """A household that may still be changed, locked until the work ends. Raises NotThere, Refused when it was merged into another."""
    row = work.session.get(Household, household_id, with_for_update=True)
    if row is None or row.operation_id != work.operation_id:
        raise NotThere
    if row.status is HouseholdStatus.MERGED:
        raise Refused(_("correct the other entry: this one was closed because the household was registered twice"))
    return row


def differences(before: Registered, told: NewHousehold, lines: Sequence[UUID | None]) -> Iterator[Line]:
    """What differs, in the order of the form: its code ("shelter", "member 2: born", "member 3 added", "recipient"), what was there, what is now."""
    for name in _HOUSEHOLD_FIELDS:
        if getattr(before.told, name) != getattr(told, name):
            yield name.removesuffix("_id"), _text(getattr(before.told, name)), _text(getattr(told, name))
    known = dict(zip(before.member_ids, before.told.members, strict=True))
    for place, (line, member) in enumerate(zip(lines, told.members, strict=True), start=1):
        if line is None:
            yield f"member {place} added", "", member.name
            continue
        for name in _MEMBER_FIELDS:
            if getattr(known[line], name) != getattr(member, name):
                yield f"member {place}: {name}", _text(getattr(known[line], name)), _text(getattr(member, name))
    yield from (("member taken out", member.name, "") for member_id, member in known.items() if member_id not in lines)
    for name in ("recipient", "alternate"):
        was, now = getattr(before.told, name), getattr(told, name)
        if _collector(was, before.member_ids) != _collector(now, lines):
            yield name, _name(before.told, was), _name(told, now)


def _text(value: object) -> str:
    """A value as the history tells it: words of closed lists as their codes, several things in one line."""
    match value:
        case tuple():
            return ", ".join(_text(each) for each in value)
        case Born():
            return value.text
        case NewDocument():
            return value.number
    return str(value)


def _name(told: NewHousehold, place: int | None) -> str:
    return "" if place is None else told.members[place].name


def _with_places(work: Work, different: Sequence[Line]) -> list[Line]:
    """The same, with sites by their names."""
    return [
        (code, site_of(work, UUID(was)).name, site_of(work, UUID(now)).name) if code == "site" else (code, was, now)
        for code, was, now in different
    ]


def _collector(place: int | None, ids: Sequence[UUID | None]) -> UUID | int | None:
    """Who collects, by id; a line that is new is nobody known yet, told apart by its place."""
    if place is None:
        return None
    return ids[place] or place


def _check_lines(before: Registered, told: NewHousehold, lines: Sequence[UUID | None]) -> None:
    check(told)
    given = [line for line in lines if line is not None]
    if len(lines) != len(told.members) or len(set(given)) != len(given) or not set(given) <= set(before.member_ids):
        raise SomebodyWasFirst(_("read the household again: its members are not those of your form"))
    if lines[0] != before.member_ids[0]:
        raise Refused(_("leave the head of the household in the first line"))


def _apply(work: Work, row: Household, before: Registered, told: NewHousehold, lines: Sequence[UUID | None]) -> None:
    if told.site_id != row.site_id:
        row.site_id = site_of(work, told.site_id).id
    row.group, row.language, row.size = told.group, told.language, len(told.members)
    work.seal(row, "shelter", told.shelter or None)
    work.seal(row, "alternate_name", told.alternate_name or None)
    row.recipient_id = row.alternate_id = None
    ids = _keep_members(work, row, before, told, lines)
    row.recipient_id = None if told.recipient is None else ids[told.recipient]
    row.alternate_id = None if told.alternate is None else ids[told.alternate]
    _keep_phones(work, row, told)


def _keep_members(work: Work, row: Household, before: Registered, told: NewHousehold, lines: Sequence[UUID | None]) -> list[UUID]:
    rows = {member.id: member for member in work.session.exec(select(Member).where(Member.household_id == row.id))}
    last = max(member.position for member in rows.values())
    take_out(work, [member_id for member_id in before.member_ids if member_id not in lines])
    ids = []
    for line, member in zip(lines, told.members, strict=True):
        if line is None:
            last += 1
            kept = work.add(member_row(work, row.id, last, member))
        else:
            kept = rows[line]
            fill_member(work, kept, member)
            work.session.add(kept)
        work.session.flush()
        _keep_found(work, row, kept.id, member)
        ids.append(kept.id)
    return ids


def take_out(work: Work, member_ids: Sequence[UUID]) -> None:
    """Remove people and all by which they are found. A paper card belongs to the household, not to whoever carried it."""
    for table in (SearchToken, Document, Phone):
        for one in work.session.exec(select(table).where(col(table.member_id).in_(member_ids))):
            work.session.delete(one)
    work.session.flush()
    for member in work.session.exec(select(Member).where(col(Member.id).in_(member_ids))):
        work.session.delete(member)
    work.session.flush()


def _keep_found(work: Work, row: Household, member_id: UUID, member: NewMember) -> None:
    """Documents and search tokens as they are now."""
    wanted = {(document.kind, document.number): document for document in member.documents}
    kept = work.session.exec(select(Document).where(Document.member_id == member_id, Document.kind != DocumentKind.TOKEN))
    for one in kept:
        if wanted.pop((one.kind, work.open(one, "number")), None) is None:
            work.session.delete(one)
    for document in wanted.values():
        work.add(document_row(work, row.id, member_id, document))
    fresh = {token.token: token for token in token_rows(work, row, member_id, member)}
    for known in work.session.exec(select(SearchToken).where(SearchToken.member_id == member_id)):
        if fresh.pop(known.token, None) is None:
            work.session.delete(known)
    work.session.add_all(fresh.values())


def _keep_phones(work: Work, row: Household, told: NewHousehold) -> None:
    wanted = dict.fromkeys(told.phones)
    for one in work.session.exec(select(Phone).where(Phone.household_id == row.id)):
        number = work.open(one, "number")
        if number in wanted:
            del wanted[number]
        else:
            work.session.delete(one)
    for number in wanted:
        work.add(phone_row(work, row.id, number))
