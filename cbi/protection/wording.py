"""The room's words for pages: what was said, what it came to, and what happened, in sentences. Nothing here decides anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date

from cbi.protection.cases import CaseLine, Dossier
from cbi.protection.dossier import Stage
from cbi.protection.history import Choice, Decided, Outcome
from cbi.protection.hours import Reach, Window, window
from cbi.protection.letters import Letter
from cbi.protection.snapshot import HouseholdCard, Office
from cbi.transfers.receiving import Help, Messages
from cbi.transfers.tables import ArrangementKind, Mechanism
from cbi.web.locale import language
from cbi.web.words import _, _l, _n, listed
from screening import Band, Instrument

FEW = 10

LANGUAGES = {
    "en": _l("English"),
    "ar": _l("Arabic"),
    "bn": _l("Bengali"),
    "my": _l("Burmese"),
    "fr": _l("French"),
    "es": _l("Spanish"),
    "sw": _l("Swahili"),
}
OUTCOMES = {
    Outcome.REACHED: _l("Reached and talked"),
    Outcome.NOT_REACHED: _l("Not reached"),
    Outcome.COME_BACK: _l("Asked to come back"),
}
CHOICES = {
    Choice.CONTINUE: _l("Continue as planned"),
    Choice.CHANGE: _l("Change the arrangement"),
    Choice.REFER: _l("Bring to a service"),
    Choice.NO_ACTION: _l("Nothing, at the person's wish"),
    Choice.NOT_APPLICABLE: _l("Not applicable"),
}
KINDS = {
    ArrangementKind.SITE: _l("Place"),
    ArrangementKind.DAY: _l("Day and hour"),
    ArrangementKind.MECHANISM: _l("Way to pay"),
    ArrangementKind.COLLECTOR: _l("Who collects"),
    ArrangementKind.RECIPIENT: _l("Recipient"),
    ArrangementKind.SHARES: _l("Separate transfers"),
    ArrangementKind.PARTS: _l("Smaller parts"),
    ArrangementKind.MESSAGES: _l("Messages"),
    ArrangementKind.KEEP: _l("Kept until asked for"),
    ArrangementKind.HELP: _l("Help at the place"),
}
MECHANISMS = {
    Mechanism.CASH_AGENT: _l("Cash from an agent"),
    Mechanism.MOBILE_MONEY: _l("Mobile money"),
    Mechanism.BANK: _l("Bank account"),
    Mechanism.CARD: _l("Card"),
    Mechanism.VOUCHER: _l("Voucher"),
}
MESSAGES = {
    Messages.ANY: _l("Any message"),
    Messages.NEUTRAL: _l("Messages that do not mention assistance"),
    Messages.IN_PERSON: _l("In person only"),
}
HELPS = {
    Help.FIRST: _l("Served first, a seat, shade"),
    Help.HELPER: _l("A helper they choose"),
    Help.TOGETHER: _l("Going with others"),
    Help.WOMEN_STAFF: _l("Women staff, line or hour"),
    Help.TRANSPORT: _l("Transport"),
    Help.HOME: _l("At home"),
    Help.CARE: _l("Care for children or others meanwhile"),
    Help.FORMAT: _l("Information in another form"),
    Help.DEVICE: _l("Help with phone or card"),
    Help.OTHER_ID: _l("Another way to show who they are"),
    Help.CLOSER: _l("A closer place, when there is one"),
    Help.JUST_BEFORE: _l("Just before it can be spent"),
    Help.GOODS: _l("A voucher or goods, when they are offered"),
    Help.ACCOUNT: _l("A phone, card or account, when one is offered"),
}
DAYS = {
    "sun": _l("Sun"),
    "mon": _l("Mon"),
    "tue": _l("Tue"),
    "wed": _l("Wed"),
    "thu": _l("Thu"),
    "fri": _l("Fri"),
    "sat": _l("Sat"),
}
TIMES = {"morning": _l("Morning"), "midday": _l("Midday"), "afternoon": _l("Afternoon")}
EVENTS = {
    "protection.RoomFounded": _l("The room was made"),
    "protection.OfficerAdded": _l("An officer was let in"),
    "protection.OfficerReset": _l("An officer got a new passphrase"),
    "protection.PassphraseChanged": _l("A passphrase was changed by its owner"),
    "protection.LeadRecovered": _l("The recovery sheet brought a lead back, and another took its place"),
    "protection.OfficerRemoved": _l("An officer left"),
    "protection.InstrumentKept": _l("The questions that come with the program were kept"),
    "protection.InstrumentBegun": _l("A version of the questions was begun"),
    "protection.InstrumentEdited": _l("A version of the questions was changed"),
    "protection.InstrumentDiscarded": _l("A version of the questions was thrown away"),
    "protection.InstrumentApproved": _l("A version of the questions was approved"),
    "protection.InstrumentHandedOut": _l("A version of the questions was handed out"),
    "protection.KeysRotated": _l("The room got new keys"),
    "protection.SignInRefused": _l("A sign-in was refused"),
    "protection.SignedIn": _l("Signed in"),
    "protection.PublishedKeyDiffers": _l("The published key was not the room's: it stayed closed"),
    "protection.PublishedReadersPutRight": _l("The published keys of focal points were not the room's: put right"),
    "protection.RoomOpened": _l("Opened the room"),
    "protection.RoomLocked": _l("Locked the room"),
    "protection.CaseRead": _l("Read a letter"),
    "protection.ContactNoted": _l("Noted a contact"),
    "protection.DecisionTaken": _l("Wrote a decision down"),
    "protection.DecisionSigned": _l("Answered as second officer"),
    "protection.ArrangementSent": _l("An arrangement was sent to be published"),
    "protection.CaseAssigned": _l("A case was taken, given or accepted"),
    "protection.CaseOffered": _l("A hand-over was offered or declined"),
    "protection.CaseClosed": _l("Closed a case"),
    "protection.CaseReopened": _l("Opened a case again"),
    "protection.ReferralWritten": _l("Wrote a referral, or that information was given"),
    "protection.ReferralWithoutConsent": _l("Asked to refer without consent"),
    "protection.ReferralSigned": _l("Answered to a referral without consent"),
    "protection.ReferralRead": _l("Read a referral"),
    "protection.ReferralPacketTaken": _l("Opened the paper of a referral"),
    "protection.ReferralAnswered": _l("Noted what became of a referral"),
    "protection.HandedOver": _l("Handed a case to a focal point"),
    "protection.HandoverTakenBack": _l("Took a hand-over back"),
    "protection.HandoverRead": _l("Read what was handed over"),
    "protection.HandoverAcknowledged": _l("Took what was handed over"),
    "protection.FeedbackBrought": _l("Feedback was found in the letter box"),
    "protection.FeedbackRead": _l("Read feedback"),
    "protection.FeedbackTakenUp": _l("Took feedback up"),
    "protection.FeedbackLetGo": _l("Let feedback go"),
    "protection.YoungHouseholdRead": _l("Opened a household whose head is a child"),
    "protection.Withdrawn": _l("What was said was taken back, and is gone"),
    "protection.Purged": _l("Records reached their age and are gone"),
    "protection.NoticePublished": _l("Published a weekly notice"),
    "protection.ServiceChecked": _l("Checked a service"),
}


_WHERE = {
    Stage.QUEUED: ("", "dashed", _l("Not opened")),
    Stage.OPENED: ("wait", "ring", _l("Opened")),
    Stage.ASSIGNED: ("wait", "ring", _l("Taken")),
    Stage.TRIED: ("wait", "ring", _l("Tried")),
    Stage.TALKED: ("wait", "half", _l("Talked, to decide")),
    Stage.SECOND: ("wait", "half", _l("Waits for a second officer")),
    Stage.UNREACHABLE: ("", "dashed-dot", _l("Not reached, nothing changes")),
    Stage.DECIDED: ("ok", "done", _l("Decided")),
    Stage.MONITORING: ("ok", "half", _l("Decided, followed")),
    Stage.PSEA_HANDOVER: ("held", "back", _l("Handed over")),
    Stage.CP_HANDOVER: ("held", "back", _l("Handed over")),
    Stage.CLOSED: ("", "closed", _l("Closed")),
    Stage.REOPENED: ("wait", "dashed-dot", _l("Opened again")),
    Stage.FILED: ("", "closed", _l("Filed")),
}


@dataclass(frozen=True, slots=True)
class Said:
    """One answer, as it was asked. concerns: what it led to."""

    question: str
    answer: str
    concerns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggested:
    """A measure the officer may offer. blocked: why not yet, "" when it may be."""

    title: str
    description: str
    caution: str
    blocked: str = ""


def said(known: Dossier, letter: Letter | None) -> list[Said]:
    """The answered questions of one letter, in the order they are asked."""
    if letter is None or known.instrument is None:
        return []
    return [
        Said(_question(known, item.id), answer, _concerns(known, item.id))
        for item in known.instrument.items
        if (answer := _answer(known.instrument, item.id, letter.answers.get(item.id)))
    ]


def untouched(known: Dossier, letter: Letter | None) -> list[str]:
    """The questions of this page that were left untouched, or do not belong to this plan."""
    if letter is None or known.instrument is None:
        return []
    page = known.instrument.page(letter.kind)
    return [_question(known, item.id) for item in page if not _answer(known.instrument, item.id, letter.answers.get(item.id))]


def suggested(known: Dossier) -> list[Suggested]:
    """Measures to offer, those nobody notices first; then those that wait, each with its reason."""
    if known.assessment is None or known.instrument is None:
        return []
    rules = {rule.id: rule.reason for rule in known.instrument.rules}
    blocked: dict[str, list[str]] = {}
    for one in known.assessment.blocked:
        blocked.setdefault(one.measure, []).append(rules.get(one.by, one.by))
    free = [_measure(known.instrument, measure) for measure in known.assessment.measures]
    return free + [_measure(known.instrument, measure, "; ".join(why)) for measure, why in blocked.items()]


def where(line: CaseLine, zone: str) -> tuple[str, str, str]:
    """Tone, shape and word of where a letter stands."""
    tone, shape, word = _WHERE[line.stage]
    if line.again:
        return "wait", "dashed-dot", _("Offer it again")
    if line.stage is Stage.TRIED:
        last = f", {line.last_try.astimezone(ZoneInfo(zone)):%H:%M}" if line.last_try else ""
        return tone, shape, _("Tried %(n)s of 3%(last)s", n=line.tries, last=last)
    return tone, shape, str(word)


def stage_words(stage: Stage) -> tuple[str, str, str]:
    """Tone, shape and word of a stage."""
    tone, shape, word = _WHERE[stage]
    return tone, shape, str(word)


def reach_of(card: HouseholdCard, *, now: datetime, zone: str) -> tuple[str, str]:
    """Tone and words of when a household may be reached, as the office knows it."""
    return reach(window(card.hours, now, zone=zone), has_phone=bool(card.phones), now=now, zone=zone)


def reach(found: Window, *, has_phone: bool, now: datetime, zone: str) -> tuple[str, str]:
    """Tone and words of when she may be reached: hours as she told them, never a guess."""
    place = ZoneInfo(zone)
    match found.reach:
        case Reach.NOW if found.until and not (found.since and found.since > now):
            return "ok", _("Now, until %(time)s", time=f"{found.until.astimezone(place):%H:%M}")
        case Reach.UNKNOWN if not found.since:
            return "", _("Hours not told") if has_phone else _("Hours not told, no phone")
    since = (found.since or now).astimezone(place)
    clock = f"{since:%H:%M}"
    words = (
        _("From %(time)s", time=clock)
        if since.date() == now.astimezone(place).date()
        else _("%(day)s, %(time)s", day=_weekday(since), time=clock)
    )
    return "", words if has_phone else _("%(when)s, in person", when=words)


def due(line_due: datetime, zone: str, *, exact: bool) -> str:
    """A deadline in the office's own time: "Tue 24 Nov, 07:25"; only the day where the hour says nothing."""
    local = line_due.astimezone(ZoneInfo(zone))
    day = format_date(local, "EEE d MMM", locale=language())
    return listed((day, f"{local:%H:%M}")) if exact else day


