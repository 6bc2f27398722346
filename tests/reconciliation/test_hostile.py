"""Every hostile or odd file ends in its rows or in one sentence: in time, within bounds, without reaching out, and nothing lost on the way."""

import errno
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciliation.formats import Form, form_of
from tests.workbooks import archives, markup_tricks, other_forms, plain, saved_pages, sheet_shapes, texts
from tests.workbooks.cases import Case, End
from tests.workbooks.measure import Ended, Measuring

CASES = [case for subject in (archives, markup_tricks, sheet_shapes, other_forms, saved_pages, texts) for case in subject.cases()]
SECONDS, WAITED, MIB = 10, 30, 512
FORM_OF = {"xlsm": "xlsx", "page": "html", "xml 2003": "xml"}


@pytest.fixture(scope="module")
def measuring() -> Iterator[Measuring]:
    with Measuring() as process:
        yield process


def ended_well(ended: Ended, path: Path) -> None:
    """What holds for any file at all."""
    assert not ended.broke
    assert not ended.outside
    assert ended.seconds < SECONDS
    assert ended.waited < WAITED
    assert ended.mib < MIB
    if ended.sentence:
        assert ended.code == 2
        assert ended.said == ended.sentence + "\n"
        assert ended.sentence.startswith("You need to ")
        assert ended.sentence.endswith(".")
        assert "\n" not in ended.sentence
        assert path.stem not in ended.sentence
    else:
        assert ended.code in {0, 1}
        assert ended.filled > 0


def test_there_are_cases_of_every_form_and_no_two_have_one_name():
    names = Counter(map(str, CASES))

    assert {case.ending for case in CASES} >= {".xlsx", ".xls", ".xlsb", ".ods", ".csv", ".xml"}
    assert [name for name, count in names.items() if count > 1] == []
    assert len(CASES) > 350


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=() if place % 3 == 0 else pytest.mark.long) for place, case in enumerate(CASES)], ids=str
)
def test_a_file_ends_in_its_rows_or_in_one_sentence(case: Case, measuring, tmp_path):
    path = case.make(tmp_path / f"secret-name{case.ending}")

    ended = measuring.read(path, case.password, rows=case.rows is not None)

    ended_well(ended, path)
    if case.end is End.REFUSED:
        assert case.says in ended.sentence
        assert ended.sentence
    if case.end is End.READ:
        assert not ended.sentence
    if case.rows is not None:
        assert ended.rows == [list(row) for row in case.rows]
    if case.problems is not None:
        assert len(ended.problems) == case.problems


@pytest.mark.parametrize("name", plain.FORMS)
def test_one_table_is_read_alike_in_every_form(name, measuring, tmp_path):
    ending, make = plain.FORMS[name]
    path = make(tmp_path / f"secret-name{ending}")

    ended = measuring.read(path)

    ended_well(ended, path)
    assert ended.form == FORM_OF.get(name, name)
    assert ended.rows == [list(row) for row in plain.READ]
    assert not ended.problems


@pytest.mark.parametrize("name", plain.FORMS)
def test_what_a_file_is_does_not_depend_on_its_name(name, tmp_path):
    ending, make = plain.FORMS[name]
    content = make(tmp_path / f"a{ending}").read_bytes()
    expected = FORM_OF.get(name, "csv" if name == "tsv" else name)

    for other in {ending for ending, _ in plain.FORMS.values()} | {"", ".pdf", ".TXT"}:
        path = tmp_path / f"b{other}"
        path.write_bytes(content)
        assert form_of(path) == Form(expected)


# A form of text can be cut or changed without a trace that anybody could find; an archive and a tree of tags cannot.
CHECKED = ("xlsx", "xlsb", "ods")


def _cut_or_whole(ended: Ended, name: str) -> None:
    if name in CHECKED and not ended.sentence:
        assert ended.rows == [list(row) for row in plain.READ]


@pytest.mark.parametrize("name", plain.FORMS)
def test_a_few_cut_or_flipped_files_end_well_and_a_checked_form_never_reads_otherwise(name, measuring, tmp_path):
    ending, make = plain.FORMS[name]
    path = tmp_path / f"secret-name{ending}"

    for damaged in archives.flips(make, path, 4, seed=1):
        ended = measuring.read(damaged)
        ended_well(ended, damaged)
        _cut_or_whole(ended, name)
    raw = make(path).read_bytes()
    path.write_bytes(raw[: len(raw) // 2])
    ended = measuring.read(path)
    ended_well(ended, path)
    assert ended.sentence or name in {"csv", "tsv"}


@pytest.mark.long
@pytest.mark.parametrize("name", plain.FORMS)
def test_a_file_cut_at_every_four_kibibytes_ends_well(name, measuring, tmp_path):
    ending, make = plain.FORMS[name]
    chance = random.Random(7)
    rows = [plain.HEADING, *([f"TR{n:05}", n + chance.random(), "SUCCESS", chance.randbytes(12).hex()] for n in range(4000))]
    path = tmp_path / f"secret-name{ending}"

    for cut in archives.truncations(lambda path: _many(make, path, rows), path):
        ended = measuring.read(cut, rows=False)
        ended_well(ended, cut)
        assert ended.sentence or name in {"csv", "tsv"}


def _many(make, path, rows):
    return plain.text(path, rows, delimiter="\t") if path.suffix == ".tsv" else make(path, rows)


@pytest.mark.long
@pytest.mark.parametrize("name", plain.FORMS)
def test_hundreds_of_files_with_flipped_bits_end_well(name, measuring, tmp_path):
    ending, make = plain.FORMS[name]

    for damaged in archives.flips(make, tmp_path / f"secret-name{ending}", 300, seed=2):
        ended = measuring.read(damaged)
        ended_well(ended, damaged)
        _cut_or_whole(ended, name)


def test_a_reader_stands_in_a_network_of_its_own():
    code = (
        "import ctypes, os, socket\n"
        "from reconciliation import sandbox\n"
        "allowed = os.fork() or os._exit(ctypes.CDLL(None).unshare(0x50000000) != 0)\n"
        "print('allowed' if os.waitpid(allowed, 0)[1] == 0 else 'not allowed')\n"
        "sandbox._without_network()\n"
        "print([name for _, name in socket.if_nameindex()])\n"
        "try:\n socket.create_connection(('192.0.2.1', 80), 1)\n"
        "except OSError as refusal:\n print(type(refusal).__name__, refusal.errno)\n"
    )

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()

    if said[0] != "allowed":
        pytest.skip("this machine lets no process have a network of its own")
    assert said[1:] == ["['lo']", f"OSError {errno.ENETUNREACH}"]


@pytest.mark.long
def test_no_file_makes_any_process_open_a_connection(tmp_path):
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    log = tmp_path / "calls"
    path = tmp_path / "secret-name"

    with Measuring("strace", "-f", "-q", "--seccomp-bpf", "-e", "trace=connect,sendto,sendmsg,bind", "-o", str(log)) as watched:
        for case in CASES:
            watched.read(case.make(path.with_suffix(case.ending)), case.password)

    assert [line for line in log.read_text().splitlines() if "AF_INET" in line] == []
