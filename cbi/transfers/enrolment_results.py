"""What a rule comes to for every household: judged in one go, told apart by a digest, and kept sealed with a run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from cbi.people.tables_verification import Found
from cbi.store.ids import numbered_hexes
from cbi.store.parts import in_parts
from cbi.store.sealed import PlainRow
from cbi.store.work import Reading, Work
from cbi.transfers import population
from cbi.transfers.population import Answers, Candidate
from cbi.transfers.rules import Block, Facts, Rule
from cbi.transfers.tables_enrolment import Appeal, AppealStatus, Enrolment, EnrolmentRun, EnrolmentState

_CHUNK = 2_000
_COLUMNS = ("id", "household_id", "state", "members", "amount_minor", "facts")
_FACTS = tuple(one.name for one in fields(Facts))
_TEXT = "{" + ",".join(f'"{name}":%s' for name in _FACTS) + "}"
COUNTED = (EnrolmentState.ENROLLED, EnrolmentState.EXCEPTION)


@dataclass(frozen=True, slots=True)
class Result:
    """A household with its result under a rule."""

    candidate: Candidate
    state: EnrolmentState
    amount_minor: int


def judged(reading: Reading, programme_id: UUID, rule: Rule, answers: Answers | None = None) -> list[Result]:
    """Every household of the programme's sites with its result, by id, so that the same households always give the same list.

    answers: of the six questions, where they were read a moment ago; without them they are read now.
    """
    excepted, formula, lets_in = exceptions(reading, programme_id), rule.due.formula(rule.currency), rule.judge()
    if not rule.asks_for_difficulty():
        answers = None
    elif answers is None:
        answers = population.answers_of(reading, programme_id)
    amount = lru_cache(maxsize=None)(formula.amount)
    found = []
    for one in population.candidates(reading, programme_id, year=reading.today.year, answers=answers):
        state = _state(rule, one, lets_in=lets_in(one.facts), excepted=one.household in excepted)
        found.append(Result(one, state, amount(one.facts.size) if state in COUNTED else 0))
    return sorted(found, key=lambda result: result.candidate.household)


def exceptions(reading: Reading, programme_id: UUID) -> frozenset[str]:
    """Households an appeal let in, as hexadecimal digits."""
    query = sa.select(col(Appeal.household_id)).where(col(Appeal.programme_id) == programme_id, col(Appeal.status) == AppealStatus.ALLOWED)
    return frozenset(one.hex for one in reading.session.connection().execute(query).scalars())


def digest_of(results: Iterable[Result]) -> bytes:
    """SHA-256 over every household's state and amount, whatever the order."""
    lines = sorted(f"{one.candidate.household} {one.state.value} {one.amount_minor}\n" for one in results)
    return sha256("".join(lines).encode()).digest()


def write(work: Work, run: EnrolmentRun, results: Sequence[Result]) -> None:
    """Keep every result with its run, sealed under its household's key."""
    same = {"operation_id": work.operation_id.hex, "run_id": run.id.hex, "currency": run.currency}
    ids = numbered_hexes(work.new_id("enrolments"), range(1, len(results) + 1))
    for part in in_parts(list(zip(ids, results, strict=True)), _CHUNK):
        rows = [PlainRow(row_id, one.candidate.household, one.candidate.wrapped, _text(one.candidate.facts)) for row_id, one in part]
        sealed = work.vault.seal_column(Enrolment, "facts", rows)
        work.bulk_rows(
            Enrolment, _COLUMNS, [_row(row_id, one, facts) for (row_id, one), facts in zip(part, sealed, strict=True)], same=same
        )


def _row(row_id: str, one: Result, facts: bytes) -> tuple[object, ...]:
    return (row_id, one.candidate.household, one.state.value, one.candidate.facts.size, one.amount_minor, facts)


def _state(rule: Rule, one: Candidate, *, lets_in: bool, excepted: bool) -> EnrolmentState:
    """A household's state under a rule. excepted: an appeal let it in."""
    if one.has_left:
        return EnrolmentState.LEFT
    if not one.consents:
        return EnrolmentState.CONSENT
    if not lets_in:
        return EnrolmentState.EXCEPTION if excepted else EnrolmentState.NOT_ELIGIBLE
    if one.waits and Block.REVIEW in rule.blocks:
        return EnrolmentState.REVIEW
    if one.found is Found.NOT_FOUND and Block.NOT_FOUND in rule.blocks:
        return EnrolmentState.NOT_FOUND
    return EnrolmentState.UNVERIFIED if Block.UNVERIFIED in rule.blocks and not one.is_verified else EnrolmentState.ENROLLED


def _text(facts: Facts) -> bytes:
    """The facts as JSON, put together of parts that most households share: a dump of each costs four times as much."""
    return (_TEXT % tuple([_value(getattr(facts, name)) for name in _FACTS])).encode()


@lru_cache(maxsize=4096)
def _value(one: str | int | None) -> str:
    return json.dumps(one)
