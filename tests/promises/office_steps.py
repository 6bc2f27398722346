"""What an office does, through its pages as people use them and through the same services its jobs use; each step answers with all it was told.

Every step takes a number that says how, so that two worlds can be asked the same.  Only `letter` and `confide` have a second one:
what is told in private, which may differ between worlds.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import col, select
from werkzeug.test import TestResponse

from cbi.checks.service import purge
from cbi.errors import Refused
from cbi.feedback.tables import Category, Feedback
from cbi.feedback.values import Confided
from cbi.payouts import files, posting, reading
from cbi.people import erasure
from cbi.people.tables import Household, HouseholdStatus
from cbi.sites.tables import Service
from cbi.store.work import Actor, Work
from cbi.transfers import approvals, cycles, lists, release
from cbi.transfers.arrangements import propose_arrangement
from cbi.transfers.cycles import NewCycle
from cbi.transfers.formula import Formula
from cbi.transfers.inbox import publish_due
from cbi.transfers.service import instructions_of
from cbi.transfers.tables import ArrangementKind, ListStatus, PaymentList
from tests import make_checks, make_feedback, make_payouts, make_sites
from tests.cbi.checks.pages import PASSED, before_url
from tests.promises.telling import Told
from tests.promises.worlds import World

Heard = list[object]
"""What came back: answers, ids, refusals in words."""
Changes = Mapping[ArrangementKind, object]
Step = Callable[[World, int], Heard]

_UNTOUCHED = dict.fromkeys(
    ("site", "mechanism", "account", "collector", "collector_name", "collector_contact", "recipient", "parts", "messages"), ""
)
_CARDS: tuple[dict[str, object], ...] = (
    {"parts": "3"},
    {"day": ["mon-morning", "tue-midday"]},
    {"keep": "y"},
    {"messages": "neutral", "hours": ["thu-afternoon"]},
    {"help": ["first", "device"], "parts": "2"},
    {"collector": "someone", "collector_name": "Pumpkin Lanternlight", "collector_contact": "0799 000 222"},
    {},
)
_CHECK = {"with_protection": "Marigold Quill", "with_programme": "Basil Cartwheel"}


def register(world: World, pick: int) -> Heard:
    """Somebody comes to the desk."""
    filled = {
        "site": str(world.known.sites[0]),
        "shelter": f"D, tent {pick}",
        "group": "displaced",
        "head-given": ("Juniper", "Oswin", "Tansy", "Clover")[pick % 4],
        "head-family": ("Moonbeam", "Paperkite", "Fernhill")[pick % 3],
        "head-sex": "female",
        "head-told": "year",
        "head-born": str(1950 + pick % 40),
        "phone": f"+999 555 {pick % 10000:04d}",
        "recipient": "0",
        "consent_language": "en",
        "consent": "agrees",
        "then": "stay",
    }
    return [world.visitor("registrar").post("/households/new", filled, follow=False)]


def choose(world: World, pick: int) -> Heard:
    """A household asks at the help desk to receive otherwise."""
    household = household_of(world, pick)
    fields = {**_UNTOUCHED, "agreed": "y", **_CARDS[pick % len(_CARDS)]}
    return [world.visitor("help_desk").post(f"/households/{household}/arrangement", fields, follow=False)]


def publish(world: World, _pick: int) -> Heard:
    """The manager publishes what was asked."""
    return [world.visitor("manager").post("/arrangements/publish", {}, page="/arrangements", follow=False)]


def letter(world: World, pick: int, told: int) -> Heard:
    """A visit: the three pages, of which the private one seals what is told."""
    mine, household = world.visitor("interviewer"), household_of(world, pick)
    began = mine.post(before_url(household), PASSED, follow=False)
    heard: Heard = [mine.client.get(before_url(household)), began]
    if "/page/" in (began.location or ""):
        answers = make_checks.private_fields(make_checks.private_answers(told))
        heard += [mine.client.get(began.location), mine.post(began.location, answers, follow=False)]
    url = f"/visits/{household}/choices"
    chosen = ({"keep": "keep"}, {}, {"H03": "parts", "parts": "2"})[pick % 3]
    heard.append(mine.post(url, {"agreed": "yes", **chosen}, follow=False))
    return [*heard, mine.client.get(f"/visits/{household}/saved")]


def hear(world: World, pick: int) -> Heard:
    """Somebody says something at the desk that it answers itself; another entry is answered."""
    desk, category = world.visitor(("feedback", "help_desk")[pick % 2]), tuple(Category)[pick % len(Category)]
    heard: Heard = [desk.post("/feedback/new", make_feedback.fields(category, world.known.sites[pick % 2]), follow=False)]
    with world.records.read() as look:
        waits = look.session.exec(select(Feedback.id).where(col(Feedback.answered_on).is_(None)).order_by(col(Feedback.code))).all()
    url = f"/feedback/{waits[pick % len(waits)]}"
    return [*heard, world.visitor("feedback").post(url, {"answer": "Told at the desk"}, follow=False)]


def confide(world: World, pick: int, told: int) -> Heard:
    """Somebody says at the desk what must not stay there; what it is may differ between worlds."""
    desk, subject = world.visitor(("feedback", "help_desk")[pick % 2]), tuple(Confided)[told % len(Confided)]
    said = make_feedback.fields(subject, world.known.sites[told % 2], words=f"Told {told:05d}")
    answer = desk.post("/feedback/new", said, follow=False)
    return [answer, desk.client.get(answer.location or "/"), desk.post("/feedback/code", {"code": "F4K-7M2-9CX"})]


def check_site(world: World, pick: int) -> Heard:
    """The programme and the protection team answer for a place."""
    fields = {**make_sites.answers(S08=("yes", "no", "dk")[pick % 3]), **_CHECK, "answered_on": world.hands.at.date().isoformat()}
    return [world.visitor("lead").post(f"/sites/{world.known.sites[0]}/check", fields, follow=False)]


def verify(world: World, _pick: int) -> Heard:
    """Somebody rang a service of the directory."""
    with world.records.read() as look:
        service_id = look.session.exec(select(Service.id).order_by(col(Service.id))).first()
    site = f"/sites/{world.known.sites[0]}"
    return [world.visitor("lead").post(f"/services/{service_id}/verified", {}, page=site, follow=False)]


def plan(world: World, pick: int) -> Heard:
    """A cycle is written, frozen, and its list drafted and handed in."""
    new = NewCycle(
        programme_id=world.known.programme_id,
        name=f"Cycle {pick}",
        starts_on=date(2026, 12, 1),
        ends_on=date(2026, 12, 31),
        submit_on=date(2026, 12, 5),
        formula=Formula(100_000 + pick, 20_000, 8, 1_450_000, "KES"),
        budget_line_id=world.known.line_id,
    )
    return _by(world, "manager", lambda work: _handed_in(work, world, new))


def approve(world: World, _pick: int) -> Heard:
    """Two people approve what was handed in, and a third releases what was approved."""
    heard: Heard = []
    for seat in ("approver", "approver_2"):
        person = world.known.seats[seat]
        for one in _lists(world, ListStatus.SUBMITTED):
            heard += _by(
                world, seat, lambda work, one=one, who=person: approvals.approve(work, one.id, approver_id=who, shown=one.hash or b"")
            )
    releaser = world.known.seats["releaser"]
    for one in _lists(world, ListStatus.APPROVED):
        heard += _by(
            world, "releaser", lambda work, one=one: release.release(work, one.id, releaser_id=releaser, shown=one.hash or b"") and None
        )
    return heard


def upload(world: World, pick: int) -> Heard:
    """The provider's answer about the newest released list comes in, and is posted."""
    finance = Actor(world.known.seats["finance"])
    newest = _lists(world, ListStatus.RELEASED)[-1]
    with world.records.read() as look:
        lines = list(instructions_of(look, newest.id))
    status = ("SUCCESS", "FAILED", "REVERSED")
    rows = [
        make_payouts.row(line, number, status=status[(pick + number) % 3], txn=f"S{pick}-{number}") for number, line in enumerate(lines)
    ]
    try:
        file_id = files.receive(world.records, finance, newest.id, f"sparrow-{pick}.csv", make_payouts.csv_file(rows))
        state = reading.read(world.records, finance, file_id)
        return [file_id, state, posting.post(world.records, finance, file_id)]
    except Refused as problem:
        return [problem.fix]


