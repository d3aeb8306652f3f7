"""Open tickets across accounts: in the order to work on them, and those of a catalogue."""

from typing import Any

from sqlalchemy import (
    Boolean,
    DateTime,
    Integer,
    Text,
    bindparam,
    literal_column,
    or_,
    select,
    tuple_,
)

from app.db.engine.compiled import Statement
from app.db.engine.database import Db
from app.db.tables import tickets
from app.db.tickets.tickets import WHOLE, WholeTicket, read_whole_ticket

QueuePlace = tuple[Any, ...]

_QUEUE_ORDER = (
    literal_column("(status = 'paused')", Boolean),
    tickets.c.on_demand,
    literal_column("(NOT urgent)", Boolean),
    literal_column("coalesce(severity, 99)", Integer),
    literal_column("coalesce(rank, 99)", Integer),
    literal_column(
        "coalesce(breaches_after, '9999-12-31 00:00:00+00'::timestamptz)", DateTime(timezone=True)
    ),
    literal_column(
        "coalesce(due_at, '9999-12-31 00:00:00+00'::timestamptz)", DateTime(timezone=True)
    ),
    tickets.c.opened_at,
    tickets.c.account_id,
    tickets.c.ticket_id,
)
_OPEN = (
    WHOLE.add_columns(*(part.label(f"key_{place}") for place, part in enumerate(_QUEUE_ORDER)))
    .where(
        tickets.c.status != literal_column("'resolved'", Text),
        or_(
            bindparam("catalog", type_=Text).is_(None),
            tickets.c.catalog == bindparam("catalog", type_=Text),
        ),
    )
    .order_by(*_QUEUE_ORDER)
    .limit(bindparam("limit"))
)
_QUEUE = Statement(_OPEN)
_QUEUE_AFTER = Statement(
    _OPEN.where(
        tuple_(*_QUEUE_ORDER)
        > tuple_(
            *(
                bindparam(f"after_{place}", type_=part.type)
                for place, part in enumerate(_QUEUE_ORDER)
            )
        )
    )
)

_OPEN_OF_CATALOG = Statement(
    select(tickets.c.account_id, tickets.c.ticket_id)
    .where(
        tickets.c.status != literal_column("'resolved'", Text),
        tickets.c.catalog == bindparam("catalog"),
        tuple_(tickets.c.account_id, tickets.c.ticket_id)
        > tuple_(
            bindparam("after_account", type_=Text),
            bindparam("after_ticket", type_=Text),
        ),
    )
    .order_by(tickets.c.account_id, tickets.c.ticket_id)
    .limit(bindparam("limit"))
)


async def load_queue(
    db: Db, *, catalog: str | None, after: QueuePlace | None, limit: int
) -> list[tuple[WholeTicket, QueuePlace]]:
    """Return open tickets in the order to work on them, after a place in it, each with its own."""
    if after is None:
        rows = await db.rows(_QUEUE, catalog=catalog, limit=limit)
    else:
        places = {f"after_{place}": part for place, part in enumerate(after)}
        rows = await db.rows(_QUEUE_AFTER, catalog=catalog, limit=limit, **places)
    return [(read_whole_ticket(row), tuple(row)[-len(_QUEUE_ORDER) :]) for row in rows]


async def list_open_of_catalog(
    db: Db, catalog: str, *, after: tuple[str, str], limit: int
) -> list[tuple[str, str]]:
    """Return the account and the id of a catalogue's open tickets, in their order."""
    rows = await db.rows(
        _OPEN_OF_CATALOG,
        catalog=catalog,
        after_account=after[0],
        after_ticket=after[1],
        limit=limit,
    )
    return [(row["account_id"], row["ticket_id"]) for row in rows]
