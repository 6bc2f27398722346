"""Another version of the check is put in use by command; pages, letters and the site check follow it, and nothing the office counts with changes."""

from __future__ import annotations

import json

import pytest
from sqlmodel import select

from cbi.errors import Refused
from cbi.sites import instrument, service
from cbi.sites.standing import findings_of
from cbi.store.records import Records
from cbi.store.work import Actor
from screening import Package, editing
from screening.editing import Kind
from tests import make_sites

SHIPPED = Package.shipped(instrument.NAME)
H05 = ("items", "H05", "wording")


def package(version: str = "0.2", **said: str) -> Package:
    """The shipped check as another version. said: other words, by item."""
    words = {("items", item, "wording"): text for item, text in said.items()}
    return editing.put_words(editing.put_version(SHIPPED, version), "en", words)


def install(records: Records, new: Package) -> None:
    with records.work(Actor()) as work:
        instrument.install(work, new.to_bytes())


def refusal(records: Records, content: bytes) -> str:
    with pytest.raises(Refused) as refused, records.work(Actor()) as work:
        instrument.install(work, content)
    return refused.value.fix


def test_until_one_is_installed_the_shipped_check_is_in_use(records: Records):
    with records.read() as reading:
        assert instrument.current(reading).version == "0.1-draft"
        assert instrument.installed(reading) == [SHIPPED]


def test_the_version_installed_last_is_in_use_and_every_other_is_kept(records: Records):
    install(records, package("0.2", H05="Will you help to decide?"))
    install(records, package("0.3", H05="Will you take part in deciding?"))

    with records.read() as reading:
        assert instrument.current(reading).item("H05").wording == "Will you take part in deciding?"
        assert instrument.version_of(reading, "0.2").item("H05").wording == "Will you help to decide?"
        assert instrument.version_of(reading, "7.7").version == "0.3"
        assert instrument.current(reading, "ar").language == "ar"
        assert instrument.current(reading, "my").language == "en"
        assert [one.version for one in instrument.installed(reading)] == ["0.1-draft", "0.2", "0.3"]


def test_the_entry_of_the_trail_tells_name_version_and_digest_and_nothing_else(records: Records):
    new = package()
    install(records, new)

    with records.read() as reading:
        entry = reading.system.audit_entry
        row = reading.session.exec(select(entry).order_by(entry.seq.desc())).first()
    assert row.kind == "sites.InstrumentInstalled"
    assert {"name": instrument.NAME, "version": "0.2", "digest": new.digest}.items() <= json.loads(row.body).items()


def _renamed() -> Package:
    structure = SHIPPED.texts()["instrument.toml"].replace('name = "delivery-safety-check"', 'name = "another-check"')
    return editing.put_version(Package.of({**SHIPPED.as_files(), "instrument.toml": structure.encode()}), "0.2")


def _without(language: str) -> Package:
    return Package.of({name: text for name, text in package().as_files().items() if name != f"{language}.toml"})


def _block(kind: Kind, name: str, old: str, new: str) -> Package:
    block = editing.block(package(), kind, name)
    assert old in block
    return editing.put_block(package(), kind, block.replace(old, new))


def _text(old: str, new: str) -> Package:
    structure = package().texts()["instrument.toml"]
    assert old in structure, structure[:3000]
    return Package.of({**package().as_files(), "instrument.toml": structure.replace(old, new, 1).encode()})


REFUSED = {
    "the one in use": (SHIPPED, "choose a version newer than 0.1-draft, which is in use"),
    "an older one": (package("0.0"), "choose a version newer than 0.1-draft, which is in use"),
    "another instrument": (_renamed(), "choose a version of delivery-safety-check: this is another instrument"),
    "one without a language in use": (_without("ar"), "ar.toml: you need to keep this language"),
    "an unsound one": (package(H05="Who hit you?"), 'en.toml: H05: you need to ask about the way of delivery instead; "hit" must not be asked'),
    "one with other site lines": (_text('fixes = ["SM_PRIVACY"]', 'fixes = ["SM_PRIVACY", "SM_LAYOUT"]'), "site check: you need to keep its lines"),
    "one with a looser gate": (_text("max_age_days = 30", "max_age_days = 300"), "gates: you need to keep what opens and stops the private page"),
    "one whose choices mean nothing here": (
        editing.put_words(_block(Kind.ITEM, "H11", 'id = "manage"', 'id = "copes"'), "en", {("items", "H11", "options", "copes"): "Copes"}),
        "copes",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_is_refused_with_the_reason(records: Records, case: str):
    new, expected = REFUSED[case]

    assert expected in refusal(records, new.to_bytes())
    with records.read() as reading:
        assert instrument.installed(reading) == [SHIPPED]


def test_an_option_of_the_choices_that_no_arrangement_stands_behind_is_refused(records: Records):
    new = _block(Kind.ITEM, "H11", 'id = "manage"', 'id = "copes"')
    for language in new.languages:
        new = editing.put_words(new, language, {("items", "H11", "options", "copes"): "OK"})

    assert "page choices: you need to keep its items and their options" in refusal(records, new.to_bytes())


def test_an_instrument_whose_answers_outgrow_a_letter_is_refused(records: Records):
    options = ",".join(f'{{ id = "{"o" * 60}{number}", points = 0 }}' for number in range(23))
    new = package()
    for number in range(60, 63):
        block = f'[[item]]\nid = "H{number}"\npage = "private"\ndomain = "CTRL"\ntype = "select_multiple"\nsensitivity = 2\nasked_of = "recipient"\noptions = [{options}]\n'
        new = editing.put_block(new, Kind.ITEM, block)
        for language in new.languages:
            new = editing.put_words(new, language, {place: "OK" for place in editing.needed(new, language) if f"H{number}" in place})

    assert "page private: you need to leave items or options out" in refusal(records, new.to_bytes())


@pytest.mark.parametrize("content", [b"", b"{}", package().to_bytes()[:-20]])
def test_a_file_that_is_none_is_refused_in_a_sentence(records: Records, content: bytes):
    assert "ask for another file: file: you need to" in refusal(records, content)


def test_what_a_place_still_lacks_is_said_in_the_words_in_use(records: Records):
    site_id = make_sites.site(records)
    make_sites.check(records, site_id, S08="no")
    install(records, editing.put_words(package(), "en", {("site_fixes", "SM_PRIVACY"): "Take the name lists down"}))

    with records.read() as reading:
        found = findings_of(service.latest(reading, site_id), reading.today)
    assert [block.fix for block in found] == ["put this right and close it: take the name lists down"]
