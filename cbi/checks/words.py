"""The words people read on these pages for days, hours, ways to pay and people without names."""

from __future__ import annotations

from flask_babel import LazyString

from cbi.checks.visits import Person
from cbi.people.words import WORDS
from cbi.sites.tables import ServiceKind
from cbi.transfers.receiving import DAYS, TIMES
from cbi.transfers.tables import Mechanism
from cbi.web.words import _, _l

_DAYS = (_l("Sun"), _l("Mon"), _l("Tue"), _l("Wed"), _l("Thu"), _l("Fri"), _l("Sat"))
_TIMES = (_l("Morning"), _l("Midday"), _l("Afternoon"))
DAY_WORDS: tuple[tuple[str, LazyString], ...] = tuple(zip(DAYS, _DAYS, strict=True))
TIME_WORDS: tuple[tuple[str, LazyString], ...] = tuple(zip(TIMES, _TIMES, strict=True))
SEX_ON_FILE = {"f": "woman", "m": "man"}
WAYS: dict[Mechanism, LazyString] = {
    Mechanism.CASH_AGENT: _l("Cash at a place"),
    Mechanism.MOBILE_MONEY: _l("Mobile money"),
    Mechanism.BANK: _l("Bank account"),
    Mechanism.CARD: _l("Card"),
    Mechanism.VOUCHER: _l("Voucher or goods"),
}
_PLANNED: dict[str, LazyString] = {
    "cash_agent": _l("cash at a place"),
    "mobile_money": _l("mobile money"),
    "bank": _l("bank account"),
    "card": _l("card"),
    "voucher": _l("voucher or goods"),
}
# Neutral words: the card may lie open on a table.
SERVICES: dict[ServiceKind, LazyString] = {
    ServiceKind.HEALTH: _l("Health"),
    ServiceKind.PSYCHOSOCIAL: _l("Somebody to talk to"),
    ServiceKind.SHELTER: _l("A place to stay"),
    ServiceKind.LEGAL: _l("Legal advice"),
    ServiceKind.CHILD: _l("Children"),
    ServiceKind.ANTI_TRAFFICKING: _l("Help for people on the move"),
    ServiceKind.DISABILITY: _l("Disability"),
    ServiceKind.DOCUMENTS: _l("Documents"),
    ServiceKind.FEEDBACK: _l("Feedback and complaints"),
    ServiceKind.OTHER: _l("Other"),
}


def told_steps() -> tuple[str, ...]:
    """What to do when somebody tells something, in order."""
    return (
        _("Listen. Stay calm, and let the person say as much or as little as they like."),
        _("Ask no questions about what happened. Promise nothing."),
        _("Say thank you for telling me. Say which services there are today, and that it is the person's choice."),
        _("If the person is hurt or ill: health care comes first, today. Offer to go along."),
        _(
            "Tell nobody and pass nothing on, unless the person asks you to. Ask: may I tell the officer on call that you would like to talk?"
        ),
        _("If it is a child: stay with the child, do not send them home for permission, and call the officer on call."),
        _("Afterwards look after yourself: take a break, and talk with your own support about how you feel, without the person's details."),
    )


def call_steps() -> tuple[str, ...]:
    """How to ring a household: the same words for everybody, and only the delivery choices."""
    return (
        _("Ring only in the hours that suit the household. They stand in the visit list."),
        _("Say: good day, I am ringing about the delivery. May I speak with the person it is for?"),
        _("If somebody else answers: say you will ring again. Leave no message and name no reason."),
        _("Ask: is this a good moment, and are you where you like to talk? If not, ask when you may ring again."),
        _("Ask the delivery choices only. If the person wants to say more, give the number of the person on call."),
    )


def planned_words(mechanism: str | None) -> str:
    """The planned way of paying inside a question; a way nobody knows yet has words too."""
    return str(_PLANNED[mechanism]) if mechanism in _PLANNED else _("the way that is planned for everybody here")


def person_words(person: Person) -> str:
    """Somebody of the household without a name: "1: Head, female, 39"."""
    return _(
        "%(place)s: %(relation)s, %(sex)s, %(age)s",
        place=person.position,
        relation=WORDS[person.relation],
        sex=str(WORDS[person.sex]).lower(),
        age=person.age,
    )


def slot_words(slots: tuple[str, ...]) -> str:
    """Slots of the week in short words: "Mon morning, Wed midday"."""
    days, times = dict(DAY_WORDS), dict(TIME_WORDS)
    parts = (slot.split("-") for slot in slots)
    return ", ".join(f"{days[day]} {str(times[time]).lower()}" for day, time in parts)
