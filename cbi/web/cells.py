"""The rows and cells of every table. A page draws several hundred of them, and a macro of the template language takes four times as long for each."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from markupsafe import Markup, escape

NOTHING = "–"
Inside = Callable[[], str]


def tr(css: str = "", *, caller: Inside) -> Markup:
    """A row: `{% call ui.tr() %}{{ ui.td(…) }}{% endcall %}`."""
    return _drawn('<tr role="row"', _css(css), ">", caller(), "</tr>")


def row(*cells: str, css: str = "") -> Markup:
    """The same of cells alone, for lists of fifty: `{{ ui.row(ui.th_row(…), ui.td(…)) }}`."""
    return _drawn('<tr role="row"', _css(css), ">", *map(_inside, cells), "</tr>")


def th_row(value: object, why: object = None, css: str = "") -> Markup:
    """What the row is: number, name or kind. why: a second, quieter line."""
    return _drawn('<th scope="row" role="rowheader"', _css(css), ">", _inside(value), _why(why), "</th>")


def td(value: object, label: object = None, *, num: bool = False, count: bool = False, why: object = None, css: str = "") -> Markup:
    """A cell. label: the heading, said again on a card. num: a figure. count: the figure of a tight card's first line.

    An empty value is drawn as a dash and left out of cards.
    """
    nil = value is None or value in ("", NOTHING)
    heading = label if isinstance(label, str) else str(label or "")
    begun = _td(heading, ("num" if num else "", "count" if count else "", "nil" if nil else "", css))
    return _drawn(begun, NOTHING if nil else _inside(value), _why(why), "</span></td>")


# The same for every row of a column.  typed: a heading that is markup already is not that of the same letters.
@lru_cache(maxsize=1024, typed=True)
def _td(heading: str, classes: tuple[str, ...]) -> str:
    """How a cell begins."""
    said = f' data-label="{escape(heading)}"' if heading else ""
    return f'<td role="cell"{_css(" ".join(filter(None, classes)))}{said}><span>'


def td_act(url: str | None = None, words: object = "", *, caller: Inside | None = None) -> Markup:
    """The last cell: one link whose words differ per row."""
    link = f'<a href="{escape(url)}">{escape(words)}</a>' if url else ""
    return _drawn('<td role="cell" class="act">', link, caller() if caller else "", "</td>")


def name(text: object, lang: str | None = None) -> Markup:
    """A person's name, kept apart from the words around it: it may run the other way."""
    said = f' lang="{escape(lang)}"' if lang else ""
    return _drawn("<bdi", said, ">", _inside(text), "</bdi>")


def _inside(value: object) -> str:
    """As it stands in a page. What is markup already is taken as it is: handing it on costs half of drawing a cell."""
    return value if type(value) is Markup else escape(value)


def _css(classes: str) -> str:
    return f' class="{escape(classes)}"' if classes else ""


def _why(words: object) -> str:
    return f'<span class="why">{_inside(words)}</span>' if words else ""


def _drawn(*parts: str) -> Markup:
    """Put together what is our own markup, or was escaped when it was put in."""
    return Markup("".join(parts))  # noqa: S704 -- nothing typed comes here unescaped: `test_names_typed_by_people_cannot_become_markup`
