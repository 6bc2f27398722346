"""The browser that tests use, and what finds whether a page can be used by everybody."""

from __future__ import annotations

from pathlib import Path

PROGRAM = Path("/usr/bin/chromium")
ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AXE = Path(__file__).parent / "vendor" / "axe" / "axe.min.js"
