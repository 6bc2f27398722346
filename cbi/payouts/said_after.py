"""What a finding says of its transfer once people decided about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from cbi.payouts.tables import Answer, FindingDecision, PayoutFinding, PostedRow
from cbi.store.bases import words
from reconciliation.findings import FindingKind
from reconciliation.payout import Outcome

_ASTRAY = (FindingKind.WRONG_PAYEE, FindingKind.WRONG_CURRENCY)


@dataclass(frozen=True, slots=True)
class By:
    """By the decisions that stand, or that stood before an instant. Whether something arrived is asked of the ledger, not here."""

    before: datetime | None = None

    def kind(self) -> sa.ColumnElement[FindingKind]:
        """The kind a finding counts as: a contradiction settled by the newer result says that, and money that is back was returned."""
        kind, newer = col(PayoutFinding.kind), self._exists(Answer.NEWER)
        contradicts, suspense = kind == FindingKind.CONTRADICTS, col(PayoutFinding.suspense_minor)
        return sa.case(
            (sa.and_(contradicts, newer, self._says(Outcome.RETURNED)), _literal(FindingKind.RETURNED)),
            (sa.and_(contradicts, newer, self._says(Outcome.PAID)), _literal(FindingKind.WRONG_PAYEE)),
            (sa.and_(contradicts, newer), _literal(FindingKind.FAILED)),
            (sa.and_(kind == FindingKind.SUGGESTED, self._exists(Answer.MATCH)), _literal(FindingKind.FAILED)),
            (sa.and_(kind.in_(_ASTRAY), suspense > 0, self._back() >= suspense), _literal(FindingKind.RETURNED)),
            else_=kind,
        )

    def speaks(self) -> sa.ColumnElement[bool]:
        """Whether a finding says anything: a contradiction settled by the earlier result leaves the word to the earlier file."""
        return sa.or_(col(PayoutFinding.kind) != FindingKind.CONTRADICTS, sa.not_(self._exists(Answer.EARLIER)))

    def _stands(self, *answers: Answer) -> list[sa.ColumnElement[bool]]:
        mine = [col(FindingDecision.finding_id) == col(PayoutFinding.id), col(FindingDecision.answer).in_(answers)]
        if self.before is None:
            return [*mine, col(FindingDecision.live).is_(True)]
        return [
            *mine,
            col(FindingDecision.decided_at) < self.before,
            sa.or_(col(FindingDecision.live).is_(True), col(FindingDecision.undone_at) >= self.before),
        ]

    def _exists(self, answer: Answer) -> sa.ColumnElement[bool]:
        return sa.exists().where(*self._stands(answer))

    def _says(self, outcome: Outcome) -> sa.ColumnElement[bool]:
        put_in = sa.and_(col(PostedRow.decision_id) == col(FindingDecision.id), col(PostedRow.outcome) == outcome)
        return sa.exists().where(put_in, *self._stands(Answer.NEWER))

    def _back(self) -> sa.ScalarSelect[int]:
        total = sa.select(sa.func.coalesce(sa.func.sum(col(FindingDecision.amount_minor)), 0))
        return total.where(*self._stands(Answer.RECOVERED, Answer.CHARGED)).scalar_subquery()


def _literal(kind: FindingKind) -> sa.ColumnElement[FindingKind]:
    return sa.literal(kind, words(FindingKind))
