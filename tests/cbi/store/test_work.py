from __future__ import annotations

import contextlib
from uuid import uuid4

import pytest
import sqlalchemy as sa

from cbi.access import Role
from cbi.errors import Clashed, Unexplained
from cbi.sites.facts import SiteAdded
from cbi.sites.tables import Site
from cbi.staff import facts
from cbi.staff.tables import Staff
from cbi.store.records import Records
from cbi.store.sealed import Erased, SealedRow, Unsealable
from cbi.store.work import Actor
from tests import make


def test_a_change_without_a_fact_is_refused_and_leaves_nothing(records: Records):
    with pytest.raises(Unexplained, match="Site"), records.work(Actor()) as work:
        work.add(Site(id=uuid4(), operation_id=work.operation_id, code="BH", name="Bahari Field"))

    with records.read() as reading:
        assert reading.session.connection().execute(sa.select(sa.func.count()).select_from(Site)).scalar() == 0


def test_a_fact_about_somebody_else_does_not_explain_a_change(records: Records):
    mine, other = make.staff(records, Role.REGISTRAR), make.staff(records, Role.REGISTRAR)

    with pytest.raises(Unexplained, match="Staff"), records.work(Actor()) as work:
        work.session.get_one(Staff, mine).name = "Juniper Moonbeam"
        work.remember(facts.StaffAdded(staff_id=other))


def test_a_bulk_change_without_a_fact_is_refused(records: Records):
    make.staff(records, Role.REGISTRAR)

    with pytest.raises(Unexplained, match="Staff"), records.work(Actor()) as work:
        work.bulk(Staff, sa.update(Staff).values(name="Nobody"))


def test_rows_put_in_together_hold_what_is_said_once_for_all_of_them(records: Records):
    places = [(uuid4(), f"B{number}") for number in range(2)]
    with records.work(Actor()) as work:
        same = {"operation_id": work.operation_id.hex, "name": "Baker's 100% Field", "area": "", "pcode": "%s"}
        work.bulk_rows(Site, ("id", "code"), [(site_id.hex, code) for site_id, code in places], same=same)
        for site_id, code in places:
            work.remember(SiteAdded(site_id=site_id, code=code))

    with records.read() as reading:
        kept = reading.session.connection().execute(sa.select(Site.id, Site.code, Site.name, Site.pcode).order_by(Site.code)).all()
    assert kept == [(site_id, code, "Baker's 100% Field", "%s") for site_id, code in places]


def test_an_attempt_that_fails_leaves_nothing_even_of_what_went_through_a_connection_in_hand(records: Records):
    kept, tried = uuid4(), uuid4()

    with records.work(Actor()) as work:
        own = {"operation_id": work.operation_id, "name": "Bahari Field", "area": "", "pcode": ""}
        work.bulk(Site, sa.insert(Site), {**own, "id": kept, "code": "BH"})
        with contextlib.suppress(LookupError), work.attempt():
            work.bulk(Site, sa.insert(Site), {**own, "id": tried, "code": "OM"})
            raise LookupError
        work.remember(SiteAdded(site_id=kept, code="BH"))

    with records.read() as reading:
        assert reading.session.connection().execute(sa.select(Site.code)).scalars().all() == ["BH"]


def test_a_bulk_change_behind_the_work_is_refused(records: Records):
    with pytest.raises(Unexplained), records.work(Actor()) as work:
        work.session.execute(sa.update(Staff).values(name="Nobody"))


def test_of_two_who_do_the_same_at_the_same_instant_one_is_told_plainly_and_leaves_nothing(records: Records):
    make_sites = {"code": "BH", "name": "Bahari Field"}
    with records.work(Actor()) as work:
        first = work.add(Site(id=uuid4(), operation_id=work.operation_id, **make_sites))
        work.remember(SiteAdded(site_id=first.id, code="BH"))

    for flushes_early in (True, False):
        with pytest.raises(Clashed, match="same moment"), records.work(Actor()) as work:
            second = work.add(Site(id=uuid4(), operation_id=work.operation_id, **make_sites))
            work.remember(SiteAdded(site_id=second.id, code="BH"))
            if flushes_early:
                work.session.flush()

    with records.read() as reading:
        assert reading.session.connection().execute(sa.select(sa.func.count()).select_from(Site)).scalar() == 1


def test_what_is_wrong_by_itself_is_never_taken_for_a_clash(records: Records):
    with pytest.raises(sa.exc.IntegrityError, match="NOT NULL"), records.work(Actor()) as work:
        work.bulk(Site, sa.insert(Site).values(id=uuid4(), operation_id=work.operation_id, code="BH", name=None))


