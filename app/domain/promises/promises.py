"""A promise: what a plan owes for one metric. Values only; `clocks` applies them to a ticket."""

from datetime import timedelta
from fractions import Fraction
from typing import Literal, NamedTuple

from app.domain.values import Value

Metric = Literal["first_response", "next_response", "next_update", "remedy", "resolution"]
StartsOn = Literal["opening", "answer"]
Strength = Literal["guaranteed", "target", "best_effort", "typical", "none"]
METRICS: tuple[Metric, ...] = (
    "first_response",
    "next_response",
    "next_update",
    "remedy",
    "resolution",
)
# Those that begin anew: with what the customer writes, and with what an agent writes.
REPEATED: frozenset[Metric] = frozenset({"next_response", "next_update"})
# Those that may be counted from the first answer instead of the opening.
COUNTED_FROM_ANSWER: frozenset[Metric] = frozenset({"remedy", "resolution"})
# The strengths that set a target, the firmest first. What is guaranteed is broken, and a target
# is missed; both are measured alike. Best effort is neither: it is late.
FIRMNESS: tuple[Strength, ...] = ("guaranteed", "target", "best_effort")
MEASURED: frozenset[Strength] = frozenset({"guaranteed", "target"})


class BusinessDays(Value):
    """A target counted in business days of a calendar, each worth exactly one.

    With `end_of_day` it is the close of a business day: of the one on which it is asked, or of
    the `days`-th after it (docs/concepts.md).
    """

    days: int
    end_of_day: bool = False


class Clause(Value):
    """One bound of a promise.

    `within` is a span of elapsed time where `calendar` is None, else of that calendar's open
    time, or a number of its business days. `opened_in_hours` names the calendar in whose open
    time the request must have been opened for the clause to apply. A `typical` clause never
    binds: it only says when an answer usually comes.
    """

    within: timedelta | BusinessDays
    calendar: str | None
    opened_in_hours: str | None
    strength: Strength

    @property
    def ends_with_day(self) -> bool:
        """Whether it is due when a business day closes, and not after a length of time."""
        return isinstance(self.within, BusinessDays) and self.within.end_of_day


class Promise(Value):
    """What a plan owes for `metric`, for requests of these severities and urgency.

    `severities` empty means every severity and none; `urgent` None means both. Likewise
    `channels`, `topics` and `categories`: where they are named the promise is for those alone,
    in place of one that names fewer of the three. A guaranteed
    promise without clauses is a guarantee without a time. `pauses` are the causes of waiting
    (`customer`, `vendor`, …) that stop the clock. `warn_at` is the share of the budget after
    which a deadline is at risk; `warn_before` a span in the winning clause's own time.
    `percent` is the share of requests that is to be kept, judged over a period.
    `starts_on` is from when on a remedy or a resolution is counted.
    `text` is the seller's own sentence, shown in place of the one made from the data.
    """

    metric: Metric
    strength: Strength
    clauses: tuple[Clause, ...]
    severities: frozenset[int] = frozenset()
    urgent: bool | None = None
    channels: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    pauses: frozenset[str] = frozenset()
    warn_at: Fraction | None = None
    warn_before: timedelta | None = None
    percent: int | None = None
    text: str | None = None
    seller_choice: tuple[str, ...] = ()
    starts_on: StartsOn = "opening"


class Subject(NamedTuple):
    """What a request is about, as far as a promise may depend on it; it never changes."""

    channel: str | None = None
    topic: str | None = None
    category: str | None = None


def select_promises(promises: tuple[Promise, ...], subject: Subject) -> tuple[Promise, ...]:
    """Return the promises for requests about a subject, those first that name most of it."""
    fitting = [promise for promise in promises if _is_about(promise, subject)]
    return tuple(sorted(fitting, key=lambda promise: -count_named(promise)))


def count_named(promise: Promise) -> int:
    """Count how many of channel, topic and category a promise depends on."""
    return sum(map(bool, (promise.channels, promise.topics, promise.categories)))


def _is_about(promise: Promise, subject: Subject) -> bool:
    named = (promise.channels, promise.topics, promise.categories)
    return all(not wanted or given in wanted for wanted, given in zip(named, subject, strict=True))


def find_promise(
    promises: tuple[Promise, ...], metric: Metric, *, severity: int | None, urgent: bool
) -> Promise | None:
    """Return the promise of a metric that binds a request, or None.

    A catalogue in which two promises of one metric match one request is not published, but
    where one names more of its subject: of those selected for a subject it comes first.
    """
    for promise in promises:
        if promise.metric == metric and _applies(promise, severity=severity, urgent=urgent):
            return promise
    return None


def needs_severity(promises: tuple[Promise, ...], *, urgent: bool) -> bool:
    """Say whether some promise for such a request depends on its severity."""
    return any(promise.severities and promise.urgent in (None, urgent) for promise in promises)


def _applies(promise: Promise, *, severity: int | None, urgent: bool) -> bool:
    if promise.urgent is not None and promise.urgent != urgent:
        return False
    return not promise.severities or severity in promise.severities


def count_alike(one: Clause, other: Clause) -> bool:
    """Return whether two clauses apply to the same requests and count the same time.

    Then the shorter can be named with the longer as a range: 1 to 4 business hours.
    """
    return (
        one.calendar == other.calendar
        and one.opened_in_hours == other.opened_in_hours
        and _unit_of(one) == _unit_of(other)
        and not (one.ends_with_day or other.ends_with_day)
    )


def _unit_of(clause: Clause) -> Literal["day", "hour", "less"]:
    if isinstance(clause.within, BusinessDays):
        return "day"
    return "less" if clause.within % timedelta(hours=1) else "hour"
