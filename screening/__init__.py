"""Thinks about danger in a delivery arrangement, never about the person: questions, rules, bands and measures that explain themselves."""

from screening.answers import Answers, UnreadableAnswers, parse_household, parse_site
from screening.assess import assess_household, assess_site
from screening.assessment import Assessment, Context, SiteAssessment
from screening.check import check_files, check_instrument, load, load_package, open_package, unsound
from screening.fields import Mistake
from screening.form import Control, codes, decode_page, encode_page, fixed_form
from screening.instrument import Instrument
from screening.kinds import Band, Page
from screening.measures import available_at
from screening.package import Package, SignedPackage
from screening.preconditions import GateDecision, GateFacts, Reason, SessionStop, SiteFact, gate, session_stops
from screening.reading import UnreadableInstrument
from screening.routing import PageFacts, items_for_page
from screening.rules import Concern

__all__ = [
    "Answers",
    "Assessment",
    "Band",
    "Concern",
    "Context",
    "Control",
    "GateDecision",
    "GateFacts",
    "Instrument",
    "Mistake",
    "Package",
    "Page",
    "PageFacts",
    "Reason",
    "SessionStop",
    "SignedPackage",
    "SiteAssessment",
    "SiteFact",
    "UnreadableAnswers",
    "UnreadableInstrument",
    "assess_household",
    "assess_site",
    "available_at",
    "check_files",
    "check_instrument",
    "codes",
    "decode_page",
    "encode_page",
    "fixed_form",
    "gate",
    "items_for_page",
    "load",
    "load_package",
    "open_package",
    "parse_household",
    "parse_site",
    "session_stops",
    "unsound",
]
