"""Orders whole: with what they began, in one statement; and with what ending one depends on."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, bindparam, exists, literal_column, select

from app.db.accounts.account_reads import RunningTally
from app.db.accounts.accounts import AccountUnknown
from app.db.accounts.locked_accounts import (
    STATE,
    LockedAccount,
    take_with,
)
from app.db.engine.compiled import Statement
from app.db.engine.row_arrays import RowArray
from app.db.engine.unit_of_work import Db
from app.db.ledger.stored_lots import ENDING_AFTER, LOT_COLUMNS
from app.db.ledger.subscriptions import SUBSCRIPTION
from app.db.selling.agreements import AGREEMENT, BOUGHT_BY_ORDER
from app.db.selling.purchases import BEGUN_BY_ORDER, PURCHASE, WITH_ORDER, PurchaseUnknown
from app.db.tables import accounts, agreements, lots, purchases, sessions, subscriptions, tallies
from app.domain.ledger.ledger import Lot
from app.domain.ledger.pools import Subscription
from app.domain.selling.agreements import Agreement
from app.domain.selling.purchases import Purchase
from app.domain.values import Value, replace


class WholeOrder(Value):
    """An order with the subscription that it began or adds to, and that subscription's lots.

    `bought` is the agreement of the cover that it gave. `raised_by` are the paid orders that
    raised it and are not cancelled, where they were read; `in_session` says whether a session of
    the account ran then. `sequence` is its account's.
    """

    order: Purchase
    subscription: Subscription | None
    bought: Agreement | None
    lots: Sequence[Lot]
    sequence: int
    raised_by: Sequence[str] = ()
    in_session: bool = False

    @property
    def own_lots(self) -> list[Lot]:
        """The lots that the order itself gave."""
        return [lot for lot in self.lots if lot.order_id == self.order.order_id]


_LOTS = RowArray(
    "of_lots",
    select(*LOT_COLUMNS)
    .where(
        lots.c.account_id == bindparam("account_id"),
        lots.c.subscription_id == purchases.c.subscription_id,
    )
    .order_by(lots.c.granted_sequence)
    .correlate(purchases),
)
_WHOLE = (
    select(
        *(column.label(f"order_{column.name}") for column in PURCHASE.columns),
        *(column.label(f"began_{column.name}") for column in SUBSCRIPTION.columns),
        *(column.label(f"bought_{column.name}") for column in AGREEMENT.columns),
        accounts.c.sequence.label("account_sequence"),
        _LOTS.column,
    )
    .select_from(
        WITH_ORDER.outerjoin(subscriptions, BEGUN_BY_ORDER).outerjoin(agreements, BOUGHT_BY_ORDER)
    )
    .where(accounts.c.account_id == bindparam("account_id"))
)
_sold = purchases.alias("sold")
_RAISED_BY = RowArray(
    "of_additions",
    select(_sold.c.order_id)
    .where(
        _sold.c.account_id == bindparam("account_id"),
        _sold.c.terms["adds_to"].astext == bindparam("order_id"),
        _sold.c.status == literal_column("'active'"),
    )
    .order_by(_sold.c.order_id),
)
_IS_OF_PLAN = and_(
    ENDING_AFTER,
    lots.c.catalog == subscriptions.c.catalog,
    lots.c.plan == subscriptions.c.plan,
)
# The account's lots of its plan that have not ended by `since`, and their subscriptions.
_POOL = RowArray("of_pool", select(*LOT_COLUMNS).where(_IS_OF_PLAN).correlate(subscriptions))
_term = subscriptions.alias("term")
_TERMS = RowArray(
    "of_terms",
    select(*(_term.c[name] for name in SUBSCRIPTION.names))
    .where(
        _term.c.account_id == bindparam("account_id"),
        _term.c.subscription_id.in_(
            select(lots.c.subscription_id).where(_IS_OF_PLAN).correlate(subscriptions)
        ),
    )
    .correlate(subscriptions),
)
_TALLIES = RowArray(
    "of_tallies",
    select(tallies.c.tally_id, tallies.c.granted, tallies.c.held, tallies.c.used, tallies.c.revoked)
    .where(
        tallies.c.account_id == bindparam("account_id"),
        tallies.c.catalog == subscriptions.c.catalog,
        tallies.c.site.is_not_distinct_from(subscriptions.c.site),
    )
    .correlate(subscriptions),
)
_IN_SESSION = (
    exists()
    .where(
        sessions.c.account_id == bindparam("account_id"),
        sessions.c.status == literal_column("'running'"),
    )
    .label("in_session")
)
_FIND = Statement(_WHOLE)
_TO_CHANGE = _WHOLE.add_columns(
    _RAISED_BY.column, _POOL.column, _TERMS.column, _TALLIES.column, _IN_SESSION
)
_FIND_TO_CHANGE = Statement(_TO_CHANGE)
# Together with the account, as it is read without a lock.
_TAKE_TO_CHANGE = Statement(_TO_CHANGE.add_columns(*STATE))
_BEGAN_AT = len(PURCHASE.columns)
_BOUGHT_AT = _BEGAN_AT + len(SUBSCRIPTION.columns)
_ID_AT = PURCHASE.names.index("order_id")
_BEGAN_ID_AT = _BEGAN_AT + SUBSCRIPTION.names.index("subscription_id")
_BOUGHT_ID_AT = _BOUGHT_AT + AGREEMENT.names.index("reference")


async def load_order(db: Db, account_id: str, order_id: str) -> WholeOrder:
    """Return an order with what it began. Refuses `account_unknown` and `purchase_unknown`."""
    record = await db.row(_FIND, account_id=account_id, order_id=order_id)
    return _read(record, account_id, order_id)


async def take_order(db: Db, account_id: str, order_id: str) -> tuple[LockedAccount, WholeOrder]:
    """Take the account's row, and return an order with all that ending it depends on.

    Refuses `account_unknown` and `purchase_unknown`. One statement where the row is not locked.
    """
    account, record = await take_with(
        db,
        account_id,
        take=_TAKE_TO_CHANGE,
        find=_FIND_TO_CHANGE,
        order_id=order_id,
        since=db.read_clock(),
    )
    return account, _read_to_change(account, record, order_id)


def _read_to_change(account: LockedAccount, record: Any, order_id: str) -> WholeOrder:
    """Return an order; the account knows its pool and its lots' tallies from then on."""
    additions = [each for (each,) in _RAISED_BY.rows(record[_RAISED_BY.label])]
    whole = _read(record, account.account_id, order_id)
    in_session = bool(record[_IN_SESSION.name])
    whole = replace(whole, raised_by=additions, in_session=in_session)
    if whole.subscription is not None:
        terms = [SUBSCRIPTION.read(row) for row in _TERMS.rows(record[_TERMS.label])]
        account.keep_units(
            _POOL.read_as(Lot, record[_POOL.label]),
            {each.subscription_id: each for each in terms},
            plan=(whole.subscription.catalog, whole.subscription.plan),
            in_session=in_session,
        )
    for tally_id, *totals in record[_TALLIES.label]:
        account.totals.setdefault(tally_id, RunningTally(*totals))
    return whole


def _read(record: Any, account_id: str, order_id: str) -> WholeOrder:
    if record is None:
        raise AccountUnknown(f"There is no account {account_id!r}.")
    if record[_ID_AT] is None:
        raise PurchaseUnknown(f"There is no order {order_id!r}.")
    began = record[_BEGAN_ID_AT] is not None
    bought = record[_BOUGHT_ID_AT] is not None
    return WholeOrder(
        order=PURCHASE.read(record),
        subscription=SUBSCRIPTION.read(record[_BEGAN_AT:]) if began else None,
        bought=AGREEMENT.read(record[_BOUGHT_AT:]) if bought else None,
        lots=_LOTS.read_as(Lot, record[_LOTS.label]),
        sequence=record["account_sequence"],
    )
