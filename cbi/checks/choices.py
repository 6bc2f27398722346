"""From what was chosen on the third page to an ordinary arrangement: only what the person ticked, nothing computed from other pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

import screening
from cbi.checks.visits import Visit
from cbi.errors import Refused
from cbi.store.work import Work
from cbi.transfers.arrangements import propose_arrangement
from cbi.transfers.receiving import SLOTS, Collector, Help, Messages, Plain, Reach, Wanted, Way, plain
from cbi.transfers.tables import ArrangementKind, Mechanism
from cbi.web.words import _

PREFERS_NOT = "pnta"
AS_PLANNED, KEEP = "as_planned", "keep"
# What somebody ticks, and the help it asks for. "Going with someone" is the same wish wherever it is ticked.
_HELP: Mapping[tuple[str, str], Help] = {
    ("H01", "accompany"): Help.TOGETHER,
    ("H01", "transport"): Help.TRANSPORT,
    ("H01", "women_line"): Help.WOMEN_STAFF,
    ("H01", "no_travel"): Help.HOME,
    ("H02", "only_with"): Help.TOGETHER,
    ("H11", "cannot"): Help.CARE,
    ("H12", "priority"): Help.FIRST,
    ("H12", "helper"): Help.HELPER,
    ("H12", "home"): Help.HOME,
    ("H12", "format"): Help.FORMAT,
    ("H12", "device"): Help.DEVICE,
    ("H03", "near_market"): Help.JUST_BEFORE,
}
_BY_PHONE_CARD_OR_ACCOUNT = frozenset({Mechanism.MOBILE_MONEY, Mechanism.BANK, Mechanism.CARD})
_MESSAGES = {"hours": Messages.ANY, "neutral": Messages.NEUTRAL, "in_person": Messages.IN_PERSON}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The third page as it was sent. Everything may be empty: nothing needs an answer.

    options: option ids by item; the mechanism stands under H20 by its own name.  unsuitable: slots on which coming is a problem;
    hours: slots that suit for messages.  collector_id or collector: who collects.  place: another site, or AS_PLANNED.
    """

    options: Mapping[str, frozenset[str]]
    unsuitable: tuple[str, ...] = ()
    hours: tuple[str, ...] = ()
    account: str = ""
    parts: int | None = None
    collector_id: UUID | None = None
    collector: str = ""
    contact: str = ""
    place: str = ""
    keep: str = ""

    def has(self, item: str, option: str) -> bool:
        """Whether this option of this item was chosen."""
        return option in self.options.get(item, frozenset())


def answers_of(chosen: Chosen) -> screening.Answers:
    """The same as the instrument's own answers: a mechanism by name is "another way"."""
    ways = {way.value for way in Mechanism}
    options = {
        item: frozenset("other" if item == "H20" and one in ways else one for one in picked) for item, picked in chosen.options.items()
    }
    return screening.Answers({item: picked for item, picked in options.items() if picked})


def changes_of(
    chosen: Chosen, arranged: Mapping[ArrangementKind, Wanted], *, offered: Collection[Mechanism], planned: str | None
) -> dict[ArrangementKind, Wanted]:
    """What this household asks for, by kind. None takes back what it arranged before, and stands only where it did.

    offered: the ways to pay there are; planned: the one it is paid by now.  What cannot be arranged yet is written down as help wished for.
    Raises Refused where an answer needs its detail, such as which hours.
    """
    wanted = {
        ArrangementKind.SITE: _site(chosen),
        ArrangementKind.DAY: _day(chosen),
        ArrangementKind.MECHANISM: _way(chosen, offered, planned),
        ArrangementKind.COLLECTOR: _collector(chosen),
        ArrangementKind.PARTS: _parts(chosen),
        ArrangementKind.MESSAGES: _reach(chosen),
        ArrangementKind.KEEP: True if chosen.keep == KEEP else None,
        ArrangementKind.HELP: _help(chosen, offered, planned),
    }
    back = {kind: None for kind in _taken_back(chosen) if kind in arranged}
    return {**back, **{kind: value for kind, value in wanted.items() if value is not None}}


def wishes_of(changes: Mapping[ArrangementKind, Wanted]) -> dict[str, Plain]:
    """The same in plain form, for the copy that travels."""
    return {kind.value: plain(value) for kind, value in changes.items()}


