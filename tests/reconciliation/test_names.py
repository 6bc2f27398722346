"""People's names, compared as a careful clerk would."""

from __future__ import annotations

import pytest

from reconciliation.names import clearly_different, likeness, skeleton, words


@pytest.mark.parametrize(
    ("approved", "found"),
    [
        ("Juniper Moonbeam", "MOONBEAM JUNIPER"),
        ("Juniper Moonbeam", "Moonbeam, Juniper"),
        ("Juniper Moonbeam", "Mrs Juniper A. Moonbeam"),
        ("Juniper Moonbeam", "J. Moonbeam"),
        ("Juniper Moonbeam", "Junipur Moonbean"),
        ("Juniper Moonbeam", "JUNIPERMOONBEAM"),
        ("Juniper", "Juniper Moonbeam Thistledown"),
        ("José Núñez", "JOSE NUNEZ"),
        ("Abdul Rahman Noor", "Abdulrahman Noor"),
        ("Mohamed Hassan", "Muhammad Hasan"),
        ("Fatima Yusuf", "فاطمة يوسف"),
        ("Mohammed Hussein", "محمد حسين"),
        ("Khadija Al-Amin", "خديجة الأمين"),
        ("Иван Петров", "Ivan Petrov"),
        ("O'Brien Sean", "OBRIEN SEAN"),
        ("", "Anyone At All"),
        ("Juniper", "***"),
    ],
)
def test_one_person_written_two_ways_is_not_clearly_different(approved, found):
    assert not clearly_different(approved, found, alone=True)
    assert not clearly_different(found, approved, alone=True)


@pytest.mark.parametrize(
    ("approved", "found"),
    [
        ("Juniper Moonbeam", "Barnaby Thistledown"),
        ("Juniper Moonbeam", "Thistledown"),
        ("Mohammed Hussein", "فاطمة يوسف"),
        ("Amal", "Barnaby"),
        ("Иван Петров", "Barnaby Thistledown"),
    ],
)
def test_two_people_are_clearly_different_whatever_else_agrees(approved, found):
    assert clearly_different(approved, found, alone=False)
    assert clearly_different(found, approved, alone=False)


def test_half_a_name_is_enough_beside_an_agreeing_phone_but_not_alone():
    assert not clearly_different("Juniper Moonbeam", "Juniper Thistledown", alone=False)
    assert clearly_different("Juniper Moonbeam", "Juniper Thistledown", alone=True)


@pytest.mark.parametrize(
    ("word", "bones"), [("mohammed", "mhmd"), ("محمد", "mhmd"), ("khadija", "kdj"), ("خديجة", "kdj"), ("philip", "flb")]
)
def test_consonants_are_the_bridge_between_scripts(word, bones):
    assert skeleton(word) == bones


def test_titles_and_particles_are_no_part_of_a_name_unless_they_are_all_of_it():
    assert words("Mrs. Juniper bin Moonbeam") == ("juniper", "moonbeam")
    assert words("Al") == ("al",)


def test_likeness_grows_with_the_words_shared():
    assert likeness("Juniper Moonbeam", "Moonbeam Juniper") == 100
    assert likeness("Juniper Moonbeam", "Juniper Thistledown") < 85
    assert likeness("Juniper Moonbeam", "") == 0
