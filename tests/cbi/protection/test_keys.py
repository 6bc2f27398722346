"""What opens what, and what does not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cbi.checks.letter import SIZE, seal_letter
from cbi.errors import Refused
from cbi.protection import keys
from cbi.protection.keys import RoomKeys, StrangeLetter, WrongPassphrase
from cbi.store import keys as store_keys
from cbi.store.keys import WrongKey
from tests.make_room import CHEAP

ROOM = RoomKeys.new()
CONTENT = {"household": "9b1f", "answers": {"H16": "harder"}}
LETTER = seal_letter(CONTENT, ROOM.intake_public)


def test_a_letter_opens_to_what_was_sealed():
    assert keys.open_letter(LETTER, ROOM.intakes[0]) == CONTENT


@settings(max_examples=60, deadline=None)
@given(place=st.integers(0, SIZE - 1), change=st.integers(1, 255))
def test_a_letter_changed_in_any_byte_does_not_open(place: int, change: int):
    changed = bytearray(LETTER)
    changed[place] ^= change

    # The last bit of an X25519 key is ignored when it is used, but it is part of what the letter's key is made from.
    with pytest.raises(StrangeLetter):
        keys.open_letter(bytes(changed), ROOM.intakes[0])


@pytest.mark.parametrize("body", [b"", LETTER[:-1], LETTER + b"\0", bytes(SIZE)])
def test_what_is_no_letter_does_not_open(body: bytes):
    with pytest.raises(StrangeLetter):
        keys.open_letter(body, ROOM.intakes[0])


def test_a_letter_moved_to_another_room_does_not_open():
    with pytest.raises(StrangeLetter):
        keys.open_any(LETTER, RoomKeys.new())


def test_letters_still_under_way_open_after_the_keys_were_changed():
    rotated = ROOM.rotated()

    assert keys.open_any(LETTER, rotated) == CONTENT
    assert rotated.master != ROOM.master
    assert rotated.intake_public != ROOM.intake_public


def test_the_right_passphrase_opens_an_officers_keys_however_it_is_spaced():
    locked = keys.lock("kettle orbit lantern marzipan", "A" * 32, CHEAP, room=ROOM.identity)

    own = keys.unlock("  kettle  orbit lantern marzipan ", locked)

    assert keys.public_of(own.private) == locked.public_key
    assert own.totp_secret == "A" * 32


def test_a_wrong_passphrase_fails_the_sign_in_check_and_opens_nothing():
    locked = keys.lock("kettle orbit lantern marzipan", "A" * 32, CHEAP, room=ROOM.identity)

    assert not keys.passphrase_fits("kettle orbit lantern", locked)
    with pytest.raises(WrongPassphrase):
        keys.unlock("kettle orbit lantern", locked)


def test_the_sign_in_check_is_not_the_key():
    locked = keys.lock("kettle orbit lantern marzipan", "A" * 32, CHEAP, room=ROOM.identity)

    assert locked.salt.hex() not in locked.password_hash
    assert locked.wrapped not in locked.password_hash.encode()


def test_the_rooms_keys_open_only_for_the_officer_they_were_handed_to():
    mine, other = b"\x01" * 32, b"\x02" * 32
    body = keys.hand_over(ROOM, keys.public_of(mine))

    assert keys.take_over(body, mine) == ROOM
    with pytest.raises(WrongKey):
        keys.take_over(body, other)


def test_keys_that_somebody_else_made_for_an_officer_are_not_taken_for_the_rooms():
    mine = b"\x01" * 32
    planted = keys.hand_over(RoomKeys.new(), keys.public_of(mine))

    with pytest.raises(WrongKey):
        keys.take_over(planted, mine, room=ROOM.identity)


def test_a_recovery_sheet_is_read_back_and_a_slip_of_the_pen_is_noticed():
    sheet = keys.Sheet.new(ROOM.identity)
    assert len(sheet.text.split()) == 18

    assert keys.Sheet.read(sheet.text.upper().replace(" ", "-")) == sheet
    for place in (0, 40, 81, len(sheet.text) - 1):
        slip = sheet.text[:place] + ("0" if sheet.text[place] != "0" else "1") + sheet.text[place + 1 :]
        with pytest.raises(Refused):
            keys.Sheet.read(slip)


def test_a_recovery_sheet_takes_no_other_rooms_keys_for_its_own():
    sheet = keys.Sheet.new(ROOM.identity)
    public = keys.public_of(sheet.private)

    assert sheet.open(keys.hand_over(ROOM, public)) == ROOM
    assert sheet.open(keys.hand_over(ROOM.rotated(), public)).identity == ROOM.identity
    with pytest.raises(WrongKey):
        sheet.open(keys.hand_over(RoomKeys.new(), public))


def test_a_locked_room_derives_nothing():
    with pytest.raises(WrongKey):
        _ = keys.NoKeyring().search


def test_no_copy_of_the_rooms_keys_stays_in_the_process_outside_the_opened_room():
    before = dict(store_keys._DERIVED)

    _ = keys.keyring_of(ROOM).search

    assert before == store_keys._DERIVED


def test_keys_do_not_show_themselves():
    assert ROOM.master.hex() not in repr(ROOM)
    assert "master=" not in repr(ROOM)
