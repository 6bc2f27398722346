"""The command line says what interfaces promise, with exit codes a script can use."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from reconciliation.cli import main
from reconciliation.findings import FindingKind
from tests.workbooks.shapes import lines, write_xlsx

_HEADINGS = [
    "No.",
    "Txn Ref",
    "Trans. ID",
    "Receiver",
    "MSISDN",
    "Requested",
    "Amount (KES)",
    "Fee",
    "Balance",
    "Result",
    "Reason",
    "Completed",
]


def _provider_rows(status: str = "SUCCESS"):
    return [
        [
            n,
            line["reference"],
            line["provider_id"],
            line["name"],
            line["phone"],
            line["amount"],
            f"{line['amount']:,}.00",
            35,
            9000.5,
            status,
            "",
            line["date"],
        ]
        for n, line in enumerate(lines(), start=1)
    ]


@pytest.fixture
def files(tmp_path):
    instructed = tmp_path / "instructed.csv"
    rows = [
        "reference,amount,currency,name,phone",
        *(f"{line['reference']},{line['amount']},KES,{line['name']},{line['phone']}" for line in lines()),
    ]
    instructed.write_text("\n".join(rows), "utf-8")
    total = ["TOTAL", None, None, None, None, None, "45,750.00"]
    payout = write_xlsx(
        tmp_path / "payout.xlsx", {"Bulk result": [["Sparrow"], [], _HEADINGS, *_provider_rows(), total, [], ["Prepared by: Rana Inkwell"]]}
    )
    return instructed, payout


def _run(capsys, *arguments: object):
    code = main([str(argument) for argument in arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_file_that_agrees_is_done_and_foots(files, capsys):
    code, out, err = _run(capsys, *files, "--json", "--findings")

    answer = json.loads(out)
    assert (code, err) == (0, "")
    assert set(answer) == {
        "rows",
        "instructed",
        "counts",
        "amounts_minor",
        "paid_minor",
        "suspense_minor",
        "open_minor",
        "currency",
        "foots",
        "problems",
        "seconds",
        "findings",
    }
    assert list(answer["counts"]) == [kind.value for kind in FindingKind]
    assert (answer["rows"], answer["instructed"], answer["counts"]["PAID"], answer["foots"]) == (6, 6, 6, True)
    assert answer["amounts_minor"]["PAID"] == answer["paid_minor"]["PAID"] == 4575000
    assert answer["findings"][0] == {
        "kind": "PAID",
        "also": [],
        "reference": lines()[0]["reference"],
        "rows": [{"sheet": "Bulk result", "row": 4}],
    }
    assert set(answer["seconds"]) == {"read", "match", "write"}


def test_findings_that_need_a_person_exit_1(files, tmp_path, capsys):
    rows = _provider_rows()
    rows[0][6] = "9,999.00"
    payout = write_xlsx(tmp_path / "more.xlsx", {"Bulk result": [_HEADINGS, *rows]})

    code, out, _ = _run(capsys, files[0], payout, "--json", "--out", tmp_path / "out.xlsx", "--errors", tmp_path / "errors.xlsx")

    assert code == 1
    assert json.loads(out)["counts"]["PAID_MORE"] == 1
    assert (tmp_path / "out.xlsx").exists()
    assert (tmp_path / "errors.xlsx").exists()


def test_a_layout_that_is_not_certain_exits_1_with_the_proposal(files, tmp_path, capsys):
    rows = [[*row[:9], "Glimmering", *row[10:]] for row in _provider_rows()]
    payout = write_xlsx(tmp_path / "odd.xlsx", {"Bulk result": [_HEADINGS, *rows]})

    code, out, err = _run(capsys, files[0], payout, "--json")

    proposal = json.loads(out)
    assert code == 1
    assert err.startswith("You need to ")
    assert proposal["sheets"][0]["columns"]["amount"]["header"] == "Amount (KES)"
    assert proposal["problems"][0]["cell"] == "J2"


def test_a_map_says_what_the_proposal_asked(files, tmp_path, capsys):
    rows = [[*row[:9], "Glimmering", *row[10:]] for row in _provider_rows()]
    payout = write_xlsx(tmp_path / "odd.xlsx", {"Bulk result": [["Sparrow"], _HEADINGS, *rows]})
    column_map = tmp_path / "map.json"
    columns = {"reference": "Txn Ref", "amount": "Amount (KES)", "currency": None, "status": "Result", "date": "Completed"}
    column_map.write_text(
        json.dumps(
            {
                "sheets": None,
                "header_row": 2,
                "header_rows": 1,
                "columns": columns,
                "decimal": ".",
                "thousands": ",",
                "date_order": "dmy",
                "paid_words": ["glimmering"],
                "failed_words": [],
                "returned_words": [],
            }
        )
    )

    code, out, _ = _run(capsys, files[0], payout, "--map", column_map, "--json")

    assert code == 0
    assert json.loads(out)["counts"]["PAID"] == 6


def test_the_map_of_a_look_reads_the_file_it_was_made_from(files, tmp_path, capsys):
    _, out, _ = _run(capsys, "look", files[1], "--json")
    column_map = tmp_path / "map.json"
    column_map.write_text(json.dumps(json.loads(out)["map"]))

    code, out, _ = _run(capsys, *files, "--map", column_map, "--json")

    assert (code, json.loads(out)["foots"]) == (0, True)


def test_a_look_shows_sheets_headings_and_examples(files, capsys):
    code, out, _ = _run(capsys, "look", files[1], "--json")

    look = json.loads(out)
    sheet = look["sheets"][0]
    assert code == 0
    assert (sheet["name"], sheet["hidden"], sheet["rows"], sheet["header_row"]) == ("Bulk result", False, 6, 3)
    assert sheet["columns"]["reference"]["header"] == "Txn Ref"
    assert sheet["columns"]["reference"]["examples"][0] == lines()[0]["reference"]
    assert (look["profile"], look["problems"]) == (None, [])


def test_words_for_people_are_said_without_json(files, capsys):
    _, out, _ = _run(capsys, *files)
    assert "The file foots." in out

    _, out, _ = _run(capsys, "look", files[1])
    assert "heading in row 3" in out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["only-one"],
        ["look"],
        ["look", "missing.xlsx"],
        ["missing.csv", "missing.xlsx"],
        ["{instructed}", "missing.xlsx"],
        ["{instructed}", "{payout}", "--profile", "moonbeam"],
        ["{instructed}", "{payout}", "--map", "missing.json"],
        ["{instructed}", "{payout}", "--currency", "moonbeams"],
        ["{instructed}", "{payout}", "--profile", "cash-agent"],
        ["{instructed}", "{payout}", "--profile", "cash-agent", "--map", "x"],
        ["{instructed}", "{payout}", "--out", "/nowhere/at/all.xlsx"],
        ["{payout}", "{payout}"],
        ["{instructed}", "{instructed}", "--nonsense"],
    ],
)
def test_wrong_use_and_unreadable_input_exit_2_with_one_sentence(arguments, files, capsys):
    instructed, payout = files

    code, out, err = _run(capsys, *(argument.format(instructed=instructed, payout=payout) for argument in arguments))

    assert (code, out) == (2, "")
    assert err.startswith("You need to ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("line", "cell"),
    [
        ("TR-1,fifty,KES", "B3"),
        ("TR-1,50.005,KES", "B3"),
        (",50,KES", "A3"),
        ("TR-0,50,KES", "A3"),
        ("TR-1,50,", "C3"),
        ("TR-1,-5,KES", "B3"),
        ("TR-1,50,MOON", "B3"),
    ],
)
def test_a_mistake_in_our_own_list_names_its_cell(line, cell, files, tmp_path, capsys):
    ours = tmp_path / "ours.csv"
    ours.write_text(f"reference,amount,currency\nTR-0,50,KES\n{line}\n")

    code, _, err = _run(capsys, ours, files[1])

    assert code == 2
    assert f"cell {cell}" in err


def test_the_module_runs_and_reads_a_password_from_its_input(files, tmp_path):
    from msoffcrypto.format.ooxml import OOXMLFile

    protected = tmp_path / "protected.xlsx"
    with files[1].open("rb") as clear, protected.open("wb") as target:
        OOXMLFile(clear).encrypt("lantern", target)
    command = [sys.executable, "-m", "reconciliation", str(files[0]), str(protected), "--json", "--password-stdin"]

    done = subprocess.run(command, input="lantern\n", capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["counts"]["PAID"] == 6
