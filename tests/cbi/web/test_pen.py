"""Letters of five scripts on paper: all there, joined as they are written, in their own direction."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import uharfbuzz

from cbi.web import pen as pens
from cbi.web.letters import FONTS, UNREADABLE, having_signs, legible
from cbi.web.paper import Note, Paper, Table, draw
from cbi.web.pen import Frame, Pen

NOW = datetime(2026, 11, 26, tzinfo=UTC)
LETTERS = {
    "latin": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789ÀÉÎÑÖÜßçđğışžẠỌṢ.,;:!?'’“”()/&@#%+−–—…·‹›",
    "arabic": "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيپچژکگیەێۆڕڵٹڈڑںھے٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹،؛؟ًٌٍَُِّْ",
    "bengali": "অআইঈউঊঋএঐওঔকখগঘঙচছজঝঞটঠডঢণতথদধনপফবভমযরলশষসহড়ঢ়য়ৎংঃঁািীুূৃেৈোৌ্০১২৩৪৫৬৭৮৯৳।",
    "burmese": "ကခဂဃငစဆဇဈဉညဋဌဍဎဏတထဒဓနပဖဗဘမယရလဝသဟဠအဣဤဥဦဧဩဪါာိီုူေဲံ့း္်ျြွှဿ၀၁၂၃၄၅၆၇၈၉၊။၌၍၎၏",
    "ethiopic": "ሀሁሂሃሄህሆለሉሐመሙሠረሰሸቀበቨተቸኀነኘአከኸወዐዘዠየደዱጀገጠጨጰጸፀፈፐፗ፩፪፫፬፭፮፯፰፱፲፻፼፡።፣፤፥፦",
}
# As the letters stand alone, and joined: fewer signs, or other ones, in the joined word.
JOINED = {"arabic": "محمد", "arabic with its vowels": "مُحَمَّد", "bengali": "ক্ষেত্র", "bengali with a joiner": "র‍্যাব", "burmese": "မင်္ဂလာ"}


@pytest.fixture
def take() -> Iterator[Callable[..., Pen]]:
    """Takes pens, and lays them down again: a finished paper closes its fonts."""
    taken: list[Pen] = []

    def one(*, right_to_left: bool = False) -> Pen:
        taken.append(Pen(Frame("Paper", "{page}", NOW, right_to_left=right_to_left)))
        return taken[-1]

    yield one
    for pen in taken:
        pen.finished()


@pytest.mark.parametrize("script", list(LETTERS))
def test_every_common_letter_of_a_script_has_a_sign_in_both_weights(script: str):
    missing = [letter for letter in LETTERS[script] if ord(letter) not in having_signs()]

    assert missing == []


@pytest.mark.parametrize("word", list(JOINED))
def test_a_word_reaches_the_shaper_whole_and_comes_back_joined(word: str, take: Callable[..., Pen]):
    text = JOINED[word]
    pen = take()
    pen.pick(12)
    pdf = pen.pdf

    [piece] = pdf._parse_chars(text, markdown=False)
    signs = pdf.current_font.shape_text("".join(piece.characters), 12, None)

    assert "".join(piece.characters) == text
    assert [sign["mapped_char"] for sign in signs] != [pdf.current_font.shape_text(letter, 12, None)[0]["mapped_char"] for letter in text]


def test_the_stacked_letter_of_burmese_is_one_cluster_below_the_other():
    buffer = uharfbuzz.Buffer()
    buffer.add_str("ဗုဒ္ဓ")
    buffer.guess_segment_properties()
    uharfbuzz.shape(uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(FONTS / "Paper-Regular.ttf"))), buffer)

    clusters = [info.cluster for info in buffer.glyph_infos]

    assert 0 not in [info.codepoint for info in buffer.glyph_infos]
    assert clusters.count(2) == 2  # ဒ and the ဓ under it
    assert buffer.glyph_positions[-1].x_advance == 0


def test_a_letter_without_a_sign_is_said_and_never_an_empty_box():
    assert legible("Juniper देव 漢字") == f"Juniper {UNREADABLE}"
    assert legible("Ｊｕｎｉｐｅｒ") == "Juniper"
    assert legible("Tumble\ufe0f\x07") == "Tumble"


def test_a_mark_that_turns_a_line_around_is_left_out_and_joiners_stay():
    assert legible("Juniper \u202e123") == "Juniper 123"
    assert legible("می\u200cروم") == "می\u200cروم"


def test_a_paper_with_a_letter_it_has_no_type_for_says_so_at_its_end(app):
    with app.test_request_context():
        with_one, without = (
            len(draw(Paper(name, "Kharwa", (), (Note(("Juniper",)),), (), (), None, "{page}", NOW))) for name in ("漢", UNREADABLE)
        )

    assert with_one > without


@pytest.mark.parametrize(
    ("line", "right_to_left", "seen"),
    [
        ("then نص 12 نوفمبر.", False, ["then ", " نوفمبر", "12", "نص ", "."]),
        ("نص 12 نوفمبر BH-20417-6", True, ["BH-20417-6", " نوفمبر ", "12", "نص "]),
        ("می\u200cروم র\u200d্যাব", True, ["র\u200d্যাব", "می\u200cروم "]),
    ],
)
def test_numbers_inside_words_of_the_other_direction_stand_where_they_are_read(line: str, right_to_left: bool, seen: list[str]):
    assert [text for text, _turned in pens._runs(line, right_to_left=right_to_left)] == seen


@pytest.mark.parametrize(
    ("text", "on_a_left_paper", "on_a_right_paper"),
    [
        ("+999 555 0142", False, False),
        ("BH-20417-6", False, False),
        ("− 1,250.00", False, False),
        ("فاطمة الزهراء", True, True),
        ("Juniper Moonbeam", False, False),
        ("BH-20417-6 سُجّلت الأسرة", False, True),
        ("Read to فاطمة", False, False),
    ],
)
def test_every_paragraph_begins_on_the_side_it_is_read_from(
    text: str, on_a_left_paper: bool, on_a_right_paper: bool, take: Callable[..., Pen]
):
    left, right = (take(right_to_left=turned) for turned in (False, True))

    assert (left._turned(text), right._turned(text)) == (on_a_left_paper, on_a_right_paper)


def test_burmese_without_spaces_is_broken_between_syllables_and_nothing_is_lost(take: Callable[..., Pen]):
    pen = take()
    pen.pick(15)
    text = "သင်၏အိမ်ထောင်စုကိုငွေသားအကူအညီအတွက်စဉ်းစားနိုင်ရန်မှတ်ပုံတင်လိုပါသည်ကျွန်ုပ်တို့ဗုဒ္ဓ"

    lines = pen._lines(text, 60)

    assert len(lines) > 2
    assert "".join(lines) == text
    assert all(pen._width(line) <= 60 for line in lines)
    assert not any(line[0] in "ါာိီုူေဲံ့း္်ျြွှ" for line in lines)


def test_a_word_wider_than_its_cell_is_cut_between_letters_with_their_marks(take: Callable[..., Pen]):
    pen = take()
    pen.pick(9)
    word = "ক্ষেত্রস্ত্রী" * 12

    lines = pen._lines(word, 30)

    assert "".join(lines) == word
    assert not any(line[0] in "ািীুূৃেৈোৌ্ঁংঃ" or line[-1] == "্" for line in lines)


def test_a_word_wider_than_its_cell_is_cut_after_a_hyphen_first(take: Callable[..., Pen]):
    pen = take()
    pen.pick(10)

    lines = pen._lines("Featherstonehaugh-Moonbeam", 40)

    assert lines == ["Featherstonehaugh-", "Moonbeam"]


def drawn_by(pen: Pen) -> list[tuple[str, float, float, float]]:
    """Keeps what a pen draws from now on: each piece with its left end, its place from the top and its width."""
    pieces: list[tuple[str, float, float, float]] = []
    at = pen._at
    pen._at = lambda text, left, top, width, height: (pieces.append((text, left, top, width)), at(text, left, top, width, height))[1]  # type: ignore[method-assign]
    return pieces


@pytest.mark.parametrize(
    "name", ["عبد الله محمد عبد العزيز بن عبد الرحمن القمري الطويل", "Bartholomew Thistlewick Featherstonehaugh-Moonbeam"]
)
def test_a_long_name_stands_in_its_box_in_several_lines_instead_of_tiny_letters(name: str, take: Callable[..., Pen]):
    pen = take()
    pieces = drawn_by(pen)

    pen.fit(name, 50, 100, 40, 16, size=10)

    assert len({top for _text, _left, top, _width in pieces}) in {2, 3}
    assert pen.pdf.font_size_pt >= 9
    assert all(left >= 50 and left + width <= 90.01 and 100 <= top <= 112 for _text, left, top, width in pieces)


def test_the_number_of_pages_stands_beside_its_words_when_they_are_read_from_the_right():
    pen = Pen(Frame("ورقة", "الصفحة {page} من {pages}", NOW, right_to_left=True))
    pen.pdf.add_page()
    feet = drawn_by(pen)

    pen.finished()

    assert [text for text, *_place in feet].count("2") == 3, "the second page's own number, and how many there are on both"
    first = feet[: len(feet) // 2]
    assert all(abs(left + width - after) < 0.01 for (_t, left, _p, width), (_u, after, *_q) in itertools.pairwise(first))


def test_the_heading_of_a_table_stands_again_on_every_page_and_a_row_stays_whole(take: Callable[..., Pen]):
    drawn: list[tuple[int, str]] = []
    pen = take()
    put = pen._line
    pen._line = lambda line, *place, **more: (drawn.append((pen.pdf.page, line)), put(line, *place, **more))[1]  # type: ignore[method-assign]
    header, widths = ("Number", "Name"), (1, 1)

    pen.header(header, widths, frozenset())
    for place in range(120):
        pen.row((f"{place}", f"first of {place}\nlast of {place}"), widths, frozenset(), size=9, header=header)

    pages = {page for page, _line in drawn}
    assert len(pages) > 2
    assert all([line for on, line in drawn if on == page][:2] == ["Number", "Name"] for page in pages)
    homes = [{page for page, line in drawn if line.endswith(f"of {place}")} for place in range(120)]
    assert all(len(home) == 1 for home in homes)


def test_the_same_paper_is_the_same_bytes():
    table = Table("Names", ("Name",), tuple((word,) for word in JOINED.values()), (1,), frozenset())
    papers = [draw(Paper("Paper", "Kharwa", (), (table,), (), (), None, "{page}", NOW, "ar", True)) for _time in range(2)]

    assert papers[0] == papers[1]
