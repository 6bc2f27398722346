"""The rows and cells of every table. A page draws several hundred of them, and a macro of the template language takes four times as long for each."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup, escape

NOTHING = "–"
Inside = Callable[[], str]


def tr(css: str = "", *, caller: Inside) -> Markup:
    """A row: `{% call ui.tr() %}{{ ui.td(…) }}{% endcall %}`."""
    return _drawn('<tr role="row"', _css(css), ">", caller(), "</tr>")


def row(*cells: str, css: str = "") -> Markup:
    """The same of cells alone, for lists of fifty: `{{ ui.row(ui.th_row(…), ui.td(…)) }}`."""
    return _drawn('<tr role="row"', _css(css), ">", *map(escape, cells), "</tr>")


def th_row(value: object, why: object = None, css: str = "") -> Markup:
    """What the row is: number, name or kind. why: a second, quieter line."""
    return _drawn('<th scope="row" role="rowheader"', _css(css), ">", escape(value), _why(why), "</th>")


def td(value: object, label: object = None, *, num: bool = False, count: bool = False, why: object = None, css: str = "") -> Markup:
    """A cell. label: the heading, said again on a card. num: a figure. count: the figure of a tight card's first line.

    An empty value is drawn as a dash and left out of cards.
    """
    nil = value is None or value in ("", NOTHING)
    said = f' data-label="{escape(label)}"' if label else ""
    classes = " ".join(one for one in ("num" if num else "", "count" if count else "", "nil" if nil else "", css) if one)
    return _drawn('<td role="cell"', _css(classes), said, "><span>", NOTHING if nil else escape(value), _why(why), "</span></td>")


def td_act(url: str | None = None, words: object = "", *, caller: Inside | None = None) -> Markup:
    """The last cell: one link whose words differ per row."""
    link = f'<a href="{escape(url)}">{escape(words)}</a>' if url else ""
    return _drawn('<td role="cell" class="act">', link, caller() if caller else "", "</td>")


def name(text: object, lang: str | None = None) -> Markup:
    """A person's name, kept apart from the words around it: it may run the other way."""
    said = f' lang="{escape(lang)}"' if lang else ""
    return _drawn("<bdi", said, ">", escape(text), "</bdi>")


def _css(classes: str) -> str:
    return f' class="{escape(classes)}"' if classes else ""


def _why(words: object) -> str:
    return f'<span class="why">{escape(words)}</span>' if words else ""


def _drawn(*parts: str) -> Markup:
    """Put together what is our own markup, or was escaped when it was put in."""
    return Markup("".join(parts))  # noqa: S704 -- nothing typed comes here unescaped: `test_names_typed_by_people_cannot_become_markup`
