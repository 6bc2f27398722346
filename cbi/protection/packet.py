"""What a service is told: only what the person agreed to, on a page to print or in a locked paper to send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from cbi.errors import Refused
from cbi.protection.outgoing import GROUP, SIGNS, ReferralRecord, SafeContact, Scope, Urgency, Way, random_groups
from cbi.protection.snapshot import HouseholdCard
from cbi.web.paper import Paper, draw
from cbi.web.words import _

# The paper's own key derivation is fast, so chance must do what slowness does elsewhere: 78 bits. Some readers cut a password
# after 32 letters, so six words of a mark are too long, and it is groups of four signs instead.
KEY_GROUPS = 4
_FACTS = {
    Scope.FIRST_NAME: "first_name",
    Scope.FULL_NAME: "full_name",
    Scope.PHONE: "phone",
    Scope.SAFE_HOURS: "hours",
    Scope.LANGUAGE: "language",
    Scope.ACCESS_NEEDS: "needs",
}


@dataclass(frozen=True, slots=True)
class Told:
    """The scoped facts about a person. A fact that was not agreed to is "" or (), and no page has a place for another."""

    first_name: str = field(default="", repr=False)
    full_name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    hours: tuple[str, ...] = ()
    language: str = ""
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Packet:
    """Everything that leaves about one person for one service."""

    ref_no: str
    alias: str
    made_on: date
    service: str
    urgency: Urgency
    way: Way
    told: Told


def told(scope: Sequence[Scope], card: HouseholdCard | None, member_id: object, contact: SafeContact, needs: tuple[str, ...]) -> Told:
    """The facts of this scope, from the office as it was read and from what the person said. Raises Refused when one of them is not known."""
    member = next((one for one in (card.members if card else ()) if one.id == member_id), None)
    found = Told(
        first_name=member.given if member and Scope.FIRST_NAME in scope else "",
        full_name=member.name if member and Scope.FULL_NAME in scope else "",
        phone=contact.phone if Scope.PHONE in scope else "",
        hours=contact.hours if Scope.SAFE_HOURS in scope else (),
        language=card.language if card and Scope.LANGUAGE in scope else "",
        needs=needs if Scope.ACCESS_NEEDS in scope else (),
    )
    if any(not getattr(found, _FACTS[one]) for one in scope):
        raise Refused(_("open the room again: what was to be told is not known of this person any more, and an empty paper helps nobody"))
    return found


def packet(record: ReferralRecord, made_on: date, card: HouseholdCard | None, contact: SafeContact) -> Packet:
    """What the service gets. made_on: in the office's own days."""
    return Packet(
        record.ref_no,
        record.alias,
        made_on,
        record.service,
        record.urgency,
        record.way,
        told(record.scope, card, record.member_id, contact, record.needs),
    )


def new_key() -> str:
    """What opens a locked paper, such as "7K2M-9QXD-HT4B-W3NP"; it is said to the service by telephone and kept nowhere."""
    return random_groups(KEY_GROUPS)


def is_key(text: str) -> bool:
    """Whether this has the form of such a key."""
    groups = text.split("-")
    return len(groups) == KEY_GROUPS and all(len(group) == GROUP and set(group) <= set(SIGNS) for group in groups)


def locked_paper(paper: Paper, key: str) -> bytes:
    """A PDF that opens with this key only, on any telephone and in any office."""
    return draw(paper, password=key)
