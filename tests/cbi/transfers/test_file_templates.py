from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from uuid import UUID, uuid4

import msoffcrypto
import openpyxl
import pytest
import sqlalchemy as sa

from cbi.access import Role
from cbi.errors import Clashed, NotThere, Refused
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers import file_templates, lists, release
from cbi.transfers.programmes import ExportField
from cbi.transfers.tables import Mechanism
from cbi.transfers.tables_files import ProviderTemplate
from cbi.transfers.templates import AmountStyle, Column, DateStyle, FileForm, PayingAccount, Template, template_of, text_of
from tests import make, make_transfers
from tests.cbi.transfers.test_lists import payment_list
from tests.cbi.transfers.test_views import STEP_UP, Sign, steps  # noqa: F401 -- a fixture
from tests.make_transfers import Setting

COLUMNS = (
    Column("Ref", ExportField.REFERENCE),
    Column("MSISDN", ExportField.PHONE_DIGITS),
    Column("Phone", ExportField.PHONE),
    Column("Value", ExportField.AMOUNT),
    Column("On", ExportField.DATE),
    Column("Purpose", ExportField.FIXED, "Winter cash"),
)
CSV = Template(COLUMNS, FileForm.CSV, AmountStyle.COMMA, DateStyle.DMY, name="Bulk upload")
LOCKED = replace(CSV, form=FileForm.LOCKED, amounts=AmountStyle.NUMBER)
PAIN = Template((), FileForm.PAIN, payer=PayingAccount("Lantern Relief", "0110000000011", "LANTKWKW"), name="Bank")
PASSWORD = "seven paper cranes"


def save(records: Records, made: Setting, template: Template) -> UUID:
    with records.work(Actor(made.manager)) as work:
        return file_templates.save(work, made.provider_id, template)


def exported(records: Records, made: Setting, list_id: UUID, password: str | None = None) -> bytes:
    with records.work(Actor(made.manager)) as work:
        return release.export(work, list_id, password)


@pytest.mark.parametrize("template", [CSV, LOCKED, PAIN, replace(CSV, version=3, dates=DateStyle.YMD)])
def test_a_template_is_read_back_as_it_was_kept(template: Template):
    assert template_of(text_of(template)) == template


def test_without_a_template_the_file_is_todays_workbook(records: Records):
    made = make_transfers.setting(records)
    list_id = make_transfers.released_list(records, made)

    book = openpyxl.load_workbook(io.BytesIO(exported(records, made, list_id)))

    assert [cell.value for cell in book.active[1]] == ["Reference", "Receiver name", "Receiver phone", "Amount", "Currency"]
    assert template_of(payment_list(records, list_id).columns).name == ""


def test_a_csv_is_written_as_its_template_says_and_hashes_to_what_was_released(records: Records):
    made = make_transfers.setting(records, (4,))
    save(records, made, CSV)
    list_id = make_transfers.released_list(records, made)

    content = exported(records, made, list_id)

    kept = payment_list(records, list_id)
    header, row = csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";")
    day = kept.released_at.strftime("%d/%m/%Y") if kept.released_at else ""
    assert header == ["Ref", "MSISDN", "Phone", "Value", "On", "Purpose"]
    assert row[1:] == ["254712000001", "+254712000001", "9500,00", day, "Winter cash"]
    assert sha256(content).digest() == kept.export_digest
    assert release.file_name(kept) == "L-2026-001.csv"


def test_a_released_list_keeps_its_template_when_another_is_chosen(records: Records):
    made = make_transfers.setting(records)
    save(records, made, CSV)
    list_id = make_transfers.released_list(records, made)
    before = exported(records, made, list_id)

    save(records, made, replace(CSV, amounts=AmountStyle.MINOR))

    assert exported(records, made, list_id) == before


def test_a_draft_takes_the_chosen_template_when_its_lines_are_made_again(records: Records):
    made = make_transfers.setting(records)
    list_id = make_transfers.draft_list(records, made)
    save(records, made, CSV)
    with records.work(Actor(made.manager)) as work:
        lists.redraw(work, list_id)

    assert template_of(payment_list(records, list_id).columns) == replace(CSV, version=1)


