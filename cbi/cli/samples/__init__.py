"""Invented people and provider files of a real shape: for the example operation, for trying things out, and for tests."""

from cbi.cli.samples.kobo import write_households
from cbi.cli.samples.provider import Oddities, write_report

__all__ = ["Oddities", "write_households", "write_report"]
