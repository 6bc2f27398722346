"""Pages of this subject."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("reading_room", __name__)
