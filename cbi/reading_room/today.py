"""What waits for an auditor: a trail nobody has verified for a week."""

from __future__ import annotations

from collections.abc import Sequence

from cbi.access import Permission
from cbi.reading_room.trail import VERIFY_EVERY, standing
from cbi.store.work import Reading
from cbi.web.filters import moment
from cbi.web.house import Person, TodayLine
from cbi.web.words import _


def today(reading: Reading, person: Person) -> Sequence[TodayLine]:
    """One line for whoever reads the audit trail: broken, or not verified for a week."""
    if not person.may(Permission.AUDIT_READ):
        return []
    found = standing(reading)
    signed = _("Last checkpoint: %(moment)s.", moment=moment(found.marked_at)) if found.marked_at else _("No checkpoint was signed yet.")
    if found.last_at is not None and not found.last_verified:
        return [TodayLine(1, _("The audit trail is broken"), signed, _("Open the audit trail"), "reading_room.audit")]
    late = found.last_at is None or reading.now - found.last_at > VERIFY_EVERY
    return [TodayLine(int(late), _("Verify the audit trail"), signed, _("Open the audit trail"), "reading_room.audit")]
