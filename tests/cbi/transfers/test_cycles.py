from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa

from cbi.errors import Refused, SomebodyWasFirst
from cbi.people.facts import HouseholdRegistered
from cbi.people.tables import Consent, Household, HouseholdStatus, ReviewReason
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers import cycles, programmes
from cbi.transfers.tables import CycleStatus, Entitlement, LeftOut, LeftOutReason, Mechanism
from tests import make_people, make_transfers


def amounts(records: Records) -> list[int]:
    with records.read() as reading:
        return list(reading.session.connection().execute(sa.select(Entitlement.amount_minor).order_by(Entitlement.amount_minor)).scalars())


def amend(records: Records, household_id: object, change: Callable[[Household], None]) -> None:
    """Change a household as its own pages would."""
    with records.work(Actor()) as work:
        household = work.session.get_one(Household, household_id)
        change(household)
        work.add(household)
        work.remember(
            HouseholdRegistered(
                household_id=household.id,
                site_id=household.site_id,
                number=household.number,
                people=household.size,
                consent=household.consent,
                review=household.review,
            )
        )


def test_the_effect_shows_what_freezing_then_writes(records: Records):
    made = make_transfers.setting(records)
    new = make_transfers.new_cycle(made)

    with records.read() as reading:
        shown = cycles.effect(reading, made.programme_id, new.formula, made.line_id)
    make_transfers.frozen_cycle(records, made)

    assert (shown.households, shown.total_minor, shown.smallest_minor, shown.largest_minor) == (4, 3_800_000, 575_000, 1_450_000)
    assert shown.average_minor == 950_000
    assert shown.left_minor == 10**12 - 3_800_000
    assert amounts(records) == [575_000, 825_000, 950_000, 1_450_000]


def test_the_effect_works_three_examples(records: Records):
    made = make_transfers.setting(records)

    with records.read() as reading:
        shown = cycles.effect(reading, made.programme_id, make_transfers.new_cycle(made).formula, made.line_id)

    assert [(example.members, example.amount_minor) for example in shown.examples] == [(1, 575_000), (4, 950_000), (9, 1_450_000)]


@pytest.mark.parametrize(("currency", "base"), [("JOD", 1_250_005), ("UGX", 7), ("KES", 1)])
def test_sums_are_exact_in_currencies_of_three_two_and_no_decimals(records: Records, currency: str, base: int):
    made = make_transfers.setting(records, sizes=(1, 2, 3), currency=currency)

    make_transfers.frozen_cycle(records, made, base_minor=base, per_member_minor=3, ceiling_minor=base + 8, currency=currency)

    assert amounts(records) == [base + 3, base + 6, base + 8]


def test_everyone_left_out_has_a_reason_that_is_counted_and_kept(records: Records):
    made = make_transfers.setting(records, sizes=(1,) * 6)
    withdrawn, merged, unsure, held, _, paid = made.households
    amend(records, withdrawn, lambda row: setattr(row, "status", HouseholdStatus.WITHDRAWN))
    amend(records, merged, lambda row: setattr(row, "status", HouseholdStatus.MERGED))
    amend(records, unsure, lambda row: setattr(row, "consent", Consent.THINKING))
    amend(records, held, lambda row: setattr(row, "review", ReviewReason.DUPLICATE))
    without_account = make_people.household(records, made.site_id)
    elsewhere = make_people.household(records, make_people.site(records, "OM", "Old Mill"), account="+254712999999")

    cycle_id = make_transfers.frozen_cycle(records, made)

    with records.read() as reading:
        connection = reading.session.connection()
        kept = dict(connection.execute(sa.select(LeftOut.household_id, LeftOut.reason)).all())
        due = set(connection.execute(sa.select(Entitlement.household_id)).scalars())
        shown = cycles.frozen_effect(reading, cycles.cycle_by_id(reading, cycle_id))
    assert kept == {
        withdrawn: LeftOutReason.WITHDRAWN,
        merged: LeftOutReason.MERGED,
        unsure: LeftOutReason.CONSENT,
        held: LeftOutReason.REVIEW,
        without_account: LeftOutReason.ACCOUNT,
    }
    assert paid in due
    assert elsewhere not in due
    assert (shown.households, shown.left_out_total, shown.elsewhere) == (2, 5, 1)


def test_cash_needs_no_account(records: Records):
    made = make_transfers.setting(records, sizes=(2,), mechanism=Mechanism.CASH_AGENT)

    make_transfers.frozen_cycle(records, made)

    assert amounts(records) == [700_000]


def test_a_rule_over_budget_says_how_much_is_missing_and_freezes_nothing(records: Records):
    made = make_transfers.setting(records, budget_minor=3_000_000)

    with pytest.raises(Refused, match=r"KES 8,000\.00 more"):
        make_transfers.frozen_cycle(records, made)

    assert amounts(records) == []


