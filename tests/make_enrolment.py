"""Makes what tests of enrolment need: rules as text, households as a rule sees them, and a programme whose rule is applied."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from cbi.access import Role
from cbi.people.service import register
from cbi.people.tables import PopulationGroup, Relation, Sex
from cbi.people.values import Activity, Born, Difficulty, NewMember
from cbi.store.records import Records
from cbi.store.work import Actor
from cbi.transfers import enrolment
from cbi.transfers.rules import Facts, Rule
from cbi.transfers.rules_read import read
from cbi.transfers.tables import Mechanism
from tests import make, make_transfers
from tests.make_people import member, new
from tests.make_transfers import Setting

SMALL_CHILDREN = """
[[way]]
reason = "Families with small children eat less in the lean season"
needs = "all"
[[way.when]]
what = "under_5"
at_least = 1
"""
MANY = """
[[way]]
reason = "Large families run out first"
needs = "all"
[[way.when]]
what = "size"
at_least = 4
"""
DIFFICULTY = """
[[way]]
reason = "Daily life costs more"
needs = "any"
[[way.when]]
what = "difficulty"
at_least = 1
"""


def text(*ways: str, terms: str = "", must: str = "", due: str = "") -> str:
    """A rule as it would be written, of these ways."""
    amounts = due or 'base = "4500.00"\nper_member = "1250.00"\nmembers_at_most = 8\nat_most = "14500.00"'
    return f'reason = "Lean season assessment, October 2026"\ncurrency = "KES"\n[due]\n{amounts}\n[terms]\n{terms}\n{must}\n{"".join(ways)}'


def rule(*ways: str, **more: str) -> Rule:
    """The same, read."""
    return read(text(*(ways or (SMALL_CHILDREN,)), **more), {})


def facts(**more: object) -> Facts:
    """A displaced family of four at Bahari Field, nobody very young or old."""
    usual = {"group": "displaced", "site": "BH", "pcode": "KE0101", "size": 4, "under_5": 0, "under_18": 2, "from_60": 0}
    return Facts(**{**usual, "head_years": 39, "head_sex": "female", **more})  # type: ignore[arg-type]


@dataclass(frozen=True)
class Enrolled:
    """A programme with a reviewer beside its manager, and the households of its site."""

    made: Setting
    second_manager: UUID

    @property
    def programme_id(self) -> UUID:
        """The programme."""
        return self.made.programme_id


def setting(records: Records, sizes: tuple[int, ...] = (4, 3, 1, 9), mechanism: Mechanism = Mechanism.CASH_AGENT) -> Enrolled:
    """A programme paying in cash, with households of these sizes, no child among them under 7."""
    made = make_transfers.setting(records, sizes, mechanism=mechanism)
    return Enrolled(made, make.staff(records, Role.MANAGER, name="Wren Paperboat"))


def family(
    records: Records, made: Setting, *births: int, difficulty: Difficulty | None = None, group: PopulationGroup = PopulationGroup.DISPLACED
) -> UUID:
    """A household: a head of 1987 and people born in these years; difficulty: what the head answered about walking."""
    answers = ((Activity.WALKING, difficulty),) if difficulty else ()
    head: NewMember = member("Pebble", "Moonbeam", 1987, difficulties=answers)
    others = [
        NewMember(given=f"Thimble {place}", family="Moonbeam", sex=Sex.MALE, born=Born(str(year), year), relation=Relation.CHILD)
        for place, year in enumerate(births)
    ]
    with records.work(Actor(made.registrar)) as work:
        return register(work, new(made.site_id, head, *others, group=group))


def tried(records: Records, here: Enrolled, one: Rule | None = None) -> UUID:
    """A version written and tried out by the manager; returns the simulation."""
    with records.work(Actor(here.made.manager)) as work:
        rule_id = enrolment.write_rule(work, here.programme_id, one or rule())
        return enrolment.try_out(work, here.programme_id, rule_id)


def applied(records: Records, here: Enrolled, one: Rule | None = None) -> UUID:
    """The same, applied by the manager; returns the run."""
    run_id = tried(records, here, one)
    with records.work(Actor(here.made.manager)) as work:
        enrolment.apply(work, run_id, shown=enrolment.run_by_id(work, run_id).digest)
    return run_id
