"""People's tests run with money's floors loaded, as every office does: they are asked before an entry is closed or forgotten."""

from __future__ import annotations

import cbi.payouts.lives  # noqa: F401 -- it adds itself to whoever is asked
