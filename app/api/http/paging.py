"""Pages of a list: one row more than was asked for is read, so that the last page is known."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from app.api.http.wire import Page, write_cursor

Row = TypeVar("Row")
Item = TypeVar("Item")


def find_next_cursor(
    found: Sequence[Row], *, limit: int, place: Callable[[Row], tuple[object, ...]]
) -> str | None:
    """Return the cursor after the first `limit` rows; None if there are no more than these."""
    return write_cursor(*place(found[limit - 1])) if len(found) > limit else None


def cut_page(
    found: Sequence[Row],
    *,
    limit: int,
    place: Callable[[Row], tuple[object, ...]],
    render: Callable[[Row], Item],
) -> Page[Item]:
    """Return the first `limit` rows as a page; `place` is what the list is ordered by."""
    return Page(
        data=[render(row) for row in found[:limit]],
        next_cursor=find_next_cursor(found, limit=limit, place=place),
    )
