"""The doors: what an officer asks for and what the help desk asks for is the same in the provider's file, on paper, in the trail and to everybody."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlmodel import col, select

from cbi.store.work import Actor
from cbi.transfers import release
from cbi.transfers.published import confirm_payees
from cbi.transfers.tables import Arrangement, ArrangementKind, ListStatus, PaymentList
from tests.promises import office_steps, room_steps
from tests.promises.conftest import Small
from tests.promises.room_steps import Changes
from tests.promises.telling import kept_by
from tests.promises.twins import Twins, twins
from tests.promises.worlds import World

K = ArrangementKind
COLLECTOR = {"name": "Pumpkin Lanternlight", "contact": "0799 000 222"}
# What is asked for, and how many lines of the provider's file the household then has: whoever is to be paid otherwise waits three days.
WISHES: dict[str, tuple[Changes, int]] = {
    "parts": ({K.PARTS: 2}, 2),
    "another account and a collector": (
        {K.MECHANISM: {"mechanism": "mobile_money", "account": "+999 555 0777"}, K.COLLECTOR: COLLECTOR},
        0,
    ),
    "hours, messages and help": (
        {
            K.DAY: ("tue-midday",),
            K.MESSAGES: {"messages": "neutral", "hours": "thu-afternoon"},
            K.HELP: ("first", "device"),
        },
        1,
    ),
    "kept until asked": ({K.KEEP: True}, 0),
}
PAPERS = ("/statements/of.pdf", "/statements/of.xlsx", "/journal.csv")
SEATS = ("registrar", "help_desk", "manager", "auditor")


def confirmed(world: World) -> None:
    """The manager looks at the changes of payees, and confirms them."""
    with world.records.work(Actor(world.known.seats["manager"])) as work:
        rows = work.session.exec(select(Arrangement.id).where(col(Arrangement.kind).in_((K.COLLECTOR, K.RECIPIENT, K.MECHANISM)))).all()
        if rows:
            confirm_payees(work, list(rows))


def provider_file(world: World) -> tuple[str, bytes]:
    """The file of the newest released list, and its name, as finance hands it out."""
    with world.records.work(Actor(world.known.seats["finance"])) as work:
        newest = work.session.exec(
            select(PaymentList).where(col(PaymentList.status) == ListStatus.RELEASED).order_by(col(PaymentList.submitted_at).desc())
        ).first()
        assert newest is not None
        return release.file_name(newest), release.export(work, newest.id, None)


def names_in(file: bytes) -> list[object]:
    """Whom each line of a provider's workbook names."""
    return [row[1] for row in load_workbook(io.BytesIO(file)).worksheets[0].iter_rows(values_only=True)]


def asked_and_paid(pair: Twins, changes: Changes) -> None:
    """One wish, by an officer on the right and at the desk on the left; published, listed, approved and released."""
    [household, *_] = room_steps.households_waiting(pair.right)
    assert office_steps.wish_at_the_desk(pair.left, household, changes)
    assert room_steps.wish_through_the_room(pair.right, household, changes)
    pair.office(office_steps.publish, 0)
    for world in pair.both:
        confirmed(world)
    pair.office(office_steps.plan, 7)
    pair.office(office_steps.approve, 0)


@pytest.mark.parametrize(("changes", "lines"), WISHES.values(), ids=WISHES)
def test_an_officers_wish_and_the_desks_are_one_in_file_paper_message_and_trail(changes: Changes, lines: int, small: Small, tmp_path: Path):
    with twins(small.folder, small.known, tmp_path) as pair:
        asked_and_paid(pair, changes)
        pair.look([("finance", url) for url in PAPERS] + [("interviewer", f"/visits/at/{small.known.sites[0]}/card")])
        pair.look_at_everything(seats=SEATS)
        files = [provider_file(world) for world in pair.both]

        assert files[0] == files[1]
        assert names_in(files[0][1]).count("Juniper 1 Moonbeam") == lines
        pair.compared.holds()
        assert any('"help desk"' in row or "'help desk'" in row for row in kept_by(pair.right)["audit_entry"])


def test_new_keys_of_the_room_show_on_the_interviewers_card_and_nowhere_else(small: Small, tmp_path: Path):
    """What stays possible, as docs/promises.md says: whoever looks at the card sees that the room changed its keys, not why."""
    from cbi.protection import setup

    with twins(small.folder, small.known, tmp_path) as pair:
        lead, room = pair.right.inside("lead"), pair.right.room
        setup.remove_officer(room, lead, room.keys, small.known.insiders["officer"].id)
        pair.look_at_everything(seats=("interviewer", "manager", "auditor"))

    shown = {one.split(": ")[0] for one in pair.compared.differing}
    assert [
        one for one in shown if not re.fullmatch(r"rows of setting|interviewer /visits/at/[0-9a-f-]{36}/(own-)?card(\.pdf)?", one)
    ] == []
    assert any(one.endswith(("/card", "/own-card")) for one in shown)
