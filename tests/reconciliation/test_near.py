"""Near matches across scripts and slips: shown with their reason and likeness, and applied by nobody but a person."""

from __future__ import annotations

import pytest

from reconciliation import near
from reconciliation.findings import Evidence, Nearness
from reconciliation.findings import FindingKind as K
from reconciliation.match import reconcile
from reconciliation.names import clearly_different, likeness
from tests.reconciliation.slips import asked, returned, said

# Invented people: as approved in Latin letters, and as a provider of another script writes them.
SAME_PERSON = [
    ("Fatima Fanusi", "فاطمة فانوسي"),
    ("Qamar Al-Bustan", "البستان قمر"),
    ("Sawsan Qindil", "سوسن قنديل"),
    ("Jonaki Kagoji", "জোনাকি কাগজি"),
    ("Shiuli Prodip", "শিউলি প্রদীপ"),
    ("Chandra Bhelaki", "ভেলাকি চন্দ্র"),
    ("Kyaw Zin Paw", "ကျော်ဇင်ပေါ်"),
    ("Thiri Hlaing", "သီရိလှိုင်"),
    ("Khin Moe Sein", "ခင် မိုး စိန်"),
    ("Tsegaye Bekele", "ጸጋዬ በቀለ"),
    ("Selamawit Fanos", "ፋኖስ ሰላማዊት"),
    ("Almaz Chaltu", "አልማዝ ጫልቱ"),
    ("Oksana Papirenko", "Оксана Папиренко"),
    ("Mykhailo Likhtar", "Ліхтар Михайло"),
    ("Sergei Svetlyachkov", "Сергей Светлячков"),
]
OTHER_PERSON = [
    ("Fatima Fanusi", "خديجة القنديل"),
    ("Jonaki Kagoji", "শিউলি প্রদীপ"),
    ("Kyaw Zin Paw", "ခင်မိုးစိန်"),
    ("Tsegaye Bekele", "አልማዝ ጫልቱ"),
    ("Oksana Papirenko", "Михайло Ліхтар"),
    ("Fatima Fanusi", "فاطمة القنديل"),
    ("Almaz Chaltu", "አልማዝ በቀለ"),
    ("Juniper Moonbeam", "Oswin Paperkite"),
]


@pytest.mark.parametrize(("approved", "written"), SAME_PERSON)
def test_a_name_in_another_script_is_suggested_with_the_amount(approved, written):
    suggested, stranger = reconcile([asked(name=approved)], [said("", name=written)])

    [suggestion] = suggested.suggestions
    assert (suggested.kind, stranger.kind) == (K.SUGGESTED, K.NOT_OURS)
    assert suggestion.nearness is Nearness.SAME_NAME_AND_AMOUNT
    assert Evidence("name", approved, written) in suggestion.evidence
    assert not clearly_different(approved, written, alone=True)


@pytest.mark.parametrize(("approved", "written"), OTHER_PERSON)
def test_another_persons_name_is_not_suggested_although_the_amount_is_the_same(approved, written):
    missing, _ = reconcile([asked(name=approved)], [said("", name=written)])

    assert missing.kind is K.MISSING
    assert missing.suggestions == ()


def test_no_two_of_the_invented_people_are_taken_for_each_other():
    taken = [
        (one, other)
        for place, (one, _) in enumerate(SAME_PERSON)
        for elsewhere, (_, other) in enumerate(SAME_PERSON)
        if place != elsewhere and likeness(one, other) >= 85
    ]

    assert taken == []


@pytest.mark.parametrize(
    ("approved", "row", "nearness"),
    [
        ({}, {"reference": "T-0017"}, Nearness.REFERENCE_SLIP),
        ({"reference": "000712"}, {"reference": "712"}, Nearness.REFERENCE_ZEROS),
        ({"phone": "0711000001"}, {"reference": "X-9", "minor": 4000, "phone": "+254711000001"}, Nearness.SAME_PHONE),
        ({"account": "GB00-0012"}, {"reference": "X-9", "minor": 4000, "account": "gb00 0012"}, Nearness.SAME_ACCOUNT),
        ({"name": "Juniper Moonbeam"}, {"reference": "X-9", "name": "MOONBEAM JUNIPER"}, Nearness.SAME_NAME_AND_AMOUNT),
    ],
)
def test_a_suggestion_says_by_what_it_is_near(approved, row, nearness):
    suggested, _ = reconcile([asked(**approved)], [said(**row)])

    assert [each.nearness for each in suggested.suggestions] == [nearness]


