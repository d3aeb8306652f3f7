"""Disputed charges over all accounts, the one opened last at the head."""

from datetime import datetime

from sqlalchemy import Text, and_, bindparam, literal_column, or_, select, tuple_

from app.db.engine.compiled import Statement
from app.db.engine.unit_of_work import Db
from app.db.tables import accounts, tickets
from app.domain.reports.disputes import DisputeLine

_OPENED_AT = tickets.c.dispute["opened_at"].astext
_STATUS = tickets.c.dispute["status"].astext
_PLACE = tuple_(_OPENED_AT, tickets.c.account_id, tickets.c.ticket_id)
_AFTER = tuple_(
    bindparam("after_at", type_=Text),
    bindparam("after_account", type_=Text),
    bindparam("after_ticket", type_=Text),
)
_DISPUTES = (
    select(
        tickets.c.account_id,
        accounts.c.name,
        tickets.c.ticket_id,
        tickets.c.subject,
        tickets.c.status,
        tickets.c.catalog,
        tickets.c.plan,
        tickets.c.charge_status,
        tickets.c.charge_unit,
        tickets.c.charge_amount,
        tickets.c.overage_amount,
        tickets.c.dispute,
    )
    .select_from(tickets.join(accounts, accounts.c.account_id == tickets.c.account_id))
    .where(
        literal_column("tickets.dispute ->> 'opened_at'").is_not(None),
        or_(bindparam("status", type_=Text).is_(None), bindparam("status", type_=Text) == _STATUS),
        or_(
            bindparam("catalog", type_=Text).is_(None),
            tickets.c.catalog == bindparam("catalog", type_=Text),
        ),
        or_(
            and_(bindparam("sandbox"), accounts.c.sandbox_at.is_not(None)),
            accounts.c.sandbox_at.is_(None),
        ),
    )
    .limit(bindparam("limit"))
)
_LATEST_FIRST = Statement(
    _DISPUTES.where(_PLACE < _AFTER).order_by(
        _OPENED_AT.desc(), tickets.c.account_id.desc(), tickets.c.ticket_id.desc()
    )
)
_EARLIEST_FIRST = Statement(
    _DISPUTES.where(_PLACE > _AFTER).order_by(_OPENED_AT, tickets.c.account_id, tickets.c.ticket_id)
)


async def list_disputes(
    db: Db,
    *,
    status: str | None,
    catalog: str | None,
    sandbox: bool,
    after: tuple[datetime, str, str],
    earliest_first: bool,
    limit: int,
) -> list[DisputeLine]:
    """Return disputed charges after a place among them, those of sandbox accounts if asked."""
    rows = await db.rows(
        _EARLIEST_FIRST if earliest_first else _LATEST_FIRST,
        status=status,
        catalog=catalog,
        sandbox=sandbox,
        after_at=after[0].isoformat(),
        after_account=after[1],
        after_ticket=after[2],
        limit=limit,
    )
    return [DisputeLine(*row) for row in rows]
