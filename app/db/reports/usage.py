"""Usage across accounts: what lots and entries come to, by plan and month.

Each lot is granted when it begins and expires at its end, without an entry; what comes back, or
is used, after that end changes what had expired. So everything is a movement at an instant.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import product
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    Select,
    Text,
    and_,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    union_all,
)

from app.db.accounts.sandbox_clocks import SANDBOXES
from app.db.engine.compiled import Statement
from app.db.engine.statement_forms import StatementForms
from app.db.engine.unit_of_work import Db
from app.db.reports.months import MONTHS, CatalogMonth, month_parameters
from app.db.tables import accounts, entries, lots, tickets
from app.domain.ledger.usage_reports import MOVED, MovedUnits, UsageSum

_INSTANT = DateTime(timezone=True)
_ZERO = literal(0, BigInteger)
_COUNTED = lots.c.granted.is_not(None)
_TAKEN = entries.c.held + entries.c.used + entries.c.revoked
_AFTER_END = and_(_COUNTED, func.coalesce(entries.c.effective_at >= lots.c.expires_at, False))
_OF_LOT = and_(
    entries.c.account_id == lots.c.account_id,
    entries.c.lot_id == lots.c.lot_id,
)


def _movement(
    source: Any,
    *,
    of: Any,
    counted: ColumnElement[Any],
    at: ColumnElement[Any],
    unit: ColumnElement[Any],
    moved: dict[str, ColumnElement[Any]],
) -> Select[Any]:
    return (
        select(
            of.c.account_id,
            of.c.catalog,
            of.c.plan,
            unit.label("unit"),
            counted.label("counted"),
            at.label("at"),
            *(moved.get(name, _ZERO).label(name) for name in MOVED),
        )
        .select_from(source)
        .where(
            or_(bindparam("catalog", type_=Text).is_(None), of.c.catalog == bindparam("catalog")),
            or_(bindparam("sandbox", type_=Boolean), of.c.account_id.not_in(SANDBOXES)),
        )
    )


_taken_after_end = (
    select(func.coalesce(func.sum(_TAKEN), 0))
    .where(_OF_LOT, entries.c.effective_at >= lots.c.expires_at)
    .correlate(lots)
    .scalar_subquery()
)
_free = func.coalesce(lots.c.granted, 0) - lots.c.held - lots.c.used - lots.c.revoked
_GRANTED = _movement(
    lots,
    of=lots,
    counted=_COUNTED,
    at=lots.c.valid_from,
    unit=lots.c.unit,
    moved={"granted": func.coalesce(lots.c.granted, 0)},
)
_EXPIRED = _movement(
    lots,
    of=lots,
    counted=_COUNTED,
    at=func.greatest(lots.c.expires_at, lots.c.valid_from),
    unit=lots.c.unit,
    moved={"expired": _free + _taken_after_end},
).where(_COUNTED, lots.c.expires_at.is_not(None))
_MOVED = _movement(
    lots.join(entries, _OF_LOT),
    of=lots,
    counted=_COUNTED,
    at=func.greatest(entries.c.effective_at, lots.c.valid_from),
    unit=lots.c.unit,
    moved={
        "used": func.greatest(entries.c.used, 0),
        "returned": func.greatest(-entries.c.used, 0),
        "revoked": entries.c.revoked,
        "expired": case((_AFTER_END, -_TAKEN), else_=0),
    },
).where(or_(entries.c.used != 0, entries.c.revoked != 0, entries.c.held != 0))
_OVERAGE = _movement(
    entries.join(
        tickets,
        and_(
            tickets.c.account_id == entries.c.account_id,
            tickets.c.ticket_id == entries.c.ticket_id,
        ),
    ),
    of=tickets,
    counted=literal_column("true", Boolean),
    at=entries.c.effective_at,
    unit=entries.c.unit,
    moved={"overage": entries.c.amount},
).where(entries.c.kind == literal_column("'overage'", Text))


def _sum_up(by_month: bool, sandbox: bool) -> Statement:
    moved = union_all(_GRANTED, _EXPIRED, _MOVED, _OVERAGE).subquery("moved")
    since, until = bindparam("since", type_=_INSTANT), bindparam("until", type_=_INSTANT)
    now: ColumnElement[Any] = bindparam("now", type_=_INSTANT)
    if sandbox:
        # Each sandbox has a present of its own.
        own = select(accounts.c.sandbox_at).where(accounts.c.account_id == moved.c.account_id)
        now = func.coalesce(own.correlate(moved).scalar_subquery(), now)
    within = moved.c.at >= since
    month: ColumnElement[Any] = case((within, literal_column("''", Text)), else_=null())
    if by_month:
        # Not a join: one of what is on several nodes has to be by the account.
        month = (
            select(MONTHS.c.name)
            .where(
                MONTHS.c.catalog == moved.c.catalog,
                within,
                moved.c.at >= MONTHS.c.start,
                moved.c.at < MONTHS.c.finish,
            )
            .correlate(moved)
            .scalar_subquery()
        )
    by = (moved.c.catalog, moved.c.plan, moved.c.unit, moved.c.counted, month)
    return Statement(
        select(
            *(each.label(f"key_{place}") for place, each in enumerate(by)),
            *(func.sum(moved.c[name]).cast(BigInteger).label(name) for name in MOVED),
        )
        .select_from(moved)
        # What happens at this very instant is known.
        .where(moved.c.at < until, moved.c.at <= now)
        .group_by(*by)
    )


_SUMS = StatementForms(_sum_up, product((True, False), repeat=2))
_LATEST_SANDBOX = Statement(select(func.max(accounts.c.sandbox_at)))


async def find_latest_sandbox(db: Db) -> datetime | None:
    """Return the present of the sandbox account that is furthest ahead; None without one."""
    found: datetime | None = await db.value(_LATEST_SANDBOX)
    return found


async def sum_usage(
    db: Db,
    *,
    catalog: str | None,
    since: datetime,
    until: datetime,
    now: datetime,
    months: Sequence[CatalogMonth] | None,
    sandbox: bool,
) -> list[UsageSum]:
    """Sum up what moved before `until`, by plan and kind; apart what moved before `since`.

    Nothing after the present is known: `now`, or a sandbox account's own. With `months`, by
    month too.
    """
    found = await db.rows(
        _SUMS.of(months is not None, sandbox),
        now=now,
        catalog=catalog,
        since=since,
        until=until,
        sandbox=sandbox,
        **({} if months is None else month_parameters(months)),
    )
    return [
        UsageSum(
            catalog=row["key_0"],
            plan=row["key_1"],
            unit=row["key_2"],
            counted=row["key_3"],
            month=row["key_4"],
            moved=MovedUnits(**{name: int(row[name]) for name in MOVED}),
        )
        for row in found
    ]
