"""The mark of a payment list: SHA-256 over every line as it would be paid, so that one changed character makes another mark."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import starmap
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col, select

from cbi.errors import Refused
from cbi.store.work import Reading
from cbi.transfers.tables import Instruction, PaymentList
from cbi.web.words import _

CHUNK = 500
_BETWEEN = "\x1f"
_MARKS = 2  # between three details
Details = tuple[str, str, str]
"""Who is paid, in clear: name, phone and account; empty where nothing was said."""
NOBODY: Details = ("", "", "")


@dataclass(frozen=True, slots=True)
class OpenedLine:
    """One line with its payee in clear: for the mark, the export and the reconciliation, never for a page."""

    instruction: Instruction
    name: str
    phone: str
    account: str


def payee_digest(reading: Reading, *, name: str, phone: str, account: str) -> bytes:
    """A keyed digest of who is paid, equal only for the same details."""
    return reading.digest("payee", one_text(name, phone, account))


def known_payees(reading: Reading, said: Sequence[Details], digests: Sequence[bytes]) -> list[Details | None]:
    """Of each line with this digest the payee, where it is said to the letter: known without opening what is under seal; else None."""
    texts = list(starmap(one_text, said))
    found = reading.vault.digests("payee", texts)
    # With a mark inside a detail another payee could make the same text.
    return [
        payee if one == kept and text.count(_BETWEEN) == _MARKS else None
        for payee, one, kept, text in zip(said, found, digests, texts, strict=True)
    ]


def one_text(name: str, phone: str, account: str) -> str:
    """A payee as one text: what the digest is made of."""
    return f"{name}{_BETWEEN}{phone}{_BETWEEN}{account}"


def as_wallet(said: Details) -> Details:
    """The same payee whose account is the phone, where no account was said."""
    name, phone, account = said
    return name, phone, account or phone


def share_mark(reading: Reading, member_id: UUID) -> bytes:
    """A keyed digest by which the adult a share was for is known again, without saying who."""
    return reading.digest("share", str(member_id))


def opened_lines(reading: Reading, list_id: UUID) -> Iterator[OpenedLine]:
    """Every line of a list in its order, opened a few hundred at a time."""
    after = -1
    while True:
        rows = reading.session.exec(
            select(Instruction)
            .where(col(Instruction.list_id) == list_id, col(Instruction.position) > after)
            .order_by(col(Instruction.position))
            .limit(CHUNK)
        ).all()
        if not rows:
            return
        reading.vault.prefetch(reading.session, rows)
        for row in rows:
            name, phone, account = (reading.open(row, column) for column in ("payee_name", "payee_phone", "payee_account"))
            yield OpenedLine(row, name, phone, account)
        after = rows[-1].position


def mark(reading: Reading, payment_list: PaymentList) -> bytes:
    """The hash over the list's head and every line in order, payees included. 32 bytes."""
    digest = sha256(_canonical(_head(payment_list)))
    for line in opened_lines(reading, payment_list.id):
        digest.update(_canonical(_line(reading, line)))
    return digest.digest()


def sums(reading: Reading, list_id: UUID) -> tuple[int, int]:
    """How many lines a list has and what they sum to, from the lines themselves."""
    count, total = reading.session.exec(
        select(sa.func.count(), sa.func.coalesce(sa.func.sum(col(Instruction.amount_minor)), 0)).where(col(Instruction.list_id) == list_id)
    ).one()
    return int(count), int(total)


def check(reading: Reading, payment_list: PaymentList) -> None:
    """Raises Refused when the lines are no longer those the mark was made of."""
    if sums(reading, payment_list.id) != (payment_list.count, payment_list.total_minor) or mark(reading, payment_list) != payment_list.hash:
        raise Refused(_("send this list back to its maker: its lines are not those it was handed in with"))


def _head(payment_list: PaymentList) -> list[object]:
    return [
        "cbi-manager payment list 1",
        payment_list.reference,
        str(payment_list.cycle_id),
        str(payment_list.provider_id),
        payment_list.count,
        payment_list.total_minor,
        payment_list.currency,
        payment_list.columns,
    ]


def _line(reading: Reading, line: OpenedLine) -> list[object]:
    row = line.instruction
    return [
        row.position,
        row.reference,
        str(row.entitlement_id),
        str(row.household_id),
        str(row.site_id),
        str(row.budget_line_id),
        row.part,
        row.amount_minor,
        row.currency,
        row.token,
        payee_digest(reading, name=line.name, phone=line.phone, account=line.account).hex(),
        *([row.share_of.hex()] if row.share_of else []),
    ]


def _canonical(values: list[object]) -> bytes:
    return json.dumps(values, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
