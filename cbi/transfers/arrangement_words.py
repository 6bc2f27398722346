"""How an arrangement reads: the words of every kind and value, the same on every page."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask_babel import LazyString

from cbi.transfers.receiving import DAYS, TIMES, Collector, Help, Messages, Reach, Wanted, Way
from cbi.transfers.tables import ArrangementKind, Mechanism
from cbi.web.words import _, _l, _n

KIND_WORDS: dict[ArrangementKind, LazyString] = {
    ArrangementKind.SITE: _l("Place"),
    ArrangementKind.DAY: _l("Days and hours that suit"),
    ArrangementKind.MECHANISM: _l("Way to be paid"),
    ArrangementKind.COLLECTOR: _l("Who collects"),
    ArrangementKind.RECIPIENT: _l("Recipient"),
    ArrangementKind.SHARES: _l("Separate transfers"),
    ArrangementKind.PARTS: _l("In parts"),
    ArrangementKind.MESSAGES: _l("Messages"),
    ArrangementKind.KEEP: _l("Kept until asked"),
    ArrangementKind.HELP: _l("Help with receiving"),
}
MECHANISM_WORDS: dict[Mechanism, LazyString] = {
    Mechanism.CASH_AGENT: _l("Cash at a place"),
    Mechanism.MOBILE_MONEY: _l("Mobile money"),
    Mechanism.BANK: _l("Bank account"),
    Mechanism.CARD: _l("Card"),
    Mechanism.VOUCHER: _l("Voucher or goods"),
}
MESSAGE_WORDS: dict[Messages, LazyString] = {
    Messages.ANY: _l("Any message"),
    Messages.NEUTRAL: _l("Messages that do not mention assistance"),
    Messages.IN_PERSON: _l("No messages: told in person"),
}
HELP_WORDS: dict[Help, LazyString] = {
    Help.FIRST: _l("Being served first, a seat, shade"),
    Help.HELPER: _l("A helper the person chooses"),
    Help.TOGETHER: _l("Going with others"),
    Help.WOMEN_STAFF: _l("Women staff, or a line or hour of their own"),
    Help.TRANSPORT: _l("Help with transport"),
    Help.HOME: _l("Receiving it at home"),
    Help.CARE: _l("Somebody to look after a child or relative meanwhile"),
    Help.FORMAT: _l("Information in another form"),
    Help.DEVICE: _l("Help to use the phone or card without giving away the PIN"),
    Help.OTHER_ID: _l("Another way to show who they are"),
    Help.CLOSER: _l("A closer place, when there is one"),
    Help.JUST_BEFORE: _l("Receiving it just before it can be spent"),
    Help.GOODS: _l("A voucher or goods, when they are offered"),
    Help.ACCOUNT: _l("A phone, card or account, when one is offered"),
}
DAY_WORDS = dict(zip(DAYS, (_l("Sun"), _l("Mon"), _l("Tue"), _l("Wed"), _l("Thu"), _l("Fri"), _l("Sat")), strict=True))
TIME_WORDS = dict(zip(TIMES, (_l("morning"), _l("midday"), _l("afternoon")), strict=True))
_SHOWN = 3


def describe(kind: ArrangementKind, value: Wanted, names: Mapping[UUID, str]) -> str:
    """A value in words. names: of the places and members that may be in it; nothing arranged reads "as planned"."""
    match value:
        case None:
            words = _("As planned for everybody")
        case UUID():
            words = names.get(value, "–")
        case Way():
            words = _way(value)
        case Collector():
            words = ", ".join(part for part in (value.name, value.contact) if part)
        case Reach():
            words = ", ".join([str(MESSAGE_WORDS[value.messages]), *([slots(value.hours)] if value.hours else [])])
        case True:
            words = _("Yes, until the household asks")
        case int():
            words = _n("%(num)s part, the same sum", "%(num)s parts, the same sum", value)
        case _ if kind is ArrangementKind.SHARES:
            words = _("%(names)s, equal shares of the same sum", names=", ".join(names.get(UUID(one), "–") for one in value))
        case _:
            words = slots(value) if kind is ArrangementKind.DAY else ", ".join(str(HELP_WORDS[Help(one)]) for one in value)
    return words


def slots(codes: tuple[str, ...]) -> str:
    """Slots of the week in words: "Mon morning, Tue midday"."""
    return ", ".join(f"{DAY_WORDS[day]} {TIME_WORDS[time]}" for day, time in (code.split("-") for code in codes))


def _way(way: Way) -> str:
    words = str(MECHANISM_WORDS[way.mechanism])
    return _("%(way)s, ending with %(end)s", way=words, end=way.account[-_SHOWN:]) if way.account else words
