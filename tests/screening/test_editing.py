"""An instrument is changed entry by entry, in every language; what `check` says about it comes with every kind of fault at once."""

import tomllib

import pytest

from screening import Package, SignedPackage, check_files, editing, load_package
from screening.editing import Kind
from screening.reading import UnreadableInstrument
from screening.versions import next_after, order
from screening.writing import toml

SHIPPED = Package.shipped("delivery-safety-check")
WORDING = ("items", "H05", "wording")


def faults(package):
    return [str(one) for one in check_files(package.as_files())]


@pytest.mark.parametrize("name", [name for name, _ in SHIPPED.files])
def test_what_is_written_reads_back_as_the_same(name):
    content = tomllib.loads(SHIPPED.texts()[name])

    assert tomllib.loads(toml(content)) == content


@pytest.mark.parametrize("text", ['"', "\\", "a\nb", "\x7f\x01", "{ }", "«نعم»", "#"])
def test_any_text_is_written_so_that_it_reads_back(text):
    assert tomllib.loads(toml({"a": {"b c": text}, "item": [{"id": text, "options": [{"id": text}]}]}))["item"][0]["options"] == [
        {"id": text}
    ]


def test_an_instrument_edited_back_and_forth_is_the_same_instrument():
    again = SHIPPED
    for kind in Kind:
        for one in editing.ids(again, kind):
            again = editing.put_block(again, kind, editing.block(again, kind, one))

    assert load_package(again) == load_package(SHIPPED)
    assert load_package(again, "ar") == load_package(SHIPPED, "ar")


def test_other_words_are_said_in_one_language_only():
    changed = editing.put_words(SHIPPED, "en", {WORDING: "  Will you take part in deciding?  "})

    assert load_package(changed).item("H05").wording == "Will you take part in deciding?"
    assert load_package(changed, "ar") == load_package(SHIPPED, "ar")


def test_words_taken_away_are_missed_and_a_caution_may_be_blank():
    changed = editing.put_words(SHIPPED, "ar", {WORDING: " ", ("measures", "M_SPLIT", "caution"): ""})

    assert faults(changed) == ["ar.toml: you need to translate items.H05.wording"]


def test_a_new_option_is_missed_in_every_language_and_an_old_one_takes_its_words_along():
    block = editing.block(SHIPPED, Kind.ITEM, "H05").replace('{ id = "unsure", points = 1 }', '{ id = "later", points = 1 }')

    changed = editing.put_block(SHIPPED, Kind.ITEM, block)

    assert faults(changed) == [f"{language}.toml: you need to translate items.H05.options.later" for language in ("ar", "en")]


def test_an_item_taken_out_leaves_no_words_behind_and_what_rests_on_it_is_told():
    changed = editing.remove_block(SHIPPED, Kind.ITEM, "H16")

    assert not [place for place in editing.words(changed, "en") if "H16" in place]
    assert any('rule R1: you need to name an item that exists instead of "H16"' in one for one in faults(changed))
    assert any('item H17: you need to let it follow an earlier item of its own page; "H16" is none' in one for one in faults(changed))


def test_points_and_page_change_without_the_rest():
    changed = editing.put_points(SHIPPED, "H05", {"no": 2}, "private")

    before, after = load_package(SHIPPED), load_package(changed)
    assert editing.points(changed, "H05") == {"yes": 0, "partly": 1, "unsure": 1, "no": 2}
    assert after.item("H05").option("no").points == 2
    assert [one for one in after.items if one.id != "H05"] == [one for one in before.items if one.id != "H05"]


@pytest.mark.parametrize(
    "text",
    ["", "id = 1", "[[item]]", '[[item]]\nid = "A"\n[[item]]\nid = "B"', '[[rule]]\nid = "R1"', "[[item", "a = " + "[" * 3000,
     '[[item]]\nid = "H90"\npoints = 1.5', '[[item]]\nid = "H90"\nsince = 2026-11-26', '[[item]]\nid = "H90"\n[other]\na = 1'],
)  # fmt: skip
def test_an_entry_that_is_none_is_refused_in_a_sentence(text):
    with pytest.raises(UnreadableInstrument, match="you need to"):
        editing.put_block(SHIPPED, Kind.ITEM, text)


def test_a_language_is_begun_and_everything_is_still_to_be_said():
    begun = editing.add_language(SHIPPED, "fr")

    assert len(editing.needed(begun, "fr")) == len(editing.needed(SHIPPED, "en"))
    assert "fr.toml: you need to translate items.H05.wording" in faults(begun)


@pytest.mark.parametrize("code", ["en", "", "../x", "instrument", "EN"])
def test_a_language_that_is_there_or_is_none_is_not_begun(code):
    with pytest.raises(UnreadableInstrument, match="you need to"):
        editing.add_language(SHIPPED, code)


