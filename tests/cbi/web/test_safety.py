"""What every request meets before its page: where it comes from, how large it is, what the answer may be kept as."""

from __future__ import annotations

import pytest

from cbi.access import Role
from cbi.payouts import files
from cbi.people import imports_files
from cbi.web import bodies

MIB = 1024 * 1024


@pytest.mark.parametrize("origin", ["http://[", "null", "http://elsewhere.example", "http://localhost.elsewhere.example"])
def test_a_form_from_an_origin_that_is_not_ours_is_refused_and_never_a_fault(app, origin):
    app.testing = False

    answer = app.test_client().post("/sign-in", data={}, headers={"Origin": origin})

    assert answer.status_code in {400, 404}


@pytest.mark.parametrize(
    "back", ["//[", "/\t/elsewhere.example", "/\n/elsewhere.example", "/\\elsewhere.example", "//elsewhere.example", "x"]
)
def test_reading_on_in_another_language_never_leads_to_another_host(app, back):
    answer = app.test_client().get("/language/ar", query_string={"back": back})

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/"


def test_a_file_that_is_not_there_is_not_kept_for_a_year(app):
    answer = app.test_client().get("/static/nothing.css")

    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"


def body(file: bytes) -> dict[str, object]:
    """A form with one file as a browser sends it."""
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="report.csv"\r\nContent-Type: text/csv\r\n\r\n'
    sent = {"data": head + file + b"\r\n--x--\r\n", "content_type": "multipart/form-data; boundary=x"}
    return {**sent, "headers": {"Origin": "http://localhost"}}


def test_an_upload_is_never_laid_down_in_clear(app, visitor, monkeypatch):
    def refuse(*_given, **_named):
        raise AssertionError("an upload was written to a temporary file")

    monkeypatch.setattr("werkzeug.formparser.SpooledTemporaryFile", refuse)
    app.config["WTF_CSRF_ENABLED"] = False

    answer = visitor(Role.FINANCE).client.post("/payouts/new", **body(b"Juniper Moonbeam\n" * 100_000))

    assert answer.status_code == 422  # there is no list to choose yet


def test_only_a_page_that_takes_files_takes_more_than_a_form_and_only_from_who_may_use_it(app, visitor):
    app.config["WTF_CSRF_ENABLED"] = False
    finance, large = visitor(Role.FINANCE).client, body(b"x" * 2 * MIB)

    assert finance.post("/payouts/new", **large).status_code == 422
    assert finance.post("/account/password", **large).status_code == 413
    assert app.test_client().post("/sign-in", **large).status_code == 413
    assert visitor(Role.MANAGER).client.post("/payouts/new", **large).status_code == 404  # turned away before anything is read


def test_a_page_that_takes_files_takes_as_much_as_its_subject():
    subjects = sorted(subject.LARGEST for subject in (files, imports_files))

    assert sorted(bodies.LARGEST_UPLOAD.values()) == [largest + MIB for largest in subjects]
