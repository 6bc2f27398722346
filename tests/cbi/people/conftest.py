"""People stand on staff and sites only: their pages are tried on an office without the floors above."""

from __future__ import annotations

import pytest
from flask import Flask

import cbi.app
from cbi.store.records import Records
from tests import make


@pytest.fixture
def app(records: Records, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setattr(cbi.app, "OFFICE_SUBJECTS", ("staff", "sites", "people"))
    return make.app_of(records)
