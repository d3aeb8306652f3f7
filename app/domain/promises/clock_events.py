"""Clock events: what happens to a ticket that its clocks count, from a reply to other promises."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, get_args

from app.domain.promises.promises import Metric, Promise
from app.domain.promises.stopwatches import Policy
from app.domain.time.business_time import OpenTime
from app.domain.time.calendars import Calendar
from app.domain.values import Value

Calendars = Mapping[str, Calendar | OpenTime]

EventType = Literal[
    "agent_reply",
    "session_start",
    "customer_reply",
    "pause",
    "resumption",
    "severity",
    "plan",
    "resolution",
    "withdrawal",
    "reopening",
    "remedy",
    "excuse",
]
EVENT_TYPES: tuple[EventType, ...] = get_args(EventType)


class PromisesKept(Value):
    """Whose promises a ticket keeps: a plan's, in a version of its catalogue, with its cover.

    `promised` False: none, whatever the plan promises. `region` is the customer's.
    """

    catalog: str
    plan: str | None
    catalog_version: int
    promised: bool
    extra_calendars: tuple[str, ...]
    region: str | None = None


class ClockEvent(Value):
    """Something that happened to a ticket at `at` (UTC); one before the opening counts as at it.

    `order` is the arrival number, which only parts events of one instant. A pause has
    `waiting_on`. A severity event has `severity`, `urgent` or both (None: unchanged); a plan
    event has all of the new plan's `promises` and, when they are of another version, its
    `calendars` and its number, `version`; both have a `policy`. A withdrawal is a resolution
    that cancels. The start of a chat, phone or video session answers as an agent's reply does.
    Where it was decided anew who pays, a plan event has the promises kept `before` and `after`.
    An excuse has `metric`, `reason` and `actor`, and `breached_at` where it is not of the last
    breach.
    """

    type: EventType
    at: datetime
    order: int = 0
    waiting_on: str | None = None
    severity: int | None = None
    urgent: bool | None = None
    policy: Policy = "carry_elapsed"
    promises: tuple[Promise, ...] | None = None
    calendars: Calendars | None = None
    version: int | None = None
    before: PromisesKept | None = None
    after: PromisesKept | None = None
    metric: Metric | None = None
    reason: str | None = None
    actor: str | None = None
    breached_at: datetime | None = None
