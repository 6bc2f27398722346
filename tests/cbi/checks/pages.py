"""How a test goes through the three pages."""

from __future__ import annotations

import re
from uuid import UUID

from tests.make import Visitor

PASSED = {"where": "face", "who": "1", "g01": "yes", "g02": "either", "g03": "yes", "g04": "yes", "g05": "yes", "g06": "yes"}


def before_url(household_id: UUID) -> str:
    return f"/visits/{household_id}/before"


def choices_url(household_id: UUID) -> str:
    return f"/visits/{household_id}/choices"


def after_first_page(visitor: Visitor, household_id: UUID, **answers: str) -> str:
    """Where the first page leads with these answers."""
    answer = visitor.post(before_url(household_id), {**PASSED, **answers}, follow=False)
    assert answer.status_code == 303, answer.text
    return answer.location


def private_url(visitor: Visitor, household_id: UUID) -> str:
    """The private page's address, as the first page gives it."""
    url = after_first_page(visitor, household_id)
    assert re.fullmatch(rf"/visits/{household_id}/page/1/[0-9a-f]{{32}}", url), url
    return url
