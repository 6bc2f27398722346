from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from cbi.people.numbers import CLEAR, FIRST, check_character, number_of, order_of, read_number, read_token, token_of
from cbi.people.registered import open_household
from cbi.store.records import Records
from tests import make_people

_TYPED = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
CODES = st.from_regex(r"[A-Z][A-Z0-9]{0,3}", fullmatch=True)
NUMBERS = st.tuples(CODES, st.integers(FIRST, 9_999_999)).map(lambda pair: number_of(*pair)).filter(bool)


def test_the_check_character_is_that_of_the_standard():
    assert check_character("G123489654321") == "Y"


@given(NUMBERS)
def test_a_number_is_read_back_from_any_way_it_is_written(number: str):
    assert read_number(number) == number
    assert read_number(f" {number.lower().replace('-', ' - ')} ") == number


@given(NUMBERS, st.data())
def test_one_wrong_character_is_never_another_number(number: str, data: st.DataObject):
    place = data.draw(st.sampled_from([place for place, character in enumerate(number) if character != "-"]))
    wrong = data.draw(st.sampled_from(_TYPED))

    read = read_number(number[:place] + wrong + number[place + 1 :])

    assert read in {None, number}


@given(NUMBERS, st.data())
def test_two_swapped_neighbours_are_never_another_number(number: str, data: st.DataObject):
    site, running, check = number.split("-")
    bare = site + running + check
    place = data.draw(st.integers(0, len(bare) - 2))
    swapped = bare[:place] + bare[place + 1] + bare[place] + bare[place + 2 :]
    split = (swapped[: len(site)], swapped[len(site) : -1], swapped[-1])

    assert read_number("-".join(split)) in {None, number}


@given(NUMBERS)
def test_a_number_never_looks_like_a_figure_to_a_spreadsheet(number: str):
    assert not number[0].isdigit()
    assert number[-1] in CLEAR


@given(st.uuids())
def test_a_token_is_read_back_and_a_wrong_character_in_it_is_found(random: UUID):
    token = token_of(random)

    assert read_token(token.lower().replace("-", "")) == token
    assert read_token(token[:-1] + CLEAR[(CLEAR.index(token[-1]) + 1) % len(CLEAR)]) is None


def test_every_random_id_gives_a_token():
    assert len({token_of(UUID(int=number)) for number in range(5000)}) == 5000


def test_letters_written_for_digits_are_forgiven():
    number = next(number for running in range(10010, 10100) if (number := number_of("BH", running)))

    assert read_number(number.replace("0", "O").replace("1", "I")) == number


def test_two_desks_at_the_same_instant_never_give_the_same_number(records: Records):
    site = make_people.site(records)

    with ThreadPoolExecutor(4) as desks:
        households = list(desks.map(lambda _desk: make_people.household(records, site), range(12)))

    with records.read() as reading:
        assert len({open_household(reading, household_id).number for household_id in households}) == 12


def test_numbers_stand_as_they_were_given_out_also_when_they_grow_longer():
    numbers = ["BH-100000-2", "KW-10001-4", "BH-99999-1", "BH-20417-6"]

    assert sorted(numbers, key=order_of) == ["BH-20417-6", "BH-99999-1", "BH-100000-2", "KW-10001-4"]
