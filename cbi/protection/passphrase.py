"""Choosing another passphrase while one knows the present one: the keys under it stay, so nothing that was sealed to them is lost."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import col, select

from cbi.errors import Refused, SomebodyWasFirst
from cbi.protection import keys as room_keys
from cbi.protection import officers, unlock
from cbi.protection.facts import PassphraseChanged
from cbi.protection.room import Room
from cbi.protection.tables import Officer
from cbi.store.work import Actor
from cbi.web.words import _


def change(room: Room, officer_id: UUID, present: str, code: str, chosen: str) -> None:
    """Lock somebody's own keys with another passphrase. Their authenticator and recovery codes stay as they are.

    Raises Refused when the present passphrase or the code does not fit, and for one that is guessed soon.
    """
    with room.locked.read() as reading:
        known = reading.session.get_one(Officer, officer_id)
        name, called = known.sign_in_name, known.name
    officers.refuse_weak(chosen, called)
    proved = unlock.prove(room, name, present, code)
    if proved.officer_id != officer_id:
        raise Refused(_("sign with your own passphrase and code"))
    locked = room_keys.lock_again(chosen, proved.own, room.cost)
    with room.locked.work(Actor(officer_id)) as work:
        row = work.session.exec(select(Officer).where(col(Officer.id) == officer_id).with_for_update()).one()
        if row.public_key != locked.public_key:  # the lead gave her new keys meanwhile: the old ones must not come back
            raise SomebodyWasFirst(_("sign in with the passphrase the lead gave you: you were given new keys meanwhile"))
        row.password_hash, row.cost, row.salt, row.wrapped = locked.password_hash, locked.cost, locked.salt, locked.wrapped
        work.add(row)
        work.remember(PassphraseChanged(officer_id=officer_id))
