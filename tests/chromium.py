"""The browser that tests use, and what finds whether a page can be used by everybody."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import BrowserContext, Page

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
_WRONG = """async () => (await axe.run(document, { resultTypes: ['violations'] }))
  .violations.map(it => `${it.id}: ${it.nodes[0].html.slice(0, 200)} ${it.nodes[0].failureSummary.slice(0, 200)}`)"""


def with_axe(context: BrowserContext) -> BrowserContext:
    """Every page that is opened here from now on can be asked for `wrong`."""
    context.add_init_script(path=AXE)
    return context


def wrong(page: Page) -> list[str]:
    """What axe finds wrong with the page as it stands: the rule, the first place, and why."""
    return [str(one) for one in page.evaluate(_WRONG)]
