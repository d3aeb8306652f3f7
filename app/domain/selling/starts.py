"""When a term begins: now, after the present one, or at an instant; one site, once at a time."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal

from app.domain.access.refusals import Fault, InvalidPayload, Refusal
from app.domain.ledger.pools import Subscription

Starts = Literal["now", "after_current"] | datetime


class SiteAlreadyCovered(Refusal):
    """The site has this plan for the same time already."""

    kind = "conflict"
    code = "site_already_covered"
    title = "The site is covered already"


class StartsInPast(InvalidPayload):
    """The term would begin before the sale."""

    code = "starts_in_past"
    title = "The term would begin before the sale"


def require_start(starts: Starts, *, at: datetime) -> None:
    """Refuse with `starts_in_past` a term that would begin before the sale at `at`."""
    if isinstance(starts, datetime) and starts < at:
        detail = "The term would begin before the sale."
        raise StartsInPast([Fault("/starts", detail, StartsInPast.code)])


def decide_start(
    starts: Starts,
    *,
    at: datetime,
    present: Sequence[Subscription],
    end_of: Callable[[datetime], datetime],
    site_bound: bool,
) -> datetime:
    """Return when a term paid at `at` begins; `end_of` says when it would end.

    `present` are the terms of the same plan and site that were bought before. A site is never
    sold twice for the same time: what would run beside another is refused with
    `site_already_covered`; "after_current" queues behind all of them.
    """
    ends = [each.ends_at for each in present if each.ends_at is not None]
    if starts == "after_current":
        return max([at, *ends])
    starts_at = max(at, starts) if isinstance(starts, datetime) else at
    if not site_bound:
        return starts_at
    ends_at = end_of(starts_at)
    for each in present:
        if each.starts_at < ends_at and (each.ends_at is None or starts_at < each.ends_at):
            until = "for good" if each.ends_at is None else f"until {each.ends_at.isoformat()}"
            raise SiteAlreadyCovered(
                f"{each.site} has this plan {until}: let the term start after the current one.",
                site=each.site,
                starts_at=each.starts_at,
                ends_at=each.ends_at,
            )
    return starts_at