UNSAFE = {"en": "Has anyone hurt you?", "ar": "هل ضربك أحد؟", "fr": "Quelqu'un vous a-t-il frappée ?", "es": "¿Alguien la ha golpeado?"}


@pytest.mark.parametrize("language", UNSAFE)
def test_unsafe_wording_is_refused_by_each_languages_own_list(language):
    whole = SHIPPED if language in SHIPPED.languages else editing.add_language(SHIPPED, language)
    said = editing.words(SHIPPED, "en" if language not in SHIPPED.languages else language)

    changed = editing.put_words(whole, language, {**said, WORDING: UNSAFE[language]})

    assert any(one.startswith(f"{language}.toml: H05: you need to ask about the way of delivery instead") for one in faults(changed))


def test_unsafe_wording_of_a_measure_is_refused_too():
    changed = editing.put_words(SHIPPED, "en", {("measures", "M_SPLIT", "title"): "Money for victims"})

    assert faults(changed) == ['en.toml: M_SPLIT: you need to ask about the way of delivery instead; "victims" must not be asked']


def test_the_five_kinds_of_fault_are_told_at_once_each_with_its_place():
    faulty = editing.put_words(SHIPPED, "en", {WORDING: "Who hit you?", ("rules", "R2"): ""})
    faulty = editing.put_words(faulty, "ar", {("items", "H04", "wording"): ""})
    faulty = editing.put_points(faulty, "H08", {}, "choices")
    apart = editing.block(faulty, Kind.ITEM, "H09").replace('"mobile_money"', '"pigeon"')
    found = faults(editing.put_block(faulty, Kind.ITEM, apart))

    for expected in (
        'en.toml: H05: you need to ask about the way of delivery instead; "hit" must not be asked',
        'instrument.toml: item H09: you need to name a mechanism of this instrument instead of "pigeon": it would never be reached',
        "en.toml: you need to give a reason in plain words at rules.R2: nobody is marked without being told why",
        "ar.toml: you need to translate items.H04.wording",
        "instrument.toml: item H08: you need to move it to the private page: it gives points to a risk domain, which only the room may read",
    ):
        assert expected in found, found


def test_an_item_that_shares_no_mechanism_with_the_one_it_follows_is_unreachable():
    block = editing.block(SHIPPED, Kind.ITEM, "H17").replace('item = "H16"', 'mechanisms = ["cash"], item = "H16"')
    leader = editing.block(SHIPPED, Kind.ITEM, "H16").replace("sensitivity", 'relevant = { mechanisms = ["card"] }\nsensitivity')

    found = faults(editing.put_block(editing.put_block(SHIPPED, Kind.ITEM, block), Kind.ITEM, leader))

    assert any("item H17: you need to let it share a mechanism with H16" in one and "never be reached" in one for one in found), found


def test_a_package_reads_back_as_itself_and_tells_its_digest():
    again = SignedPackage.from_bytes(SHIPPED.to_bytes())

    assert again == SignedPackage(SHIPPED)
    assert again.package.digest == SHIPPED.digest
    assert editing.put_version(SHIPPED, "0.2").digest != SHIPPED.digest


@pytest.mark.parametrize(
    "changed",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        SHIPPED.to_bytes().replace(b"0.1-draft", b"9.0"),
        SHIPPED.to_bytes().replace(b'"ar.toml"', b'"../ar.toml"'),
        SHIPPED.to_bytes().replace(b"Who", b"Wh\\ud800", 1),
        SHIPPED.to_bytes() + b" ",
        SHIPPED.to_bytes().replace(b' "version"', b' "signature": "",\n "version"'),
        SHIPPED.to_bytes().replace(b' "version"', b' "signature": "\\ud800",\n "version"'),
        SHIPPED.to_bytes().replace(b' "version"', b' "signature": 7,\n "version"'),
        SignedPackage(SHIPPED, "0a").to_bytes().replace(b"0.1-draft", b"9.0"),
    ],
)
def test_a_file_that_was_changed_on_its_way_is_refused(changed):
    with pytest.raises(UnreadableInstrument, match="you need to"):
        SignedPackage.from_bytes(changed)


def test_a_signature_travels_beside_the_package_and_is_no_part_of_it():
    signed = SignedPackage(SHIPPED, "0a1b")

    again = SignedPackage.from_bytes(signed.to_bytes())

    assert again == signed
    assert again.package.to_bytes() == SHIPPED.to_bytes() != signed.to_bytes()


def test_versions_follow_one_another():
    assert sorted(["1.0", "0.10", "0.2", "0.1", "0.1-draft"], key=order) == ["0.1-draft", "0.1", "0.2", "0.10", "1.0"]
    assert next_after("0.1-draft", "0.9", "0.10") == "0.11"


@pytest.mark.parametrize("version", ["one", "1", "1.0.0", "1.0 "])
def test_a_version_that_cannot_be_put_in_order_is_a_mistake(version):
    assert any("write the version as two numbers" in one for one in faults(editing.put_version(SHIPPED, version)))
