"""Webhooks: endpoints made, changed, given another secret, and removed."""

import base64
import re
import secrets
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from app.db.accounts import event_order
from app.db.engine.unit_of_work import Db
from app.db.events import deliveries, webhooks
from app.db.events.webhooks import WebhookChanges
from app.domain.access.refusals import Fault, InvalidPayload, Refusal
from app.domain.events.addresses import Network, is_reachable, read_address
from app.domain.events.deliveries import Webhook
from app.domain.events.event_types import list_types
from app.domain.events.webhooks import MOST_WEBHOOKS, is_pattern
from app.services.events.events import sequence_events

# Standard Webhooks: the prefix of a secret, which is 24 to 64 random bytes in base64.
SECRET_PREFIX = "whsec_"  # noqa: S105
_SECRET_BYTES = 32
# Where the operator names networks of their own.
_SETTING = "SURETY_WEBHOOK_ALLOWED_NETWORKS"
_NAME = re.compile(rb"[a-z0-9_]([a-z0-9_.-]{0,252})")


class WebhookUrlRefused(InvalidPayload):
    """Nothing is sent to such a URL.

    It is `https`, with a host and without a user or a fragment. An address in it is a public
    one. The operator may allow networks of their own with `SURETY_WEBHOOK_ALLOWED_NETWORKS`: to
    those, `http` will do. What a name leads to is looked at whenever it is connected to.
    """

    code = "webhook_url_refused"
    title = "Nothing is sent to such a URL"


class EventTypeUnknown(InvalidPayload):
    """A filter names no type of event: `*`, `ticket.*` and `ticket.opened` do.

    `choices` has every type.
    """

    code = "event_type_unknown"
    title = "There is no such type of event"


class TooManyWebhooks(Refusal):
    """There are as many webhooks as there may be; remove one first."""

    kind = "conflict"
    code = "too_many_webhooks"
    title = "There are as many webhooks as there may be"


async def create_webhook(
    db: Db,
    *,
    url: str,
    description: str | None,
    types: Sequence[str],
    account_ids: Sequence[str] | None,
    ordered: bool,
    allowed: Sequence[Network],
) -> Webhook:
    """Make an endpoint, which is sent what is recorded from now on; its secret is shown once.

    Which is what is committed from now on, whenever it was decided and by which clock: all that is
    there has its place among all events before (of a backlog of more than a thousand, the rest is
    sent too). `allowed` are the networks that the operator allows. Refuses `webhook_url_refused`,
    `event_type_unknown` and `too_many_webhooks`.
    """
    address = check_url(url, allowed)
    _check_types(types)
    await webhooks.hold_creations(db)
    if await webhooks.count_webhooks(db) >= MOST_WEBHOOKS:
        raise TooManyWebhooks(f"There may be {MOST_WEBHOOKS} webhooks.", limit=MOST_WEBHOOKS)
    await sequence_events(db)
    after_position = await event_order.find_last_position(db)
    now = db.read_clock()
    webhook = Webhook(
        webhook_id=uuid7(),
        url=address,
        description=description,
        types=list(types),
        account_ids=None if account_ids is None else list(account_ids),
        ordered=ordered,
        secret=_make_secret(),
        previous_secret=None,
        previous_ends_at=None,
        rotated_at=None,
        created_at=now,
        updated_at=now,
        failing_since=None,
        disabled_at=None,
        disabled_reason=None,
        after_position=after_position,
    )
    await webhooks.insert_webhook(db, webhook)
    return webhook


async def change_webhook(
    db: Db,
    webhook_id: UUID,
    *,
    changes: WebhookChanges,
    enabled: bool | None,
    allowed: Sequence[Network],
) -> Webhook:
    """Change what is named of an endpoint: what waits is sent as it is from then on.

    Enabled again, it is sent what waited, and what is recorded from then on. In order from now on,
    all but the first of each account waits, unless it is under way. Refuses `webhook_unknown`,
    `webhook_url_refused` and `event_type_unknown`.
    """
    webhook = await webhooks.get_webhook(db, webhook_id, lock=True)
    was_ordered = webhook.ordered
    now = db.read_clock()
    written = changes.copy()
    if "url" in changes:
        written["url"] = check_url(changes["url"], allowed)
    if "types" in changes:
        _check_types(changes["types"])
    if enabled is True and not webhook.is_enabled:
        written |= {"disabled_at": None, "disabled_reason": None, "failing_since": None}
    if enabled is False and webhook.is_enabled:
        written |= {"disabled_at": now, "disabled_reason": "operator"}
    if written:
        written["updated_at"] = now
        webhook = await webhooks.replace_webhook(db, webhook, **written)
        if webhook.ordered and not was_ordered:
            await deliveries.put_in_order(db, webhook_id)
        await deliveries.release_waiting(db, webhook_id, ordered=webhook.ordered, now=now)
    return webhook


async def rotate_webhook(db: Db, webhook_id: UUID, *, overlap: timedelta) -> Webhook:
    """Give an endpoint another secret, shown once; until the overlap ends both of them sign.

    Two secrets sign at most: rotating again ends the oldest at once. Refuses `webhook_unknown`.
    """
    webhook = await webhooks.get_webhook(db, webhook_id, lock=True)
    now = db.read_clock()
    return await webhooks.replace_webhook(
        db,
        webhook,
        secret=_make_secret(),
        previous_secret=webhook.secret if overlap else None,
        previous_ends_at=now + overlap if overlap else None,
        rotated_at=now,
        updated_at=now,
    )


def check_url(url: str, allowed: Sequence[Network]) -> str:
    """Return a URL as it is connected to, its host in ASCII; refuse with `webhook_url_refused`."""
    # Only who makes or changes an endpoint waits for it to load.
    import httpx  # noqa: PLC0415

    try:
        parsed = httpx.URL(url)
        # Read out of its ASCII form, which may be none of any name: `xn--`.
        host = parsed.host
    except (httpx.InvalidURL, ValueError):
        raise _refuse("This is not a URL such as https://example.com/hooks.") from None
    if parsed.scheme not in ("https", "http") or not host:
        raise _refuse("A webhook's URL begins with https:// and a host.")
    if parsed.userinfo or parsed.fragment:
        raise _refuse("A webhook's URL has no user, password or fragment.")
    address = read_address(host)
    if address is None and not _NAME.fullmatch(parsed.raw_host):
        raise _refuse(f"{host!r} is no host's name.")
    if parsed.port is not None and not 1 <= parsed.port <= 65_535:
        raise _refuse("A port is 1 to 65535.")
    if parsed.scheme == "http" and not allowed:
        raise _refuse(f"Events are sent by https only, but for networks that {_SETTING} allows.")
    if address is not None and not is_reachable(address, allowed):
        raise _refuse(f"{address} is no public address, nor one that {_SETTING} allows.")
    return str(parsed)


def _refuse(detail: str) -> WebhookUrlRefused:
    return WebhookUrlRefused([Fault("/url", detail, WebhookUrlRefused.code)])


def _check_types(types: Sequence[str]) -> None:
    faults = [
        Fault(f"/types/{place}", f"{each!r} names no type of event.", EventTypeUnknown.code)
        for place, each in enumerate(types)
        if not is_pattern(each)
    ]
    if faults:
        raise EventTypeUnknown(faults, choices=list_types())


def _make_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
