"""Which concepts together name which column, and which rule it out."""

from __future__ import annotations

from functools import lru_cache

from reconciliation.concepts import concepts_of
from reconciliation.vocabulary import Field, alike_score, is_decoy, is_listed, names_currency, phrase_score

# The reference of a transaction is ours, or the provider's where another column is more surely ours.
_EITHER = 0.79
# The surest first.  A heading names a field by the first line whose concepts it all has.
_RULES: dict[Field, tuple[tuple[str, float], ...]] = {
    Field.REFERENCE: (
        ("reference ours", 1.0),
        ("reference person", 0.97),
        ("reference transaction", _EITHER),
        ("reference payment", 0.95),
        ("reference", 0.82),
        ("payment code", 0.8),
        ("ours id", 0.78),
        ("ours code", 0.78),
        ("ours number", 0.76),
        ("payment id", 0.7),
        ("person id", 0.66),
        ("person code", 0.66),
        ("person number", 0.62),
    ),
    Field.PROVIDER_ID: (
        ("receipt number", 1.0),
        ("receipt id", 1.0),
        ("receipt code", 1.0),
        ("reference provider", 1.0),
        ("reference transaction", 0.78),
        ("transaction id", 1.0),
        ("transaction code", 1.0),
        ("transaction number", 1.0),
        ("provider id", 0.95),
        ("provider code", 0.95),
        ("receipt", 0.9),
        ("payment id", 0.88),
        ("provider number", 0.76),
        ("payment number", 0.76),
        ("payment code", 0.7),
        ("transaction", 0.6),
    ),
    Field.AMOUNT: (
        ("amount paid", 1.0),
        ("money paid", 0.97),
        ("net paid", 0.97),
        ("amount net", 0.95),
        ("amount debit", 0.95),
        ("amount payment", 0.9),
        ("net payment", 0.88),
        ("amount transaction", 0.88),
        ("amount", 0.82),
        ("debit", 0.85),
        ("money payment", 0.8),
        ("payment priced", 0.85),
        ("paid priced", 0.85),
        ("money", 0.78),
        ("paid", 0.76),
    ),
    Field.RETURNED_AMOUNT: (("amount back", 1.0), ("credit", 0.95), ("back", 0.7)),
    Field.CURRENCY: (("currency", 0.95),),
    Field.STATUS: (("status payment", 1.0), ("status transaction", 1.0), ("status", 0.95)),
    Field.REASON: (("reason not", 1.0), ("reason told", 1.0), ("reason payment", 0.85), ("reason", 0.95), ("told", 0.7)),
    Field.NAME: (("name person", 1.0), ("name", 0.9), ("account name", 0.9), ("holder", 0.85), ("person", 0.76)),
    Field.PHONE: (
        ("phone person", 1.0),
        ("phone number", 1.0),
        ("phone", 0.95),
        ("wallet number", 0.9),
        ("wallet id", 0.8),
        ("wallet", 0.76),
    ),
    Field.ACCOUNT: (("account person", 1.0), ("account number", 1.0), ("account provider", 1.0), ("account", 0.9)),
    Field.TOKEN: (
        ("card number", 1.0),
        ("card id", 1.0),
        ("card code", 1.0),
        ("card person", 0.9),
        ("card reference", 0.9),
        ("card", 0.86),
    ),
    Field.NARRATIVE: (
        ("narrative transaction", 1.0),
        ("narrative payment", 1.0),
        ("reason payment", 0.9),
        ("reason transaction", 0.9),
        ("narrative", 0.88),
    ),
    Field.DATE: (("date paid", 1.0), ("date transaction", 1.0), ("date payment", 1.0), ("date", 0.9), ("paid on", 0.9)),
}
# Look-alikes: they rule a field out wherever they stand in a heading, above it too.
_SPOILT: dict[Field, str] = {
    Field.REFERENCE: "batch document other fee balance size",
    Field.PROVIDER_ID: "batch document other fee balance size asked",
    Field.AMOUNT: "fee balance batch asked size agent other",
    Field.RETURNED_AMOUNT: "fee balance batch asked size",
    Field.CURRENCY: "fee balance agent",
    Field.STATUS: "agent document size batch balance",
    Field.REASON: "document",
    Field.NAME: "agent other size batch",
    Field.PHONE: "agent other balance",
    Field.ACCOUNT: "agent other balance fee",
    Field.TOKEN: "agent document balance other",
    Field.NARRATIVE: "agent",
    Field.DATE: "early batch",
}
# Other columns' own words: they rule a field out where they stand beside its word.
_OTHERS: dict[Field, str] = {
    Field.REFERENCE: "provider receipt name date phone amount currency status reason account card kind holder",
    Field.PROVIDER_ID: "name date phone amount currency status reason account kind ours",
    Field.AMOUNT: "credit back not date status reason phone account kind name total id reference number code currency",
    Field.RETURNED_AMOUNT: "debit date status reason phone account kind name card total id number reference",
    Field.CURRENCY: "amount total",
    Field.STATUS: "date id account amount",
    Field.REASON: "date kind name",
    Field.NAME: "phone amount id code number date status reference document currency",
    Field.PHONE: "name date status kind transaction receipt",
    Field.ACCOUNT: "name kind status date amount phone currency title",
    Field.TOKEN: "name kind status date amount holder",
    Field.NARRATIVE: "reason id code date name status not person",
    Field.DATE: "status name",
}
_RULED = {field: [(frozenset(needs.split()), score) for needs, score in rules] for field, rules in _RULES.items()}
_SPOILS = {field: frozenset(concepts.split()) for field, concepts in _SPOILT.items()}
_BESIDE = {field: frozenset(concepts.split()) for field, concepts in _OTHERS.items()}
LOOK_ALIKES = frozenset({"fee", "balance", "batch", "asked", "agent", "other", "size", "document", "early"})
# What may stand beside a heading's own words all the same: "Bank's client reference", "Name of money recipient".
_EXCUSED = {
    Field.REFERENCE: (frozenset({"ours"}), frozenset({"provider", "receipt", "card"})),
    Field.PROVIDER_ID: (frozenset({"transaction"}), frozenset({"phone"})),
    Field.NAME: (frozenset({"name", "person"}), frozenset({"amount"})),
    Field.REASON: (frozenset({"reason", "not"}), frozenset()),
    Field.AMOUNT: (frozenset({"paid"}), frozenset({"total", "number", "account"})),
}
# A heading of two rows, or of two languages, says most by what it ends with.
_PART = 0.97
_GROUP = 0.6
_WITH_GROUP = 0.9
_NAMED = 0.8


