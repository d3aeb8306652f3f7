"""Webhooks: which events an endpoint wants, what an attempt came to, and when the next one is.

The body and its headers are those of Standard Webhooks; everything here is decided from values.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal, assert_never, get_args

from app.domain.events.events import EVENT_TYPES
from app.domain.values import Value

Result = Literal[
    "delivered",
    "http_error",
    "redirect_refused",
    "gone",
    "timed_out",
    "connection_failed",
    "name_not_resolved",
    "tls_failed",
    "address_refused",
    "https_required",
    "invalid_response",
    "interrupted",
    "event_expired",
]
RESULTS: tuple[Result, ...] = get_args(Result)

Status = Literal["pending", "delivered", "failed"]
STATUSES: tuple[Status, ...] = get_args(Status)

DisabledReason = Literal["operator", "gone", "failing"]

PING = "webhook.ping"

# After each failure the next of these is waited for, and then no more: about a day in all.
RETRY_DELAYS = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
    timedelta(hours=8),
)
# A delay is this much shorter or longer, by chance: so what failed together does not come back
# together.
JITTER = 0.2

# An endpoint whose attempts have only failed for so long is disabled by the next that does.
FAILING_LIMIT = timedelta(days=5)

# How long deliveries are kept, delivered or not.
KEPT = timedelta(days=30)

# At once to one endpoint; to one whose last attempt failed, one at a time. With every endpoint
# hanging, the sockets of all stay below the thousand that a process may have by default.
AT_ONCE = 8
AT_ONCE_WHILE_FAILING = 1
MOST_WEBHOOKS = 100

_PATTERN = re.compile(r"\*|[a-z_]+\.(\*|[a-z_]+)")


class Outcome(Value):
    """What one attempt came to. `detail` is for people; `status_code` only where one came."""

    result: Result
    status_code: int | None = None
    detail: str | None = None
    duration_ms: int = 0


class Verdict(Value):
    """What becomes of a delivery after an attempt: tried again at an instant, or over."""

    status: Status
    next_attempt_at: datetime | None
    failures: int


def judge_status(status_code: int) -> Result:
    """Return what a reply's status means: every 2xx is delivered, whatever its body says."""
    if 200 <= status_code < 300:
        return "delivered"
    if 300 <= status_code < 400:
        return "redirect_refused"
    return "gone" if status_code == 410 else "http_error"


def decide_next(result: Result, *, failures: int, now: datetime, chance: float) -> Verdict:
    """Return what becomes of a delivery whose attempt had this result, after so many failures.

    `chance` is a random number in [0, 1). An interrupted attempt counts for nothing and is made
    again at once; a 410 ends the delivery, for the receiver asked for no more, and so does an
    event that is kept no longer.
    """
    match result:
        case "delivered":
            return Verdict("delivered", None, failures)
        case "interrupted":
            return Verdict("pending", now, failures)
        case "gone" | "event_expired":
            return Verdict("failed", None, failures + 1)
        case (
            "http_error"
            | "redirect_refused"
            | "timed_out"
            | "connection_failed"
            | "name_not_resolved"
            | "tls_failed"
            | "address_refused"
            | "https_required"
            | "invalid_response"
        ):
            if failures >= len(RETRY_DELAYS):
                return Verdict("failed", None, failures + 1)
            return Verdict("pending", now + retry_delay(failures, chance=chance), failures + 1)
        case _:
            assert_never(result)


def retry_delay(failures: int, *, chance: float) -> timedelta:
    """Return how long to wait after a failure that `failures` others preceded."""
    return RETRY_DELAYS[failures] * (1 - JITTER + 2 * JITTER * chance)


def decide_health(
    results: Iterable[Result], *, failing_since: datetime | None, now: datetime
) -> tuple[datetime | None, DisabledReason | None]:
    """Return since when an endpoint fails, and why it is to be disabled, if it is.

    `results` are its latest, in the order they came. It fails from the first failure after
    something was delivered; an interrupted attempt says nothing about it.
    """
    for result in results:
        if result == "delivered":
            failing_since = None
        elif result == "gone":
            return failing_since or now, "gone"
        elif result != "interrupted":
            failing_since = failing_since or now
            if now - failing_since >= FAILING_LIMIT:
                return failing_since, "failing"
    return failing_since, None


def wants_event(
    types: Sequence[str], account_ids: Sequence[str] | None, *, type_: str, account_id: str
) -> bool:
    """Say whether an endpoint with these filters is sent an event of this type and account."""
    if account_ids is not None and account_id not in account_ids:
        return False
    return any(_covers(pattern, type_) for pattern in types)


def is_pattern(text: str) -> bool:
    """Say whether a filter names a type of event: `*`, `ticket.*`, `ticket.opened`."""
    return _PATTERN.fullmatch(text) is not None and any(_covers(text, it) for it in EVENT_TYPES)


def _covers(pattern: str, type_: str) -> bool:
    return pattern in ("*", type_) or (pattern.endswith(".*") and type_.startswith(pattern[:-1]))
