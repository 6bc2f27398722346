"""The commands that other programs rely on: what is printed where, and with which exit code."""

import json

import pytest

from screening.__main__ import main


@pytest.fixture
def run(tmp_path, capsys):
    """Assess a file with this content; gives the exit code, standard output and standard error."""

    def assess(content, *options):
        file = tmp_path / "answers.json"
        file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        code = main(["assess", str(file), *options])
        out, err = capsys.readouterr()
        return code, out, err

    return assess


def _household(answers, **more):
    return {"kind": "household", "instrument": "delivery-safety-check", "answers": answers, **more}


def test_the_shipped_instrument_checks_out(capsys):
    code = main(["check", "delivery-safety-check"])

    out, err = capsys.readouterr()
    assert (code, out) == (0, "")
    assert "not an IOM tool" in err


def test_the_json_of_a_household_is_exactly_what_others_rely_on(run):
    context = {"mechanism": "cash_agent", "available": ["M_DATE", "M_MECH"]}

    code, out, err = run(_household({"H01": ["daytime"], "H05": "no", "H09": "dk"}, context=context), "--json")

    result = json.loads(out)
    ignored = result.pop("ignored")
    assert (code, err) == (1, "")
    assert result == {
        "band": "high",
        "total": 4,
        "risk_total": 3,
        "concerns": [{"id": "R2", "because": ["H05"], "track": "support"}],
        "measures": ["M_MECH", "M_DATE"],
        "blocked": [],
    }
    assert "H09" in ignored
    assert not {"H01", "H05"} & set(ignored)


def test_the_json_of_a_place_has_its_fixes(run):
    code, out, _ = run({"kind": "site", "answers": {"S08": "no"}}, "--json")

    result = json.loads(out)
    assert code == 1
    assert (result["band"], result["total"], result["fixes"]) == ("critical", 2, ["SM_PRIVACY"])
    assert [(one["id"], one["because"]) for one in result["concerns"]] == [("SC2", ["S08"])]
    assert len(result["ignored"]) == 12


@pytest.mark.parametrize(
    ("answers", "expected"),
    [({}, 0), ({"H01": ["no_travel", "daytime", "closer"], "H12": ["home"]}, 0), ({"H22": "later"}, 1), ({"H22": "now"}, 1)],
)
def test_only_a_band_that_needs_a_person_exits_1(run, answers, expected):
    assert run(_household(answers))[0] == expected


def test_words_for_people_go_to_standard_error(run):
    code, out, err = run(_household({"H16": "harder", "H17": ["explain"]}))

    assert (code, out) == (1, "")
    assert err.splitlines()[:2] == ["Review", "- Expects more difficulty at home under the current plan (H16)"]
    assert "Not before a talk: Family briefing (R1)" in err


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"[" * 100_000,
        b'{"kind": "household", "answers": {"H05": "no", "H05": "yes"}}',
        b'{"kind": "household", "answers": {"H05": ' + b"9" * 10_000 + b"}}",
        b" " * 1_000_001,
        {"answers": {}},
        {"kind": "person", "answers": {}},
        {"kind": ["site"], "answers": {}},
        {"kind": "household"},
        {"kind": "household", "answers": []},
        {"kind": "household", "answers": {}, "name": "Juniper Moonbeam"},
        {"kind": "household", "answers": {}, "instrument": 3},
        {"kind": "household", "answers": {}, "instrument": "another"},
        {"kind": "household", "answers": {}, "context": ["cash"]},
        _household({}, context={"mechanism": "pigeon"}),
        _household({}, context={"mechanism": ["cash"]}),
        _household({}, context={"available": "M_DATE"}),
        _household({}, context={"available": ["M_HOLD"]}),
        _household({"H99": "no"}),
        _household({"H05": "maybe"}),
        {"kind": "site", "answers": {"H05": "no"}},
    ],
)
def test_unusable_input_is_one_plain_sentence_and_exit_2(run, content):
    code, out, err = run(content, "--json")

    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert "need to" in err
    assert "Traceback" not in err
    assert "Juniper" not in err


def test_answers_to_one_instrument_are_not_assessed_by_another(run, tmp_path):
    code, _, err = run({"kind": "household", "instrument": "another-check", "answers": {}}, "--instrument", "delivery-safety-check")

    assert code == 2
    assert "the instrument the answers belong to" in err


@pytest.mark.parametrize("arguments", [["check", "nowhere"], ["assess", "/nowhere/answers.json"], ["assess", "."], ["assess", "a\0b"]])
def test_a_missing_file_is_a_sentence_and_exit_2(arguments, capsys):
    assert main(arguments) == 2
    assert "need to name" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["weigh"], ["assess"], ["check", "a", "b"], ["assess", "a", "--band"]])
def test_wrong_use_is_one_sentence_and_exit_2(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_an_unsound_instrument_lists_its_mistakes_and_exits_1(tmp_path, capsys):
    (tmp_path / "instrument.toml").write_text("", encoding="utf-8")
    (tmp_path / "en.toml").write_text("", encoding="utf-8")

    code = main(["check", str(tmp_path)])

    assert code == 1
    assert len(capsys.readouterr().err.splitlines()) > 10
