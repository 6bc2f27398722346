"""Feedback the desk answers itself. What goes past it has no row, no column and no word here."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from cbi.store.bases import OfficeTable, sealed_field, words


class Category(StrEnum):
    """What the desk answers itself."""

    QUESTION = "asks"
    LIST = "list"
    MONEY = "paid"
    PLACE = "site"
    RECORDS = "data"
    NEED = "need"
    IDEA = "idea"


class Channel(StrEnum):
    """How it came."""

    DESK = "desk"
    PHONE = "call"
    BOX = "slip"
    MESSAGE = "text"
    GROUP = "talk"


class Wants(StrEnum):
    """How the person wants to be answered. CODE: they come or ring with the code."""

    CODE = "code"
    PHONE = "ring"
    PLACE = "meet"
    NOTHING = "none"


class Feedback(OfficeTable, table=True):
    """One complaint, question or idea. code: what the person asks with.  words, contact, answer: sealed, and emptied some time after the answer.

    site_id: None when it is about no one place.  due_on: the day by which it is answered.
    """

    __table_args__ = (sa.UniqueConstraint("operation_id", "code"),)

    code: str = Field(max_length=12)
    category: Category = Field(sa_type=words(Category))
    channel: Channel = Field(sa_type=words(Channel))
    wants: Wants = Field(sa_type=words(Wants))
    site_id: UUID | None = Field(default=None, foreign_key="site.id", index=True)
    urgent: bool = Field(default=False)
    received_on: date
    due_on: date = Field(index=True)
    words: bytes | None = sealed_field(nullable=True)
    contact: bytes | None = sealed_field(nullable=True)
    answer: bytes | None = sealed_field(nullable=True)
    answered_on: date | None = Field(default=None, index=True)
    emptied_on: date | None = Field(default=None)