def test_a_template_is_part_of_what_is_approved(records: Records):
    made = make_transfers.setting(records)
    list_id = make_transfers.submitted_list(records, made)
    plain = make_transfers.mark_of(records, list_id)
    save(records, made, CSV)
    with records.work(Actor(made.manager)) as work:
        lists.take_back(work, list_id)
        lists.redraw(work, list_id)
        lists.submit(work, list_id)

    assert make_transfers.mark_of(records, list_id) != plain


def test_each_saving_is_a_version_and_the_newest_is_chosen(records: Records):
    made = make_transfers.setting(records)
    save(records, made, CSV)
    save(records, made, LOCKED)
    save(records, made, PAIN)

    with records.read() as reading:
        found = file_templates.versions(reading, made.provider_id)

    assert [(one.name, one.version, one.chosen) for one in found] == [
        ("Bank", 1, True),
        ("Bulk upload", 2, False),
        ("Bulk upload", 1, False),
    ]


def test_an_earlier_version_or_the_first_columns_are_chosen_again(records: Records):
    made = make_transfers.setting(records)
    first = save(records, made, CSV)
    save(records, made, LOCKED)

    with records.work(Actor(made.manager)) as work:
        file_templates.choose(work, made.provider_id, first)
    with records.read() as reading:
        again = file_templates.chosen(reading, made.provider_id)
    with records.work(Actor(made.manager)) as work:
        file_templates.choose(work, made.provider_id, None)
    with records.read() as reading:
        none = file_templates.chosen(reading, made.provider_id)

    assert again is not None
    assert (again.id, none) == (first, None)


def test_another_providers_template_is_not_to_be_had(records: Records):
    made = make_transfers.setting(records)
    with pytest.raises(NotThere), records.work(Actor(made.manager)) as work:
        file_templates.choose(work, made.provider_id, uuid4())


def test_the_database_itself_keeps_to_one_chosen_template(records: Records):
    made = make_transfers.setting(records)
    save(records, made, CSV)
    with pytest.raises(Clashed), records.work(Actor(made.manager)) as work:
        row = file_templates.versions(work, made.provider_id)[0]
        copy = {**row.model_dump(), "id": uuid4(), "version": 9}
        work.add(ProviderTemplate(**copy))
        work.session.flush()


@pytest.mark.parametrize(
    ("template", "said"),
    [
        (replace(CSV, name=" "), "name the template"),
        (replace(CSV, columns=COLUMNS[1:]), "keep a column for the reference"),
        (replace(CSV, columns=(COLUMNS[0], COLUMNS[3])), "add a column for the phone"),
        (replace(CSV, columns=(*COLUMNS, COLUMNS[0])), "give every column a heading of its own"),
        (replace(CSV, columns=(*COLUMNS[:5], Column("Purpose", ExportField.FIXED))), "the same text on every line"),
        (replace(PAIN, payer=PayingAccount("Lantern Relief", " ")), "whose account pays"),
    ],
)
def test_a_template_whose_file_could_not_be_paid_from_is_refused(records: Records, template: Template, said: str):
    made = make_transfers.setting(records)

    with pytest.raises(Refused) as refused:
        save(records, made, template)

    assert said in refused.value.fix


def test_a_locked_file_opens_with_its_password_to_the_file_that_was_released(records: Records):
    made = make_transfers.setting(records)
    save(records, made, LOCKED)
    list_id = make_transfers.released_list(records, made)

    shut = exported(records, made, list_id, PASSWORD)

    opened = io.BytesIO()
    office = msoffcrypto.OfficeFile(io.BytesIO(shut))
    office.load_key(password=PASSWORD, verify_password=True)
    office.decrypt(opened)
    assert sha256(opened.getvalue()).digest() == payment_list(records, list_id).export_digest


@pytest.mark.parametrize(
    ("template", "password", "said"),
    [(LOCKED, None, "never leaves without one"), (LOCKED, "short", "choose a longer password"), (CSV, PASSWORD, "leave the password away")],
)
def test_a_file_that_may_not_leave_so_is_refused(records: Records, template: Template, password: str | None, said: str):
    made = make_transfers.setting(records)
    save(records, made, template)
    list_id = make_transfers.released_list(records, made)

    with pytest.raises(Refused) as refused:
        exported(records, made, list_id, password)

    assert said in refused.value.fix


