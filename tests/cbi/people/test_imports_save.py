"""Households registered by the thousand are the same as one registered at a desk."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from uuid import uuid4

import sqlalchemy as sa
from sqlmodel import select

from cbi.people import facts_imports as facts
from cbi.people.imports_save import register_many
from cbi.people.registered import open_households
from cbi.people.service import register
from cbi.people.tables import Account, AccountKind, Document, DocumentKind, Household, Member, Phone, Relation, ReviewReason, SearchToken
from cbi.people.values import Activity, Difficulty, NewAccount, NewDocument, NewHousehold
from cbi.store.records import Records
from cbi.store.work import Actor, Work
from tests import make_people

BY = Actor(uuid4())


def _everything(records: Records) -> NewHousehold:
    """A household of which everything is known."""
    head = make_people.member(
        "জোনাকি",
        "কাগজফুল",
        latin="Jonaki Kagajful",
        documents=(NewDocument(DocumentKind.PASSPORT, "KH118271"),),
        difficulties=((Activity.SEEING, Difficulty.SOME),),
    )
    child = make_people.member("Fern", "", 2016, relation=Relation.CHILD)
    return make_people.new(
        make_people.site(records),
        head,
        child,
        shelter="B 4-12",
        language="bn",
        phones=("+999555010001",),
        recipient=0,
        alternate=1,
        alternate_name="Oswin Paperkite",
        account=NewAccount(AccountKind.MOBILE_MONEY, "+999555010001"),
        consent_language="bn",
        consent_on=date(2026, 11, 2),
        registered_on=date(2026, 11, 2),
        review=ReviewReason.DUPLICATE,
        source_key=b"k" * 20,
    )


def _many(work: Work, told: list[NewHousehold]) -> None:
    register_many(work, told)
    work.remember(facts.ImportPartSaved(import_id=uuid4(), first=0, saved=len(told), people=0))


def test_a_household_taken_in_with_others_is_kept_as_one_registered_at_a_desk(records: Records):
    told = _everything(records)

    with records.work(BY) as work:
        at_desk = register(work, told)
    with records.work(BY) as work:
        _many(work, [told])

    with records.read() as reading:
        ids = reading.session.exec(select(Household.id)).all()
        kept = open_households(reading, ids)
        found = {table: _per_household(reading, table) for table in (Member, Document, Phone, Account, SearchToken)}
    [by_file] = [kept[one] for one in ids if one != at_desk]
    assert by_file.told == kept[at_desk].told == told
    assert (by_file.status, by_file.review, by_file.version) == (kept[at_desk].status, kept[at_desk].review, kept[at_desk].version)
    assert (by_file.registered_on, by_file.registered_by) == (date(2026, 11, 2), BY.id)
    assert by_file.token
    assert by_file.token != kept[at_desk].token
    for table, counts in found.items():
        assert counts[at_desk] == counts[by_file.id] > 0, table.__name__


def _per_household(reading, table) -> Counter:
    rows = reading.session.execute(sa.select(table.household_id, sa.func.count()).group_by(table.household_id))
    return Counter(dict(map(tuple, rows)))


def test_more_households_than_are_put_in_at_once_have_numbers_in_their_order_and_each_a_key_of_its_own(records: Records):
    told = [replace(_everything(records), source_key=place.to_bytes(20)) for place in range(1_100)]

    with records.work(BY) as work:
        _many(work, told)

    with records.read() as reading:
        rows = reading.session.exec(select(Household).order_by(Household.source_key)).all()
        keys = reading.session.execute(sa.select(sa.func.count()).select_from(reading.system.subject_key)).scalar_one()
        names = {reading.open(row, "alternate_name") for row in rows}
    numbers = [int(row.number.split("-")[1]) for row in rows]
    assert numbers == sorted(set(numbers))
    assert keys == len(rows) == 1_100
    assert names == {"Oswin Paperkite"}
    assert records.verify_chain().verified
