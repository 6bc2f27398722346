"""What a running application holds, and how a request reaches it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, cast
from uuid import UUID

from flask import current_app, g, session

from cbi.access import Permission, Role
from cbi.clock import Clock
from cbi.errors import NotThere
from cbi.settings import Settings, World
from cbi.store.records import Operation, Records
from cbi.store.sessions import Shelf
from cbi.store.work import Actor, Reading
from cbi.web.held import Holder

if TYPE_CHECKING:
    from cbi.web.sessions import ServerSession


@dataclass(frozen=True)
class Person:
    """Who is signed in. place: the site they work at, in words, "" when everywhere."""

    id: UUID
    name: str
    roles: frozenset[Role]
    rights: frozenset[Permission]
    language: str = "en"
    site_id: UUID | None = None
    place: str = ""

    def may(self, permission: Permission) -> bool:
        """Whether they hold this right."""
        return permission in self.rights


@dataclass(frozen=True)
class TodayLine:
    """One line of Today: how many wait, what, why, and the one link. endpoint and values make the link."""

    count: int
    title: str
    why: str
    link: str
    endpoint: str
    values: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Panel:
    """A piece a subject adds to Today: "action" beside the heading, "above" or "below" what to do, or at the "side".

    template: drawn with `panel` in hand; values: what it shows.  Only one action is drawn, the first.
    """

    place: Literal["action", "above", "below", "side"]
    template: str
    values: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Section:
    """One entry of the white line of sections: shown to whoever holds the permission."""

    permission: Permission
    label: object
    endpoint: str


Today = Callable[[Reading, Person], Sequence[TodayLine]]
Panels = Callable[[Reading, Person], Sequence[Panel]]
# What a subject above people adds to the page of one household: pieces, "below" its people or at the "side".
Beside = Callable[[Reading, Person, UUID], Sequence[Panel]]


@dataclass
class House:
    """One world's application. records: None in the room, which is opened by its officers.

    home_endpoint: the room's own start page, "" where Today is the home.  locks_in: what the bar says about a room that locks by itself.
    addresses: of the pages that every frame points to, as they are worked out.
    """

    settings: Settings
    world: World
    clock: Clock
    operation: Operation
    shelf: Shelf
    find_person: Callable[[UUID], Person | None]
    sign_in_endpoint: str
    records: Records | None = None
    today: tuple[Today, ...] = ()
    panels: tuple[Panels, ...] = ()
    beside: tuple[Beside, ...] = ()
    held: tuple[Holder, ...] = ()
    sections: tuple[Section, ...] = ()
    home_endpoint: str = ""
    locks_in: Callable[[Person], str] | None = None
    addresses: dict[tuple[str, str], str] = field(default_factory=dict)


def house() -> House:
    """The application's own house."""
    return cast("House", current_app.extensions["cbi"])


def records() -> Records:
    """The office's records room."""
    kept = house().records
    if kept is None:
        raise NotThere
    return kept


def person_or_none() -> Person | None:
    """Who is signed in, looked up once a request."""
    if "person" not in g:
        held = cast("ServerSession", session).held
        g.person = house().find_person(held.person_id) if held.person_id else None
    return cast("Person | None", g.person)


def person() -> Person:
    """Who is signed in; pages that need a right always have one."""
    found = person_or_none()
    if found is None:
        raise NotThere
    return found


def actor() -> Actor:
    """The signed-in person as the actor of a unit of work."""
    return Actor(person().id)
