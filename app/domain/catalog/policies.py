"""Policies: what a seller does in the cases that its plans leave open, and how things end."""

from typing import Literal

from app.domain.catalog.counting import Counting
from app.domain.catalog.hourly_rates import HourlyRate
from app.domain.catalog.terms import Term
from app.domain.catalog.time_terms import TimeTerms, join_time_terms
from app.domain.values import Value

TermEnds = Literal["instant", "day"]
RefundPolicy = Literal["lesser", "unused_units", "unused_time", "none"]
WithoutPlan = Literal["refuse", "on_demand"]
ReplyAfterResolution = Literal["note", "reopen"]
ReturnedUnits = Literal["expire", "grace"]


class Late(Value):
    """A renewal after the end, within a time of it: from when it runs, and what it costs more."""

    within: Term
    starts: Literal["old_end", "now"] = "old_end"
    fee_percent: int = 0


class Renews(Value):
    """Whether a term renews itself at its end, and how long before that is told of; None: not."""

    automatic: bool = True
    notice: Term | None = None


class Ending(Value):
    """How what is sold ends.

    `refund` is what `unused` measures when an order is cancelled or upgraded: the lesser of
    what is left of its units and of its time, one of them, or nothing. None: the lesser, and
    whoever cancels may pay back all, too. `term_ends`: at the instant, or with its last day.
    `late` None: a renewal after the end begins when it is bought. `renews` None: nobody is told
    of an end before it comes, and what ends is renewed by whoever buys it again.
    """

    refund: RefundPolicy | None = None
    term_ends: TermEnds = "instant"
    late: Late | None = None
    renews: Renews | None = None


class Policies(Value):
    """What a seller does in the cases its plans leave open.

    `bug_promises`: whether a bug report on a plan keeps the plan's promises; a seller whose
    bugs go to a tracker (`bug_report_to`) promises nothing. `grant_term` bounds units given by
    hand when no end is named; None: they do not end. `ignore_www` takes a store's URL with and
    without `www.` as one site. `sessions_at_once` bounds the sessions of all channels together.
    `reply_after_resolution`: whether what a customer writes on a resolved ticket reopens it.
    `counting` says how minutes of work without a plan are counted, None: as they were worked; and
    `rates` what an hour of it costs.
    """

    without_plan: WithoutPlan
    without_plan_text: str
    returned_units: ReturnedUnits
    grace_days: int
    bug_report_to: str | None = None
    bug_promises: bool = True
    ignore_www: bool = True
    sessions_at_once: int = 1
    reply_after_resolution: ReplyAfterResolution = "note"
    grant_term: Term | None = None
    ending: Ending = Ending()
    rates: tuple[HourlyRate, ...] = ()
    counting: Counting | None = None
    seller_choice: tuple[str, ...] = ()

    @property
    def time(self) -> TimeTerms:
        """How work without a plan is counted, and what an hour of it costs."""
        return join_time_terms(self.counting, self.rates)
