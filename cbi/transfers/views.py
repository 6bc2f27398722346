"""Pages of money before it leaves: programmes, cycles, payment lists, and how households asked to receive."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from cbi.access import Permission
from cbi.transfers.forms import KeyedForm
from cbi.web.house import Section, person_or_none, records
from cbi.web.words import _, _l

blueprint = Blueprint("transfers", __name__)
Answer = str | Response | tuple[str, int]


class _ListsLabel:
    """How the section of payment lists is called: by what the reader does there."""

    def __str__(self) -> str:
        reader = person_or_none()
        if reader and reader.may(Permission.LIST_APPROVE):
            return _("Lists to approve")
        if reader and reader.may(Permission.LIST_RELEASE):
            return _("Lists to release")
        return _("Payment lists")


SECTIONS = (
    Section(Permission.PROGRAMME_PLAN, _l("Programmes"), "transfers.programmes"),
    Section(Permission.PROGRAMME_PLAN, _l("Cycles"), "transfers.cycles"),
    Section(Permission.LIST_READ, _ListsLabel(), "transfers.lists"),
    Section(Permission.APPEAL_DECIDE, _l("Appeals"), "transfers.appeals_page"),
    Section(Permission.ARRANGEMENT_CHANGE, _l("Help desk"), "transfers.desk"),
    Section(Permission.ARRANGEMENTS_PUBLISH, _l("Arrangements"), "transfers.publishing"),
)


def new_key(form: KeyedForm) -> None:
    """Give a form its client key, unless it came back with one."""
    if form.key() is None:
        form.client_key.data = str(records().ids.new("forms"))


def fresh_key() -> UUID:
    """A client key for a form of one button."""
    return records().ids.new("forms")


from cbi.transfers import (  # noqa: E402 -- they add their pages
    views_appeals,  # noqa: F401
    views_arrangements,  # noqa: F401
    views_cycles,  # noqa: F401
    views_enrolment,  # noqa: F401
    views_files,  # noqa: F401
    views_lists,  # noqa: F401
    views_programmes,  # noqa: F401
    views_rolls,  # noqa: F401
    views_signing,  # noqa: F401
)
