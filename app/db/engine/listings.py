"""Listings: the statements of a list in the order of some columns, from either end."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, or_, tuple_

from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db


class Listing:
    """A list in the order of `place`, whose values together are of one row only.

    `asked` are conditions of equality by their parameters, each of which may be None: whatever
    it is. A page begins at either end, or behind a place; each is a statement of its own, so that
    all of them read an index in its order.
    """

    __slots__ = ("_asked", "statements")

    def __init__(
        self,
        query: Select[Any],
        *place: ColumnElement[Any],
        asked: Mapping[str, ColumnElement[Any]] | None = None,
    ) -> None:
        self._asked: dict[str, None] = dict.fromkeys(asked or {})
        for name, column in (asked or {}).items():
            wanted: ColumnElement[Any] = bindparam(name, type_=column.type)
            query = query.where(or_(wanted.is_(None), column == wanted))
        behind = tuple_(*(bindparam(f"after_{n}", type_=part.type) for n, part in enumerate(place)))
        self.statements: dict[tuple[bool, bool], Statement] = {}
        for ascending in (True, False):
            ordered = query.order_by(*(part if ascending else part.desc() for part in place))
            ordered = ordered.limit(bindparam("limit"))
            here = tuple_(*place)
            self.statements[ascending, False] = Statement(ordered)
            self.statements[ascending, True] = Statement(
                ordered.where(here > behind if ascending else here < behind)
            )

    async def read(
        self,
        db: Db,
        *,
        ascending: bool,
        after: Sequence[Any] | None,
        limit: int,
        **values: Any,
    ) -> list[Any]:
        """Return the rows of a page, behind a place or from the list's beginning."""
        places = {f"after_{number}": part for number, part in enumerate(after or ())}
        return await db.rows(
            self.statements[ascending, after is not None],
            limit=limit,
            **self._asked | places | values,
        )
