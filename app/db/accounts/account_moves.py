"""An account's rows as another's: copied under its id, and removed where they were.

Entries are never changed or removed: the ledger copies them (`app.db.ledger.moved_ledgers`).
Events stay as they were told, and are copied for the other account's own list. Links end, and
replies kept for retries go with the account.
"""

from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import insert

from app.db.engine.compiled import Statement
from app.db.engine.rows import RowType
from app.db.engine.unit_of_work import Db
from app.db.tables import (
    accounts,
    agreements,
    business_references,
    contacts,
    deadlines,
    events,
    idempotency_keys,
    licences,
    links,
    moved_accounts,
    purchases,
    quotes,
    sessions,
    statement_links,
    subscriptions,
    ticket_events,
    tickets,
    work,
)
from app.domain.access.account_moves import AccountMove, MetId

_MOST_MET = 100
_FROM = bindparam("from_account", type_=Text)
_TO = bindparam("to_account", type_=Text)
ACCOUNT_MOVE = RowType(moved_accounts, AccountMove)

# Whose rows move as they are.
MOVED: tuple[Table, ...] = (
    agreements,
    business_references,
    contacts,
    deadlines,
    licences,
    purchases,
    quotes,
    sessions,
    subscriptions,
    ticket_events,
    tickets,
    work,
)
# What ends with the account.
ENDED: tuple[Table, ...] = (links, statement_links)


def copy_rows(
    table: Table, changed: dict[str, ColumnElement[Any]], *, source: Any = None
) -> Statement:
    """Return the statement that writes an account's rows again as another's, some changed."""
    columns: list[Column[Any]] = list(table.columns)
    changed = {"account_id": _TO, **changed}
    rows: Select[Any] = select(*(changed.get(each.name, each) for each in columns))
    if source is not None:
        rows = rows.select_from(source)
    rows = rows.where(table.c.account_id == _FROM)
    return Statement(insert(table).from_select([each.name for each in columns], rows))


def remove_rows(table: Table) -> Statement:
    """Return the statement that removes an account's rows."""
    return Statement(delete(table).where(table.c.account_id == _FROM))


def _meet(kind: str, table: Table, column: Column[Any], *same: Column[Any]) -> Select[Any]:
    # Read before, and by themselves: the two accounts may be on two nodes.
    theirs = (
        select(column, *same)
        .where(table.c.account_id == _TO)
        .cte(f"their_{kind}s")
        .prefix_with("MATERIALIZED")
    )
    alike = [theirs.c[each.name] == each for each in (column, *same)]
    return (
        select(literal_column(f"'{kind}'", Text).label("kind"), column.label("id"))
        .select_from(table.join(theirs, and_(*alike)))
        .where(table.c.account_id == _FROM)
    )


_met = union_all(
    _meet("order", purchases, purchases.c.order_id),
    _meet("payment", purchases, purchases.c.payment_reference),
    _meet("ticket", tickets, tickets.c.ticket_id),
    _meet("session", sessions, sessions.c.session_id),
    _meet("work", work, work.c.work_id),
    _meet("licence", licences, licences.c.license_id),
    _meet("contact", contacts, contacts.c.contact_id),
    _meet(
        "reference",
        business_references,
        business_references.c.reference,
        business_references.c.operation,
    ),
).subquery("met")
_FIND_MET = Statement(
    select(_met.c.kind, _met.c.id)
    .order_by(_met.c.kind, _met.c.id)
    .limit(literal_column(str(_MOST_MET)))
)
_FIND_MOVE = Statement(
    select(*ACCOUNT_MOVE.columns).where(moved_accounts.c.account_id == bindparam("account_id"))
)
_INSERT_MOVE = Statement(insert(moved_accounts))
_COPY = {
    table: copy_rows(
        table,
        # The account's sequence when work was logged, which is counted on in the other.
        {"sequence": work.c.sequence + bindparam("offset", type_=work.c.sequence.type)}
        if table is work
        else {},
    )
    for table in MOVED
}
_REMOVE = {table: remove_rows(table) for table in (*MOVED, *ENDED)}
# The reply of the move itself is still to be kept.
_REMOVE_REPLIES = Statement(
    delete(idempotency_keys).where(
        idempotency_keys.c.account_id == _FROM, idempotency_keys.c.status.is_not(None)
    )
)
_COPY_EVENTS = copy_rows(
    events,
    {
        "number": events.c.number + bindparam("event_offset", type_=events.c.number.type),
        "position": func.coalesce(events.c.position, literal_column("0")),
        "moved_from": func.coalesce(events.c.moved_from, events.c.account_id),
    },
)
_REMOVE_ACCOUNT = remove_rows(accounts)


async def find_account_move(db: Db, account_id: str) -> AccountMove | None:
    """Return where an account was moved; None where it was not."""
    row = await db.row(_FIND_MOVE, account_id=account_id)
    return None if row is None else ACCOUNT_MOVE.read(row)


async def list_met_ids(db: Db, *, from_account: str, to_account: str) -> list[MetId]:
    """Return the ids that both accounts have given, a hundred at most, by what they are of."""
    rows = await db.rows(_FIND_MET, from_account=from_account, to_account=to_account)
    return [MetId(kind=row["kind"], id=row["id"]) for row in rows]


async def move_rows(
    db: Db, *, from_account: str, to_account: str, offset: int, event_offset: int
) -> dict[str, int]:
    """Write all that an account has, but its ledger, as another's, and count it by its table.

    `offset` is what the account's sequence is counted on by in the other, `event_offset` the
    number of its events.
    """
    moved = {}
    for table in MOVED:
        moved[table.name] = await db.execute(
            _COPY[table], from_account=from_account, to_account=to_account, offset=offset
        )
        await db.execute(_REMOVE[table], from_account=from_account)
    for table in ENDED:
        await db.execute(_REMOVE[table], from_account=from_account)
    await db.execute(_REMOVE_REPLIES, from_account=from_account)
    moved[events.name] = await db.execute(
        _COPY_EVENTS, from_account=from_account, to_account=to_account, event_offset=event_offset
    )
    return moved


async def end_account(db: Db, move: AccountMove) -> None:
    """Remove an account's own row, and write where all that it had went."""
    await db.execute(_REMOVE_ACCOUNT, from_account=move.account_id)
    await db.execute(_INSERT_MOVE, **ACCOUNT_MOVE.values(move))


async def find_present_account(db: Db, account_id: str) -> AccountMove | None:
    """Return the last move of an account's content, which may have been moved on since."""
    found: AccountMove | None = None
    passed: set[str] = set()
    while account_id not in passed and (next_ := await find_account_move(db, account_id)):
        passed.add(account_id)
        found, account_id = next_, next_.moved_to
    return found
