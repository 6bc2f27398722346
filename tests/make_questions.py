"""Versions of the questions as the support team hands them to an office that knows its key."""

from __future__ import annotations

from cbi.sites import approval, instrument
from cbi.store.records import Records
from cbi.store.signatures import public_key
from cbi.store.work import Actor, write_setting
from screening import Package, editing

SHIPPED = Package.shipped(instrument.NAME)
SEED = bytes(range(32))


def trust(records: Records, seed: bytes = SEED) -> None:
    """The support team publishes its key."""
    with records.work(Actor()) as work:
        write_setting(work.session, work.system, approval.QUESTIONS_KEY, public_key(seed).hex())


def file_of(package: Package, seed: bytes = SEED) -> bytes:
    """A version as it leaves the room."""
    return approval.signed(package, seed).to_bytes()


def version(number: str = "0.2", **said: str) -> Package:
    """The shipped check as another version. said: other words, by item."""
    words = {("items", item, "wording"): text for item, text in said.items()}
    return editing.put_words(editing.put_version(SHIPPED, number), "en", words)
