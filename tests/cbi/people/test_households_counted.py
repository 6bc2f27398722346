"""The counts that the database keeps of households are those of the households themselves."""

from __future__ import annotations

from datetime import date
from itertools import product
from uuid import UUID

import sqlalchemy as sa

from cbi.people.lists import OLDER, households
from cbi.people.tables import Consent, Household, HouseholdStatus, ReviewReason
from cbi.people.tables_counts import HouseholdCount
from cbi.store.migrate import downgrade, upgrade
from cbi.store.records import Records
from cbi.web.listing import ListingArgs
from tests import make_people

HOUSEHOLD, COUNT = Household.__table__, HouseholdCount.__table__
HIDDEN = date(2026, 11, 23)


def kept(records: Records) -> list[sa.Row]:
    """What the database says it counted, without kinds of which nothing is left."""
    with records.engine.connect() as connection:
        return sorted(connection.execute(sa.select(COUNT).where(COUNT.c.households > 0)).all())


def anew(records: Records) -> list[sa.Row]:
    """The same, counted from the rows."""
    of = HOUSEHOLD.c
    kind = (
        of.operation_id, of.site_id, sa.cast(of.status, sa.String), sa.func.coalesce(sa.cast(of.review, sa.String), ""),
        sa.cast(of.consent, sa.String), of.consent_version, of.restricted_on.is_not(None),
    )  # fmt: skip
    with records.engine.connect() as connection:
        return sorted(connection.execute(sa.select(*kind, sa.func.count(), sa.func.sum(of.size)).group_by(*kind)).all())


def change(records: Records, household_id: UUID, **values: object) -> None:
    with records.engine.execution_options(writing=True).begin() as connection:
        connection.execute(sa.update(HOUSEHOLD).where(HOUSEHOLD.c.id == household_id).values(**values))


def of_all_kinds(records: Records) -> list[UUID]:
    """One household of each state, wait and consent, at two sites, one of them hidden."""
    sites = make_people.site(records), make_people.site(records, "OM", "Omari")
    made = []
    for place, (state, review, consent) in enumerate(product(HouseholdStatus, (None, *ReviewReason), Consent)):
        made.append(make_people.household(records, sites[place % 2], people=1 + place % 4))
        change(records, made[-1], status=state, review=review, consent=consent, consent_version=1 + place % 2)
    change(records, made[0], restricted_on=HIDDEN)
    return made


def test_the_counts_are_those_of_the_households_whatever_happens_to_them(records: Records):
    first, second = (make_people.household(records, people=size) for size in (3, 2))
    other = make_people.site(records, "OM", "Omari")

    assert kept(records) == anew(records) != []
    for values in (
        {"site_id": other},
        {"status": HouseholdStatus.VERIFIED, "review": ReviewReason.DUPLICATE},
        {"review": None, "consent_version": 2, "size": 7},
        {"restricted_on": HIDDEN},
    ):
        change(records, first, **values)
        assert kept(records) == anew(records), values
    change(records, second, site_id=other)
    assert kept(records) == anew(records)


def test_households_that_go_are_counted_no_more(records: Records):
    made = of_all_kinds(records)
    with records.engine.execution_options(writing=True).begin() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for table in ("searchtoken", "document", "phone", "member"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
        connection.execute(sa.delete(HOUSEHOLD).where(HOUSEHOLD.c.id.in_(made[::2])))

    assert sum(row.households for row in kept(records)) == len(made) - len(made[::2])
    assert kept(records) == anew(records)


def test_an_office_of_before_is_counted_when_it_comes_up(records: Records):
    of_all_kinds(records)
    downgrade(records.engine, "office", "0023")

    upgrade(records.engine, "office", keyring=records.keyring)

    assert kept(records) == anew(records)
    make_people.household(records)
    assert kept(records) == anew(records)


def test_a_list_says_how_many_it_holds_however_it_is_narrowed(records: Records):
    of_all_kinds(records)
    site = str(make_people.site(records))
    choices = {
        "site": ("", site),
        "status": ("", *HouseholdStatus),
        "review": ("", *ReviewReason),
        "consent": ("", OLDER),
    }

    with records.read() as reading:
        for values in product(*choices.values()):
            asked = tuple((name, str(value)) for name, value in zip(choices, values, strict=True) if value)
            listing, together = households(reading, ListingArgs(sort="number", size=500, filters=asked), consent_version=2)
            told = len(listing.rows), sum(card.people for card in listing.rows)
            assert (together.households, together.people) == told, asked
            assert listing.total == together.households
