"""Makes what tests need: an office in an empty folder, people who sign in, and visitors who use its pages as a browser would."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from uuid import UUID, uuid4

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cbi.access import Role
from cbi.app import create_app
from cbi.settings import Settings
from cbi.staff.tables import Staff, StaffRole
from cbi.store.records import Operation, Records, found_office, open_office
from cbi.store.sessions import Held, Shelf
from cbi.store.work import Actor
from tests.cbi.web.page_check import check_page

OPERATION = Operation(id=UUID(int=1), name="Kharwa", code="KW", country="KE", zone="Africa/Nairobi", currency="KES", demo=True)
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def office(folder: Path, template: Path | None = None, *, clock: datetime | None = NOW) -> Records:
    """An empty office. template: a folder to copy a ready one from, which is faster than migrating."""
    settings = Settings(data=folder, clock=clock, seed=7)
    if template is None:
        found_office(Settings(data=folder), OPERATION).close()
    else:
        shutil.copytree(template, folder, dirs_exist_ok=True)
    return open_office(settings)


def staff(records: Records, *roles: Role, name: str = "Salma Storybook", site_id: UUID | None = None) -> UUID:
    """A person with these seats; returns the id. They sign in through `visitor`, not with a password."""
    from cbi.staff import facts

    new_id = uuid4()
    with records.work(Actor()) as work:
        work.add(
            Staff(
                id=new_id,
                operation_id=work.operation_id,
                sign_in_name=f"p{new_id.hex[:8]}",
                name=name,
                password_hash="-",
                site_id=site_id,
                made_at=work.now,
                sex="f",
                certified_on=work.today,
            )
        )
        for role in roles:
            work.add(StaffRole(id=uuid4(), operation_id=work.operation_id, staff_id=new_id, role=role, granted_at=work.now))
        work.remember(facts.StaffAdded(staff_id=new_id, roles=tuple(role.value for role in roles)))
    return new_id


def app_of(records: Records) -> Flask:
    """The office's application over these records."""
    app = create_app(Settings(data=records.folder.parent, clock=NOW, seed=7), "office", records=records)
    app.testing = True
    return app


class Visitor:
    """A signed-in person's browser: every page it opens is checked, every form it sends is the one it was shown."""

    def __init__(self, app: Flask, records: Records, person_id: UUID | None) -> None:
        self.client: FlaskClient = app.test_client()
        self.person_id = person_id
        if person_id is not None:
            token = f"test-{uuid4().hex}"
            Shelf(records.engine, records.system, records.clock).keep(Held(token, person_id, {}))
            self.client.set_cookie("cbi-office", token)

    def see(self, url: str, status: int = 200) -> str:
        """Open a page; returns its HTML, checked."""
        answer = self.client.get(url, follow_redirects=True)
        assert answer.status_code == status, (url, answer.status_code, answer.text[:2000])
        check_page(answer.text)
        return answer.text

    def send(self, url: str, fields: dict[str, object], *, page: str | None = None, status: int = 200, follow: bool = True) -> str:
        """Fill the form of `page` (default: the same address) and send it to `url`; returns the page that follows, checked."""
        answer = self.post(url, fields, page=page, follow=follow)
        assert answer.status_code == status, (url, answer.status_code, answer.text[:2000])
        if answer.mimetype == "text/html" and status < 300:
            check_page(answer.text)
        return answer.text

    def post(self, url: str, fields: dict[str, object], *, page: str | None = None, follow: bool = True) -> TestResponse:
        """The same, unchecked: the whole answer."""
        shown = self.client.get(page or url, follow_redirects=True).text
        hidden = hidden_fields(shown, url)
        return self.client.post(url, data={**hidden, **fields}, follow_redirects=follow, headers={"Origin": "http://localhost"})


def hidden_fields(html: str, action: str) -> dict[str, str]:
    """The hidden inputs of the form that posts to `action`, or of the first form with a CSRF token."""
    forms = _Forms()
    forms.feed(html)
    path = action.split("?")[0]
    for form_action, hidden in forms.found:
        if form_action.split("?")[0] == path and hidden:
            return hidden
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html)
    return next((hidden for place, hidden in forms.found if not place and hidden), {"csrf_token": token[1]} if token else {})


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "form":
            self._inside = True
            self.found.append((named.get("action") or "", {}))
        elif tag == "input" and self._inside and named.get("type") == "hidden" and named.get("name"):
            self.found[-1][1][named["name"] or ""] = named.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
