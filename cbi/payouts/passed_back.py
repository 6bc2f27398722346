"""A promise passes back to an older line when the newer one that had taken it over dies, and money of the older one is out already.

Else the household would be asked for once more what it holds: what lies in suspense as beyond the older line's promise is within it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from cbi.errors import Refused
from cbi.payouts import counted, facts_passed_back, hands, ledger
from cbi.payouts.counted import Place, Whose
from cbi.payouts.tables import LedgerEntry, LedgerPosting, PostingKind
from cbi.store.parts import in_parts
from cbi.store.work import Reading, Work
from cbi.transfers.service import after_freed, list_by_id, retire_instructions, revive_instructions, superseded_of
from cbi.transfers.tables import Instruction
from cbi.web.words import _


def pass_back(work: Work, freed: Sequence[UUID]) -> None:
    """After these lines let their promises go: older lines of the same entitlements of which more is out than was settled live again."""
    other: Any = aliased(Instruction)  # Any: a table under another name is typed as its rows
    older: set[UUID] = set()
    for part in in_parts(freed):
        same = sa.select(other.id).join(Instruction, col(Instruction.entitlement_id) == other.entitlement_id)
        older.update(work.session.connection().execute(same.where(col(Instruction.id).in_(part), other.live.is_(False))).scalars())
    _pass_back(work, sorted(older - set(freed)))


def pass_back_within(work: Work, entitlement_ids: Sequence[UUID]) -> None:
    """The same after lines of these entitlements were taken off a draft."""
    older: list[UUID] = []
    for part in in_parts(entitlement_ids):
        dead = select(Instruction.id).where(col(Instruction.entitlement_id).in_(part), col(Instruction.live).is_(False))
        older += work.session.exec(dead)
    _pass_back(work, sorted(older))


def pass_on_again(work: Work, instruction_ids: Sequence[UUID]) -> None:
    """Before these lines live again as if they had never died: what had passed back to an older line passes on to them once more.

    Raises Refused when what had been settled then is no longer there.
    """
    for part in in_parts(instruction_ids):
        newer = work.session.exec(select(Instruction).where(col(Instruction.id).in_(part), col(Instruction.replaces_id).is_not(None)))
        for line in newer.all():
            older = work.session.get_one(Instruction, line.replaces_id, populate_existing=True)
            settled = older.amount_minor - line.amount_minor
            if older.live or older.settled_minor > settled:
                _restate(work, older, settled)
                if ledger.delivered_of(work, [older.id]).get(older.id, 0) != settled:
                    raise Refused(_("settle the newer list first: some of these transfers were instructed again since"))
                retire_instructions(work, [older.id], {older.id: settled})


def settle(work: Work, instruction_ids: Sequence[UUID]) -> None:
    """Let these lines count for all that is within their promise, but for those that another line has taken over.

    One that is paid in full, or of which money is astray, lives: nobody is asked for it again.  Else only its rest is due.
    """
    for one in instruction_ids:
        line = work.session.get_one(Instruction, one, populate_existing=True)
        if superseded_of(work, [one]):
            continue
        hands.hold_provider_of(work, line.list_id)
        _restate(work, line, line.amount_minor)
        if ledger.delivered_of(work, [one]).get(one, 0) == line.amount_minor or _is_astray(work, line):
            revive_instructions(work, [one])
        else:
            retire_instructions(work, [one], ledger.delivered_of(work, [one]))


def replaced_before(reading: Reading, instruction_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these lines that another line once took the place of: a line is replaced once, so that their rest is due on an ordinary list."""
    found: set[UUID | None] = set()
    for part in in_parts(instruction_ids):
        replaced = sa.select(col(Instruction.replaces_id)).where(col(Instruction.replaces_id).in_(part))
        found.update(reading.session.connection().execute(replaced).scalars())
    return {one for one in found if one is not None}


def settle_touched(work: Work, references: sa.Select[str] | Sequence[str]) -> None:
    """The same for those of these transfers to which a promise passed back before, after what they were told was taken back."""
    posting = sa.select(col(LedgerPosting.id)).where(col(LedgerPosting.kind) == PostingKind.PASSED_BACK)
    passed = sa.select(col(LedgerEntry.instruction_id)).where(col(LedgerEntry.posting_id).in_(posting)).distinct()
    found: list[UUID] = []
    for part in in_parts(
        list(work.session.connection().execute(passed).scalars())
    ):  # few, if any: asked first, as a file may name a million
        mine = sa.select(col(Instruction.id)).where(col(Instruction.id).in_(part), col(Instruction.reference).in_(references))
        found += work.session.connection().execute(mine).scalars()
    settle(work, sorted(found))


def _pass_back(work: Work, older: Sequence[UUID]) -> None:
    over = superseded_of(work, older)
    settle(work, [one for one in older if one not in over and _more_is_out(work, work.session.get_one(Instruction, one))])


def _more_is_out(work: Work, line: Instruction) -> bool:
    """Whether more of a line is out, to whomever and in whatever currency, than was settled."""
    return any(
        place.delivered + place.suspense > (line.settled_minor if currency == line.currency else 0)
        for currency, place in _places(work, line).items()
    )


def _is_astray(work: Work, line: Instruction) -> bool:
    return any(place.suspense > 0 for place in _places(work, line).values())


def _restate(work: Work, line: Instruction, promised_minor: int) -> None:
    """Enter what it makes that so much of this line is promised: money moves between delivered and suspense, and none to or from the provider."""
    stands = counted.stands(work, _provider_of(work, line), Whose(line.reference), line.currency)
    more = counted.place(stands, promised_minor).delivered - ledger.delivered_of(work, [line.id]).get(line.id, 0)
    if more:
        posting = ledger.enter_passed_back(work, line, more)
        work.remember(
            facts_passed_back.PromisePassedBack(
                posting_id=posting.id, list_id=line.list_id, instruction_id=line.id, minor=more, currency=line.currency
            )
        )


def _places(work: Work, line: Instruction) -> dict[str, Place]:
    """Where a line stands, by currency."""
    found = counted.places(work, _provider_of(work, line), [Whose(line.reference)])
    return {currency: place for (_whose, currency), place in found.items()}


def _provider_of(work: Work, line: Instruction) -> UUID:
    return list_by_id(work, line.list_id).provider_id


if pass_back_within not in after_freed:
    after_freed.append(pass_back_within)