def first_contact(line: CaseLine, zone: str, now: datetime) -> str:
    """The small words under the deadline."""
    if line.stage in (Stage.TALKED, Stage.SECOND):
        return _("talked on %(day)s", day=_weekday(line.last_try.astimezone(ZoneInfo(zone)))) if line.last_try else ""
    if line.due.decide < now:
        return _("overdue")
    local, today = line.due.contact.astimezone(ZoneInfo(zone)).date(), now.astimezone(ZoneInfo(zone)).date()
    return _("contact today") if local <= today else _("contact by %(day)s", day=_weekday(local))


def late_words(line: CaseLine, zone: str, now: datetime) -> str:
    """Which clock a letter passed, and who has it."""
    who = line.holder or _("nobody has it")
    if line.due.decide < now:
        return _("to be decided by %(when)s · %(who)s", when=due(line.due.decide, zone, exact=True), who=who)
    return _("first contact by %(when)s · %(who)s", when=due(line.due.contact, zone, exact=True), who=who)


def band_words(band: Band) -> str:
    """What a group's heading promises."""
    return _("first contact today") if band is Band.CRITICAL else _("first contact within 3 working days")


def language_name(code: str) -> str:
    """A language in words."""
    return str(LANGUAGES.get(code, code))


def hours_words(slots: Sequence[str]) -> list[str]:
    """Safe hours as people say them: "Mon morning, midday"."""
    found = []
    for day, name in DAYS.items():
        parts = [str(TIMES[slot.split("-")[1]]).lower() for slot in slots if slot.split("-")[0] == day and slot.split("-")[1] in TIMES]
        if parts:
            found.append(f"{name} {', '.join(parts)}")
    return found


