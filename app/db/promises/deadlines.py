"""Clocks across tickets: what runs out, what has, and how often promises were kept."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from itertools import product
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    DateTime,
    Select,
    Text,
    and_,
    bindparam,
    func,
    literal_column,
    not_,
    or_,
    select,
    tuple_,
    union_all,
)

from app.db.accounts.accounts import BEGINNING
from app.db.accounts.sandbox_clocks import SANDBOXES
from app.db.engine.compiled import Statement
from app.db.engine.statement_forms import StatementForms
from app.db.engine.unit_of_work import Db
from app.db.promises.clocks import CLOCK
from app.db.promises.standing import (
    IS_TARGET,
    NOW,
    OWN_NOW,
    has_lapsed,
    is_at_risk,
    read_status,
    stands,
)
from app.db.tables import DEADLINE_ORDER, accounts, deadlines, tickets
from app.domain.catalog.channels import Channel
from app.domain.promises.deadlines import Status
from app.domain.promises.stored_clocks import StoredClock
from app.domain.values import Value


class ListedClock(Value):
    """A clock with its ticket and customer, as it stands at an instant.

    `place` is where it is in the order in which clocks run out.
    """

    clock: StoredClock
    status: Status
    at_risk: bool
    subject: str
    channel: Channel
    account_name: str
    place: tuple[object, ...]


_LAPSED, _AT_RISK = has_lapsed(NOW), is_at_risk(NOW)
_ORDER = (
    literal_column(DEADLINE_ORDER, DateTime(timezone=True)),
    deadlines.c.account_id,
    deadlines.c.ticket_id,
    deadlines.c.metric,
    deadlines.c.spell,
)


def _asked(name: str, column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that a column is what is asked for, or that nothing is."""
    parameter: ColumnElement[Any] = bindparam(name, type_=Text)
    return or_(parameter.is_(None), column == parameter)


def _select(
    *conditions: ColumnElement[bool],
    after: str = "after",
    ascending: bool = True,
    sandbox: bool = False,
) -> Select[Any]:
    """Return the statement of a page of those that meet the conditions, either way.

    It begins behind the place that the parameters `{after}_0` … name.
    """
    due_before = bindparam("due_before", type_=DateTime(timezone=True))
    place = tuple_(
        *(bindparam(f"{after}_{number}", type_=part.type) for number, part in enumerate(_ORDER))
    )
    here = tuple_(*_ORDER)
    at_risk = is_at_risk(OWN_NOW if sandbox else NOW)
    return (
        select(
            *CLOCK.columns,
            read_status(sandbox=sandbox).label("status_now"),
            func.coalesce(at_risk, literal_column("false", Boolean)).label("at_risk"),
            _ORDER[0].label("key_0"),
        )
        .where(
            *conditions,
            _asked("metric", deadlines.c.metric),
            _asked("catalog", deadlines.c.catalog),
            _asked("plan", deadlines.c.plan),
            or_(bindparam("sandbox", type_=Boolean), deadlines.c.account_id.not_in(SANDBOXES)),
            or_(due_before.is_(None), deadlines.c.due_at < due_before),
            here > place if ascending else here < place,
        )
        .order_by(*(part if ascending else part.desc() for part in _ORDER))
        .limit(bindparam("limit"))
    )


_PLACE = ("key_0", "account_id", "ticket_id", "metric", "spell")


def _merge(*pages: Select[Any], ascending: bool = True) -> Statement:
    """Return the statement of a page out of several, each read no further than it can give."""
    order: list[ColumnElement[Any]] = [literal_column(name) for name in _PLACE]
    merged = union_all(*pages).order_by(*(each if ascending else each.desc() for each in order))
    return Statement(merged.limit(bindparam("limit")))


# What no promise breaks runs on after it was due. Of the rest, those whose last instant is to
# come follow each other in the index from now on, however many were left behind.
_LATE = and_(stands("running"), deadlines.c.breaches_after.is_(None), _ORDER[0] < NOW)
_TO_COME = _ORDER[0] >= NOW
_GONE_BY = _ORDER[0] < NOW
# What the clock alone brings about is read apart from what was written; all else is written.
_MOVING = (None, "running", "breached", "missed")
_STANDING = deadlines.c.status == bindparam("status", type_=Text)


def _list(wanted: str | None, ascending: bool) -> Statement:
    """Return the statement of a page of what is wanted."""
    page = partial(_select, ascending=ascending)

    def find_to_come(condition: ColumnElement[bool]) -> Select[Any]:
        return page(condition, after="from") if ascending else page(condition, _TO_COME)

    match wanted:
        case None:
            pages = [page()]
        case "running":
            pages = [page(_LATE), find_to_come(stands("running"))]
        case "at_risk":
            pages = [find_to_come(_AT_RISK)]
        case "breached":
            pages = [page(stands("breached")), page(_LAPSED, not_(IS_TARGET), _GONE_BY)]
        case "missed":
            pages = [page(stands("missed")), page(_LAPSED, IS_TARGET, _GONE_BY)]
        case _:
            pages = [page(_STANDING)]
    return Statement(pages[0]) if len(pages) == 1 else _merge(*pages, ascending=ascending)