def test_what_the_database_says_of_a_failure_names_no_value(records: Records):
    with pytest.raises(sa.exc.IntegrityError) as failure, records.work(Actor()) as work:
        work.bulk(Site, sa.insert(Site).values(id=uuid4(), operation_id=work.operation_id, code=None, name="Juniper Moonbeam"))

    assert "Moonbeam" not in str(failure.value)


def test_a_sealed_value_moved_to_another_row_does_not_open(records: Records):
    one, other = make.staff(records, Role.REGISTRAR), make.staff(records, Role.REGISTRAR)
    with records.work(Actor()) as work:
        first, second = work.session.get_one(Staff, one), work.session.get_one(Staff, other)
        work.seal(first, "totp_secret", "AAAA")
        work.seal(second, "totp_secret", "BBBB")
        work.remember(facts.StaffAdded(staff_id=one))
        work.remember(facts.StaffAdded(staff_id=other))

    with records.read() as reading:
        first, second = reading.session.get_one(Staff, one), reading.session.get_one(Staff, other)
        assert reading.open(first, "totp_secret") == "AAAA"
        second.totp_secret = first.totp_secret
        with pytest.raises(Unsealable):
            reading.open(second, "totp_secret")


def test_an_erased_subject_can_never_be_read_again(records: Records):
    person = make.staff(records, Role.REGISTRAR)
    with records.work(Actor()) as work:
        work.seal(work.session.get_one(Staff, person), "totp_secret", "AAAA")
        work.remember(facts.StaffAdded(staff_id=person))

    with records.work(Actor()) as work:
        work.vault.destroy(work.session, person, at=work.now)

    with records.work(Actor()) as work, pytest.raises(Erased):
        work.vault.read(work.session, work.session.get_one(Staff, person), "totp_secret")


def test_rows_of_several_subjects_open_in_one_go_whatever_their_order_and_an_erased_one_is_empty(records: Records):
    people = [make.staff(records, Role.REGISTRAR) for _each in range(3)]
    with records.work(Actor()) as work:
        for person, text in zip(people, ("AAAA", "BBBB", "CCCC"), strict=True):
            work.seal(work.session.get_one(Staff, person), "totp_secret", text)
            work.remember(facts.StaffAdded(staff_id=person))
    with records.work(Actor()) as work:
        work.vault.destroy(work.session, people[1], at=work.now)

    with records.read() as reading:
        kept = {person: reading.session.get_one(Staff, person).totp_secret for person in people}
        keys = {person: reading.session.get_one(reading.system.subject_key, person).wrapped for person in people}
        rows = [
            SealedRow(people[place].hex, people[place].hex, True, keys[people[place]], [kept[people[place]]])
            for place in (0, 0, 1, 2, 1, 0)
        ]

        assert reading.vault.open_columns(Staff, ["totp_secret"], rows) == [["AAAA", "AAAA", "", "CCCC", "", "AAAA"]]


def test_many_values_have_the_digests_that_each_of_them_has(records: Records):
    texts = ["", "Juniper Moonbeam", "日本", "x" * 100]

    with records.read() as reading:
        assert reading.vault.digests("payee", texts) == [reading.vault.digest("payee", text) for text in texts]
        assert reading.vault.digests("share", texts[:1]) != reading.vault.digests("payee", texts[:1])


def test_a_sealed_column_refuses_plaintext(records: Records):
    person = make.staff(records, Role.REGISTRAR)

    with pytest.raises(sa.exc.StatementError, match="only sealed values"), records.work(Actor()) as work:
        work.session.get_one(Staff, person).totp_secret = b"AAAA"
        work.remember(facts.StaffAdded(staff_id=person))


def test_a_form_sent_twice_gets_the_first_answer(records: Records):
    person, key = make.staff(records, Role.REGISTRAR), uuid4()
    with records.work(Actor(person)) as work:
        first = work.answered(key)
        work.answer(key, "/households/1")

    with records.work(Actor(person)) as work:
        assert (first, work.answered(key)) == (None, "/households/1")


def test_pages_read_the_file_in_place_and_see_what_is_written(records: Records):
    make.app_of(records)

    staff_id = make.staff(records, Role.REGISTRAR)

    with records.read() as reading:
        assert reading.session.connection().exec_driver_sql("PRAGMA mmap_size").scalar() > 2**30
        assert reading.session.get_one(Staff, staff_id).name == "Salma Storybook"
