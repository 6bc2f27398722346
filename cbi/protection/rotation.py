"""New keys for the room when somebody leaves: everything is opened with the old ones and sealed again, in one commit."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from cbi.protection import keys as room_keys
from cbi.protection.facts import KeysRotated
from cbi.protection.keys import RoomKeys, keyring_of
from cbi.protection.officers import WITH_KEYS, present
from cbi.protection.room import LETTER_BOX
from cbi.protection.tables import (
    Case,
    Contact,
    Decision,
    Handover,
    InstrumentVersion,
    LetterCopy,
    MasterKey,
    OddLetter,
    Outbox,
    RecoverySheet,
    Referral,
    ReferralCount,
)
from cbi.store.bases import ProtectionTable
from cbi.store.sealed import Vault
from cbi.store.work import Work, read_setting, write_setting

SEALED: dict[type[ProtectionTable], tuple[str, ...]] = {
    LetterCopy: ("content",),
    Case: ("about", "state"),
    Contact: ("outcome",),
    Decision: ("content", "second"),
    Outbox: ("content",),
    OddLetter: ("body",),
    Referral: ("content", "safe_contact"),
    ReferralCount: ("content",),
    Handover: ("stub",),
    InstrumentVersion: ("content",),
}


def rotate(work: Work, keys: RoomKeys) -> RoomKeys:
    """Give the room new keys, seal everything again, and hand the new keys to everybody who stays and to the recovery sheet.

    work: opened with the old keys. Returns the new ones; the caller publishes the new letter-box key after the commit.
    """
    new = keys.rotated()
    generation = int(read_setting(work.session, work.system, "generation") or 1) + 1
    _seal_again(work, new)
    work.bulk(MasterKey, sa.delete(MasterKey))
    staying = [officer for officer in present(work) if officer.role in WITH_KEYS]
    for officer in staying:
        body = room_keys.hand_over(new, officer.public_key)
        work.add(MasterKey(id=work.new_id("master"), officer_id=officer.id, generation=generation, body=body))
    sheets = work.session.exec(select(RecoverySheet)).all()
    for sheet in sheets:
        sheet.body, sheet.generation = room_keys.hand_over(new, sheet.public_key), generation
        work.add(sheet)
    write_setting(work.session, work.system, "generation", generation)
    write_setting(work.session, work.system, LETTER_BOX, new.intake_public.hex())
    work.remember(
        KeysRotated(
            generation=generation,
            officers=tuple(officer.id for officer in staying),
            sheets=tuple(sheet.id for sheet in sheets),
        )
    )
    return new


def _seal_again(work: Work, new: RoomKeys) -> None:
    plain = [(row, column, work.open(row, column)) for row, column in _values(work.session)]
    keys = work.system.subject_key
    kept = frozenset(work.session.exec(select(keys.id).where(col(keys.wrapped).is_not(None))))
    subjects = {_subject(row) for row, _column, _text in plain}
    # Subject keys were wrapped under the old master, and whoever left knew it: the subjects get new ones.
    work.bulk(work.system.subject_key, sa.delete(keys).where(col(keys.id).in_(kept)))
    work.session.expire_all()
    work.vault.forget()
    fresh = Vault(keyring_of(new), work.system.subject_key)
    if subjects:
        work.bulk(work.system.subject_key, sa.insert(keys), fresh.make_keys(sorted(subjects)))
    for row, column, text in plain:
        value = fresh.seal_bytes(work.session, row, column, text.encode())
        table = type(row)
        work.bulk(table, sa.update(table).where(col(table.id) == row.id).values({column: value}))


def _values(session: Session) -> list[tuple[ProtectionTable, str]]:
    found: list[tuple[ProtectionTable, str]] = []
    for table, columns in SEALED.items():
        rows = session.exec(select(table)).all()
        found += [(row, column) for row in rows for column in columns if getattr(row, column) is not None]
    return found


def _subject(row: ProtectionTable) -> UUID:
    value = getattr(row, row.subject)
    assert isinstance(value, UUID)
    return value
