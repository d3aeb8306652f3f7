"""Quotes: prices promised until a date, with a copy of the terms that were quoted."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from app.db.engine.compiled import Statement
from app.db.engine.listings import Listing
from app.db.engine.rows import RowType
from app.db.engine.unit_of_work import Db
from app.db.tables import quotes
from app.domain.access.refusals import Refusal
from app.domain.selling.quotes import Quote
from app.domain.selling.sold_terms import describe_sold_terms, read_sold_terms


class QuoteUnknown(Refusal):
    """The account has no such quote."""

    kind = "unknown"
    code = "quote_unknown"
    title = "There is no such quote"


QUOTE = RowType(
    quotes, Quote, read={"terms": read_sold_terms}, write={"terms": describe_sold_terms}
)
_INSERT = Statement(insert(quotes))
_FIND = Statement(
    select(*QUOTE.columns).where(
        quotes.c.account_id == bindparam("account_id"),
        quotes.c.quote_id == bindparam("quote_id"),
    )
)
_LIST = Listing(
    select(*QUOTE.columns).where(quotes.c.account_id == bindparam("account_id")),
    quotes.c.quote_id,
    asked={"catalog": quotes.c.catalog},
)
_BUY = Statement(
    update(quotes)
    .where(
        quotes.c.account_id == bindparam("account_id"),
        quotes.c.quote_id == bindparam("quote_id"),
    )
    .values(order_id=bindparam("order_id"))
)


async def insert_quote(db: Db, quote: Quote) -> None:
    """Write a new quote."""
    await db.write(_INSERT, **QUOTE.values(quote))


async def get_quote(db: Db, account_id: str, quote_id: UUID) -> Quote:
    """Return a quote, or refuse with `quote_unknown`."""
    row = await db.row(_FIND, account_id=account_id, quote_id=quote_id)
    if row is None:
        raise QuoteUnknown(f"There is no quote {quote_id}.")
    return QUOTE.read(row)


async def list_quotes(
    db: Db,
    account_id: str,
    *,
    after: Sequence[Any] | None,
    ascending: bool,
    limit: int,
    catalog: str | None = None,
) -> list[Quote]:
    """Return the account's quotes in the order they were made, after one of them."""
    rows = await _LIST.read(
        db, ascending=ascending, after=after, limit=limit, account_id=account_id, catalog=catalog
    )
    return [QUOTE.read(row) for row in rows]


async def mark_bought(db: Db, account_id: str, quote_id: UUID, *, order_id: str) -> None:
    """Record the order by which a quote was bought."""
    await db.write(_BUY, account_id=account_id, quote_id=quote_id, order_id=order_id)
