"""Is the payee of a row the approved one?"""

from __future__ import annotations

import pytest

from reconciliation.payee import differences, phone_tail, same_account, same_phone
from tests.reconciliation.slips import asked, said


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+254 711 000 142", "0711000142"),
        ("254711000142", "711-000-142"),
        ("00254711000142", "0711000142"),
        ("+96170123456", "70123456"),
        ("+9613123456", "03123456"),
        ("2547****142", "0711000142"),
        ("0711xxx142", "+254711000142"),
        ("2547XXXXX142", "0711000142"),
        ("*******142", "0711000142"),
        ("07110****", "+254711000142"),
        ("2.54711E+11", "0711000142"),
        ("0711000142/0722000000", "+254711000142"),
        ("2547****142", "071*****142"),
    ],
)
def test_one_phone_written_two_ways_is_the_same(one, other):
    assert same_phone(one, other)
    assert same_phone(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0711000142", "0711000143"),
        ("2547****142", "0711000143"),
        ("2541****142", "0711000142"),
        ("0722****142", "+254711000142"),
        ("2.54722E+11", "0711000142"),
        ("+96170123456", "71123456"),
        ("12345", "912345"),
        ("2547****142", "071*****143"),
    ],
)
def test_two_phones_differ(one, other):
    assert not same_phone(one, other)
    assert not same_phone(other, one)


@pytest.mark.parametrize(
    ("one", "other"), [("gb00 0012-34", "GB00001234"), ("0012****89", "001234567789"), ("XXXX1234", "99991234"), ("AX12", "ax-12")]
)
def test_one_account_written_two_ways_is_the_same(one, other):
    assert same_account(one, other)
    assert same_account(other, one)


@pytest.mark.parametrize(("one", "other"), [("00123", "123"), ("0012****89", "001234567780"), ("****1234", "99991235"), ("AX12", "A12")])
def test_two_accounts_differ(one, other):
    assert not same_account(one, other)
    assert not same_account(other, one)


def test_what_is_empty_on_either_side_is_not_compared():
    assert differences(asked(phone="0711000001", name="Juniper Moonbeam"), said(account="123", token="9")) == ()
    assert differences(asked(), said(phone="0711000001", name="Juniper Moonbeam", account="1")) == ()


def test_every_difference_is_told():
    found = differences(
        asked(phone="0711000001", account="1", name="Juniper Moonbeam"), said(phone="0711000002", account="2", name="Barnaby Thistledown")
    )

    assert [each.key for each in found] == ["phone", "account", "name"]


def test_half_a_name_passes_when_the_phone_agrees():
    approved = asked(phone="0711000001", name="Juniper Moonbeam")

    assert differences(approved, said(phone="+254711000001", name="Juniper Thistledown")) == ()
    assert [each.key for each in differences(approved, said(name="Juniper Thistledown"))] == ["name"]


@pytest.mark.parametrize(
    ("phone", "tail"), [("+254 711 000 142", "1000142"), ("12345", ""), ("2547****142", ""), ("", ""), ("2.54708E+11", "")]
)
def test_the_tail_of_a_phone_is_its_last_seven_digits(phone, tail):
    assert phone_tail(phone) == tail
