"""The programme's limits of confidentiality: until they are written down, the questions that need them are asked of nobody."""

from __future__ import annotations

from collections.abc import Iterable

from cbi.checks.facts import LimitsWritten
from cbi.errors import Refused
from cbi.store.work import Reading, Work, read_setting, write_setting
from cbi.web.words import _

REPORTING_TEXT = "reporting_text"
LONGEST = 600


def reporting_text(reading: Reading, language: str = "") -> str:
    """The words that are read aloud, in this language where somebody wrote them; "" while nobody wrote any."""
    written = _kept(reading, "")
    return (_kept(reading, language) or written) if written else ""


def written_texts(reading: Reading, languages: Iterable[str]) -> dict[str, str]:
    """What is written down: the text itself under "", and in each of these languages where there is one."""
    return {language: _kept(reading, language) for language in ("", *languages)}


def set_reporting_text(work: Work, text: str, language: str = "") -> None:
    """Write them down, for every place and household alike; an empty text withholds the questions that need it. Raises Refused."""
    words = " ".join(text.split())
    if len(words) > LONGEST:
        raise Refused(_("make the text shorter: it is read aloud, so at most %(most)s letters", most=LONGEST))
    write_setting(work.session, work.system, _name(language), words)
    work.remember(LimitsWritten(letters=len(words)))


def _kept(reading: Reading, language: str) -> str:
    kept = read_setting(reading.session, reading.system, _name(language))
    return kept if isinstance(kept, str) else ""


def _name(language: str) -> str:
    return f"{REPORTING_TEXT}.{language}" if language else REPORTING_TEXT
