"""Subjects and population groups in the reader's words."""

from __future__ import annotations

from cbi.people.tables import PopulationGroup
from cbi.web.words import _l

SUBJECT_WORDS = (
    ("staff", _l("Staff")),
    ("sites", _l("Sites")),
    ("people", _l("Households")),
    ("transfers", _l("Transfers")),
    ("payouts", _l("Payouts")),
    ("checks", _l("Visits")),
    ("feedback", _l("Feedback")),
)
GROUP_WORDS = {
    PopulationGroup.DISPLACED: _l("Displaced"),
    PopulationGroup.REFUGEE: _l("Refugees"),
    PopulationGroup.RETURNEE: _l("Returnees"),
    PopulationGroup.HOST: _l("Host community"),
}
