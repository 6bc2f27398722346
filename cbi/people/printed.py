"""What is printed of households: their paper cards, the texts read to them, and what the office holds about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import NotThere, Refused
from cbi.people.facts_paper import CardsPrinted, HeldTold, Told
from cbi.people.numbers import order_of, read_number
from cbi.people.spoken import ConsentText, all_texts
from cbi.people.tables import Document, DocumentKind, Household, HouseholdStatus
from cbi.store.parts import in_parts
from cbi.store.work import Reading, Work
from cbi.web.filters import day
from cbi.web.held import HeldPart
from cbi.web.paper import Note, Paper, Table
from cbi.web.paper_cards import CardFace
from cbi.web.words import _

MOST_CARDS = 2000
MOST_ALONE, _FRESH, _WHILE = 20, timedelta(days=1), timedelta(hours=1)
SHEETS = ("consent", "information")
_GONE = (HouseholdStatus.WITHDRAWN, HouseholdStatus.MERGED)


def tokens_of(reading: Reading, household_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The code on the paper card of each of these households; those without a card, or erased, are left out."""
    found: dict[UUID, str] = {}
    for chunk in in_parts(list(household_ids)):
        rows = reading.session.exec(
            select(Document)
            .where(col(Document.household_id).in_(chunk), col(Document.kind) == DocumentKind.TOKEN)
            .order_by(col(Document.id))
        ).all()
        reading.vault.prefetch(reading.session, rows)
        found |= {row.household_id: code for row in rows if (code := reading.open(row, "number"))}
    return found


def print_cards(work: Work, site_id: UUID, *, first: str = "", last: str = "") -> list[CardFace]:
    """The cards of a site's households by number, from the first to the last named; entered in the audit.

    Raises Refused for a number that is none, for nobody, and for more than MOST_CARDS at once.
    """
    begin, end = _number(first), _number(last)
    where = [col(Household.site_id) == site_id, col(Household.operation_id) == work.operation_id, col(Household.status).not_in(_GONE)]
    rows = work.session.execute(select(col(Household.id), col(Household.number)).where(*where)).all()
    numbers = {number: household_id for household_id, number in rows if _within(number, begin, end)}
    wanted = sorted(numbers, key=order_of)
    if not wanted:
        raise Refused(_("choose other numbers: no household of this place has one between them"))
    if len(wanted) > MOST_CARDS:
        raise Refused(_("print fewer at once, with a first and a last number: at most %(most)s cards", most=MOST_CARDS))
    cards = _faces(work, {numbers[number]: number for number in wanted})
    work.remember(CardsPrinted(site_id=site_id, count=len(cards)))
    return cards


def print_card(work: Work, household_id: UUID) -> list[CardFace]:
    """The card of one household; entered in the audit. Raises NotThere."""
    row = card_holder(work, household_id)
    cards = _faces(work, {row.id: row.number})
    work.remember(CardsPrinted(site_id=row.site_id, household_id=row.id, count=len(cards)))
    return cards


def card_holder(reading: Reading, household_id: UUID) -> Household:
    """A household that can be given a card. Raises NotThere."""
    row = reading.session.get(Household, household_id)
    if row is None or row.operation_id != reading.operation_id or row.status in _GONE or reading.was_erased(household_id):
        raise NotThere
    return row


def goes_without_step_up(work: Work, row: Household, own_site: UUID | None) -> bool:
    """Whether this person may print this card as it is: registered at a desk within a day, or at their own site, and few within the hour."""
    is_fresh = row.import_id is None and row.registered_at > work.now - _FRESH
    return (is_fresh or row.site_id == own_site) and _printed_alone(work) < MOST_ALONE


def _printed_alone(work: Work) -> int:
    """How many single cards this person printed within the hour, as the audit has it."""
    entry = work.system.audit_entry
    here = (col(entry.seq) >= _first_since(work, work.now - _WHILE), col(entry.actor) == str(work.actor))
    single = (col(entry.kind) == CardsPrinted.kind(), sa.not_(col(entry.body).contains('"household_id":null')))
    return int(work.session.connection().execute(sa.select(sa.func.count()).where(*here, *single)).scalar_one())


