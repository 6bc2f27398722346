"""Compares what was asked for with what a provider says it paid: one finding for each transfer and each stranger."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from reconciliation import folding, ladder, near
from reconciliation.bulk import without_collecting
from reconciliation.findings import BY_REFERENCE, Evidence, Finding, FindingKind, Findings, Suggestion, as_instructed
from reconciliation.folding import Mark, Verdict
from reconciliation.identity import Earlier, Past, row_keys, shared_ids
from reconciliation.instruction import Instruction, Instructions, asked_of
from reconciliation.payee import differences
from reconciliation.payout import Outcome, Payout
from reconciliation.payout_columns import Looked, PayoutColumns
from reconciliation.plain import plainly_paid

_STRANGERS_ALSO = frozenset({FindingKind.PAID_BEFORE, FindingKind.CONTRADICTS, FindingKind.RETURNED, FindingKind.FAILED})


@without_collecting()
def reconcile(
    instructed: Sequence[Instruction],
    paid: Sequence[Payout],
    *,
    known: Collection[str] = (),
    earlier: Iterable[Earlier] = (),
    decided: Iterable[Earlier] = (),
    accepted: Mapping[tuple[str, int], str] | None = None,
) -> Sequence[Finding]:
    """Compare what we asked for with what the provider says it paid.

    Every instruction and every payout row lands in exactly one finding, so the totals of the findings are the totals of the two files.
    Order: instructions as given, then strangers in row order (a transfer paid in two currencies has its second finding there).

    known: references of ours that are not on this released list.  earlier: rows of the provider's earlier posted files (`folding.judge` says how
    they weigh).  decided: rows of them that contradicted what counts, and against which people decided.
    accepted: rows, by sheet and row number, that a person tied to a reference.
    Raises ladder.RepeatedReference when two instructions carry one reference.
    """
    past = Past(earlier, decided)
    rows = Looked(paid) if isinstance(paid, PayoutColumns) else paid
    asked = asked_of(instructed)
    tied = ladder.tie(asked, rows, known=known, past=past, accepted=accepted or {})
    comparison = _Comparison(asked, rows, past, tied)
    if not isinstance(rows, Looked):
        return list(comparison.findings())
    plain = plainly_paid(asked, rows, past, tied)
    rows.look_at([place for place, target in enumerate(tied.rows.targets) if target < 0 or plain[target] != place])
    others = {place: comparison.of(place, asked[place]) for place, row in enumerate(plain) if row < 0}
    return Findings(instructed, rows.columns, plain, others, comparison.strangers())


class _Comparison:
    """One comparison while it runs: the two files, what is earlier, and which rows belong where."""

    def __init__(self, instructed: Instructions, paid: Sequence[Payout], past: Past, tied: ladder.Tied) -> None:
        self.instructed, self.paid, self.past, self.tied = instructed, paid, past, tied
        self.extra: list[tuple[int, Finding]] = []

    @cached_property
    def _keys(self) -> list[bytes]:
        return row_keys(self.paid) if self.past else []

    @cached_property
    def _shared(self) -> frozenset[str]:
        return shared_ids(self.paid)

    @cached_property
    def _near(self) -> dict[int, tuple[Suggestion, ...]]:
        waiting = [place for place in self.tied.rows.without() if not (self.past and self._is_out(self.instructed[place]))]
        return near.suggest(self.instructed, self.paid, waiting, self.tied)

    def findings(self) -> Iterator[Finding]:
        """Every finding, in order."""
        for place, asked in enumerate(self.instructed):
            yield self.of(place, asked)
        yield from self.strangers()

    def of(self, place: int, asked: Instruction) -> Finding:
        """The finding of one instruction."""
        places = self.tied.rows.get(place)
        if places is None:
            return self._absent(place, asked)
        return self._plain(asked, place, places) or self._alone(asked, place, places) or self._story(asked, place, sorted(places))

    def strangers(self) -> list[Finding]:
        """Findings about rows that belong to no instruction, or to one in another currency, in row order; after those of all instructions."""
        self.extra.extend((place, _unreadable(self.paid[place])) for place in self.tied.unreadable)
        for reference, places in self.tied.known.items():
            self._stranger(FindingKind.NOT_INSTRUCTED, reference, sorted(places))
        for places in self.tied.strangers:
            self._stranger(FindingKind.NOT_OURS, self.paid[places[0]].reference, sorted(places))
        for places, evidence, _ in self.tied.ambiguous:
            self._stranger(FindingKind.NOT_OURS, "", sorted(places), (evidence,))
        self.extra.sort(key=lambda pair: pair[0])
        return [finding for _, finding in self.extra]

    def _plain(self, asked: Instruction, place: int, places: list[int]) -> Finding | None:
        """The finding of nearly every transfer: one row with the amount and payee approved, new or as before. None for any other story."""
        payout, minor = self.paid[places[0]], asked.amount.minor
        if len(places) > 1 or payout.outcome is not Outcome.PAID or minor <= 0 or payout.amount != asked.amount:
            return None
        evidence, currency = self._evidence(place), asked.amount.currency
        if self.past and (earlier := self._earlier_of(asked, places[0])):
            if len(earlier) > 1 or not self._is_that_row(asked, payout, earlier[0]):
                return None
            return Finding(
                FindingKind.PAID_BEFORE,
                asked,
                (payout,),
                (),
                evidence,
                currency,
                set_aside_minor=minor,
                paid_minor=minor,
                repeated=(payout,),
            )
        if differences(asked, payout):
            return None
        return as_instructed(asked, payout, evidence)

    def _alone(self, asked: Instruction, place: int, places: list[int]) -> Finding | None:
        """The finding of a transfer with one row in its own currency, where no earlier file is known: as `_story` tells it, in less time."""
        payout, currency = self.paid[places[0]], asked.amount.currency
        if self.past or len(places) > 1 or payout.amount is None or payout.amount.currency != currency:
            return None
        group = [(places[0], Mark.FRESH)]
        differs = self._differences(asked, group)
        with_id, wrong_payee = bool(payout.provider_id), bool(differs)
        verdict = folding.judge_alone(asked.amount.minor, payout.outcome, payout.amount, with_id=with_id, wrong_payee=wrong_payee)
        return self._finding(verdict.kind, verdict, asked, group, currency, (*self._evidence(place), *dict.fromkeys(differs)))

    def _earlier_of(self, asked: Instruction, place: int) -> Sequence[Earlier | None]:
        """The earlier rows that weigh on a transfer with one row; a None among them for a key that counts under another name."""
        payout = self.paid[place]
        earlier = self.past.of_transfer(asked.reference)
        elsewhere = self.past.of_id(payout.provider_id) if payout.provider_id else [None] * self.past.counts(self._keys[place])
        return earlier or elsewhere

    def _is_that_row(self, asked: Instruction, payout: Payout, one: Earlier | None) -> bool:
        if one is None or not payout.provider_id:
            return False
        said = (asked.reference, payout.provider_id, payout.outcome, payout.amount)
        return (one.reference, one.provider_id, one.outcome, one.amount) == said

    def _evidence(self, place: int) -> tuple[Evidence, ...]:
        other = self.tied.evidence.get(place)
        return tuple(other) if other else BY_REFERENCE

    def _is_out(self, asked: Instruction) -> bool:
        return folding.stand(self.past.of_transfer(asked.reference), asked.amount.currency).out > 0

    def _absent(self, place: int, asked: Instruction) -> Finding:
        """An instruction without a row: suggested, or as earlier files left it, or missing."""
        minor, currency = asked.amount.minor, asked.amount.currency
        if place in self._near:
            suggestions = self._near[place]
            return Finding(
                FindingKind.SUGGESTED,
                asked,
                evidence=tuple(dict.fromkeys(each for one in suggestions for each in one.evidence)),
                currency=currency,
                instructed_minor=minor,
                open_minor=minor,
                suggestions=suggestions,
            )
        before = folding.stand(self.past.of_transfer(asked.reference), currency)
        if before.out > 0:
            return Finding(FindingKind.PAID_BEFORE, asked, evidence=(Evidence("earlier"),), currency=currency)
        kind = FindingKind.RETURNED if before.returned else FindingKind.FAILED if before.failed else FindingKind.MISSING
        evidence = (Evidence("earlier"),) if kind is not FindingKind.MISSING else ()
        return Finding(kind, asked, evidence=evidence, currency=currency, instructed_minor=minor, open_minor=minor)

    def _marks(self, places: Sequence[int], earlier: Sequence[Earlier], reference: str) -> list[Mark]:
        rows = [self.paid[place] for place in places]
        keys = [self._keys[place] for place in places] if self.past else []
        return folding.mark(rows, keys, earlier, self.past, lambda: self._shared, reference)

    def _story(self, asked: Instruction, place: int, places: list[int]) -> Finding:
        """One transfer with rows: judged in its own currency; money in another makes it WRONG_CURRENCY as a whole."""
        earlier = self.past.of_transfer(asked.reference)
        marks = self._marks(places, earlier, asked.reference)
        own, foreign = self._currencies(places, marks, asked.amount.currency)
        evidence = (*self._evidence(place), *([Evidence("decided")] if Mark.DECIDED in marks else []))
        first = next((currency for currency, group in foreign.items() if not own or self._is_out_now(group)), None)
        for currency, group in foreign.items():
            if currency != first:
                self._beside(asked, currency, group, earlier)
        if first is None:
            return self._judged(asked, own, earlier, evidence)
        if any(folding.is_paid(self.paid[row]) or folding.is_returned(self.paid[row]) for row, _ in own):
            self._beside(asked, asked.amount.currency, own, earlier)
            own = []
        return self._in_wrong_currency(asked, first, [*own, *foreign[first]], earlier, evidence)

    def _currencies(
        self, places: Sequence[int], marks: Sequence[Mark], own: str
    ) -> tuple[list[tuple[int, Mark]], dict[str, list[tuple[int, Mark]]]]:
        """The rows in the instruction's currency (with failures of any), and those in each other."""
        mine, foreign = [], dict[str, list[tuple[int, Mark]]]()
        for place, what in zip(places, marks, strict=True):
            payout = self.paid[place]
            if payout.amount is None or payout.amount.currency == own or payout.outcome is Outcome.FAILED:
                mine.append((place, what))
            else:
                foreign.setdefault(payout.amount.currency, []).append((place, what))
        return mine, foreign

    def _is_out_now(self, group: Sequence[tuple[int, Mark]]) -> bool:
        told = self._told(group)
        return told.paid + told.again_paid > told.returned + told.again_returned

    def _told(self, group: Sequence[tuple[int, Mark]]) -> folding.Told:
        return folding.tell([self.paid[place] for place, _ in group], [what for _, what in group])

    def _judged(
        self, asked: Instruction, group: Sequence[tuple[int, Mark]], earlier: Sequence[Earlier], evidence: tuple[Evidence, ...]
    ) -> Finding:
        differs = self._differences(asked, group)
        currency = asked.amount.currency
        verdict = folding.judge(asked.amount.minor, self._told(group), folding.stand(earlier, currency), wrong_payee=bool(differs))
        return self._finding(verdict.kind, verdict, asked, group, currency, (*evidence, *dict.fromkeys(differs)))

    def _differences(self, asked: Instruction, group: Sequence[tuple[int, Mark]]) -> list[Evidence]:
        """What differs of the payee where money went out; where none did, of the payee it was tried at."""
        news = [self.paid[place] for place, what in group if what not in folding.AGAIN]
        rows = [row for row in news if folding.is_paid(row)] or [row for row in news if row.outcome is Outcome.FAILED]
        return [each for row in rows for each in differences(asked, row)]

    def _in_wrong_currency(
        self,
        asked: Instruction,
        currency: str,
        group: Sequence[tuple[int, Mark]],
        earlier: Sequence[Earlier],
        evidence: tuple[Evidence, ...],
    ) -> Finding:
        """All money of the group in suspense in its own currency; the promise stays as open as it was. Money that came back is RETURNED in any currency."""
        verdict = folding.judge(0, self._told(group), folding.stand(earlier, currency))
        before = folding.stand(earlier, asked.amount.currency)
        still_open = asked.amount.minor - min(max(before.delivered, 0), asked.amount.minor)
        came_back = verdict.kind is FindingKind.RETURNED
        kinds = [*(kind for kind in (verdict.kind, *verdict.also) if kind in _STRANGERS_ALSO), FindingKind.WRONG_CURRENCY]
        kind = FindingKind.RETURNED if came_back else FindingKind.WRONG_CURRENCY
        counted = Verdict(
            kind,
            tuple(each for each in kinds if each is not kind),
            instructed=still_open,
            open=still_open,
            suspense=verdict.suspense,
            set_aside=verdict.set_aside,
            paid=verdict.paid,
            taken_back=verdict.taken_back,
        )
        differs = Evidence("currency", asked.amount.currency, currency)
        return self._finding(kind, counted, asked, group, currency, (*evidence, differs))

    def _beside(self, asked: Instruction, currency: str, group: Sequence[tuple[int, Mark]], earlier: Sequence[Earlier]) -> None:
        """A second finding for rows of a transfer in a further currency: their money waits in suspense."""
        verdict = folding.judge(0, self._told(group), folding.stand(earlier, currency))
        kind = FindingKind.WRONG_CURRENCY
        evidence = (Evidence("reference", asked.reference), Evidence("currency", asked.amount.currency, currency))
        self.extra.append((group[0][0], self._finding(kind, verdict, None, group, currency, evidence)))

    def _stranger(self, kind: FindingKind, reference: str, places: Sequence[int], evidence: tuple[Evidence, ...] = ()) -> None:
        """Rows that belong to no instruction here: what they paid and no earlier file counts waits in suspense."""
        if self._stranger_alone(kind, places, evidence):
            return
        name = self.paid[places[0]].provider_id
        earlier = self.past.of_transfer(reference) if reference else self.past.of_id(name) if name else []
        marks = self._marks(places, earlier, reference)
        moved = [place for place in places if self.paid[place].outcome is not Outcome.FAILED]
        default = next((payout.amount.currency for place in (*moved, *places) if (payout := self.paid[place]).amount), "")
        own, foreign = self._currencies(places, marks, default)
        for currency, group in {default: own, **foreign}.items():
            verdict = folding.judge(0, self._told(group), folding.stand(earlier, currency))
            self.extra.append((group[0][0], self._finding(kind, verdict, None, group, currency, evidence)))

    def _stranger_alone(self, kind: FindingKind, places: Sequence[int], evidence: tuple[Evidence, ...]) -> bool:
        """Tell of a stranger's one row where no earlier file is known, as `_stranger` does, in less time; False where there is more to it."""
        row = self.paid[places[0]]
        if self.past or len(places) > 1 or row.amount is None:
            return False
        verdict = folding.judge_alone(0, row.outcome, row.amount, with_id=bool(row.provider_id))
        self.extra.append((places[0], self._finding(kind, verdict, None, [(places[0], Mark.FRESH)], row.amount.currency, evidence)))
        return True

    def _finding(
        self,
        kind: FindingKind,
        verdict: Verdict,
        asked: Instruction | None,
        group: Sequence[tuple[int, Mark]],
        currency: str,
        evidence: tuple[Evidence, ...],
    ) -> Finding:
        own = asked.amount.currency if asked else currency
        also = verdict.also if asked else tuple(each for each in (verdict.kind, *verdict.also) if each in _STRANGERS_ALSO)
        return Finding(
            kind,
            asked,
            tuple(self.paid[place] for place, _ in sorted(group)),
            also,
            evidence,
            own,
            verdict.instructed if asked else 0,
            verdict.delivered if asked else 0,
            verdict.suspense,
            currency if verdict.suspense or currency != own else "",
            verdict.open if asked else 0,
            verdict.set_aside,
            paid_minor=verdict.paid,
            taken_back_minor=verdict.taken_back,
            copies=tuple(self.paid[place] for place, what in group if what is Mark.COPY),
            repeated=tuple(self.paid[place] for place, what in group if what in folding.AGAIN),
        )


def _unreadable(payout: Payout) -> Finding:
    """A row by itself: what it says is not counted until it is corrected."""
    return Finding(FindingKind.UNREADABLE, None, (payout,), currency=payout.amount.currency if payout.amount else "")
