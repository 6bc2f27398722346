"""Pages of this subject."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("payouts", __name__)
