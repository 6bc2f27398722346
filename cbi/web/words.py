"""Words in the reader's language: `_` now, `_l` when shown, `_n` for counts."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext as _n

__all__ = ["_", "_l", "_n"]