def propose(work: Work, visit: Visit, changes: Mapping[ArrangementKind, Wanted], *, key: UUID | None) -> None:
    """Put the wish into the inbox through the one door, when there is any."""
    if changes:
        propose_arrangement(work, household_id=visit.household_id, changes=changes, agreed=True, client_key=key)


def _site(chosen: Chosen) -> UUID | None:
    return UUID(chosen.place) if chosen.place not in ("", AS_PLANNED, PREFERS_NOT) else None


def _day(chosen: Chosen) -> tuple[str, ...] | None:
    out = set(chosen.unsuitable)
    if chosen.has("H01", "daytime"):
        # There and back in daylight: whoever begins in the afternoon comes home in the dark.
        out |= {slot for slot in SLOTS if slot.endswith("-afternoon")}
    if not out:
        if chosen.has("H02", "some"):
            raise Refused(_("tick the days and hours that do not suit, for example Monday morning"))
        return None
    left = tuple(slot for slot in SLOTS if slot not in out)
    if not left:
        raise Refused(_("leave at least one hour free in the grid, or choose that somebody else collects"))
    return left


def _way(chosen: Chosen, offered: Collection[Mechanism], planned: str | None) -> Way | None:
    [asked] = chosen.options.get("H20", frozenset()) & {way.value for way in Mechanism} or [None]
    goods = chosen.has("H03", "goods")
    if asked:
        if goods and asked != Mechanism.VOUCHER:
            raise Refused(_("choose one way: the one of the first question, or a voucher or goods"))
        return Way(Mechanism(asked), " ".join(chosen.account.split()))
    if chosen.has("H03", "account") and planned not in _BY_PHONE_CARD_OR_ACCOUNT and _BY_PHONE_CARD_OR_ACCOUNT & set(offered):
        raise Refused(_("choose which one in the first question: a phone, a card or an account"))
    return Way(Mechanism.VOUCHER) if goods and planned != Mechanism.VOUCHER and Mechanism.VOUCHER in offered else None


def _collector(chosen: Chosen) -> Collector | None:
    if not (chosen.has("H21", "yes") or chosen.has("H01", "other_collects")):
        return None
    if chosen.collector_id is None and not chosen.collector.strip():
        raise Refused(_("choose the member who collects, or write the full name of an adult, for example Juniper Moonbeam"))
    return Collector(chosen.collector if chosen.collector_id is None else "", chosen.collector_id, chosen.contact)


def _parts(chosen: Chosen) -> int | None:
    if not chosen.has("H03", "parts"):
        return None
    if chosen.parts is None:
        raise Refused(_("choose 2, 3 or 4 parts"))
    return chosen.parts


def _reach(chosen: Chosen) -> Reach | None:
    asked = next((words for option, words in _MESSAGES.items() if chosen.has("H10", option)), None)
    if asked is None:
        return None
    if chosen.has("H10", "hours") and not chosen.hours:
        raise Refused(_("tick the hours that suit for messages, for example Monday morning"))
    return Reach(asked, chosen.hours)


def _help(chosen: Chosen, offered: Collection[Mechanism], planned: str | None) -> tuple[str, ...] | None:
    there = {*offered, planned}
    asked = {words for (item, option), words in _HELP.items() if chosen.has(item, option)}
    asked |= {Help.CLOSER} if chosen.has("H01", "closer") and _site(chosen) is None else set()
    asked |= {Help.GOODS} if chosen.has("H03", "goods") and Mechanism.VOUCHER not in there else set()
    asked |= {Help.ACCOUNT} if chosen.has("H03", "account") and not _BY_PHONE_CARD_OR_ACCOUNT & there else set()
    return tuple(words.value for words in Help if words in asked) or None


def _taken_back(chosen: Chosen) -> set[ArrangementKind]:
    said = {
        ArrangementKind.SITE: chosen.place == AS_PLANNED,
        ArrangementKind.DAY: chosen.has("H02", "no"),
        ArrangementKind.COLLECTOR: chosen.has("H21", "not_needed"),
        ArrangementKind.PARTS: chosen.has("H03", "all_cash"),
        ArrangementKind.MESSAGES: chosen.has("H10", "any"),
        ArrangementKind.KEEP: chosen.keep == AS_PLANNED,
        ArrangementKind.HELP: chosen.has("H01", "none") and chosen.has("H12", "none"),
    }
    return {kind for kind, was_said in said.items() if was_said}
