"""Backdating: when something happened, as against when it is reported."""

from datetime import datetime, timedelta

from app.domain.access.callers import Caller
from app.domain.access.refusals import Fault, InvalidPayload
from app.domain.time.instants import write_instant

AHEAD = timedelta(seconds=60)
# How far back anybody may report what happened.
BACK = timedelta(hours=72)
# How far back it can be asked what would have been, which nobody has to write.
ASKED_BACK = timedelta(days=366)


class AtInFuture(InvalidPayload):
    """`at` lies further ahead than clocks may differ."""

    code = "at_in_future"
    title = "The instant lies in the future"


class AtTooLongAgo(InvalidPayload):
    """`at` lies further back than what would have been is reckoned for."""

    code = "at_too_long_ago"
    title = "The instant lies too long ago"


def decide_instant(at: datetime | None, *, now: datetime, caller: Caller) -> datetime:
    """Return the instant a write takes effect: `at`, or `now` where it is left out.

    Up to 60 s ahead counts as now, further is refused. Up to 72 h back is anybody's; further
    needs `history:write`.
    """
    if at is None:
        return now
    if at > now + AHEAD:
        detail = f"{write_instant(at)} is more than 60 seconds ahead of the service's clock."
        raise AtInFuture([Fault("/at", detail, "at_in_future")])
    _require_history(at, now=now, caller=caller)
    return min(at, now)


def require_recent(at: datetime | None, *, now: datetime, caller: Caller) -> None:
    """Refuse a question about an instant of more than a year ago, with `at_too_long_ago`.

    More than 72 h back needs `history:write`, as a write does. Nothing need be read for that.
    """
    if at is None:
        return
    _require_history(at, now=now, caller=caller)
    if now - at > ASKED_BACK:
        detail = f"{write_instant(at)} is more than {ASKED_BACK.days} days ago."
        raise AtTooLongAgo([Fault("/at", detail, AtTooLongAgo.code)])


def _require_history(at: datetime, *, now: datetime, caller: Caller) -> None:
    if now - at > BACK:
        caller.require("history:write", why="An event of more than 72 hours ago")
