"""Endings: subscriptions across accounts, in the order in which they end."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request, Response

from app.api.http.paging import find_next_cursor
from app.api.http.replies.media import CSV, HTML, JSON, answer_csv, choose_media_type
from app.api.http.routing import RequestDb, operation, router
from app.api.http.wire import (
    Code,
    Cursor,
    Instant,
    InvalidCursor,
    Limit,
    Page,
    read_cursor,
)
from app.api.reports.report_pages import Bar, Chart, render_report
from app.api.selling.subscription_shapes import SubscriptionWire, render_subscription
from app.db.catalog.catalogs import load_catalog
from app.db.engine.unit_of_work import Db
from app.db.reports import endings
from app.db.reports.endings import EndingSubscription
from app.domain.time.civil_time import read_zone
from app.domain.time.instants import write_instant

routes = router("Across accounts")

EndOrder = Annotated[
    Literal["asc", "desc"],
    Query(
        description="Whether what ends first comes first (`asc`, the default) or what ends last"
        " (`desc`)."
    ),
]
_LATEST = datetime.max.replace(tzinfo=UTC)
_COLUMNS = (
    *("account_id", "account_name", "id", "catalog", "plan", "site", "status", "starts_at"),
    *("ends_at", "order_id"),
)
_SHOWN = ("account_name", "catalog", "plan", "site", "status")
_FORMS: dict[int | str, dict[str, Any]] = {
    200: {"content": {CSV: {"schema": {"type": "string"}}, HTML: {"schema": {"type": "string"}}}}
}


class EndingWire(SubscriptionWire):
    """A subscription that ends, and whose it is."""

    account_id: str
    """The customer's account, by the seller's own id."""
    account_name: str
    """The customer's name, as the account has it."""


@routes.get(
    "/v1/subscriptions",
    summary="List what ends soon",
    response_model=Page[EndingWire],
    responses=_FORMS,
)
@operation("read", across=True, refuses=[InvalidCursor], brief=True)
async def list_ending_subscriptions(
    db: RequestDb,
    request: Request,
    catalog: Annotated[
        Code | None,
        Query(description="Return only subscriptions to plans of this catalogue, by its code."),
    ] = None,
    plan: Annotated[
        Code | None, Query(description="Return only subscriptions to this plan, by its code.")
    ] = None,
    ends_before: Annotated[
        Instant | None,
        Query(
            description="Return only subscriptions that end before this instant; default whenever."
        ),
    ] = None,
    ends_after: Annotated[
        Instant | None,
        Query(
            description="Return only subscriptions that end at this instant or after; default now."
        ),
    ] = None,
    sandbox: Annotated[
        bool,
        Query(
            description="Whether subscriptions of sandbox accounts are listed as well; left out,"
            " they are not."
        ),
    ] = False,
    order: EndOrder = "asc",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[EndingWire] | Response:
    """Subscriptions across accounts, the one that ends first at the head.

    What has no end is not among them. As JSON, a table (`text/csv`), or a page with bars by
    month (`text/html`).
    """
    found = await endings.list_endings(
        db,
        catalog=catalog,
        plan=plan,
        since=ends_after,
        until=ends_before or _LATEST,
        now=db.read_clock(),
        sandbox=sandbox,
        after=read_cursor(cursor, datetime, str, UUID),
        ascending=order == "asc",
        limit=limit + 1,
    )
    more = len(found) > limit
    page = [_render(each) for each in found[:limit]]
    wanted = choose_media_type(request.headers.get("Accept"), (JSON, CSV, HTML))
    if wanted == CSV:
        return answer_csv(request, _COLUMNS, map(_write_line, page), name="subscriptions")
    if wanted == HTML:
        return await _render_page(db, page, more=more)
    return Page(data=page, next_cursor=find_next_cursor(found, limit=limit, place=_find_place))


def _find_place(ending: EndingSubscription) -> tuple[object, ...]:
    subscription = ending.subscription
    return subscription.ends_at, ending.account_id, subscription.subscription_id


def _render(ending: EndingSubscription) -> EndingWire:
    shown = render_subscription(ending.subscription, at=ending.now)
    return EndingWire(
        **shown.model_dump(), account_id=ending.account_id, account_name=ending.account_name
    )


def _write_line(ending: EndingWire) -> list[Any]:
    values = [getattr(ending, name) for name in _COLUMNS]
    return [write_instant(each) if isinstance(each, datetime) else each for each in values]


async def _render_page(db: Db, page: Sequence[EndingWire], *, more: bool) -> Response:
    """Return a page of what ends, each by its last day in its catalogue's zone."""
    last_days = [await _find_last_day(db, each) for each in page]
    by_month = Counter(f"{day:%Y-%m}" for day in last_days)
    bars = tuple(Bar(month, (count,)) for month, count in sorted(by_month.items())[:24])
    return render_report(
        title="What ends soon",
        note="Subscriptions by their last day, in the zone of each one's catalogue.",
        charts=[Chart("Subscriptions that end, by month", ("Subscriptions",), bars)],
        columns=["Last day", "Customer", "Catalogue", "Plan", "Site", "Status"],
        rows=[
            [f"{day:%-d %b %Y}", *(getattr(each, name) for name in _SHOWN)]
            for day, each in zip(last_days, page, strict=True)
        ],
        more=more,
    )


async def _find_last_day(db: Db, ending: EndingWire) -> date:
    """Return the day of its last moment: of what ends at midnight, the day before."""
    terms = await load_catalog(db, ending.catalog, ending.catalog_version)
    last = (ending.ends_at or _LATEST) - timedelta(microseconds=1)
    try:
        return last.astimezone(read_zone(terms.zone)).date()
    except OverflowError:  # the last day that there is
        return last.date()
