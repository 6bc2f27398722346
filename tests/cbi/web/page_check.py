"""What every page must keep, told from its HTML alone: used by the page tests of every subject."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"))
CONTROLS = frozenset(("input", "select", "textarea"))
UNLABELLED_TYPES = frozenset(("hidden", "submit", "button", "reset", "image"))


@dataclass
class Node:
    tag: str
    attrs: dict[str, str]
    parent: Node | None = None
    text: list[str] = field(default_factory=list)

    def has_class(self, name: str) -> bool:
        return name in self.attrs.get("class", "").split()

    def ancestors(self) -> list[Node]:
        found, node = [], self.parent
        while node is not None:
            found.append(node)
            node = node.parent
        return found

    def within(self, tag: str) -> Node | None:
        return next((node for node in self.ancestors() if node.tag == tag), None)

    def words(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.text)).strip()


class Page(HTMLParser):
    """The elements of a page in order, each with its parent and all the text inside it."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.nodes: list[Node] = []
        self._open: list[Node] = []
        self.stray: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs}, self._open[-1] if self._open else None)
        self.nodes.append(node)
        if tag not in VOID:
            self._open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.nodes.append(Node(tag, {name: value or "" for name, value in attrs}, self._open[-1] if self._open else None))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1].tag != tag:
            self.stray.append(tag)
            return
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for node in self._open:
            node.text.append(data)

    def all(self, *tags: str) -> list[Node]:
        return [node for node in self.nodes if node.tag in tags]


def problems_of(html: str) -> list[str]:
    """Every rule the page breaks, in words; empty when it keeps them all."""
    page = Page(html)
    return [problem for rule in RULES for problem in rule(page)]


def check_page(html: str) -> Page:
    """Assert that a whole page keeps the rules, and hand back its elements for further questions."""
    found = problems_of(html)
    assert not found, "\n".join(["the page breaks its rules:", *found])
    return Page(html)


def _title_and_heading(page: Page) -> list[str]:
    titles = [node.words() for node in page.all("title") if node.within("svg") is None]
    headings = [node.words() for node in page.all("h1")]
    if len(titles) != 1 or len(headings) != 1:
        return [f"one title and one h1 are needed, there are {len(titles)} and {len(headings)}"]
    if not headings[0]:
        return ["the h1 is empty"]
    return [] if titles[0] == f"{headings[0]} · CBI Manager" else [f"title {titles[0]!r} is not h1 {headings[0]!r} + ' · CBI Manager'"]


def _language(page: Page) -> list[str]:
    [*roots] = page.all("html")
    if len(roots) != 1:
        return ["one html element is needed"]
    said = roots[0].attrs
    problems = [] if said.get("lang") else ["html has no lang"]
    return problems if said.get("dir") in ("ltr", "rtl") else [*problems, "html has no dir"]


def _well_formed(page: Page) -> list[str]:
    return [f"</{tag}> closes nothing that is open there" for tag in page.stray]


def _unique_ids(page: Page) -> list[str]:
    ids = [node.attrs["id"] for node in page.nodes if "id" in node.attrs]
    return [f"id {one!r} stands {ids.count(one)} times" for one in sorted(set(ids)) if ids.count(one) > 1]


def _references(page: Page) -> list[str]:
    ids = {node.attrs["id"] for node in page.nodes if "id" in node.attrs}
    problems = []
    for node in page.nodes:
        for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls"):
            missing = [one for one in node.attrs.get(name, "").split() if one not in ids and "__n__" not in one]
            problems += [f"{node.tag} {name} points at {one!r}, which is not there" for one in missing]
        href = node.attrs.get("href", "")
        if node.tag == "a" and href.startswith("#") and (href == "#" or href[1:] not in ids):
            problems.append(f"link {href!r} leads nowhere")
    return problems


def _labels(page: Page) -> list[str]:
    labelled = {node.attrs["for"] for node in page.all("label") if "for" in node.attrs and node.words()}
    return [
        f"{node.tag} {node.attrs.get('name', '?')!r} has no label"
        for node in page.all(*CONTROLS)
        if _needs_label(node) and not _has_label(node, labelled)
    ]


def _needs_label(node: Node) -> bool:
    return node.attrs.get("type", "text") not in UNLABELLED_TYPES


def _has_label(node: Node, labelled: set[str]) -> bool:
    around = node.within("label")
    return bool(
        node.attrs.get("aria-label") or node.attrs.get("aria-labelledby") or node.attrs.get("id") in labelled or (around and around.words())
    )


def _names_of_buttons(page: Page) -> list[str]:
    return [
        f"a {node.tag} without words: {node.attrs}"
        for node in page.all("a", "button")
        if not (node.words() or node.attrs.get("aria-label") or "data-turn-on" in node.attrs)
    ]


def _nothing_inline(page: Page) -> list[str]:
    problems = [f"{node.tag} has {name}=" for node in page.nodes for name in node.attrs if name == "style" or name.startswith("on")]
    problems += ["a style element" for _ in page.all("style")]
    problems += [f"an inline script: {node.words()[:60]!r}" for node in page.all("script") if "src" not in node.attrs]
    links = [(node, node.attrs.get("href", "") + node.attrs.get("src", "")) for node in page.nodes]
    return problems + [f"{node.tag} leads to {where[:60]!r}" for node, where in links if where.startswith(("javascript:", "data:"))]


def _one_filled_button(page: Page) -> list[str]:
    filled = [node.words() for node in page.all("a", "button", "input") if node.has_class("btn-primary")]
    return [] if len(filled) <= 1 else [f"{len(filled)} filled buttons: {filled}"]


def _forms(page: Page) -> list[str]:
    problems = []
    for form in page.all("form"):
        method = form.attrs.get("method", "").lower()
        tokens = [
            node
            for node in page.all("input")
            if node.attrs.get("name", "").endswith("csrf_token") and form in node.ancestors() and node.attrs.get("value")
        ]
        if method not in ("get", "post"):
            problems.append(f"form {form.attrs.get('action', '')!r} does not say its method")
        elif method == "post" and len(tokens) != 1:
            problems.append(f"form {form.attrs.get('action', '')!r} has {len(tokens)} CSRF tokens")
        elif method == "get" and tokens:
            problems.append("a GET form carries a CSRF token into its address")
    return problems


def _pictures(page: Page) -> list[str]:
    return ["an img without alt" for node in page.all("img") if "alt" not in node.attrs]


def _tags_have_words(page: Page) -> list[str]:
    return ["a badge without a word" for node in page.nodes if node.has_class("tag") and not node.words()]


def _fixes_finish_the_sentence(page: Page) -> list[str]:
    said = [node.words() for node in page.all("p", "li") if node.has_class("stop") or node.within("ul") is not None]
    return [
        f"{words!r} does not say what to do"
        for words in said
        if re.match(r"You need to [A-Z]|Not a valid|This field|Invalid|Field must", words)
    ]


RULES = (
    _title_and_heading, _language, _well_formed, _unique_ids, _references, _labels, _names_of_buttons,
    _nothing_inline, _one_filled_button, _forms, _pictures, _tags_have_words, _fixes_finish_the_sentence,
)  # fmt: skip