def changes_words(changes: Mapping[str, object], card: HouseholdCard | None, office: Office) -> list[tuple[str, str]]:
    """A change of arrangement as label and words. A new payment detail shows its last three signs at most."""
    return [(str(KINDS[ArrangementKind(kind)]), _change(ArrangementKind(kind), value, card, office)) for kind, value in changes.items()]


def decided_words(made: Decided) -> str:
    """A decision in one line."""
    words = str(CHOICES[made.choice])
    return f"{words}: {made.service}" if made.service else words


def ordinary(office: Office, site_id: UUID | None) -> tuple[str, str, bool] | None:
    """A site, how many households changed their arrangement there last cycle, and whether those are few; None without a site."""
    if site_id is None or not office.site(site_id):
        return None
    count = office.changes.get(site_id, 0)
    return office.site(site_id), few(count), count < FEW


def few(count: int) -> str:
    """A count of households, never a small one exactly."""
    return f"<{FEW}" if 0 < count < FEW else str(count)


def new_letters(count: int) -> str:
    """What an unlock brought."""
    return _n("opened, %(num)d new letter", "opened, %(num)d new letters", count)


def _weekday(day: date) -> str:
    return str(format_date(day, "EEEE", locale=language()))


def _question(known: Dossier, item_id: str) -> str:
    assert known.instrument is not None
    mechanism = (known.card.mechanism if known.card else None) or ""
    label = str(MECHANISMS[Mechanism(mechanism)]).lower() if mechanism in set(Mechanism) else _("the planned way")
    return known.instrument.item(item_id).words(label)