def test_a_bank_message_of_a_released_list_names_every_line(records: Records):
    made = make_transfers.setting(records, (4, 3), mechanism=Mechanism.BANK)
    save(records, made, PAIN)
    list_id = make_transfers.released_list(records, made)

    content = exported(records, made, list_id).decode()

    with records.read() as reading:
        from cbi.transfers.service import instructions_of

        asked = instructions_of(reading, list_id)
    assert re.findall(r"<EndToEndId>([^<]+)<", content) == [each.reference for each in asked]
    assert content.count("<CdtrAcct>") == 2
    assert sha256(content.encode()).digest() == payment_list(records, list_id).export_digest


def test_the_first_lines_on_a_page_name_nobody(records: Records):
    made = make_transfers.setting(records)
    save(records, made, replace(CSV, columns=(*COLUMNS, Column("Name", ExportField.NAME))))
    list_id = make_transfers.released_list(records, made)

    with records.read() as reading:
        shown = release.veiled_lines(reading, lists.list_by_id(reading, list_id), 3)

    assert shown.count("\n") == 3
    assert "Juniper" not in shown
    assert "254712" not in shown
    assert "Winter cash" in shown


def form_of(page: str) -> dict[str, str]:
    """Every field of the page's first form, as it stands."""
    typed = {name: value for name, value in re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page) if name != "csrf_token"}
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"|<option value="([^"]*)" selected', body) or re.search(
            r'value="([^"]*)"', body
        )
        assert chosen
        typed[name] = next(text for text in chosen.groups() if text is not None)
    return {name: value for name, value in typed.items() if name not in {"template", "show", "add_line"}}


def test_a_manager_writes_a_template_sees_its_first_lines_and_saves_it(records: Records, visitor: Sign):
    made = make_transfers.setting(records)
    manager, url = visitor(Role.MANAGER), f"/providers/{made.provider_id}/file"

    page = manager.see(url)
    assert "Receiver phone" in page
    typed = {**form_of(page), "name": "Bulk upload", "form": "csv", "columns-0-heading": "Txn Ref"}
    shown = manager.post(url, {**typed, "show": "1"}).text
    saved = manager.send(url, typed)

    assert "Txn Ref;Receiver name;Receiver phone;Amount;Currency" in shown
    assert "T7K4-2MQX;Juniper Moonbeam;0712000001;12500.50;KES" in shown
    assert "Bulk upload, version 1" in saved
    with records.read() as reading:
        assert file_templates.versions(reading, made.provider_id)[0].chosen


def test_a_template_that_cannot_be_kept_says_what_to_do_and_keeps_what_was_typed(records: Records, visitor: Sign):
    made = make_transfers.setting(records)
    manager, url = visitor(Role.MANAGER), f"/providers/{made.provider_id}/file"

    answer = manager.post(url, {**form_of(manager.see(url)), "name": "", "columns-1-heading": "Our name for it"})

    assert answer.status_code == 422
    assert "name the template in at most 60 signs" in answer.text
    assert "Our name for it" in answer.text


def test_the_file_leaves_behind_the_password_that_was_typed_twice(records: Records, visitor: Sign, steps: list[object]):  # noqa: F811
    made = make_transfers.setting(records)
    url = f"/lists/{make_transfers.released_list(records, made)}/file"
    finance = visitor(Role.FINANCE)

    once = finance.post(url, {**STEP_UP, "lock": PASSWORD})
    twice = finance.post(url, {**STEP_UP, "lock": PASSWORD, "lock_again": PASSWORD})

    assert once.status_code == 422
    assert "twice the same" in once.text
    assert PASSWORD not in once.text
    assert twice.data[:4] == b"\xd0\xcf\x11\xe0"
    assert twice.headers["Content-Disposition"] == 'attachment; filename="L-2026-001.xlsx"'
    with records.read() as reading:
        told = reading.session.connection().execute(sa.text("SELECT body FROM audit_entry")).scalars().all()
    assert any('"locked":true' in body.replace(" ", "") for body in told)
    assert not any(PASSWORD in body for body in told)


@pytest.mark.parametrize("role", [Role.FINANCE, Role.APPROVER, Role.HELP_DESK])
def test_only_who_plans_programmes_meets_the_templates(records: Records, visitor: Callable[..., make.Visitor], role: Role):
    made = make_transfers.setting(records)

    visitor(role).see(f"/providers/{made.provider_id}/file", status=404)
