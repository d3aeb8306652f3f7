"""Renewals that come by themselves: the notice before an end, and the order placed at it."""

from datetime import datetime
from typing import Literal

from app.domain.catalog.policies import Ending, Late, Renews
from app.domain.catalog.terms import add_term, before_end

LONGEST_ID = 64


def first_term_notice(
    starts_at: datetime, ends_at: datetime, renews: Renews | None, zone: str
) -> datetime:
    """Return when to look at a term first: when its end is told of before, or at its end.

    That is not before the term begins.
    """
    if renews is None or renews.notice is None:
        return ends_at
    return max(starts_at, before_end(ends_at, renews.notice, zone))


def renewal_starts(ending: Ending) -> Literal["old_end", "now"]:
    """Return from when a term that renewed itself runs, if it is not paid too late."""
    return "old_end" if ending.late is None else ending.late.starts


def is_too_late(
    since: datetime, renewed_until: datetime, *, paid_at: datetime, late: Late | None, zone: str
) -> bool:
    """Say whether a renewal is paid too late to go on from the end before it, `since`.

    That is after the time within which the seller takes a late renewal, and once all of the
    renewed term, until `renewed_until`, would be over. Its term begins at the payment then.
    """
    if late is not None and paid_at > add_term(since, late.within, zone):
        return True
    return paid_at >= renewed_until


def name_renewal(order_id: str, taken: int) -> str:
    """Return the id of the order that renews another by itself: "SO-7:2" after "SO-7".

    `taken` is how many such ids are taken already.
    """
    root, _, number = order_id.rpartition(":")
    if not root or not number.isdecimal():
        root, number = order_id, "1"
    suffix = f":{int(number) + 1 + taken}"
    return root[: LONGEST_ID - len(suffix)] + suffix