def test_the_likeliest_row_comes_first_and_each_keeps_its_own_reasons():
    rows = [
        said("X-1", row=2, name="Juniper Moonbeam"),
        said("T-0017", row=3, name="Juniper Moonbeam"),
        said("X-2", 4000, row=4, phone="0711000001"),
    ]

    suggested, *_ = reconcile([asked(name="Juniper Moonbeam", phone="0711000001")], rows)

    assert [each.payout.row for each in suggested.suggestions] == [3, 2, 4]
    assert [each.nearness for each in suggested.suggestions] == [
        Nearness.REFERENCE_SLIP,
        Nearness.SAME_NAME_AND_AMOUNT,
        Nearness.SAME_PHONE,
    ]
    assert all(
        99 >= one.likeness >= other.likeness > 0 for one, other in zip(suggested.suggestions, suggested.suggestions[1:], strict=False)
    )
    assert {evidence.key for evidence in suggested.suggestions[0].evidence} == {"reference", "name", "amount"}


def test_a_suggestion_is_never_applied_however_much_speaks_for_it():
    row = said("T-0017", 4000, name="Juniper Moonbeam", account="GB00-0012", phone="0711000001")

    suggested, stranger = reconcile([asked(name="Juniper Moonbeam", account="GB00 0012", phone="0711000001")], [row])

    assert (suggested.kind, suggested.delivered_minor, suggested.open_minor) == (K.SUGGESTED, 0, 5000)
    assert (stranger.kind, stranger.suspense_minor) == (K.NOT_OURS, 4000)


def test_a_key_that_points_at_two_is_suggested_to_both_and_applied_to_neither():
    first, second, stranger = reconcile(
        [asked("T-1", phone="0711000001"), asked("T-2", phone="0711000001")], [said("", phone="0711000001")]
    )

    assert (first.kind, second.kind) == (K.SUGGESTED, K.SUGGESTED)
    assert {each.evidence[0].key for each in (*first.suggestions, *second.suggestions)} == {"ambiguous"}
    assert (stranger.kind, stranger.suspense_minor) == (K.NOT_OURS, 5000)


def test_instalments_under_one_reference_are_one_payment():
    rows = [said(minor=2000, row=2, provider_id="A"), said(minor=3000, row=3, provider_id="B")]

    [paid] = reconcile([asked()], rows)

    assert (paid.kind, paid.delivered_minor, len(paid.payouts)) == (K.PAID, 5000, 2)


def test_an_instalment_paid_again_is_more_than_the_amount():
    rows = [said(minor=2000, row=2, provider_id="A"), said(minor=3000, row=3, provider_id="B"), said(minor=3000, row=4, provider_id="C")]

    [more] = reconcile([asked()], rows)

    assert (more.kind, more.delivered_minor, more.suspense_minor) == (K.PAID_MORE, 5000, 3000)


def test_an_instalment_that_came_back_leaves_its_part_open():
    rows = [
        said(minor=2000, row=2, provider_id="A"),
        said(minor=3000, row=3, provider_id="B"),
        returned(minor=3000, row=4, provider_id="C"),
    ]

    [less] = reconcile([asked()], rows)

    assert (less.delivered_minor, less.open_minor) == (2000, 3000)


def test_a_name_that_a_crowd_shares_suggests_nothing():
    rows = [said("", row=row, name="Juniper Moonbeam", provider_id=f"P{row}") for row in range(2, 60)]

    missing, *_ = reconcile([asked(name="Juniper Moonbeam")], rows)

    assert missing.kind is K.MISSING


def test_pairs_compared_grow_with_the_file_and_not_with_its_square(monkeypatch):
    def compared(count: int) -> int:
        seen = []
        with monkeypatch.context() as patch:
            patch.setattr(near, "_likeness", lambda one, other: seen.append((one, other)) or [])
            waiting = [asked(f"T-{number:06}", name=f"Juniper Moonbeam {number % 97}") for number in range(count)]
            reconcile(waiting, [said(f"X-{number:06}", row=number, name=f"Oswin Moonbeam {number % 89}") for number in range(count)])
        return len(seen)

    few, many = compared(400), compared(1600)

    assert many <= 4.5 * max(few, 400)
