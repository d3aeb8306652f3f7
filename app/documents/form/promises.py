"""Promises of a plan: for which requests, by when, and how binding they are."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from app.documents.form.basis.parts import (
    BusinessDaysDocument,
    CalendarName,
    CategoryNames,
    ChannelNames,
    ChosenPart,
    Codes,
    Listed,
    Part,
    SeverityLevels,
    TopicNames,
    Within,
)
from app.documents.form.basis.problems import Problem, problem, refuse_all
from app.documents.form.basis.surroundings import Surroundings
from app.documents.form.basis.values import Span, Text
from app.domain.promises.promises import (
    COUNTED_FROM_ANSWER,
    MEASURED,
    Metric,
    StartsOn,
    Strength,
)
from app.domain.values import Value

MOST_PROMISES = 50
MOST_CLAUSES = 8

PromiseStrength = Literal["guaranteed", "target", "best_effort", "none"]
# What a clause may be, within a promise of each strength. The first is meant when none is said.
CLAUSE_STRENGTHS: dict[PromiseStrength, tuple[Strength, ...]] = {
    "guaranteed": ("guaranteed", "typical"),
    "target": ("target", "typical"),
    "best_effort": ("best_effort", "typical"),
    "none": (),
}


class ClauseDocument(Part):
    """One bound of a promise: within how long, by which clock."""

    within: Within
    """The time that what is owed may take: a duration, or a number of business days."""
    calendar: CalendarName | None = None
    """The calendar whose open time counts; without it, time passes day and night."""
    opened_in_hours: CalendarName | None = None
    """The calendar in whose open time the request must have been opened for the clause to apply."""
    strength: Literal["guaranteed", "target", "best_effort", "typical"] | None = None
    """How binding the clause is; the promise's own strength if it is left out."""

    def check(self, around: Surroundings) -> Iterator[Problem]:
        if isinstance(self.within, BusinessDaysDocument) and self.calendar is None:
            detail = "Business days are counted in a calendar: name it."
            yield problem("required", detail, "calendar")


class PromiseDocument(ChosenPart):
    """What a plan owes for one metric, for the requests that it matches."""

    metric: Metric
    """What is measured: the first response, each later one, each update, a remedy, or the
    resolution."""
    strength: PromiseStrength
    """How binding the promise is: guaranteed, a target that may be missed, best effort, or not
    offered."""
    clauses: Annotated[tuple[ClauseDocument, ...], Field(max_length=MOST_CLAUSES), Listed] = ()
    """The clauses of the promise, all of which hold; a guarantee without any has no time."""
    severities: SeverityLevels = ()
    """The levels of severity that the promise is for; without any, all."""
    urgent: bool | None = None
    """Whether the promise is for urgent requests or for the others; without it, for both."""
    channels: ChannelNames = ()
    """The channels of requests that the promise is for; without any, all."""
    topics: TopicNames = ()
    """The topics of requests that the promise is for; without any, all."""
    categories: CategoryNames = ()
    """The categories of requests that the promise is for; without any, all."""
    pauses: Codes = ()
    """The causes of waiting that stop the promise's clock, such as customer."""
    warn_at_percent: Annotated[int, Field(ge=1, le=99)] | None = None
    """The share of the time after which a deadline counts as at risk."""
    warn_before: Span | None = None
    """How long before the end a deadline counts as at risk, in the time of its clause."""
    percent: Annotated[int, Field(ge=1, le=99)] | None = None
    """The percentage of requests for which the promise is to be kept, judged over a period."""
    starts_on: StartsOn = "opening"
    """From when a remedy or a resolution is counted: from the opening, or from the first answer."""
    text: Text | None = None
    """The seller's own sentence, in place of the one made from the data."""

    def check(self, around: Surroundings) -> Iterator[Problem]:
        if self.starts_on == "answer" and self.metric not in COUNTED_FROM_ANSWER:
            detail = "Only a remedy or a resolution is counted from the first answer."
            yield problem("conflicting_fields", detail, "starts_on")
        allowed = CLAUSE_STRENGTHS[self.strength]
        if self.percent is not None and self.strength not in MEASURED:
            detail = "A share is judged of what is guaranteed, or a target."
            yield problem("conflicting_fields", detail, "percent")
        if self.clauses and not allowed:
            yield problem("conflicting_fields", "What is not offered has no clauses.", "clauses")
            return
        for place, clause in enumerate(self.clauses):
            if clause.strength is not None and clause.strength not in allowed:
                detail = f"It must be one of {', '.join(allowed)}."
                yield problem("invalid_choice", detail, "clauses", place, "strength")
        if self.clauses and all(clause.strength == "typical" for clause in self.clauses):
            detail = f"Some clause must be {self.strength}: a typical time alone binds nobody."
            yield problem("conflicting_fields", detail, "clauses")

    def overlaps(self, other: "PromiseDocument") -> bool:
        """Say whether one request may be matched by both, and neither goes before the other.

        One that names more of channels, topics and categories does.
        """
        return self.count_named() == other.count_named() and self.meets(other)

    def count_named(self) -> int:
        """Return how many of channels, topics and categories it names: most goes first."""
        return sum(map(bool, self.subject))

    @property
    def subject(self) -> tuple[tuple[str, ...], ...]:
        return self.channels, self.topics, self.categories

    def meets(self, other: "PromiseDocument") -> bool:
        """Say whether one request may be matched by both, whichever of them goes first."""
        return (
            self.metric == other.metric
            and all(
                not own or not their or not set(own).isdisjoint(their)
                for own, their in zip(self.subject, other.subject, strict=True)
            )
            and (self.urgent is None or other.urgent is None or self.urgent == other.urgent)
            and (
                not self.severities
                or not other.severities
                or not set(self.severities).isdisjoint(other.severities)
            )
        )