def test_the_next_cycle_finds_less_on_the_line(records: Records):
    made = make_transfers.setting(records, budget_minor=7_000_000)
    make_transfers.frozen_cycle(records, made)

    with pytest.raises(Refused, match=r"KES 6,000\.00 more"):
        make_transfers.frozen_cycle(records, made)


def test_a_frozen_rule_cannot_be_changed(records: Records):
    made = make_transfers.setting(records)
    cycle_id = make_transfers.frozen_cycle(records, made)

    with pytest.raises(Refused, match="rules of this one are frozen"), records.work(Actor(made.manager)) as work:
        cycles.change(work, cycle_id, make_transfers.new_cycle(made, base_minor=1))


@pytest.mark.parametrize(
    "change", ["UPDATE cycle SET base_minor = 1", "UPDATE cycle SET status = 'draft'", "UPDATE entitlement SET amount_minor = 1"]
)
def test_the_database_itself_keeps_a_frozen_rule_and_what_is_due(records: Records, change: str):
    make_transfers.frozen_cycle(records, make_transfers.setting(records))

    with pytest.raises(sa.exc.IntegrityError, match="frozen|never rewritten"), records.engine.begin() as connection:
        connection.execute(sa.text(change))


def test_freezing_names_the_person_and_the_moment(records: Records):
    made = make_transfers.setting(records)

    cycle_id = make_transfers.frozen_cycle(records, made)

    with records.read() as reading:
        cycle = cycles.cycle_by_id(reading, cycle_id)
        assert (cycle.status, cycle.frozen_by) == (CycleStatus.FROZEN, made.manager)
        assert cycle.frozen_at is not None


def test_a_programme_that_protection_did_not_sign_freezes_nothing(records: Records):
    made = make_transfers.setting(records, signed=False)

    with pytest.raises(Refused, match="protection signed"):
        make_transfers.frozen_cycle(records, made)


def test_a_household_registered_while_the_page_was_open_stops_the_freezing(records: Records):
    made = make_transfers.setting(records)
    with records.work(Actor(made.manager)) as work:
        cycle_id = cycles.draft(work, make_transfers.new_cycle(made))
    make_transfers.household(records, made.site_id, number=77)

    with pytest.raises(SomebodyWasFirst), records.work(Actor(made.manager)) as work:
        cycles.freeze(work, cycle_id, shown_total_minor=3_800_000)


def test_a_settled_review_is_counted_late_and_once(records: Records):
    made = make_transfers.setting(records, sizes=(1, 1))
    held = made.households[0]
    amend(records, held, lambda row: setattr(row, "review", ReviewReason.DUPLICATE))
    cycle_id = make_transfers.frozen_cycle(records, made)
    amend(records, held, lambda row: setattr(row, "review", None))

    with records.work(Actor(made.manager)) as work:
        late = cycles.add_late(work, cycle_id)

    assert (late, len(amounts(records))) == (1, 2)
    with pytest.raises(Refused, match="nobody else"), records.work(Actor(made.manager)) as work:
        cycles.add_late(work, cycle_id)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"base_minor": 0, "per_member_minor": 0, "ceiling_minor": 0}, "more than zero"),
        ({"ceiling_minor": 1}, "upper limit"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(records: Records, change: dict[str, int], said: str):
    made = make_transfers.setting(records, sizes=(1,))

    with pytest.raises(Refused, match=said), records.work(Actor(made.manager)) as work:
        cycles.draft(work, make_transfers.new_cycle(made, **change))


def test_days_out_of_order_are_refused(records: Records):
    made = make_transfers.setting(records, sizes=(1,))

    with pytest.raises(Refused, match="days in order"), records.work(Actor(made.manager)) as work:
        cycles.draft(work, replace(make_transfers.new_cycle(made), ends_on=date(2026, 11, 1)))


def test_cycles_of_a_programme_are_numbered_from_one(records: Records):
    made = make_transfers.setting(records, sizes=(1,))

    make_transfers.frozen_cycle(records, made)
    second = make_transfers.frozen_cycle(records, made)

    with records.read() as reading:
        assert cycles.cycle_by_id(reading, second).number == 2
        [line] = programmes.line_states(reading, made.grant_id)
        assert line.committed_minor == 2 * 575_000


def test_a_provider_whose_file_could_not_be_paid_from_is_refused(records: Records):
    made = make_transfers.setting(records, sizes=())

    for columns in ([("Amount", "amount")], [("Ref", "reference"), ("Ref", "amount")], [("Ref", "reference"), ("Amount", "amount")]):
        typed = [(heading, programmes.ExportField(what)) for heading, what in columns]
        with pytest.raises(Refused), records.work(Actor(made.manager)) as work:
            programmes.add_provider(work, code="X", name="Nobody", mechanism=Mechanism.MOBILE_MONEY, columns=typed)


def test_a_code_is_given_once(records: Records):
    make_transfers.setting(records, sizes=())

    with pytest.raises(Refused, match="SMM is taken"), records.work(Actor()) as work:
        programmes.add_provider(work, code="SMM", name="Another", mechanism=Mechanism.CASH_AGENT)
