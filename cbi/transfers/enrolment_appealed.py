"""How the results of a run stand since appeals were allowed: whom they let in, and what these are due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.store.work import Reading
from cbi.transfers.formula import Formula
from cbi.transfers.rules import Rule
from cbi.transfers.tables_enrolment import Appeal, AppealStatus, Enrolment, EnrolmentRun, EnrolmentState


@dataclass(frozen=True, slots=True)
class Standing:
    """A household's result as it stands. amount_minor: 0 where it is due nothing."""

    state: EnrolmentState
    members: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Appealed:
    """What appeals changed of a run's results while it was in force; of a simulation they change nothing.

    formula: what those they let in are due.  until: when the next run took its place; None while none did.
    """

    run: EnrolmentRun
    formula: Formula
    until: datetime | None

    @classmethod
    def of(cls, reading: Reading, run: EnrolmentRun, rule: Rule) -> Self:
        """Since a run was applied. rule: the version it was made with."""
        return cls(run, rule.due.formula(rule.currency), _replaced_at(reading, run))

    def let_in(self) -> sa.Select[Any]:  # Any: as SQLAlchemy types a selection
        """The households they let in after the run left them out."""
        here: list[sa.ColumnElement[bool]] = [sa.true() if self.run.number is not None else sa.false()]
        if self.until is not None:
            here.append(col(Appeal.decided_at) < self.until)
        return let_in(sa.select(sa.literal(self.run.id))).where(*here)

    def state(self) -> sa.ColumnElement[EnrolmentState]:
        """A household's state, in a query over results of this run."""
        kept: Any = col(Enrolment.state)  # Any: a column with its type, which mypy takes for a value
        return sa.case((self._is_let_in(), sa.literal(EnrolmentState.EXCEPTION, kept.type)), else_=kept)

    def amount(self) -> sa.ColumnElement[int]:
        """What a household is due, in the same query."""
        return sa.case((self._is_let_in(), _amount(self.formula)), else_=col(Enrolment.amount_minor))

    def _is_let_in(self) -> sa.ColumnElement[bool]:
        return col(Enrolment.household_id).in_(self.let_in())


def let_in(run_ids: sa.Select[Any]) -> sa.Select[Any]:  # Any: as SQLAlchemy types a selection
    """Whom an appeal let in after one of these runs left them out."""
    same = sa.and_(col(Appeal.household_id) == col(Enrolment.household_id), col(Appeal.programme_id) == col(EnrolmentRun.programme_id))
    return (
        sa.select(col(Enrolment.household_id))
        .join(EnrolmentRun, col(EnrolmentRun.id) == col(Enrolment.run_id))
        .join(Appeal, same)
        .where(
            col(Enrolment.run_id).in_(run_ids),
            col(Enrolment.state) == EnrolmentState.NOT_ELIGIBLE,
            col(Appeal.status) == AppealStatus.ALLOWED,
        )
        .correlate(None)
    )


def standing(reading: Reading, run: EnrolmentRun, rule: Rule, result: Enrolment) -> Standing:
    """One household's result of a run as it stands."""
    since = Appealed.of(reading, run, rule)
    query = sa.select(since.state(), since.amount()).where(col(Enrolment.id) == result.id)
    state, amount_minor = reading.session.connection().execute(query).one()
    return Standing(EnrolmentState(state), result.members, int(amount_minor))


def _replaced_at(reading: Reading, run: EnrolmentRun) -> datetime | None:
    if run.number is None:
        return None
    later = select(EnrolmentRun.applied_at).where(col(EnrolmentRun.programme_id) == run.programme_id, col(EnrolmentRun.number) > run.number)
    return reading.session.exec(later.order_by(col(EnrolmentRun.number)).limit(1)).first()


def _amount(formula: Formula) -> sa.ColumnElement[int]:
    """The formula as the database computes it."""
    members, limit = sa.cast(col(Enrolment.members), sa.BigInteger), _whole(formula.member_limit)
    full = _whole(formula.base_minor) + _whole(formula.per_member_minor) * sa.case((members > limit, limit), else_=members)
    return sa.case((full > _whole(formula.ceiling_minor), _whole(formula.ceiling_minor)), else_=full)


def _whole(number: int) -> sa.ColumnElement[int]:
    """As wide as amounts are: beside the members alone a database would take it for as narrow as they are."""
    return sa.literal(number, sa.BigInteger)