class PlacedPromise(Value):
    """A promise, and where in its plan or its set it is written."""

    place: tuple[str | int, ...]
    promise: PromiseDocument


def place_listed(promises: Iterable[PromiseDocument], *steps: str) -> list[PlacedPromise]:
    """Return the promises of a list, each with its place below `steps`."""
    return [PlacedPromise((*steps, place), each) for place, each in enumerate(promises)]


def find_overlap(own: PlacedPromise, others: Iterable[PlacedPromise]) -> str | None:
    """Return which of the others matches what a promise matches, and the cure; None if none."""
    for other in others:
        if own.promise.overlaps(other.promise):
            return _explain_overlap(own.promise, other)
    return None


def _explain_overlap(own: PromiseDocument, other: PlacedPromise) -> str:
    where = "/".join(map(str, other.place))
    told = (
        f"This promise of {own.metric}{describe_requests(own)} matches requests that the one at"
        f" {where}{describe_requests(other.promise)} matches, too. Keep one of them, or give each"
        " requests of its own."
    )
    if (own.urgent is None) == (other.promise.urgent is None):
        return told
    return (
        f"{told} One that does not say whether it is for urgent requests is for them, too: listed"
        ' among the promises it may say "urgent = false".'
    )


def describe_requests(promise: PromiseDocument) -> str:
    """Return for which requests a promise is, as it follows its metric."""
    levels = [str(each) for each in promise.severities]
    named = [f"severity {', '.join(levels)}"] if levels else []
    if promise.urgent is not None:
        named.append("urgent requests" if promise.urgent else "requests that are not urgent")
    named += [*promise.channels, *promise.topics, *promise.categories]
    return f" (for {'; '.join(named)})" if named else ""


def _separate(promises: tuple[PromiseDocument, ...]) -> tuple[PromiseDocument, ...]:
    """Refuse promises that match one request with one before them."""
    placed = place_listed(promises, "promises")
    refuse_all(
        problem("overlapping_promises", detail, place)
        for place, each in enumerate(placed)
        if (detail := find_overlap(each, placed[:place])) is not None
    )
    return promises


Promises = Annotated[
    tuple[PromiseDocument, ...],
    Field(max_length=MOST_PROMISES),
    Listed,
    AfterValidator(_separate),
]
