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
from screening import Package, SignedPackage, editing
from screening.editing import Kind
from tests import make_questions, make_sites
from tests.make_questions import SHIPPED, file_of
from tests.make_questions import version as package


@pytest.fixture
def trusted(records: Records) -> Records:
    """This office, with the support team's key."""
    make_questions.trust(records)
    return records


def install(records: Records, new: Package) -> None:
    with records.work(Actor()) as work:
        instrument.install(work, file_of(new))


def refusal(records: Records, content: bytes) -> str:
    with pytest.raises(Refused) as refused, records.work(Actor()) as work:
        instrument.install(work, content)
    return refused.value.fix


def test_until_one_is_installed_the_shipped_check_is_in_use(records: Records):
    with records.read() as reading:
        assert instrument.current(reading).version == "0.1-draft"
        assert instrument.installed(reading) == [SHIPPED]


def test_the_version_installed_last_is_in_use_and_every_other_is_kept(trusted: Records):
    install(trusted, package("0.2", H05="Will you help to decide?"))
    install(trusted, package("0.3", H05="Will you take part in deciding?"))

    with trusted.read() as reading:
        assert instrument.current(reading).item("H05").wording == "Will you take part in deciding?"
        assert instrument.version_of(reading, "0.2").item("H05").wording == "Will you help to decide?"
        assert instrument.version_of(reading, "7.7").version == "0.3"
        assert instrument.current(reading, "ar").language == "ar"
        assert instrument.current(reading, "my").language == "en"
        assert [one.version for one in instrument.installed(reading)] == ["0.1-draft", "0.2", "0.3"]


def test_the_entry_of_the_trail_tells_name_version_and_digest_and_nothing_else(trusted: Records):
    new = package()
    install(trusted, new)

    with trusted.read() as reading:
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
def test_what_does_not_fit_is_refused_with_the_reason(trusted: Records, case: str):
    new, expected = REFUSED[case]

    assert expected in refusal(trusted, file_of(new))
    with trusted.read() as reading:
        assert instrument.installed(reading) == [SHIPPED]


def test_an_option_of_the_choices_that_no_arrangement_stands_behind_is_refused(trusted: Records):
    new = _block(Kind.ITEM, "H11", 'id = "manage"', 'id = "copes"')
    for language in new.languages:
        new = editing.put_words(new, language, {("items", "H11", "options", "copes"): "OK"})

    assert "page choices: you need to keep its items and their options" in refusal(trusted, file_of(new))


def test_an_instrument_whose_answers_outgrow_a_letter_is_refused(trusted: Records):
    options = ",".join(f'{{ id = "{"o" * 60}{number}", points = 0 }}' for number in range(23))
    new = package()
    for number in range(60, 63):
        block = f'[[item]]\nid = "H{number}"\npage = "private"\ndomain = "CTRL"\ntype = "select_multiple"\nsensitivity = 2\nasked_of = "recipient"\noptions = [{options}]\n'
        new = editing.put_block(new, Kind.ITEM, block)
        for language in new.languages:
            new = editing.put_words(new, language, {place: "OK" for place in editing.needed(new, language) if f"H{number}" in place})

    assert "page private: you need to leave items or options out" in refusal(trusted, file_of(new))


def test_a_file_nobody_signed_is_refused(trusted: Records):
    assert "take the file anew" in refusal(trusted, package().to_bytes())
    with trusted.read() as reading:
        assert instrument.current(reading).version == "0.1-draft"


def test_while_the_support_teams_key_is_not_here_no_signature_counts(records: Records):
    assert "sign in once" in refusal(records, file_of(package()))


def test_a_file_signed_with_another_key_or_about_other_words_is_refused(trusted: Records):
    another = file_of(package(), seed=bytes(32))
    exchanged = SignedPackage(package(H05="Is it so?"), SignedPackage.from_bytes(file_of(package())).signature).to_bytes()

    for content in (another, exchanged):
        assert "take the file anew" in refusal(trusted, content)
    with trusted.read() as reading:
        assert instrument.installed(reading) == [SHIPPED]


def test_a_file_signed_before_the_keys_changed_is_refused_and_one_taken_anew_is_not(trusted: Records):
    old, later = file_of(package()), bytes(reversed(range(32)))
    make_questions.trust(trusted, later)

    assert "their present key" in refusal(trusted, old)
    with trusted.work(Actor()) as work:
        assert instrument.install(work, file_of(package(), later)).version == "0.2"


def test_what_a_newer_program_brings_is_put_in_use_without_a_signature_and_nothing_else_is(
    trusted: Records, monkeypatch: pytest.MonkeyPatch
):
    install(trusted, package("0.2"))
    newer = package("0.9", H05="Will you help to decide?")
    monkeypatch.setattr(Package, "shipped", classmethod(lambda _cls, _name: newer))

    assert "take the file anew" in refusal(trusted, package("0.9", H05="Will you decide?").to_bytes())
    with trusted.work(Actor()) as work:
        assert instrument.install(work, newer.to_bytes()) == newer
        assert instrument.current(work).item("H05").wording == "Will you help to decide?"


@pytest.mark.parametrize("content", [b"", b"{}", package().to_bytes()[:-20]])
def test_a_file_that_is_none_is_refused_in_a_sentence(records: Records, content: bytes):
    assert "ask for another file: file: you need to" in refusal(records, content)


def test_what_a_place_still_lacks_is_said_in_the_words_in_use(trusted: Records):
    site_id = make_sites.site(trusted)
    make_sites.check(trusted, site_id, S08="no")
    install(trusted, editing.put_words(package(), "en", {("site_fixes", "SM_PRIVACY"): "Take the name lists down"}))

    with trusted.read() as reading:
        found = findings_of(service.latest(reading, site_id), reading.today)
    assert [block.fix for block in found] == ["put this right and close it: take the name lists down"]
