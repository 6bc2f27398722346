"""Papers of households: cards, texts, and what the office holds about one of them."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlmodel import select

from cbi.access import Role
from cbi.errors import Refused
from cbi.people import lives_homes, printed, views_paper
from cbi.people.correction import change_account, withdraw_consent
from cbi.people.facts import HouseholdRegistered
from cbi.people.lives_homes import Split
from cbi.people.numbers import check_character, read_token
from cbi.people.registered import open_household
from cbi.people.spoken import all_texts, consent_texts
from cbi.people.tables import Consent, Document, DocumentKind, Household, Relation, Sex
from cbi.people.values import NewDocument
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers.arrangements import propose_arrangement
from cbi.transfers.inbox import publish_now
from cbi.transfers.tables import ArrangementKind, Instruction
from cbi.web.paper import draw
from tests import make_people, make_transfers
from tests.make import Visitor

STEP = {"password": "a long password", "code": "123456"}


@pytest.fixture(autouse=True)
def step_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Staff's own step-up is tested where it stands; here is seen that it was asked for."""
    asked: list[str] = []
    monkeypatch.setattr(views_paper, "step_up", lambda _work, _person, _password, code: asked.append(code))
    return asked


@pytest.fixture
def registrar(visitor: Callable[..., Visitor], records: Records) -> Visitor:
    return visitor(Role.REGISTRAR, site_id=make_people.site(records))


def facts(records: Records, kind: str) -> list[str]:
    with records.read() as reading:
        table = reading.system.audit_entry
        return [row.body for row in reading.session.exec(select(table).order_by(table.seq)) if row.kind == kind]


def a_day_older(records: Records, household_id: UUID) -> str:
    """Let a household be registered more than a day ago; returns its number."""
    with records.work(Actor()) as work:
        row = work.session.get_one(Household, household_id)
        row.registered_at -= timedelta(days=1, minutes=1)
        work.add(row)
        work.remember(
            HouseholdRegistered(
                household_id=row.id, site_id=row.site_id, number=row.number, people=row.size, consent=row.consent, review=row.review
            )
        )
        return row.number


def words(content: bytes, folder: Path) -> str:
    """What a PDF says, as a reading program takes it out again."""
    (folder / "paper.pdf").write_bytes(content)
    return subprocess.run(["pdftotext", "-layout", folder / "paper.pdf", "-"], capture_output=True, check=True).stdout.decode()


def test_a_card_shows_a_code_that_checks_itself_and_nothing_of_a_person_or_a_place(records: Records):
    household_id = make_people.household(records, given="زهرة")
    with records.work(Actor()) as work:
        [card] = printed.print_card(work, household_id)
        kept = open_household(work, household_id)

    assert card.code == kept.token == read_token(card.code)
    assert check_character(card.code.replace("-", "")[:-1]) == card.code[-1]
    assert card.beside == kept.number
    assert "BH" not in card.code.split("-")[0][:2]


def test_cards_come_by_running_number_between_the_two_that_were_named(records: Records):
    site_id = make_people.site(records)
    numbers = []
    for _place in range(5):
        with records.read() as reading:
            numbers.append(open_household(reading, make_people.household(records, site_id)).number)

    with records.work(Actor()) as work:
        cards = printed.print_cards(work, site_id, first=numbers[1].lower(), last=numbers[3])

    assert [card.beside for card in cards] == numbers[1:4]
    assert '"count":3' in facts(records, "people.CardsPrinted")[-1]


def test_who_left_gets_no_card(records: Records):
    site_id, gone = make_people.site(records), make_people.household(records)
    make_people.household(records)
    with records.work(Actor()) as work:
        withdraw_consent(work, gone)

    with records.work(Actor()) as work:
        cards = printed.print_cards(work, site_id)

    assert len(cards) == 1