_WAYS = (True, False)
_LISTS = StatementForms(_list, product((*_MOVING, "at_risk", "standing"), _WAYS))


def _list_with_sandboxes(ascending: bool) -> Statement:
    """Return the statement of a page where each sandbox has a present of its own."""
    status: ColumnElement[Any] = bindparam("status", type_=Text)
    at_risk = bindparam("at_risk", type_=Boolean)
    return Statement(
        _select(
            or_(status.is_(None), status == read_status(sandbox=True)),
            or_(not_(at_risk), is_at_risk(OWN_NOW)),
            ascending=ascending,
            sandbox=True,
        )
    )


_OF_ALL = StatementForms(_list_with_sandboxes, product(_WAYS))


# Before and behind every place there is.
_FIRST: tuple[Any, ...] = (BEGINNING, "", "", "", 0)
_LAST: tuple[Any, ...] = (datetime(9999, 12, 31, 0, 0, 1, tzinfo=UTC), "", "", "", 0)

# Either way from the present in the running clocks' index, so that what is late in masses does
# not hide what is about to be.
_BEHIND = (
    select(IS_TARGET.label("is_target"))
    .where(_LAPSED, _ORDER[0] < NOW, deadlines.c.account_id.not_in(SANDBOXES))
    .order_by(*_ORDER)
    .limit(10_000)
    .subquery()
)
_AHEAD = (
    select(_AT_RISK.label("at_risk"))
    .where(stands("running"), _ORDER[0] >= NOW, deadlines.c.account_id.not_in(SANDBOXES))
    .order_by(*_ORDER)
    .limit(10_000)
    .subquery()
)
_COUNT_SOONEST = Statement(
    select(
        select(func.count().filter(not_(_BEHIND.c.is_target))).scalar_subquery().label("breached"),
        select(func.count().filter(_BEHIND.c.is_target)).scalar_subquery().label("missed"),
        select(func.count().filter(_AHEAD.c.at_risk)).scalar_subquery().label("at_risk"),
    )
)


# A statement of its own, after the page: what joins behind a limit would be read on every node.
_TICKETS = (
    func.unnest(
        bindparam("account_ids", type_=ARRAY(Text)), bindparam("ticket_ids", type_=ARRAY(Text))
    )
    .table_valued("account_id", "ticket_id")
    .render_derived(name="listed")
)
_NAMES = Statement(
    select(
        tickets.c.account_id,
        tickets.c.ticket_id,
        tickets.c.subject,
        tickets.c.channel,
        select(accounts.c.name)
        .where(accounts.c.account_id == tickets.c.account_id)
        .scalar_subquery(),
    ).select_from(
        _TICKETS.join(
            tickets,
            and_(
                tickets.c.account_id == _TICKETS.c.account_id,
                tickets.c.ticket_id == _TICKETS.c.ticket_id,
            ),
        )
    )
)


async def list_deadlines(
    db: Db,
    *,
    status: str | None,
    metric: str | None,
    catalog: str | None,
    plan: str | None,
    due_before: datetime | None,
    at_risk: bool,
    sandbox: bool,
    after: tuple[Any, ...] | None,
    ascending: bool,
    limit: int,
    now: datetime,
) -> list[ListedClock]:
    """Return clocks in the order in which they run out, or back, after a place in it.

    They are as they stand at `now`.
    """
    if at_risk and status not in {None, "running"}:
        return []
    after = after or (_FIRST if ascending else _LAST)
    ahead = max(after, (now, "", "", "", 0))
    wanted = "at_risk" if at_risk else status if status in _MOVING else "standing"
    found = await db.rows(
        _OF_ALL.of(ascending) if sandbox else _LISTS.of(wanted, ascending),
        at_risk=at_risk,
        status=status,
        metric=metric,
        catalog=catalog,
        plan=plan,
        due_before=due_before,
        sandbox=sandbox,
        limit=limit,
        now=now,
        **{f"after_{number}": part for number, part in enumerate(after)},
        **{f"from_{number}": part for number, part in enumerate(ahead)},
    )
    if not found:
        return []
    clocks = [CLOCK.read(row) for row in found]
    names = await _load_names(db, clocks)
    return [
        ListedClock(
            clock,
            row["status_now"],
            row["at_risk"],
            *names[clock.key[:2]],
            (row["key_0"], *clock.key),
        )
        for row, clock in zip(found, clocks, strict=True)
    ]


async def _load_names(
    db: Db, clocks: Iterable[StoredClock]
) -> dict[tuple[str, str], tuple[str, Channel, str]]:
    """Return the subject, the channel and the customer's name of each clock's ticket."""
    account_ids, ticket_ids = zip(*{clock.key[:2] for clock in clocks}, strict=True)
    rows = await db.rows(_NAMES, account_ids=account_ids, ticket_ids=ticket_ids)
    return {(row[0], row[1]): (row[2], row[3], row[4]) for row in rows}


async def count_soonest(db: Db, *, now: datetime) -> dict[str, int]:
    """Count the running clocks past their last instant, guaranteed or not, and those at risk.

    A sandbox has a clock of its own, so that its deadlines are nobody's alarm.

    Of the former 10,000 at most; the latter of the 10,000 that run out next.
    """
    (row,) = await db.rows(_COUNT_SOONEST, now=now)
    return dict(row)
