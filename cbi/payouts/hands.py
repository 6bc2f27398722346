"""Whose hands may count a file, undo it or decide on it, and how they take turns: one at a time for all files of one provider."""

from __future__ import annotations

from uuid import UUID

from cbi.errors import SameHands
from cbi.payouts.about import about_of, barred
from cbi.payouts.queries import file_by_id
from cbi.payouts.tables import PayoutFile
from cbi.store.work import Work
from cbi.transfers.approvals import BARRED
from cbi.transfers.service import list_by_id
from cbi.transfers.tables import Provider


def refuse(work: Work, file: PayoutFile) -> UUID:
    """The person at work. Raises SameHands for the maker, approvers, releaser and payee editors of any of the file's lists."""
    assert work.actor.id is not None
    seat = barred(work, about_of(work, file.id), work.actor.id)
    if seat is not None:
        raise SameHands(BARRED[seat])
    return work.actor.id


def locked_file(work: Work, file_id: UUID) -> PayoutFile:
    """The file, while nobody else posts, undoes or decides anything of its provider. Raises NotThere.

    The work's instant is set anew, so that what is done in turn is also dated in turn.
    """
    file = file_by_id(work, file_id)
    work.session.get_one(Provider, file.provider_id, with_for_update=True)
    work.take_turn()
    return work.session.get_one(PayoutFile, file_id, with_for_update=True, populate_existing=True)


def hold_provider_of(work: Work, list_id: UUID) -> None:
    """Nobody posts, undoes or decides anything of the list's provider before this work ends, and its instant is set anew. Raises NotThere."""
    work.session.get_one(Provider, list_by_id(work, list_id).provider_id, with_for_update=True)
    work.take_turn()
