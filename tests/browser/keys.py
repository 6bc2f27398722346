"""A person who uses the keyboard and nothing else: Tab, arrows, Space, Enter and letters."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Page

# What a screen reader would say of the element in focus: its label, its own words, or its name.
_SAID = """() => {
  const it = document.activeElement;
  if (!it || it === document.body) return '';
  const label = it.getAttribute('aria-label') || (it.labels && it.labels.length ? it.labels[0].innerText : '') || it.innerText || it.title || '';
  return label.replace(/\\s+/g, ' ').trim();
}"""
_TURNS = 160


@dataclass
class Keyboard:
    """Drives a page from the keyboard alone."""

    page: Page

    def said(self) -> str:
        """The element in focus, in words."""
        return str(self.page.evaluate(_SAID))

    def reach(self, words: str) -> None:
        """Tab on until the element with these words is in focus."""
        heard = []
        for _ in range(_TURNS):
            said = self.said()
            if re.match(rf"{re.escape(words)}\b", said) or said == words:
                return
            heard.append(said)
            self.page.keyboard.press("Tab")
        raise AssertionError(f"no Tab leads to {words!r}; heard {heard}")

    def write(self, words: str, text: str) -> None:
        """Go to a field and write in it."""
        self.reach(words)
        self.page.keyboard.type(text)

    def pick(self, group: tuple[str, ...], words: str) -> None:
        """Go to the group that offers these answers and choose one."""
        for _ in range(_TURNS):
            if self.said() in group:
                break
            self.page.keyboard.press("Tab")
        for _ in group:
            if self.said() == words:
                self.page.keyboard.press("Space")
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no arrow leads to {words!r}; at {self.said()!r}")

    def press(self, words: str) -> None:
        """Go to a link or button and press it."""
        self.reach(words)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
