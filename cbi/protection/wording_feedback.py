"""The focal points' words for feedback that went past the desk."""

from __future__ import annotations

from cbi.web.words import _, _l

SUBJECTS = {
    "ours": _l("How somebody who works for us or with us behaved"),
    "gift": _l("Something was asked for in return: money, goods, work or a favour"),
    "kids": _l("A child somebody should look after"),
    "else": _l("Something the person does not want answered at the desk"),
}
CHANNELS = {
    "desk": _l("At the desk"),
    "call": _l("By phone"),
    "slip": _l("From the box"),
    "text": _l("By message"),
    "talk": _l("In a meeting"),
}
WANTS = {
    "code": _l("They come or ring with the code"),
    "ring": _l("Ring them"),
    "meet": _l("Tell them at the place"),
    "none": _l("No answer wanted"),
}


def subject_words(subject: str) -> str:
    """What it is about; a subject of another version by a word that says so."""
    return str(SUBJECTS.get(subject) or _("Something else"))