@lru_cache(maxsize=8192)
def heading_score(heading: str, field: Field) -> float:
    """How surely a heading names a field, from 0 to 1: 1 when it is one of its phrases, 0 when it holds a word that rules the field out."""
    if is_listed(heading, field):
        return phrase_score(heading, field)
    if is_spoilt(heading, field) or (is_decoy(heading, field) and not _is_excused(heading, field)):
        return 0.0
    whole = _said(heading, field)
    above, _, part = heading.rpartition("/")
    if above.strip() and part.strip():
        below = _said(part, field)
        if below and not _said(above, field):
            # A group above says whose the columns are and not which is which: "Payment / Date created" is no date of payment.
            return below
        # What only the group above names is a weak word for a column whose own heading names another, and less than sure for one that names none.
        return max(whole if below else (_GROUP if _names_any(part) else _WITH_GROUP) * whole, _PART * below)
    before = heading.partition("(")[0]
    if before != heading and before.strip():
        return max(whole, _PART * _said(before, field))
    return whole if whole or _names_any(heading) or concepts_of(heading) & LOOK_ALIKES else alike_score(heading, field)


def _said(heading: str, field: Field) -> float:
    return max(_by_phrase(heading, field), _by_words(heading, field))


@lru_cache(maxsize=8192)
def _names_any(part: str) -> bool:
    return any(_said(part, field) >= _NAMED for field in Field)


def _by_phrase(heading: str, field: Field) -> float:
    score, named = phrase_score(heading, field), concepts_of(heading)
    if is_listed(heading, field):
        return score
    if field is Field.REFERENCE and "transaction" in named and "ours" not in named:
        score = min(score, _EITHER)
    return score if named.isdisjoint(_BESIDE[field]) else 0.0


def _by_words(heading: str, field: Field) -> float:
    """By the first rule all of whose concepts are named, unless another column's word stands beside them."""
    named = concepts_of(heading) | ({"priced"} if names_currency(heading) else set())
    excused = _EXCUSED[field][1] if _is_excused(heading, field) else frozenset()
    for needs, score in _RULED[field]:
        if needs <= named:
            return score if named.isdisjoint(_BESIDE[field] - needs - excused) else 0.0
    return 0.0


def _is_excused(heading: str, field: Field) -> bool:
    return field in _EXCUSED and _EXCUSED[field][0] <= concepts_of(heading)


def is_spoilt(heading: str, field: Field) -> bool:
    """Whether a word anywhere in a heading says that it is a look-alike of this field: a fee, a balance, an agent's phone."""
    return not _SPOILS[field].isdisjoint(concepts_of(heading))
