"""An applied run and its results stay as they were applied, and a version of a rule as it was written: the database itself refuses to touch them."""

from __future__ import annotations

from collections.abc import Iterator

from cbi.store.frozen import Refusal

_OF_APPLIED = "EXISTS (SELECT 1 FROM enrolmentrun AS r WHERE r.id IN ({ids}) AND r.applied_at IS NOT NULL)"


def refusals() -> Iterator[Refusal]:
    """Every refusal, for `frozen.put` and `frozen.take`."""
    applied = "what was applied never changes"
    for verb in ("UPDATE", "DELETE"):
        yield Refusal(f"enrolmentrun_applied_{verb.lower()}", "enrolmentrun", verb, "OLD.applied_at IS NOT NULL", applied)
        yield Refusal(f"enrolmentrule_written_{verb.lower()}", "enrolmentrule", verb, "1 = 1", "a version of a rule never changes")
    for verb, ids in (("INSERT", "NEW.run_id"), ("DELETE", "OLD.run_id"), ("UPDATE", "OLD.run_id, NEW.run_id")):
        yield Refusal(f"enrolment_applied_{verb.lower()}", "enrolment", verb, _OF_APPLIED.format(ids=ids), applied)