def test_too_many_cards_at_once_are_asked_for_in_parts(records: Records, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(printed, "MOST_CARDS", 1)
    make_people.household(records)
    make_people.household(records)

    with pytest.raises(Refused, match="print fewer at once"), records.work(Actor()) as work:
        printed.print_cards(work, make_people.site(records))


def test_cards_are_a_file_with_a_neutral_name_after_password_and_code(registrar: Visitor, records: Records, step_up: list[str]):
    make_people.household(records)
    registrar.see("/households/cards")

    answer = registrar.post("/households/cards.pdf", {**STEP, "site": str(make_people.site(records))}, page="/households/cards")

    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert 'filename="cards.pdf"' in answer.headers["Content-Disposition"]
    assert step_up == ["123456"]


@pytest.mark.parametrize(("first", "fix"), [("BH-1", "write the registration number as it is on the list"), ("BH-99999-9", "write the")])
def test_a_number_that_is_none_comes_back_with_what_to_do(registrar: Visitor, records: Records, first: str, fix: str):
    make_people.household(records)
    fields = {**STEP, "site": str(make_people.site(records)), "first": first}

    answer = registrar.post("/households/cards.pdf", fields, page="/households/cards")

    assert answer.status_code == 422
    assert fix in answer.text
    assert f'value="{first}"' in answer.text


def test_one_card_is_printed_from_the_households_page(registrar: Visitor, records: Records):
    household_id = make_people.household(records)

    answer = registrar.post(f"/households/{household_id}/card.pdf", {}, page=f"/households/{household_id}")

    assert answer.data.startswith(b"%PDF")
    assert str(household_id) in facts(records, "people.CardsPrinted")[-1]


def test_a_card_of_an_old_household_elsewhere_asks_for_password_and_code(visitor: Callable[..., Visitor], records: Records):
    household_id = make_people.household(records)
    number = a_day_older(records, household_id)
    elsewhere = visitor(Role.REGISTRAR, site_id=make_people.site(records, "OM", "Omara Crossing"))

    answer = elsewhere.post(f"/households/{household_id}/card.pdf", {}, page=f"/households/{household_id}")

    assert answer.status_code == 422
    assert "type your password" in answer.text
    assert answer.text.count(f'value="{number}"') == 2
    assert not facts(records, "people.CardsPrinted")
    fields = {**STEP, "site": str(make_people.site(records)), "first": number, "last": number}
    assert elsewhere.post("/households/cards.pdf", fields, page="/households/cards").data.startswith(b"%PDF")


def test_the_card_of_an_old_household_of_ones_own_site_is_printed_as_it_is(registrar: Visitor, records: Records):
    household_id = make_people.household(records)
    a_day_older(records, household_id)

    assert registrar.post(f"/households/{household_id}/card.pdf", {}, page=f"/households/{household_id}").data.startswith(b"%PDF")


def test_after_many_single_cards_in_an_hour_the_next_asks_for_password_and_code(
    visitor: Callable[..., Visitor], registrar: Visitor, records: Records, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(printed, "MOST_ALONE", 3)
    household_id = make_people.household(records)
    url, page = f"/households/{household_id}/card.pdf", f"/households/{household_id}"

    answers = [registrar.post(url, {}, page=page).status_code for _time in range(4)]
    other = visitor(Role.REGISTRAR).post(url, {}, page=page).status_code

    assert answers == [200, 200, 200, 422]
    assert other == 200


@pytest.mark.parametrize("kind", printed.SHEETS)
@pytest.mark.parametrize("language", list(all_texts()))
def test_every_language_has_both_sheets_and_every_letter_of_them(registrar: Visitor, app: Flask, kind: str, language: str):
    answer = registrar.client.get(f"/households/sheets/{kind}/{language}.pdf")

    assert answer.data.startswith(b"%PDF")
    assert f'filename="{kind}-{language}.pdf"' in answer.headers["Content-Disposition"]
    with app.test_request_context():
        paper = printed.text_paper(kind, language, office="Kharwa")
    text = all_texts()[language]
    said = "".join(sentence for part in paper.parts for sentence in part.sentences)
    assert "".join(text.paragraphs if kind == "consent" else text.information) in said
    assert (printed.DRAFT_IN_ENGLISH in said) is bool(text.draft)
    assert "‹?›" not in "".join(printed_text(sentence) for sentence in said.split("\n"))


def printed_text(text: str) -> str:
    from cbi.web.letters import legible

    return legible(text)


def test_nobodys_consent_is_taken_with_a_draft(registrar: Visitor, records: Records):
    page = registrar.see(f"/households/{make_people.household(records)}/consent")

    assert set(consent_texts()) == {"en", "ar"}
    assert set(all_texts()) == {"en", "ar", "bn", "my", "am"}
    assert 'value="ar"' in page
    assert 'value="bn"' not in page


def test_the_sheets_of_one_version_say_the_same_in_every_language():
    texts = all_texts().values()

    assert {text.version for text in texts} == {1}
    assert all(text.paragraphs and text.information for text in texts)
    assert registered_sheets(texts) == registered_sheets([all_texts()["en"]] * len(texts))


def registered_sheets(texts) -> list[int]:
    return [len(text.paragraphs) for text in texts]


def arranged(records: Records, household_id, changes: dict[ArrangementKind, object]) -> None:
    with records.work(Actor()) as work:
        propose_arrangement(work, household_id=household_id, changes=changes, agreed=True, client_key=None)
    with records.work(Actor()) as work:
        publish_now(work)


def test_everything_the_office_holds_is_told_in_plain_words(registrar: Visitor, records: Records):
    made = make_transfers.setting(records, sizes=(3,))
    list_id = make_transfers.released_list(records, made)
    household_id = made.households[0]
    arranged(records, household_id, {ArrangementKind.PARTS: 2})
    with records.read() as reading:
        kept = open_household(reading, household_id)

    page = registrar.send(f"/households/{household_id}/held", {}, page=f"/households/{household_id}/held")

    for member in kept.told.members:
        assert member.name in page
    for said in (
        kept.number,
        f"·····{kept.token[-2:]}",
        "Agrees",
        "Mobile money",
        "2 parts, the same sum",
        "Sent to who pays",
        "Not reported yet",
        "Registered",
    ):
        assert said in page, said
    assert str(list_id) not in page
    assert kept.token not in page
    assert facts(records, "people.HeldTold") == [f'{{"household_id":"{household_id}","told":"aloud"}}']


def test_the_page_has_the_same_headings_for_every_household(registrar: Visitor, records: Records):
    made = make_transfers.setting(records, sizes=(3,))
    make_transfers.released_list(records, made)
    arranged(records, made.households[0], {ArrangementKind.PARTS: 2})
    plain = make_people.household(records, made.site_id)

    pages = [registrar.send(f"/households/{one}/held", {}, page=f"/households/{one}/held") for one in (made.households[0], plain)]

    headings = [re.findall(r"<h2[^>]*>([^<]*)</h2>", page) for page in pages]
    assert headings[0] == headings[1]
    assert "How you asked to receive" in headings[0]


def test_nothing_of_checks_or_protection_stands_on_it(registrar: Visitor, records: Records):
    household_id = make_people.household(records)

    page = registrar.send(f"/households/{household_id}/held", {}, page=f"/households/{household_id}/held").lower()

    for word in ("protection", "screening", "letter box", "risk", "private", "interview", "visit", "check ", "concern", "case"):
        assert word not in re.sub(r"<[^>]*>", " ", page[page.index("<main") : page.index("</main>")]), word


def test_the_paper_leaves_out_what_a_neighbour_should_not_read_unless_it_is_asked_for(
    registrar: Visitor, records: Records, tmp_path: Path, step_up: list[str]
):
    if shutil.which("pdftotext") is None:
        pytest.skip("needs pdftotext: apt-get install poppler-utils")
    document = make_people.member(documents=(NewDocument(DocumentKind.NATIONAL_ID, "KH-118271"),))
    child = make_people.member("Tumble", year=2014, relation=Relation.CHILD, sex=Sex.MALE)
    household_id = registered(records, document, child)
    arranged(records, household_id, {ArrangementKind.MESSAGES: "neutral"})
    url = f"/households/{household_id}/held"

    short, whole = (words(registrar.post(f"{url}.pdf", {**STEP, **more}, page=url).data, tmp_path) for more in ({}, {"whole": "y"}))

    assert "Tumble Moonbeam" in short
    assert "How you asked to receive" in short
    for secret in ("+999 555 0142", "do not mention assistance"):
        assert secret not in short
        assert secret in whole
    assert "118271" not in whole
    assert step_up == ["123456", "123456"]
    assert [body.split('"told":')[1] for body in facts(records, "people.HeldTold")] == ['"paper"}', '"whole_paper"}']


def test_the_paper_shows_no_part_no_correction_and_no_whole_card(registrar: Visitor, records: Records, tmp_path: Path, step_up: list[str]):
    if shutil.which("pdftotext") is None:
        pytest.skip("needs pdftotext: apt-get install poppler-utils")
    made = make_transfers.setting(records, sizes=(3,))
    household_id = made.households[0]
    arranged(records, household_id, {ArrangementKind.PARTS: 2})
    make_transfers.released_list(records, made)
    with records.work(Actor()) as work:
        kept = open_household(work, household_id)
        change_account(work, household_id, None)
        [reference, *_other] = work.session.exec(select(Instruction.reference).where(Instruction.household_id == household_id)).all()
    url = f"/households/{household_id}/held"

    short, whole = (words(registrar.post(f"{url}.pdf", {**STEP, **more}, page=url).data, tmp_path) for more in ({}, {"whole": "y"}))

    for said in (reference, "Account changed", "2 parts"):
        assert said not in short, said
        assert said in whole, said
    assert kept.token not in short + whole
    assert kept.token[-2:] in short
    assert len(step_up) == 2


def test_what_is_told_shows_nobody_the_number_of_who_split_off(registrar: Visitor, records: Records):
    household_id = make_people.household(records, people=2)
    with records.work(Actor()) as work:
        kept = open_household(work, household_id)
        wife = kept.member_ids[1]
        new = Split(leaving=[wife], head_id=wife, recipient_id=wife, consent=Consent.AGREES, consent_version=1, consent_language="en")
        left = open_household(work, lives_homes.split(work, household_id, new, seen_version=kept.version))
    url = f"/households/{household_id}/held"

    page = registrar.send(url, {}, page=url)

    assert "Some live on their own now" in page
    assert left.number not in page
    assert left.number in registrar.see(f"/households/{household_id}/lives"), "the desk's own page says it"


def registered(records: Records, *members):
    from cbi.people.service import register

    with records.work(Actor()) as work:
        return register(work, make_people.new(make_people.site(records), *members, phones=("+9995550142",)))


@pytest.mark.parametrize("role", [Role.HELP_DESK, Role.MANAGER, Role.LEAD, Role.FINANCE, Role.AUDITOR])
def test_who_does_not_sit_at_the_registration_desk_finds_nothing(visitor: Callable[..., Visitor], records: Records, role: Role):
    household_id = make_people.household(records)
    other = visitor(role)

    assert other.client.get(f"/households/{household_id}/held").status_code == 404
    assert other.client.post(f"/households/{household_id}/held", headers={"Origin": "http://localhost"}).status_code in {400, 404}


def test_the_help_desk_knows_where_a_household_is_told_what_is_held(visitor: Callable[..., Visitor], registrar: Visitor, records: Records):
    url = f"/households/{make_people.household(records)}"

    desk, registration = visitor(Role.HELP_DESK).see(url), registrar.see(url)

    assert "What is written about it is told at the registration desk." in desk
    assert f"{url}/held" not in desk
    assert f"{url}/held" in registration
    assert "is told at the registration desk" not in registration


def test_what_was_told_names_nobody_in_the_audit(registrar: Visitor, records: Records):
    household_id = make_people.household(records, given="Juniper", family="Moonbeam")
    url = f"/households/{household_id}/held"

    registrar.send(url, {}, page=url)
    registrar.post(f"{url}.pdf", STEP, page=url)

    with records.read() as reading:
        table = reading.system.audit_entry
        bodies = "".join(row.body for row in reading.session.exec(select(table)))
    assert "Juniper" not in bodies
    assert "Moonbeam" not in bodies


def test_a_household_whose_card_was_changed_is_printed_with_the_code_it_has(records: Records):
    household_id = make_people.household(records)

    with records.read() as reading:
        rows = reading.session.exec(select(Document).where(Document.household_id == household_id)).all()

        assert printed.tokens_of(reading, [household_id]) == {household_id: open_household(reading, household_id).token}
    assert [row.kind for row in rows] == [DocumentKind.TOKEN]


def test_the_same_sheet_is_the_same_bytes(app: Flask):
    with app.test_request_context():
        drawn = [draw(printed.text_paper("consent", "my", office="Kharwa")) for _time in range(2)]

    assert drawn[0] == drawn[1]
