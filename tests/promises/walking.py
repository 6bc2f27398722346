"""Walks through an application as one person: every page and file that links and addresses lead to."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from html import unescape
from urllib.parse import parse_qsl, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

# Values drawn anew for every answer: the form's two one-time values, the page's nonce, and what a cookie holds.
_DRAWN = re.compile(
    r'name="(?:csrf_token|client_key)"[^>]*value="([^"]+)"|csrf[^>]*content="([^"]+)"|X-CSRFToken[^A-Za-z0-9]+([\w.-]{40,})'
    r"""|nonce[-=]["']?([\w+/=-]{16,})|^Set-Cookie: [^=;]+=([^;\n]{20,})""",
    re.MULTILINE,
)
_LINK = re.compile(r"""(?:href|src|hx-get|data-src|action)\s*=\s*["']([^"'#]+)""")
# What a link may lead to that is no page of its own: files that never change, and a choice that changes the walker's language.
_NOT_WALKED = frozenset({"static", "locale.choose", "set_language"})


def walk(app: Flask, client: FlaskClient, *, always: Iterable[str] = (), each: int = 3) -> dict[str, TestResponse]:
    """Everything this client can open, by address, in a repeatable order.

    always: ids whose addresses are all opened; of other addresses at most `each` of one shape (rule and names of what is asked for).
    """
    wanted, shapes, opened = frozenset(always), Counter[tuple[str, ...]](), {}
    waiting = deque(sorted({"/", *addresses_without_names(app)}))
    seen = set(waiting)
    while waiting:
        url = waiting.popleft()
        shape = shape_of(app, url)
        if shape is None or (shapes[shape] >= each and not any(one in url for one in wanted)):
            continue
        answer = client.get(url)
        answer.get_data()  # a file that is written while it is sent is read to its end before the next question
        if answer.status_code == 404:
            continue
        shapes[shape] += 1
        opened[url] = answer
        for link in sorted(links_of(answer, url) - seen):
            seen.add(link)
            waiting.append(link)
    return opened


def addresses_without_names(app: Flask) -> Iterator[str]:
    """Every address of the application that needs nothing filled in."""
    yield from (rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments)


def shape_of(app: Flask, url: str) -> tuple[str, ...] | None:
    """What kind of page an address is; None for what is not walked."""
    parts = urlsplit(url)
    try:
        endpoint, _ = app.url_map.bind("localhost").match(parts.path, "GET")
    except HTTPException:
        return None
    if endpoint in _NOT_WALKED or "language" in endpoint:
        return None
    return (endpoint, *sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}))


def links_of(answer: TestResponse, url: str) -> set[str]:
    """Where a page leads within its own world."""
    found = {answer.headers["Location"]} if "Location" in answer.headers else set()
    if answer.mimetype == "text/html":
        found |= {unescape(link) for link in _LINK.findall(answer.text)}
    paths = {link.removeprefix("http://localhost") for link in found}
    return {
        urlsplit(url).path + link if link.startswith("?") else link
        for link in paths
        if link.startswith(("/", "?")) and "//" not in link[:2]
    }


def told_by(answer: TestResponse) -> str:
    """All that an answer says: its headers and its text, a workbook's unzipped; without what was drawn at random for this answer alone."""
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers)
    return without_drawn(f"{headers}\n{text_of(answer.data)}")


def without_drawn(text: str) -> str:
    """A page's words without the values drawn anew for it, wherever they stand: letters drawn at random may spell any word."""
    drawn = {value for found in _DRAWN.findall(text) for value in found if value}
    for value in sorted(drawn, key=len, reverse=True):
        text = text.replace(value, "")
    return text


def text_of(content: bytes) -> str:
    """The text of a file; of a zipped one, that of everything inside."""
    if not content.startswith(b"PK\x03\x04"):
        return content.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return "\n".join(name + "\n" + text_of(packed.read(name)) for name in packed.namelist())
