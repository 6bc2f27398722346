"""Delivery choices: what is ticked becomes an ordinary request, what is not stays as planned, and a copy travels for every household."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

import screening
from cbi.access import Role
from cbi.checks import choices
from cbi.checks.choices import Chosen, answers_of
from cbi.errors import Refused
from cbi.store.records import Records
from cbi.transfers.arrangements import unfold
from cbi.transfers.receiving import SLOTS, Collector, Messages, Reach, Way
from cbi.transfers.tables import ArrangementKind, ArrangementRequest, Mechanism
from tests import make_checks, make_people, make_sites
from tests.cbi.checks.pages import choices_url
from tests.make import Visitor

K = ArrangementKind
Visit = tuple[make_checks.Open, Visitor]


@pytest.fixture
def here(records: Records, visitor: Callable[..., Visitor]) -> Visit:
    """A place and a registrar signed in: the third page needs no certificate."""
    made = make_checks.opened(records)
    return made, visitor(Role.REGISTRAR, site_id=made.site_id)


def chosen(*options: tuple[str, str], **more) -> Chosen:
    found: dict[str, frozenset[str]] = {}
    for item, option in options:
        found[item] = found.get(item, frozenset()) | {option}
    return Chosen(found, **more)


def changes_of(told: Chosen, arranged: dict, *, offered: tuple[Mechanism, ...] = (), planned: str | None = "cash_agent") -> dict:
    return choices.changes_of(told, arranged, offered=offered, planned=planned)


def requests(records: Records) -> list[dict[ArrangementKind, object]]:
    with records.read() as reading:
        rows = reading.session.exec(select(ArrangementRequest)).all()
        return [unfold(reading.open(row, "body"))[2] for row in rows]


def test_nothing_chosen_asks_for_nothing():
    assert changes_of(Chosen({}), {}) == {}


@pytest.mark.parametrize(
    ("told", "asked"),
    [
        (chosen(("H20", "bank"), account="KW12 0001"), {K.MECHANISM: Way(Mechanism.BANK, "KW12 0001")}),
        (chosen(("H20", "fine")), {}),
        (chosen(("H03", "parts"), parts=3), {K.PARTS: 3}),
        (chosen(("H03", "all_cash")), {}),
        (chosen(("H10", "neutral")), {K.MESSAGES: Reach(Messages.NEUTRAL)}),
        (chosen(("H10", "hours"), hours=("mon-morning",)), {K.MESSAGES: Reach(Messages.ANY, ("mon-morning",))}),
        (chosen(("H01", "accompany"), ("H12", "home"), ("H11", "cannot")), {K.HELP: ("together", "home", "care")}),
        (chosen(("H01", "pnta"), ("H12", "none")), {}),
        (chosen(("H21", "yes"), collector="Juniper Moonbeam"), {K.COLLECTOR: Collector("Juniper Moonbeam")}),
        (Chosen({}, keep="keep"), {K.KEEP: True}),
        (Chosen({}, keep="as_planned", place="as_planned"), {}),
        (Chosen({}, unsuitable=("mon-midday",)), {K.DAY: tuple(slot for slot in SLOTS if slot != "mon-midday")}),
        (chosen(("H01", "closer")), {K.HELP: ("closer",)}),
        (chosen(("H03", "near_market")), {K.HELP: ("just_before",)}),
        (chosen(("H03", "goods")), {K.HELP: ("goods",)}),
        (chosen(("H03", "account")), {K.HELP: ("account",)}),
        (chosen(("H01", "daytime")), {K.DAY: tuple(slot for slot in SLOTS if not slot.endswith("afternoon"))}),
    ],
)
def test_each_choice_asks_for_its_own_change_and_no_other(told: Chosen, asked: dict[ArrangementKind, object]):
    assert changes_of(told, {}) == asked


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (chosen(("H03", "parts")), "2, 3 or 4"),
        (chosen(("H10", "hours")), "hours that suit"),
        (chosen(("H02", "some")), "do not suit"),
        (chosen(("H21", "yes")), "member who collects"),
        (Chosen({}, unsuitable=SLOTS), "at least one hour"),
    ],
)
def test_a_choice_without_its_detail_says_what_to_add(told: Chosen, words: str):
    with pytest.raises(Refused) as refusal:
        changes_of(told, {})

    assert words in refusal.value.fix


def test_goods_and_accounts_are_arranged_where_the_office_offers_them():
    other = UUID(int=7)

    assert changes_of(chosen(("H03", "goods")), {}, offered=(Mechanism.VOUCHER,)) == {K.MECHANISM: Way(Mechanism.VOUCHER)}
    assert changes_of(chosen(("H03", "goods")), {}, planned="voucher") == {}
    assert changes_of(chosen(("H03", "account")), {}, planned="mobile_money") == {}
    assert changes_of(chosen(("H01", "closer"), place=str(other)), {}) == {K.SITE: other}


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (chosen(("H03", "account")), "which one in the first question"),
        (chosen(("H03", "goods"), ("H20", "bank")), "choose one way"),
    ],
)
def test_an_answer_that_leaves_the_way_open_says_where_to_choose_it(told: Chosen, words: str):
    with pytest.raises(Refused, match=words):
        changes_of(told, {}, offered=(Mechanism.BANK, Mechanism.VOUCHER))


def test_every_option_of_the_third_page_leads_somewhere():
    said_only = {("H03", "any"), ("H11", "no"), ("H11", "manage"), ("H20", "fine"), ("H20", "other"), ("H21", "nobody")}
    everything = dict.fromkeys(K, 2)
    silent = set()
    for item in screening.items_for_page(screening.load(), "choices", screening.PageFacts()):
        for option in item.options:
            both = (("H01", "none"), ("H12", "none")) if option.id == "none" else ()  # help is taken back where both say so
            ticked = chosen((item.id, option.id), *both)
            grid = ("mon-midday",) if option.id == "some" else ()
            told = Chosen(ticked.options, unsuitable=grid, hours=("mon-morning",), parts=2, collector="Juniper Moonbeam")
            if not changes_of(told, everything):
                silent.add((item.id, option.id))

    assert silent == said_only


def test_as_planned_takes_back_only_what_was_arranged():
    told = chosen(("H03", "all_cash"), ("H10", "any"), ("H02", "no"), keep="as_planned", place="as_planned")

    assert changes_of(told, {K.PARTS: 3, K.KEEP: True}) == {K.PARTS: None, K.KEEP: None}


def test_a_way_by_its_name_is_the_instruments_other_way():
    told = chosen(("H20", "card"), ("H01", "closer"))

    assert answers_of(told).chosen == {"H20": {"other"}, "H01": {"closer"}}


def test_what_is_ticked_becomes_one_ordinary_request(here: Visit, records: Records):
    made, visitor = here
    url = choices_url(made.households[0])

    page = visitor.send(url, {"h03": "parts", "parts": "2", "keep": "keep", "agreed": "yes"})

    assert "Saved. The choices are read at the next publishing, 12:00." in page
    assert requests(records) == [{K.PARTS: 2, K.KEEP: True}]


def test_the_same_form_sent_twice_is_one_request_and_one_letter(here: Visit, records: Records):
    made, visitor = here
    fields = {"keep": "keep", "agreed": "yes", "client_key": str(uuid4())}

    for _ in range(2):
        visitor.send(choices_url(made.households[0]), fields)

    assert len(requests(records)) == 1
    assert len(make_checks.letters(records)) == 1


def test_every_household_leaves_one_letter_of_one_size_whatever_it_chose(here: Visit, records: Records):
    made, visitor = here
    sent = ({}, {"keep": "keep", "agreed": "yes"}, {"h01": "none", "agreed": "no"})

    pages = [visitor.send(choices_url(one), fields) for one, fields in zip(made.households, sent, strict=True)]

    letters = make_checks.letters(records)
    assert [len(letter) for letter in letters] == [4144] * 3
    assert len({re.sub(r"BH-[\w-]+", "", page.replace(str(one), "")) for page, one in zip(pages, made.households, strict=True)}) == 1


def test_the_copy_carries_answers_hours_and_wishes(here: Visit, records: Records):
    made, visitor = here

    visitor.send(
        choices_url(made.households[0]),
        {"h10": "hours", "hours": ["mon-morning", "wed-midday"], "h01": ["none", "closer"], "h20": "pnta", "agreed": "yes"},
    )

    [letter] = make_checks.read_letters(records)
    assert letter["kind"] == "choices"
    assert letter["hours"] == ["mon-morning", "wed-midday"]
    assert letter["answers"] == {"H01": ["closer"], "H10": "hours", "H20": "pnta"}
    assert letter["wishes"] == {"help": ["closer"], "messages": {"messages": "any", "hours": "mon-morning wed-midday"}}
    assert letter["agreed"] is True


def test_e09_without_the_recipients_agreement_nothing_is_asked_for(here: Visit, records: Records):
    made, visitor = here

    visitor.send(choices_url(made.households[0]), {"keep": "keep", "agreed": "no"})

    assert requests(records) == []
    [letter] = make_checks.read_letters(records)
    assert letter["agreed"] is False
    assert letter["wishes"] == {"keep": True}


def test_a_change_without_the_last_answer_is_not_saved_and_nothing_typed_is_lost(here: Visit, records: Records):
    made, visitor = here

    page = visitor.send(choices_url(made.households[0]), {"h21": "yes", "collector": "Tumble Starling", "h03": "any"}, status=422)

    assert "answer the last question" in page
    assert 'value="Tumble Starling"' in page
    assert re.search(r'name="h03" value="any" checked', page)
    assert requests(records) == []
    assert make_checks.letters(records) == []


def test_a_refusal_of_the_office_keeps_what_was_typed(here: Visit, records: Records):
    made, visitor = here

    page = visitor.send(choices_url(made.households[0]), {"h20": "bank", "account": "?", "agreed": "yes"}, status=422)

    assert "You need to" in page
    assert make_checks.letters(records) == []


def test_nothing_is_ticked_beforehand_and_the_grids_are_always_drawn(here: Visit):
    made, visitor = here

    page = visitor.see(choices_url(made.households[0]))

    assert not re.search(r"<input[^>]* checked", page)
    assert page.count('name="unsuitable"') == page.count('name="hours"') == len(SLOTS)


def test_the_third_page_is_the_same_before_and_after_the_second(here: Visit, records: Records, visitor: Callable[..., Visitor]):
    from tests.cbi.checks.pages import private_url

    made, registrar = here
    interviewer = visitor(person_id=made.interviewer)
    before = _plain(registrar.see(choices_url(made.households[0])))

    url = private_url(interviewer, made.households[0])
    interviewer.post(url, make_checks.private_fields(make_checks.private_answers(4), reporting=False), follow=False)

    assert _plain(registrar.see(choices_url(made.households[0]))) == before


def _plain(page: str) -> str:
    return re.sub(r'name="(csrf_token|client_key)"[^>]*value="[^"]+"|value="[^"]+"[^>]*name="(csrf_token|client_key)"', "", page)


def test_members_who_may_collect_are_adults_besides_the_recipient(records: Records, here: Visit):
    from cbi.people.tables import Relation
    from cbi.store.work import Actor

    made, visitor = here
    adult = make_people.member("Orla", "Starling", 1990, relation=Relation.SPOUSE)
    child = make_people.member("Pip", "Starling", 2015, relation=Relation.CHILD)
    with records.work(Actor()) as work:
        household = make_people.register(work, make_people.new(made.site_id, make_people.member("Wren", "Starling"), adult, child))

    page = visitor.see(choices_url(household))

    assert "Orla Starling</option>" in page
    assert "Wren Starling</option>" not in page
    assert "Pip Starling</option>" not in page


def test_other_places_are_on_everybodys_menu(records: Records, here: Visit):
    made, visitor = here
    make_sites.site(records, "OM", "Old Mill")

    page = visitor.see(choices_url(made.households[0]))

    assert "Bahari Field, as planned" in page
    assert "Old Mill" in page


def test_without_a_letter_box_key_the_choices_are_saved_all_the_same(records: Records, visitor: Callable[..., Visitor]):
    household = make_people.household(records)

    page = visitor(Role.REGISTRAR).send(choices_url(household), {"keep": "keep", "agreed": "yes"})

    assert "Saved." in page
    assert len(requests(records)) == 1


def test_the_reader_of_the_copy_finds_answers_hours_and_wishes(here: Visit, records: Records):
    import screening
    from cbi.protection import letters

    made, visitor = here
    visitor.send(
        choices_url(made.households[0]),
        {"h01": ["none", "closer", "pnta"], "h10": "hours", "hours": ["mon-morning"], "h20": "other", "h12": ["pnta"], "agreed": "yes"},
    )

    [content] = make_checks.read_letters(records)
    letter = letters.read(uuid4(), make_checks.WEEK, content)

    answers = letters.answers_of(screening.load(), letter)
    assert answers.chosen == {"H01": {"closer"}, "H10": {"hours"}, "H20": {"other"}, "H12": {"pnta"}}
    assert letter.kind == letters.CHOICES
    assert letter.hours == ("mon-morning",)
    assert letter.mechanism == "mobile_money"
    assert letter.told_at is not None
