"""Subscriptions: the plans that accounts have, their suspension, and the stores they cover."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response

from app.api.http.paging import cut_page
from app.api.http.routing import IfMatch, RequestCaller, RequestDb, operation, router
from app.api.http.wire import (
    AccountId,
    Code,
    Cursor,
    Instant,
    InvalidCursor,
    Limit,
    LongText,
    Order,
    Page,
    SiteUrl,
    Text,
    Wire,
    read_cursor,
)
from app.api.selling.subscription_shapes import SubscriptionWire, render_subscription
from app.db.accounts.accounts import find_account
from app.db.ledger import subscriptions as rows
from app.db.ledger.subscriptions import SubscriptionUnknown
from app.domain.coverage.sites import InvalidSite
from app.domain.ledger.pools import Subscription, SubscriptionStatus
from app.domain.selling.moves import NotMovable
from app.domain.selling.starts import SiteAlreadyCovered
from app.services.accounts.accounts import PreconditionFailed, etag_of
from app.services.selling import moves, subscriptions
from app.services.selling.subscriptions import AlreadySuspended, NotSuspended

routes = router("Subscriptions")

SubscriptionId = Annotated[
    UUID, Path(description="The subscription, by the id that it was given when it was made.")
]
_S = "/v1/accounts/{account_id}/subscriptions"


class SiteMove(Wire):
    """The store that a subscription is to cover instead, and why."""

    site: SiteUrl
    """The store that the subscription covers from now on, by its URL."""
    reason: LongText
    """Why the cover is moved, for the record."""
    actor: Text
    """Who decided to move the cover, as the caller names them."""


class Suspension(Wire):
    """The suspension of a subscription, which pays for nothing meanwhile."""

    reason: LongText
    """Why the subscription is suspended, for the record."""
    actor: Text
    """Who decided on the suspension, as the caller names them."""
    at: Instant | None = None
    """The instant from which the subscription is suspended; default now. It is never before the
    subscription begins, or was taken up again last."""


@routes.get(_S, summary="List an account's subscriptions")
@operation("read", refuses=[InvalidCursor])
async def list_subscriptions(
    db: RequestDb,
    account_id: AccountId,
    status: Annotated[
        SubscriptionStatus | None,
        Query(description="Return only subscriptions of this status, as of now by the clock."),
    ] = None,
    catalog: Annotated[
        Code | None,
        Query(description="Return only subscriptions to plans of this catalogue, by its code."),
    ] = None,
    plan: Annotated[
        Code | None, Query(description="Return only subscriptions to this plan, by its code.")
    ] = None,
    order: Order = "desc",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[SubscriptionWire]:
    """Plans that the account has, had, and will have, by when they were made."""
    await find_account(db, account_id)
    now = db.read_clock()
    found = await rows.list_subscriptions(
        db,
        account_id,
        after=read_cursor(cursor, UUID),
        ascending=order == "asc",
        limit=limit + 1,
        now=now,
        status=status,
        catalog=catalog,
        plan=plan,
    )
    return cut_page(
        found,
        limit=limit,
        place=lambda each: (each.subscription_id,),
        render=lambda each: render_subscription(each, at=now),
    )


@routes.get(_S + "/{subscription_id}", summary="Read a subscription")
@operation("read", refuses=[SubscriptionUnknown])
async def get_subscription(
    db: RequestDb, account_id: AccountId, subscription_id: SubscriptionId, response: Response
) -> SubscriptionWire:
    """A plan over its term, with the version of the terms that it keeps."""
    await find_account(db, account_id)
    found = await rows.find_subscription(db, account_id, subscription_id)
    return _answer(found, db, response)


@routes.post(
    _S + "/{subscription_id}/suspension", summary="Suspend a subscription", status_code=200
)
@operation(
    "ledger:write",
    writes=True,
    refuses=[SubscriptionUnknown, AlreadySuspended, PreconditionFailed],
)
async def suspend_subscription(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    subscription_id: SubscriptionId,
    body: Suspension,
    response: Response,
    if_match: IfMatch = None,
) -> SubscriptionWire:
    """Suspend a subscription: it pays for nothing from then on; its term goes on, and holds stay.

    What was charged to it since stays charged.
    """
    found = await subscriptions.suspend_subscription(
        db,
        account_id=account_id,
        subscription_id=subscription_id,
        reason=body.reason,
        actor=body.actor,
        caller=caller,
        at=body.at,
        if_match=if_match,
    )
    return _answer(found, db, response)


@routes.delete(_S + "/{subscription_id}/suspension", summary="End a suspension", status_code=200)
@operation(
    "ledger:write", writes=True, refuses=[SubscriptionUnknown, NotSuspended, PreconditionFailed]
)
async def end_suspension(
    db: RequestDb,
    account_id: AccountId,
    subscription_id: SubscriptionId,
    response: Response,
    if_match: IfMatch = None,
) -> SubscriptionWire:
    """End the suspension of a subscription, which pays again from now on."""
    found = await subscriptions.end_suspension(
        db, account_id=account_id, subscription_id=subscription_id, if_match=if_match
    )
    return _answer(found, db, response)


@routes.post(_S + "/{subscription_id}/site", summary="Move cover to another store", status_code=200)
@operation(
    "ledger:write",
    writes=True,
    refuses=[SubscriptionUnknown, NotMovable, SiteAlreadyCovered, InvalidSite, PreconditionFailed],
)
async def move_subscription(
    db: RequestDb,
    account_id: AccountId,
    subscription_id: SubscriptionId,
    body: SiteMove,
    response: Response,
    if_match: IfMatch = None,
) -> SubscriptionWire:
    """Let a subscription of one store cover another instead, from now on.

    What is left of its units moves with it, and so does what goes on with it: the terms of its
    plan that follow it, as far as the other store has not that plan then already, and renewals,
    later terms and upgrades that are not paid yet. Open tickets of the store before keep what
    they hold. The order stays as it was sold.
    """
    found = await moves.move_subscription(
        db,
        account_id=account_id,
        subscription_id=subscription_id,
        site=body.site,
        reason=body.reason,
        actor=body.actor,
        if_match=if_match,
    )
    return _answer(found, db, response)


def _answer(found: Subscription, db: RequestDb, response: Response) -> SubscriptionWire:
    response.headers["ETag"] = etag_of(found.version)
    return render_subscription(found, at=db.read_clock())
