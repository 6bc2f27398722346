"""Judges a proposal against the truth of its layout: right without a correction, and never wrong while sure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reconciliation import layout
from reconciliation.profile import read_payouts
from reconciliation.proposal import About, Proposal
from reconciliation.sheets import UnreadableFile
from reconciliation.vocabulary import Field
from tests.reconciliation.layouts.made import Layout, Truth


@dataclass(frozen=True)
class Judgement:
    """right: header, every column and every row as they are, asking only what the file leaves open.

    harmful: sure of itself although a column or a row is read as what it is not.  wrong: what was wrong, for whoever looks it over.
    laid_out: the heading and every column are as they are, and nothing is asked of them; status words may be.
    """

    layout: Layout
    proposal: Proposal
    wrong: tuple[str, ...]
    harmful: bool
    laid_out: bool

    @property
    def right(self) -> bool:
        """Whether nobody has to correct anything."""
        return not self.wrong


def judge(made: Layout) -> Judgement:
    """What the reader makes of one layout, without any help."""
    proposal = layout.propose(made.sheets)
    taken, absent = _columns(made, proposal)
    header = _header(made, proposal)
    misread = [*header, *taken, *_rows(made, proposal)]
    unsure = [*absent, *_asked(made, proposal), *_lacking(made, proposal)]
    of_columns = any(question.about in {About.COLUMN, About.SHEET} for question in proposal.questions)
    laid_out = not (header or taken or absent or of_columns or _lacking(made, proposal))
    return Judgement(made, proposal, (*misread, *unsure), harmful=proposal.is_certain and bool(misread), laid_out=laid_out)


def _header(made: Layout, proposal: Proposal) -> list[str]:
    if proposal.profile is None:
        return ["no table found"]
    found = (proposal.profile.header_row, proposal.profile.header_rows)
    return [] if found == (made.header_row, made.header_rows) else [f"heading at {found} instead of {(made.header_row, made.header_rows)}"]


def _columns(made: Layout, proposal: Proposal) -> tuple[list[str], list[str]]:
    """Columns taken for what they are not, and columns that were passed over."""
    found = {guess.field: guess.column for look in proposal.sheets if look.name == made.rows[0].sheet for guess in look.columns}
    heads = dict(enumerate(made.headings))
    taken = [f"{field.value}: took {heads.get(place, '?')!r}" for field, place in found.items() if made.columns.get(field) != place]
    absent = [f"{field.value}: passed over {heads[place]!r}" for field, place in made.columns.items() if field not in found]
    return taken, absent


def _rows(made: Layout, proposal: Proposal) -> list[str]:
    if proposal.profile is None or made.asks:
        return []
    try:
        read = read_payouts(made.sheets, proposal.profile, made.currency).payouts
    except UnreadableFile as refusal:
        return [f"refused: {refusal}"]
    keys = {row.key for row in made.rows}
    said = [
        Truth(
            row.sheet,
            row.row,
            _key(made, keys, row.reference, row.phone, row.narrative),
            row.amount.minor if row.amount else -1,
            row.outcome,
        )
        for row in read
    ]
    missed, more = set(made.rows) - set(said), set(said) - set(made.rows)
    return (
        [f"{len(missed)} rows misread, first {min(missed, key=str, default=None)}; read instead {min(more, key=str, default=None)}"]
        if missed or more
        else []
    )


def _key(made: Layout, keys: set[str], reference: str, phone: str, narrative: str) -> str:
    if Field.REFERENCE in made.columns:
        return reference
    return next((word for word in narrative.split() if word in keys), "") if Field.NARRATIVE in made.columns else phone


def _asked(made: Layout, proposal: Proposal) -> list[str]:
    asked = {question.about for question in proposal.questions}
    return [f"asked: {question.fix}" for question in proposal.questions if question.about not in made.asks] + [
        f"not asked: {about}" for about in made.asks - asked
    ]


def _lacking(made: Layout, proposal: Proposal) -> list[str]:
    return [] if proposal.known_as else [f"unsure of the {name}" for name in proposal.missing()]


def shares(judgements: Iterable[Judgement]) -> dict[str, tuple[int, int]]:
    """Right and all, by language and by shape."""
    right: Counter[str] = Counter()
    every: Counter[str] = Counter()
    for one in judgements:
        for name in (one.layout.language, one.layout.shape, "all"):
            every[name] += 1
            right[name] += one.right
    return {name: (right[name], every[name]) for name in every}


def table(judgements: Sequence[Judgement]) -> str:
    """The shares as lines of text."""
    lines = [f"{name:16} {right:4} of {every:4}  {right / every:6.1%}" for name, (right, every) in shares(judgements).items()]
    harmful = sum(one.harmful for one in judgements)
    laid_out = sum(one.laid_out for one in judgements)
    return "\n".join(
        [
            *lines,
            f"heading, columns {laid_out:4} of {len(judgements):4}  {laid_out / len(judgements):6.1%}",
            f"sure and wrong   {harmful:4}",
            "",
        ]
    )
