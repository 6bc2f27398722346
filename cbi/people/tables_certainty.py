"""How sure the model of duplicates is: the words of a column, known to the model without any database."""

from __future__ import annotations

from enum import StrEnum


class Certainty(StrEnum):
    """How sure the model is, in the words of the queue."""

    ALMOST_CERTAIN = "almost_certain"
    LIKELY = "likely"
    POSSIBLE = "possible"
