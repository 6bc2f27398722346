"""Texts of separated values as programs and people write them: encodings, marks, quotes, line ends, and what is no text."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.workbooks import plain
from tests.workbooks.cases import Case, Read, either, read, refused

_TWO: Read = [("TR-0001", 5000, "paid"), ("TR-0002", 7550, "paid")]
_LINES = "Reference,Amount\nTR-0001,50\nTR-0002,75.50\n"
_WORDS = {
    "cp1252": ("Référence du bénéficiaire", "Éloïse Ménard", "Señora Muñoz", "não", "Größe"),
    "mac_roman": ("Référence du bénéficiaire", "Éloïse Ménard", "Señora Muñoz", "não", "Größe"),
    "cp850": ("Référence du bénéficiaire", "Éloïse Ménard", "Señora Muñoz", "não", "Größe"),
    "cp1254": ("Açıklama", "Yılmaz Gümüş", "Ödendi", "İğneada", "Şube"),
    "cp1250": ("Imię", "Żaneta Świątek", "wypłacona", "zażółć", "gęślą"),
    "cp1251": ("Получатель", "Иван Сказкин", "оплачено", "сумма", "Одеса"),
    "cp1256": ("المرجع", "المبلغ", "الاسم", "قمر البستان", "مدفوع"),
    "gb18030": ("参考号", "金额", "姓名", "王小明", "已支付"),
}
_UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")


def cases() -> Iterator[Case]:
    """Every shape of text."""
    yield from _letters()
    yield from _marks()
    yield from _quotes()
    yield from _damage()


def _text(name: str, text: str, rows: Read | None = None, encoding: str = "utf-8") -> Case:
    return read(name, ".csv", _bytes(text.encode(encoding)), _TWO if rows is None else rows)


def _bytes(raw: bytes) -> Callable[[Path], Path]:
    def made(path: Path) -> Path:
        path.write_bytes(raw)
        return path

    return made


def worded(page: str) -> str:
    """A table with words of the languages written in a page of letters."""
    lines = [f"TR{n:04},{50 + n},{word}" for n, word in enumerate(_WORDS[page])]
    return "\r\n".join(["Reference,Amount,Note", *lines, ""])


def _letters() -> Iterator[Case]:
    for page, words in _WORDS.items():
        expected: Read = [(f"TR{n:04}", 5000 + 100 * n, "paid") for n in range(len(words))]
        for encoding in (page, *_UNICODE):
            yield _text(f"words of {page} in {encoding}", worded(page), expected, encoding)
    yield refused("words of two pages", ".csv", _bytes(worded("cp1251").encode("cp1251") + worded("cp1256").encode("cp1256")), "UTF-8")
    yield refused("UTF-8 with damage", ".csv", _bytes(worded("cp1256").encode() + b"\xd9\xff\n"), "UTF-8")
    yield refused("UTF-32", ".csv", _bytes(worded("cp1252").encode("utf-32")))
    yield refused("half a letter of UTF-16", ".csv", _bytes(worded("cp1252").encode("utf-16")[:-1]))


def _marks() -> Iterator[Case]:
    for delimiter in ",;\t|":
        yield read(f"split by {delimiter!r}", ".csv", lambda path, d=delimiter: plain.text(path, delimiter=d))
        yield read(
            f"split by {delimiter!r} as its first line says",
            ".csv",
            lambda path, d=delimiter: plain.text(path, delimiter=d, before=f"sep={d}\r\n"),
        )
        yield read(
            f"split by {delimiter!r} after a mark, as its first line says",
            ".csv",
            lambda path, d=delimiter: plain.text(path, delimiter=d, encoding="utf-8-sig", before=f"sep={d}\r\n"),
        )
    for name, end in (("Windows", "\r\n"), ("Unix", "\n"), ("an old Mac", "\r")):
        yield _text(f"line ends of {name}", _LINES.replace("\n", end))
    yield _text("no last line end", _LINES.rstrip("\n"))
    yield _text("blank lines between", _LINES.replace("\n", "\n\n\n"))
    yield _text("lines of delimiters alone", _LINES.replace("\n", "\n,,,\n"))
    yield _text("more delimiters than headings", _LINES.replace("50\n", "50,,,,\n"))
    yield either("two delimiters in one text", ".csv", _bytes(b"Reference;Amount\nTR-0001,50\nTR-0002,75\n"))
    yield either("one column", ".csv", _bytes(b"Reference\nTR-0001\nTR-0002\n"))
    yield either("one line", ".csv", _bytes(b"Reference,Amount"))
    yield either("one letter", ".csv", _bytes(b"x"))
    yield refused("a million columns", ".csv", _bytes(b"a," * 1_000_000 + b"\n"), "more cells")
    yield either("sixteen thousand columns", ".csv", _bytes((",".join(f"c{n}" for n in range(16_000)) + "\n").encode() * 20))
    yield refused("a line of two million letters", ".csv", _bytes(b"Reference,Amount\nTR-0001," + b"5" * 2_000_000 + b"\n"))
    yield either("a million lines of nothing", ".csv", _bytes(b"a,b\n" + b",\n" * 1_000_000))


def _quotes() -> Iterator[Case]:
    yield _text("every cell in quotes", _LINES.replace("TR-0001,50", '"TR-0001","50"'))
    yield _text("quotes in quotes", _LINES.replace("TR-0001,50", 'TR-0001,50,"so ""called"" name"'))
    yield _text("a delimiter in quotes", _LINES.replace("TR-0001,50", 'TR-0001,50,"Moonbeam, Juniper"'))
    yield _text("a line end in quotes", _LINES.replace("TR-0001,50", 'TR-0001,50,"two\nlines"'))
    yield refused("a quote never closed", ".csv", _bytes(_LINES.replace("TR-0001,50", 'TR-0001,"50').encode()), "double quotes")
    yield refused(
        "two quotes with rows between them", ".csv", _bytes(b'Reference,Amount,Note\nTR-1,50,"a\nTR-2,60,b"\nTR-3,70,c\n'), "double quotes"
    )
    yield refused(
        "two quotes with one row between them", ".csv", _bytes(b'Reference,Amount\nTR-1,"50\nTR-2,60"\nTR-3,70\n'), "double quotes"
    )
    yield refused("inches in two rows", ".csv", _bytes(b'Reference,Amount,Note\nTR-1,50,5" pipe\nTR-2,60,6" pipe\n'))
    yield _text("text that looks like a command", _LINES + "=cmd|'/c calc'!A1,10\n", [*_TWO, ("=cmd|'/c calc'!A1", 1000, "paid")])


def _damage() -> Iterator[Case]:
    chance = random.Random(5)
    yield either("the first tags of a statement over and over", ".txt", _bytes(b"\n:20:\n:25:" * 100_000))
    yield either("the tags of a statement, each over and over", ".txt", _bytes(b"\n:20:" * 400 + b"\n:25:" * 800 + b"\n"))
    yield refused("nothing", ".csv", _bytes(b""), "empty")
    yield refused("only spaces and line ends", ".csv", _bytes(b" \r\n\r\n "), "empty")
    yield refused("only a mark of UTF-8", ".csv", _bytes(b"\xef\xbb\xbf"), "empty")
    yield refused("only delimiters", ".csv", _bytes(b",,,\n" * 40))
    yield refused("zeros in the text", ".csv", _bytes(_LINES.replace("TR-0001", "TR\0-0001").encode()))
    yield refused("a zero after many lines", ".csv", _bytes(b"Reference,Amount\n" + b"TR-0001,50\n" * 2000 + b"\0\n"))
    for size in (1, 7, 512, 5000, 100_000):
        yield either(f"{size} bytes of noise", ".csv", _bytes(chance.randbytes(size)))
    for start in (
        b"PK\x03\x04",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"\x09\x08",
        b"%PDF-1.7",
        b"\x89PNG\r\n\x1a\n",
        b"\x1f\x8b",
        b"7z\xbc\xaf\x27\x1c",
        b"Rar!",
        b"GIF8",
    ):
        yield refused(f"noise that begins with {start[:4]!r}", ".xlsx", _bytes(start + chance.randbytes(3000)))
