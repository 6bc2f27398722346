"""What we asked a provider to pay."""

from __future__ import annotations

from dataclasses import dataclass

from reconciliation.money import Money


@dataclass(frozen=True, slots=True)
class Instruction:
    """One line the provider received.

    reference: our transfer reference, unique within a reconciliation.
    name, phone, account, token: what was approved for the payee; empty where nothing was.
    """

    reference: str
    amount: Money
    name: str = ""
    phone: str = ""
    account: str = ""
    token: str = ""
    provider: str = ""
    site: str = ""
