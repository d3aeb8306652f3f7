"""Periods that are asked for, and how long they may be."""

from app.domain.access.refusals import InvalidPayload


class PeriodTooLong(InvalidPayload):
    """The period is longer, or has more in it, than one reply shows; ask for a shorter one."""

    code = "period_too_long"
    title = "The period is too long"
