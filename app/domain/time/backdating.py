"""When something happened, as against when it is reported."""

from datetime import datetime, timedelta

from app.domain.access.callers import Caller
from app.domain.access.refusals import Fault, InvalidPayload

AHEAD = timedelta(seconds=60)
BACK = timedelta(hours=72)


class AtInFuture(InvalidPayload):
    """`at` lies further ahead than clocks may differ."""

    code = "at_in_future"
    title = "The instant lies in the future"


def decide_instant(at: datetime | None, *, now: datetime, caller: Caller) -> datetime:
    """Return the instant a write takes effect: `at`, or `now` where it is left out.

    Up to 60 s ahead counts as now, further is refused. Up to 72 h back is anybody's; further
    needs `history:write`.
    """
    if at is None:
        return now
    if at > now + AHEAD:
        detail = f"{at.isoformat()} is more than 60 seconds ahead of the service's clock."
        raise AtInFuture([Fault("/at", detail, "at_in_future")])
    if now - at > BACK:
        caller.require("history:write", why="An event of more than 72 hours ago")
    return min(at, now)