def _first_since(reading: Reading, since: datetime) -> int:
    """The number of the first audit entry since then: entries stand in the order of time, so halving finds it without reading them all."""
    entry, connection = reading.system.audit_entry, reading.session.connection()
    low, high = 1, (connection.execute(sa.select(sa.func.max(col(entry.seq)))).scalar_one() or 0) + 1
    while low < high:
        middle = (low + high) // 2
        at = connection.execute(sa.select(col(entry.at)).where(col(entry.seq) == middle)).scalar()
        low, high = (middle + 1, high) if at is None or at < since else (low, middle)
    return low


def _faces(reading: Reading, numbers: dict[UUID, str]) -> list[CardFace]:
    codes = tokens_of(reading, numbers)
    return [CardFace(codes[household_id], number) for household_id, number in numbers.items() if household_id in codes]


def _number(typed: str) -> str | None:
    if not typed.strip():
        return None
    read = read_number(typed)
    if read is None:
        raise Refused(_("write the registration number as it is on the list, for example BH-20417-6"))
    return read


def _within(number: str, first: str | None, last: str | None) -> bool:
    place = order_of(number)
    return (first is None or place >= order_of(first)) and (last is None or place <= order_of(last))


def tell(work: Work, household_id: UUID, told: Told) -> None:
    """Enter in the audit that a household was told what is held about it."""
    work.remember(HeldTold(household_id=household_id, told=told))


def words_of_rights() -> tuple[str, ...]:
    """How to have something put right, to stop, and to complain: the same for every household."""
    return (
        _("Is something wrong? Say so at the registration desk: it is put right, and this page keeps that it was."),
        _("You can take your consent back on any day. Nothing more is asked of you then, and no transfer is made to you."),
        _("You can complain about how you were treated, or about a decision. It is confidential, and changes nothing in what you receive."),
        _("Nobody may ask you for money, work or any favour for any of this."),
    )


def held_paper(
    parts: Sequence[HeldPart], *, number: str, whole: bool, today: datetime, office: str, language: str, right_to_left: bool
) -> Paper:
    """What the office holds about a household, as a paper. whole: also what is otherwise only read aloud."""
    shown: list[Table | Note] = []
    for part in parts:
        if part.aloud and not whole:
            shown.append(
                Table(part.heading, ("",), ((_("Is read to you at the desk, and printed when you ask for it."),),), (1,), frozenset())
            )
        elif part.rows:
            shown.append(Table(part.heading, part.header, part.rows, part.widths, frozenset()))
        else:
            shown.append(Table(part.heading, ("",), ((part.nothing,),), (1,), frozenset()))
    shown.append(Table(_("What you can do"), ("",), tuple((sentence,) for sentence in words_of_rights()), (1,), frozenset()))
    return Paper(
        title=_("What we hold about you"),
        office=office,
        facts=((_("Registration number"), number), (_("As it stands on"), day(today))),
        parts=tuple(shown),
        sign=(),
        sign_words=(),
        mark=None,
        page_words=_("page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
        made_at=today,
        language=language,
        right_to_left=right_to_left,
    )


def text_paper(kind: str, language: str, *, office: str) -> Paper:
    """The consent or the information text of one language, in letters to read aloud from. Raises NotThere."""
    text = all_texts().get(language)
    if text is None or kind not in SHEETS:
        raise NotThere
    return _consent_sheet(text, office) if kind == "consent" else _information_sheet(text, office)


def _consent_sheet(text: ConsentText, office: str) -> Paper:
    return _text_sheet(text, text.title, text.paragraphs, office)


def _information_sheet(text: ConsentText, office: str) -> Paper:
    return _text_sheet(text, text.information_title, (*text.information, "…………………………………………"), office)


def _text_sheet(text: ConsentText, title: str, paragraphs: tuple[str, ...], office: str) -> Paper:
    draft = (f"{text.draft}\n{DRAFT_IN_ENGLISH}",) if text.draft else ()
    return Paper(
        title=title,
        office=office,
        facts=(),
        parts=(*(Note(draft, strong=True) for _one in draft), Note(paragraphs, aloud=True)),
        sign=(),
        sign_words=(),
        mark=None,
        page_words=f"{text.own_name} · v{text.version} · {text.since.isoformat()} · {{page}}/{{pages}}",
        made_at=datetime.combine(text.since, time(), UTC),
        language=text.language,
        right_to_left=text.direction == "rtl",
    )


# Said in English whatever the page's language: whoever hands a sheet out that nobody cleared has to understand it.
DRAFT_IN_ENGLISH = "DRAFT, to be cleared by a native speaker. Not to be used before."
