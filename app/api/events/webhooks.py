"""Webhooks: where events are sent, what came of each, and sending once more."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Request, Response

from app.api.events.webhook_shapes import (
    DeliveryWire,
    NewWebhookWire,
    WebhookOrder,
    WebhookPatch,
    WebhookRotation,
    WebhookWire,
    render_delivery,
)
from app.api.http.paging import cut_page
from app.api.http.routing import RequestDb, operation, router
from app.api.http.wire import Cursor, InvalidCursor, Limit, Order, Page, read_cursor
from app.db.events import webhooks as rows
from app.db.events.deliveries import DeliveryUnknown
from app.db.events.webhooks import WebhookChanges, WebhookUnknown
from app.domain.events.webhooks import Status
from app.domain.promises.durations import parse_duration
from app.services.events import deliveries, webhooks
from app.services.events.deliveries import WebhookDisabled
from app.services.events.webhooks import (
    EventTypeUnknown,
    TooManyWebhooks,
    WebhookUrlRefused,
)

routes = router("Webhooks")


WebhookId = Annotated[UUID, Path(description="The webhook, by the id it was made with.")]
DeliveryId = Annotated[UUID, Path(description="The delivery, by the id that the list shows.")]


@routes.post("/v1/webhooks", summary="Make a webhook", status_code=201)
@operation(
    "admin",
    writes=True,
    across=True,
    refuses=[WebhookUrlRefused, EventTypeUnknown, TooManyWebhooks],
    secret="secret",  # noqa: S106
)
async def create_webhook(
    db: RequestDb, request: Request, body: WebhookOrder, response: Response
) -> NewWebhookWire:
    """Have events sent to a URL from now on; the secret they are signed with is shown this once.

    Each is POSTed as `/v1/events` shows it, signed as Standard Webhooks has it, so any of its
    libraries verifies it: `webhook-id` is the event's id, `webhook-timestamp` the attempt's time,
    `webhook-signature` one signature for each secret that is valid. Any 2xx within 15
    seconds (or what the operator says) is a delivery, whatever the body; nothing else is, and no
    redirect is followed. An event may come more than once, and without `ordered` in another
    order: go by `webhook-id` and the event's own `sequence`, not that within its `data`.

    What fails is tried again after about 5 seconds, 30 seconds, 2, 10 and 30 minutes, 1, 2, 4, 8
    and 8 hours, and then given up. 410 disables the webhook at once, and 5 days of failures only
    do too. While the last attempt failed, events are sent one at a time.
    """
    response.headers["Cache-Control"] = "no-store"
    made = await webhooks.create_webhook(
        db,
        url=body.url,
        description=body.description,
        types=body.types,
        account_ids=body.account_ids,
        ordered=body.ordered,
        allowed=request.app.state.webhook_networks,
    )
    return NewWebhookWire.model_validate(made)


@routes.get("/v1/webhooks", summary="List webhooks")
@operation("admin", across=True, refuses=[InvalidCursor])
async def list_webhooks(
    db: RequestDb, order: Order = "desc", limit: Limit = 50, cursor: Cursor = None
) -> Page[WebhookWire]:
    """Webhooks by when they were made, the disabled ones too."""
    found = await rows.list_webhooks(
        db, after=read_cursor(cursor, UUID), ascending=order == "asc", limit=limit + 1
    )
    return cut_page(
        found, limit=limit, place=lambda row: (row.webhook_id,), render=WebhookWire.model_validate
    )


@routes.get("/v1/webhooks/{webhook_id}", summary="Read a webhook")
@operation("admin", across=True, refuses=[WebhookUnknown])
async def get_webhook(db: RequestDb, webhook_id: WebhookId) -> WebhookWire:
    """A webhook without its secret: what it is sent, and whether that works."""
    return WebhookWire.model_validate(await rows.get_webhook(db, webhook_id))


@routes.patch("/v1/webhooks/{webhook_id}", summary="Change a webhook")
@operation(
    "admin",
    writes=True,
    across=True,
    refuses=[WebhookUnknown, WebhookUrlRefused, EventTypeUnknown],
)
async def change_webhook(
    db: RequestDb, request: Request, webhook_id: WebhookId, body: WebhookPatch
) -> WebhookWire:
    """Change what is named and leave the rest; `enabled` switches it off, and on again.

    What waits to be sent is kept for 30 days, and sent as the webhook is then. What happens
    while it is off is not sent later; `/v1/events` has it.
    """
    changed = await webhooks.change_webhook(
        db,
        webhook_id,
        changes=_read_changes(body),
        enabled=body.enabled,
        allowed=request.app.state.webhook_networks,
    )
    return WebhookWire.model_validate(changed)


@routes.delete("/v1/webhooks/{webhook_id}", summary="Remove a webhook", status_code=204)
@operation("admin", writes=True, across=True, refuses=[WebhookUnknown])
async def delete_webhook(db: RequestDb, webhook_id: WebhookId) -> None:
    """Send nothing more to the webhook, and remove it with its secrets and its deliveries."""
    await rows.delete_webhook(db, webhook_id)


@routes.post("/v1/webhooks/{webhook_id}/rotation", summary="Rotate a webhook's secret")
@operation("admin", writes=True, across=True, refuses=[WebhookUnknown], secret="secret")  # noqa: S106
async def rotate_webhook(
    db: RequestDb,
    webhook_id: WebhookId,
    response: Response,
    body: WebhookRotation | None = None,
) -> NewWebhookWire:
    """Give the webhook another secret, shown in this reply only; for the overlap both sign.

    Two secrets sign at most: rotating again ends the oldest at once. For a secret that has
    leaked, `overlap` is `PT0S`.
    """
    response.headers["Cache-Control"] = "no-store"
    overlap = parse_duration((body or WebhookRotation()).overlap)
    made = await webhooks.rotate_webhook(db, webhook_id, overlap=overlap)
    return NewWebhookWire.model_validate(made)


@routes.post(
    "/v1/webhooks/{webhook_id}/rotate",
    summary="Rotate a webhook's secret (older)",
    deprecated=True,
)
@operation("admin", writes=True, across=True, refuses=[WebhookUnknown], secret="secret")  # noqa: S106
async def rotate_webhook_before(
    db: RequestDb,
    webhook_id: WebhookId,
    response: Response,
    body: WebhookRotation | None = None,
) -> NewWebhookWire:
    """Do the same as `POST /v1/webhooks/{webhook_id}/rotation`, which takes its place."""
    response.headers["Deprecation"] = "@1795824000"
    response.headers["Link"] = f'</v1/webhooks/{webhook_id}/rotation>; rel="successor-version"'
    return await rotate_webhook(db, webhook_id, response, body)


@routes.post("/v1/webhooks/{webhook_id}/ping", summary="Ping a webhook", status_code=201)
@operation("admin", writes=True, across=True, refuses=[WebhookUnknown, WebhookDisabled])
async def ping_webhook(db: RequestDb, webhook_id: WebhookId) -> DeliveryWire:
    """Send the webhook a `webhook.ping`, whatever events it wants, with retries as any other.

    The ping is sent after this reply; its delivery says what came of it.
    """
    return render_delivery(await deliveries.ping_webhook(db, webhook_id))


@routes.get("/v1/webhooks/{webhook_id}/deliveries", summary="List deliveries")
@operation("admin", across=True, refuses=[WebhookUnknown, InvalidCursor])
async def list_deliveries(
    db: RequestDb,
    webhook_id: WebhookId,
    status: Annotated[
        Status | None, Query(description="Return only deliveries of this status.")
    ] = None,
    order: Order = "desc",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[DeliveryWire]:
    """What was sent to the webhook or is to be, each with its attempts; kept for 30 days."""
    found = await deliveries.list_deliveries(
        db,
        webhook_id,
        after=read_cursor(cursor, UUID),
        ascending=order == "asc",
        limit=limit + 1,
        status=status,
    )
    return cut_page(
        found,
        limit=limit,
        place=lambda view: (view.delivery.delivery_id,),
        render=render_delivery,
    )


@routes.post(
    "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/redelivery", summary="Deliver once more"
)
@operation(
    "admin", writes=True, across=True, refuses=[WebhookUnknown, DeliveryUnknown, WebhookDisabled]
)
async def redeliver_event(
    db: RequestDb, webhook_id: WebhookId, delivery_id: DeliveryId
) -> DeliveryWire:
    """Send the same event again after this reply, delivered before or not, with all its retries.

    Its id is the same, so a receiver that has it already knows it. Of an `ordered` webhook it is
    sent after those before it of its account that are still to be sent.
    """
    return render_delivery(await deliveries.redeliver_event(db, webhook_id, delivery_id))


def _read_changes(body: WebhookPatch) -> WebhookChanges:
    """Return what a change names; a null that takes nothing away says nothing."""
    changes: WebhookChanges = {}
    given = body.model_fields_set
    if body.url is not None:
        changes["url"] = body.url
    if body.types is not None:
        changes["types"] = body.types
    if body.ordered is not None:
        changes["ordered"] = body.ordered
    if "description" in given:
        changes["description"] = body.description
    if "account_ids" in given:
        changes["account_ids"] = body.account_ids
    return changes
