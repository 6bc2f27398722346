"""The programme's limits of confidentiality: until they are written down, the questions that need them are asked of nobody."""

from __future__ import annotations

from cbi.checks.facts import LimitsWritten
from cbi.errors import Refused
from cbi.store.work import Reading, Work, read_setting, write_setting
from cbi.web.words import _

REPORTING_TEXT = "reporting_text"
LONGEST = 600


def reporting_text(reading: Reading) -> str:
    """The words that are read aloud; "" while nobody wrote them down."""
    kept = read_setting(reading.session, reading.system, REPORTING_TEXT)
    return kept if isinstance(kept, str) else ""


def set_reporting_text(work: Work, text: str) -> None:
    """Write them down, for every place and household alike; an empty text withholds the questions that need it. Raises Refused."""
    words = " ".join(text.split())
    if len(words) > LONGEST:
        raise Refused(_("make the text shorter: it is read aloud, so at most %(most)s letters", most=LONGEST))
    write_setting(work.session, work.system, REPORTING_TEXT, words)
    work.remember(LimitsWritten(letters=len(words)))
