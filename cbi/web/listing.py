"""One page of a long list: which rows, in which order, narrowed how. Sorting and filtering happen on the server, 50 rows at a time.

A sort or filter nobody declared is passed over in silence, always the same way: the answer must not tell whether such a field exists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from flask import url_for

PAGE_SIZE = 50
_LONGEST_FILTER = 200
_LAST_PAGE = 1_000_000
_NOBODY = UUID(int=0)

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class ListingArgs:
    """What a reader asked of a list, cleaned: only declared sorts and filters, a page that is a number.

    sort: one of the declared keys.  page: from 1.  filters: only those that were filled in, in declared order.
    """

    sort: str
    descending: bool = False
    page: int = 1
    size: int = PAGE_SIZE
    filters: tuple[tuple[str, str], ...] = ()

    @property
    def offset(self) -> int:
        """How many rows come before this page."""
        return (self.page - 1) * self.size

    def filter(self, name: str) -> str:
        """What was asked of one filter; "" when nothing was."""
        return dict(self.filters).get(name, "")

    def within(self, total: int) -> ListingArgs:
        """The same, with a page that exists: the last one when the list has become shorter."""
        return replace(self, page=min(self.page, max(1, -(-total // self.size))))


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """One page of rows with what a reader needs around it: how many in all, the other pages, the other orders.

    rows: those of this page, in order.  total: rows of the whole narrowed list.
    """

    rows: Sequence[Row]
    total: int
    args: ListingArgs = field(default_factory=lambda: ListingArgs(sort=""))

    @property
    def page(self) -> int:
        """Which page is shown, from 1."""
        return self.args.page

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.total // self.args.size))

    @property
    def first(self) -> int:
        """The place of the first row shown, from 1."""
        return self.args.offset + 1

    @property
    def last(self) -> int:
        """The place of the last row shown."""
        return self.args.offset + len(self.rows)

    @property
    def narrowed(self) -> bool:
        """Whether a filter hides rows."""
        return bool(self.args.filters)

    @property
    def sort_value(self) -> str:
        """The order as it stands in an address: "amount", or "-amount" for falling."""
        return f"-{self.args.sort}" if self.args.descending else self.args.sort

    def filter(self, name: str) -> str:
        """What was asked of one filter; "" when nothing was."""
        return self.args.filter(name)

    def way(self, key: str) -> Literal["ascending", "descending"] | None:
        """How the list is ordered by this column; None when it is not."""
        if key != self.args.sort:
            return None
        return "descending" if self.args.descending else "ascending"

    def sort_url(self, key: str) -> str:
        """The address that orders by this column: rising first, turned round when it already is. Begins again at page 1."""
        return self._url(sort=f"-{key}" if self.way(key) == "ascending" else key)

    def page_url(self, page: int) -> str:
        """The address of another page, same order, same filters."""
        return self._url(sort=self.sort_value, page=page)

    def _url(self, *, sort: str, page: int = 1) -> str:
        """A query on the same page; `page` is left out when it is the first."""
        paged = (("page", str(page)),) if page > 1 else ()
        return "?" + urlencode((*self.args.filters, ("sort", sort), *paged))


def listing_args(
    asked: Mapping[str, str], *, sorts: Sequence[str], filters: Sequence[str] = (), descending: bool = False, size: int = PAGE_SIZE
) -> ListingArgs:
    """Read an address's query. The first of `sorts` is the order when none, or an unknown one, is asked for; `descending` is its direction.

    Lists need a total order: the service adds the id as the last key.
    """
    wanted = asked.get("sort", "")
    key = wanted.removeprefix("-")
    known = key in sorts
    return ListingArgs(
        sort=key if known else sorts[0],
        descending=wanted.startswith("-") if known else descending,
        page=_page(asked.get("page", "")),
        size=size,
        filters=tuple((name, text) for name in filters if (text := asked.get(name, "").strip()[:_LONGEST_FILTER])),
    )


def links(endpoint: str, name: str) -> Callable[[UUID], str]:
    """The addresses of a page about each of many things: worked out once, not for each row. name: of the id in the address."""
    of_nobody: dict[str, Any] = {name: _NOBODY}
    before, after = url_for(endpoint, **of_nobody).split(str(_NOBODY))
    return lambda row_id: f"{before}{row_id}{after}"


def _page(text: str) -> int:
    """A page number people can mean; anything else is the first page."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(_LAST_PAGE))):
        return 1
    return min(max(1, int(text)), _LAST_PAGE)
