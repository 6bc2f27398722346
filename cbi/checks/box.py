"""Puts letters into the letter box. What goes in can be counted and thrown away here, never read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from uuid import UUID, uuid5

import screening
from cbi.checks.consent import Consent
from cbi.checks.letter import seal_apart, seal_letter
from cbi.checks.tables import Letter
from cbi.checks.visits import Visit
from cbi.sites.instrument import current
from cbi.store.work import Reading, Work, read_setting
from cbi.transfers.receiving import Plain
from screening.instrument import Item

INTAKE_KEY = "intake_key"


def intake_key(reading: Reading) -> bytes:
    """The room's public key, as it was published; b"" while there is none."""
    kept = read_setting(reading.session, reading.system, INTAKE_KEY)
    return bytes.fromhex(kept) if isinstance(kept, str) else b""


def readable(items: Iterable[Item], posted: Mapping[str, str]) -> screening.Answers:
    """The answers of a posted page; an item with a letter we do not know counts as untouched and spoils no other.

    Our own page cannot send one, and what was told must not be lost for it.
    """
    chosen: dict[str, frozenset[str]] = {}
    for item in items:
        try:
            chosen |= screening.decode_page([item], posted).chosen
        except screening.UnreadableAnswers:
            continue
    return screening.Answers(chosen)


def put_private(
    work: Work,
    visit: Visit,
    *,
    member_id: UUID,
    answers: screening.Answers,
    consent: Consent,
    key: UUID | None,
    instrument: screening.Instrument | None = None,
) -> None:
    """Seal the private page's answers into one letter. The same key a second time changes nothing.

    instrument: the version the page was drawn from, None for the one in use.
    """
    content = _content(work, visit, "private", answers, instrument or current(work))
    content |= {
        "member": str(member_id),
        "consent": {"version": consent.version, "language": consent.language, "agreed": True},
    }
    _put(work, content, key)


def put_choices(
    work: Work,
    visit: Visit,
    *,
    answers: screening.Answers,
    hours: Iterable[str],
    wishes: Mapping[str, Plain],
    agreed: bool,
    key: UUID | None,
) -> None:
    """Seal the copy of the delivery choices that travels to the room: one for every household, whatever else it was asked."""
    content = _content(work, visit, "choices", answers, current(work))
    _put(work, content | {"hours": list(hours), "wishes": dict(wishes), "agreed": agreed}, key)


def put_apart(work: Work, content: dict[str, object], *, readers: Sequence[bytes], key: UUID) -> None:
    """Seal something for these readers only, past everybody who opens letters. Without readers the letter holds nothing for anybody."""
    _keep(work, lambda public: seal_apart(content if readers else {}, public, readers), key)


def was_put(reading: Reading, key: UUID) -> bool:
    """Whether a letter was made of the form with this key."""
    return reading.session.get(Letter, _letter_id(key)) is not None


def _content(work: Work, visit: Visit, kind: str, answers: screening.Answers, instrument: screening.Instrument) -> dict[str, object]:
    return {
        "kind": kind,
        "household": str(visit.household_id),
        "member": None,
        "site": str(visit.site_id),
        "interviewer": str(work.actor.id or UUID(int=0)),
        "instrument": instrument.name,
        "version": instrument.version,
        "mechanism": visit.mechanism,
        "at": work.now.isoformat(),
        "answers": {item: _plain(instrument, item, options) for item, options in sorted(answers.chosen.items())},
    }


def _plain(instrument: screening.Instrument, item: str, options: frozenset[str]) -> str | list[str]:
    several = instrument.item(item).type.value == "select_multiple"
    return sorted(options) if several else next(iter(options))


def _put(work: Work, content: dict[str, object], key: UUID | None) -> None:
    _keep(work, lambda public: seal_letter(content, public), key)


def _keep(work: Work, sealed: Callable[[bytes], bytes], key: UUID | None) -> None:
    public_key = intake_key(work)
    if not public_key:
        return
    letter_id = work.new_id("checks.letter") if key is None else _letter_id(key)
    if work.session.get(Letter, letter_id) is None:
        work.add(Letter(id=letter_id, day=work.today, body=sealed(public_key)))


def _letter_id(key: UUID) -> UUID:
    return uuid5(key, "letter")
