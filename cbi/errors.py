"""Refusals that people meet: each class is a meaning, its text finishes "You need to …"."""

from __future__ import annotations


class Refused(Exception):
    """The program will not do this; `fix` completes the sentence "You need to …".

    The wording is for the person at the screen, so it never repeats a name, phone or document.
    """

    def __init__(self, fix: str) -> None:
        super().__init__(fix)
        self.fix = fix


class NotThere(Refused):
    """No such thing for this person: unknown, forbidden and other-world things look the same."""

    def __init__(self) -> None:
        super().__init__("go back to Today: there is nothing here for you")


class SomebodyWasFirst(Refused):
    """Another person changed the same thing since this page was drawn; nothing was saved."""


class Clashed(SomebodyWasFirst):
    """Two people did the same at the same instant: the database let one through, and nothing of the other was saved."""

    def __init__(self) -> None:
        super().__init__("open the page again: somebody saved the same thing at the same moment")


class SameHands(Refused):
    """One person may not do both of these things to one list."""


class Unexplained(RuntimeError):
    """A change reached the database without an audit fact that explains it; the commit is refused."""


class UnsafeSettings(Refused):
    """The program refuses to start with these settings or keys."""
