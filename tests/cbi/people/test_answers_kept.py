"""What is sealed of the six questions says nothing by its length."""

from __future__ import annotations

import json
from itertools import product

from sqlmodel import select

from cbi.people.tables import Member
from cbi.people.values import Activity, Difficulty, answers_kept
from cbi.store.records import Records
from tests import make_enrolment


def test_every_way_to_answer_is_kept_at_one_length():
    ways = [tuple(zip(Activity, said, strict=True)) for said in product(Difficulty, repeat=len(Activity))]
    kept = [answers_kept(way) for way in [*ways, ways[0][:1], ways[-1][:2]]]

    assert len({len(text) for text in kept}) == 1
    assert json.loads(kept[-1]) == {"seeing": "cannot", "hearing": "cannot"}
    assert answers_kept(()) == ""


def test_sealed_answers_of_two_people_are_as_long_however_much_difficulty_they_have(records: Records):
    here = make_enrolment.setting(records)
    for difficulty in (Difficulty.NONE, Difficulty.A_LOT, Difficulty.CANNOT):
        make_enrolment.family(records, here.made, 2025, difficulty=difficulty)

    with records.read() as reading:
        sealed = [row.washington for row in reading.session.exec(select(Member)).all() if row.washington]
    assert len(sealed) >= 3
    assert len({len(one) for one in sealed}) == 1
