"""May we ask at all? Do not ask if you cannot act: the gate opens or closes for every household alike, from office facts only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from screening.instrument import Gate, Instrument, SessionGate
from screening.kinds import GateFact, OnStop


@dataclass(frozen=True, slots=True)
class SiteFact:
    """One line of the site check: what was answered, and on which day."""

    answer: str
    answered_on: date


@dataclass(frozen=True, slots=True)
class GateFacts:
    """What the office knows today; nothing about a household, so that nothing about one can decide.

    site: the site check by item id. day_listed: the weekly notice lists this site for today.
    interviews_left: what the notice allows this week, less the private pages opened. certified_on: of the interviewer.
    """

    today: date
    site: Mapping[str, SiteFact] = field(default_factory=dict)
    day_listed: bool = False
    interviews_left: int = 0
    certified_on: date | None = None
    programme_signed_off: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the gate is closed; text completes "You need to …"."""

    gate: str
    text: str


@dataclass(frozen=True, slots=True)
class GateDecision:
    """Whether private questions may be asked here today, with every reason when not."""

    open: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class SessionStop:
    """A line of "Before we start" that was not passed, and what follows; always the delivery choices in the end."""

    gate: str
    on_stop: OnStop


def gate(instrument: Instrument, facts: GateFacts) -> GateDecision:
    """Evaluate every precondition; asked when the private page is drawn and again when it is sent."""
    reasons = tuple(_reason(one) for one in instrument.gates if not _holds(one, facts))
    return GateDecision(open=bool(instrument.gates) and not reasons, reasons=reasons)


def session_stops(instrument: Instrument, answers: Mapping[str, str], interviewer_sex: str | None) -> tuple[SessionStop, ...]:
    """The lines that stop this interview, in order; none means that the private page may follow.

    interviewer_sex: "woman" or "man" as on file. A line without an answer stops: silence is not consent.
    """
    return tuple(
        SessionStop(one.id, one.on_stop) for one in instrument.session_gates if not _is_passed(one, answers.get(one.id), interviewer_sex)
    )


def _holds(one: Gate, facts: GateFacts) -> bool:
    if one.site_item is not None:
        line = facts.site.get(one.site_item)
        return line is not None and line.answer in one.any_of and _is_recent(line.answered_on, facts.today, one.max_age_days)
    if one.fact is GateFact.INTERVIEWER_CERTIFIED:
        return facts.certified_on is not None and _is_recent(facts.certified_on, facts.today, one.max_age_days)
    return {
        GateFact.DAY_LISTED: facts.day_listed,
        GateFact.INTERVIEWS_LEFT: facts.interviews_left > 0,
        GateFact.PROGRAMME_SIGNED_OFF: facts.programme_signed_off,
    }.get(one.fact or GateFact.INTERVIEWER_CERTIFIED, False)


def _is_recent(day: date, today: date, max_age_days: int | None) -> bool:
    # A day in the future proves nothing yet.
    return day <= today and (max_age_days is None or (today - day).days <= max_age_days)


def _reason(one: Gate) -> Reason:
    text = one.reason.replace("{item}", one.site_item or "").replace("{max_age_days}", str(one.max_age_days or ""))
    return Reason(one.id, text)


def _is_passed(one: SessionGate, answer: str | None, interviewer_sex: str | None) -> bool:
    if answer is None or answer not in one.answers or answer in one.stop_if:
        return False
    return not one.same_sex or answer in ("either", interviewer_sex)