def erase(world: World, pick: int) -> Heard:
    """A household is erased."""
    household = household_of(world, pick)
    return _by(world, "registrar", lambda work: erasure.erase(work, household))


def next_slot(world: World, _pick: int) -> Heard:
    """The clock comes to the next publishing hour: what is due then is done, and the trail signed."""
    zone = ZoneInfo(world.records.operation.zone)
    local = world.hands.at.astimezone(zone)
    hours = [
        datetime.combine(local.date() + timedelta(days=day), datetime.min.time(), zone).replace(hour=hour)
        for day in (0, 1)
        for hour in (12, 18)
    ]
    world.hands.at = min(hour for hour in hours if hour > local).astimezone(world.hands.at.tzinfo) + timedelta(seconds=20)
    published = publish_due(world.records)
    purge(world.records)
    return [published, world.records.sign_checkpoint()]


def wish_at_the_desk(world: World, household_id: UUID, changes: Changes) -> bool:
    """The help desk writes a wish down; False where the office refuses it, as it would any desk's."""
    try:
        with world.records.work(Actor(world.known.seats["help_desk"])) as work:
            propose_arrangement(work, household_id=household_id, changes=changes, agreed=True, client_key=None)
    except Refused:
        return False
    return True


STEPS: tuple[Step, ...] = (register, choose, publish, hear, check_site, verify, plan, approve, upload, erase, next_slot)


def household_of(world: World, pick: int) -> UUID:
    """One of the households that are still here."""
    with world.records.read() as look:
        here = look.session.exec(
            select(Household.id).where(col(Household.status) != HouseholdStatus.WITHDRAWN).order_by(col(Household.number))
        ).all()
    return here[random.Random(pick).randrange(len(here))]


def heard(one: Heard) -> list[object]:
    """The same, as it can be compared."""
    return [Told.by(each).content if isinstance(each, TestResponse) else each for each in one]


def _by(world: World, seat: str, change: Callable[[Work], object]) -> Heard:
    try:
        with world.records.work(Actor(world.known.seats[seat])) as work:
            return [change(work)]
    except Refused as problem:
        return [type(problem).__name__, problem.fix]


def _handed_in(work: Work, world: World, new: NewCycle) -> UUID:
    cycle_id = cycles.draft(work, new)
    work.session.flush()
    total = cycles.effect(work, new.programme_id, cycles.formula_of(cycles.cycle_by_id(work, cycle_id)), new.budget_line_id).total_minor
    cycles.freeze(work, cycle_id, shown_total_minor=total)
    work.session.flush()
    list_id = lists.make_list(work, cycle_id, world.known.provider_id)
    work.session.flush()
    lists.submit(work, list_id)
    return list_id


def _lists(world: World, status: ListStatus) -> list[PaymentList]:
    with world.records.read() as look:
        order = (col(PaymentList.submitted_at), col(PaymentList.id))
        return list(look.session.exec(select(PaymentList).where(col(PaymentList.status) == status).order_by(*order)))
