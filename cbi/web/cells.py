"""The rows and cells of every table. A page draws several hundred of them, and a macro of the template language takes four times as long for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple, cast

from markupsafe import Markup, escape

NOTHING = "–"
Inside = Callable[[], str]
_BREAK = "\0"  # no page may show it
_ACT = '<td role="cell" class="act">'
_PLAIN, _NAME = ("", ""), ("<bdi>", "</bdi>")  # a name may run the other way: it is kept apart from the words around it
_KINDS = {"": ("", _PLAIN), "name": ("", _NAME), "figure": ("num", _PLAIN)}

_ROW, _ROW_ENDED = Markup('<tr role="row"><th scope="row" role="rowheader">'), Markup("</a></td></tr>")
_TH_ENDED, _TD_ENDED = Markup("</th>"), Markup("</span></td>")
_WHY, _WHY_ENDED = Markup('<span class="why">'), Markup("</span>")
_LINK, _LINK_BEGUN = Markup(f'{_ACT}<a href="'), Markup('">')  # noqa: S704 -- our own


def tr(css: str = "", *, caller: Inside) -> Markup:
    """A row: `{% call ui.tr() %}{{ ui.td(…) }}{% endcall %}`."""
    return _drawn('<tr role="row"', _css(css), ">", caller(), "</tr>")


class Line(NamedTuple):
    """One row of a long list: what it is, its cells, and where its link leads with which words. A pair is a value and the quieter line under it."""

    what: object
    cells: tuple[object, ...]
    url: str
    words: object


def lines(rows: Iterable[Line], *headings: str | tuple[str, str]) -> Markup:
    """All rows of a long list: `{{ ui.lines(lines, (_('Head'), 'name'), _('Site'), (_('People'), 'figure')) }}`.

    headings: of the cells between the first and the link; a pair says what stands under it, too.
    Called for cell by cell from a template, the same takes three times as long.
    """
    columns = [_column(*each) if isinstance(each, tuple) else _column(each) for each in headings]
    pieces: list[object] = []
    for what, cells, url, words in rows:
        value, why = _pair(what)
        pieces += _ROW, value
        if why:
            pieces += _WHY, why, _WHY_ENDED
        pieces.append(_TH_ENDED)
        for (begun, ended, nothing), cell in zip(columns, cells, strict=True):
            value, why = _pair(cell)
            if value is None or value in ("", NOTHING):
                pieces.append(nothing)
            else:
                pieces += begun, value, ended
            if why:
                pieces += _WHY, why, _WHY_ENDED
            pieces.append(_TD_ENDED)
        pieces += _LINK, url, _LINK_BEGUN, words, _ROW_ENDED
    return _drawn(*_escaped(pieces))


def th_row(value: object, why: object = None, css: str = "") -> Markup:
    """What the row is: number, name or kind. why: a second, quieter line."""
    return _drawn(*_th(value, why, css))


def td(value: object, label: object = None, *, num: bool = False, count: bool = False, why: object = None, css: str = "") -> Markup:
    """A cell. label: the heading, said again on a card. num: a figure. count: the figure of a tight card's first line.

    An empty value is drawn as a dash and left out of cards.
    """
    heading = label if isinstance(label, str) else str(label or "")
    classes = "num" if num else "", "count" if count else ""
    return _drawn(*_cell(_td(heading, (*classes, css)), _td(heading, (*classes, "nil", css)), value, why))


def td_act(url: str | None = None, words: object = "", *, caller: Inside | None = None) -> Markup:
    """The last cell: one link whose words differ per row."""
    return _drawn(_ACT, *(_link(url, words) if url else ()), caller() if caller else "", "</td>")


def name(text: object, lang: str | None = None) -> Markup:
    """A person's name, kept apart from the words around it: it may run the other way."""
    said = f' lang="{escape(lang)}"' if lang else ""
    return _drawn("<bdi", said, ">", _inside(text), "</bdi>")


def _th(value: object, why: object, css: str = "") -> tuple[str, ...]:
    return '<th scope="row" role="rowheader"', _css(css), ">", _inside(value), _why(why), "</th>"


# The same for every row of a column.  typed: a heading that is markup already is not that of the same letters.
@lru_cache(maxsize=1024, typed=True)
def _td(heading: str, classes: tuple[str, ...]) -> str:
    """How a cell begins."""
    said = f' data-label="{escape(heading)}"' if heading else ""
    return f'<td role="cell"{_css(" ".join(filter(None, classes)))}{said}><span>'


def _column(heading: str, kind: str = "") -> tuple[Markup, Markup, Markup]:
    """How every cell under a heading begins, how it goes on after its value, and how an empty one begins. kind: "name", "figure", or "" for words."""
    css, around = _KINDS[kind]
    return _drawn(_td(heading, (css,)), around[0]), _drawn(around[1]), _drawn(_td(heading, (css, "nil")), NOTHING)


def _escaped(pieces: list[object]) -> list[str]:
    """Pieces of a page as they stand in it: markup as it is, all else escaped, and in one go: one by one takes twice as long."""
    places = [place for place, piece in enumerate(pieces) if not isinstance(piece, Markup)]
    texts = [str(pieces[place]) for place in places]
    found = str.split(escape(_BREAK.join(texts)), _BREAK)
    for place, text in zip(places, found if len(found) == len(texts) else map(escape, texts), strict=True):
        pieces[place] = text
    return cast("list[str]", pieces)


def _cell(begun: str, begun_empty: str, value: object, why: object) -> tuple[str, ...]:
    if value is None or value in ("", NOTHING):
        return begun_empty, NOTHING, _why(why), "</span></td>"
    return begun, _inside(value), _why(why), "</span></td>"


def _link(url: str, words: object) -> tuple[str, ...]:
    return '<a href="', escape(url), '">', escape(words), "</a>"


def _pair(value: object) -> tuple[object, object]:
    """A value and the quieter line under it, None where there is none."""
    return value if isinstance(value, tuple) else (value, None)


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