def _answer(instrument: Instrument, item_id: str, value: object) -> str:
    codes = [value] if isinstance(value, str) else list(value) if isinstance(value, list | tuple) else []
    words = []
    for code in codes:
        try:
            words.append(instrument.wording(item_id, str(code)))
        except KeyError:
            continue
    return listed(words)


def _concerns(known: Dossier, item_id: str) -> tuple[str, ...]:
    raised = known.assessment.concerns if known.assessment else ()
    return tuple(one.reason for one in raised if item_id in one.because)


def _measure(instrument: Instrument, measure_id: str, blocked: str = "") -> Suggested:
    measure = instrument.measure(measure_id)
    return Suggested(measure.title, measure.description, measure.caution, blocked)


def registered_recipient(card: HouseholdCard | None) -> str:
    """Who receives when nobody asks for anything else; empty when the register names nobody."""
    return _member_name(card, str(card.recipient_id)) if card and card.recipient_id else ""


def _change(kind: ArrangementKind, value: object, card: HouseholdCard | None, office: Office) -> str:
    if value is None:
        return _("As planned for everybody")
    match kind, value:
        case ArrangementKind.SITE, str():
            words = office.site(UUID(value))
        case ArrangementKind.RECIPIENT, str():
            words = _member_name(card, value)
        case ArrangementKind.SHARES, (list() | tuple()):
            words = listed(_member_name(card, str(one)) for one in value)
        case ((ArrangementKind.COLLECTOR | ArrangementKind.MECHANISM | ArrangementKind.MESSAGES), dict()):
            words = _structured(kind, value, card)
        case ((ArrangementKind.DAY | ArrangementKind.HELP), (list() | tuple())):
            told = [str(one) for one in value]
            words = "; ".join(hours_words(told) if kind is ArrangementKind.DAY else [str(HELPS[Help(one)]) for one in told])
        case _:
            words = _("Yes") if value is True else str(value)
    return words


def _structured(kind: ArrangementKind, value: Mapping[str, str], card: HouseholdCard | None) -> str:
    if kind is ArrangementKind.COLLECTOR:
        return value.get("name") or _member_name(card, value.get("member", ""))
    if kind is ArrangementKind.MESSAGES:
        return str(MESSAGES[Messages(value["messages"])])
    way, account = str(MECHANISMS[Mechanism(value["mechanism"])]), value.get("account", "")
    return f"{way} …{account[-3:]}" if account else way


def _member_name(card: HouseholdCard | None, member_id: str) -> str:
    return next((one.name for one in (card.members if card else ()) if str(one.id) == member_id), "")
