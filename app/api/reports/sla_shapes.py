"""Deadlines across tickets, and how often promises were kept, as they are on the wire."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from app.api.http.wire import (
    Code,
    Instant,
    LongText,
    Text,
    Wire,
    reply,
)
from app.api.promises.deadline_shapes import DeadlineWire
from app.db.reports.sla import Grouping
from app.domain.catalog.channels import Channel
from app.domain.promises.deadlines import Status
from app.domain.promises.promises import Metric, Strength


@reply
class RunningDeadline:
    """A deadline of a ticket, whose clock runs, waits, or has ended."""

    account_id: str
    """The customer's account, by the seller's own id."""
    account_name: str
    """The customer's name, as the account has it."""
    ticket_id: str
    """The ticket, by the helpdesk's own id."""
    subject: str
    """What the ticket is about, in a line."""
    channel: Channel
    """The channel through which the ticket came."""
    catalog: str
    """The catalogue whose promise the deadline is, by its code."""
    plan: str | None
    """The plan that the ticket is on; null where it is served without one."""
    severity: int | None
    """The severity of the ticket, 1 (gravest) to 5; null where it has none."""
    metric: Metric
    """What is owed: an answer, a remedy or a resolution."""
    strength: Strength
    """Guaranteed, a target (missed, never broken), best effort, or none (not offered)."""
    status: Status
    """Whether the deadline runs, is paused, was met, was cancelled, or was not kept, as of now."""
    at_risk: bool
    """Whether the deadline is at risk now: its clock runs, and little time is left."""
    started_at: Instant | None
    """When the deadline's clock began; null while it has not."""
    warn_at: Instant | None
    """The instant from which the deadline is at risk; null while its clock is paused, once that
    was cancelled, and where there is no time."""
    due_at: Instant | None
    """The earliest instant at which the target is used up; null without a time, and while the clock
    is paused."""
    breaches_after: Instant | None
    """The last instant that keeps the promise; null where nothing breaks it, and while the clock
    is paused."""
    met_at: Instant | None
    """When what was owed was done; null while it is not."""
    breached_at: Instant | None
    """When the guarantee was broken; null where that is not recorded."""
    missed_at: Instant | None
    """When the target was missed; null where that is not recorded."""
    excused: bool
    """Whether a breach is not held against the seller."""


class PercentileWire(Wire):
    """The time within which a share of what is done was done."""

    elapsed_seconds: int | None
    """The time that was taken, in seconds by the clock on the wall, less its stops; null before
    anything is done."""
    business_seconds: int | None
    """The business time that was taken, in seconds; null where there is no calendar to count it
    in."""


class ReportRow(Wire):
    """How promises of one metric and one strength were kept, in one group.

    Besides these it has a member for each group that was asked for: `catalog`, `plan`,
    `severity`, `month` (2026-11), `channel` or `account`.
    """

    model_config = ConfigDict(extra="allow")

    metric: Metric
    """What is owed: an answer, a remedy or a resolution."""
    strength: Strength
    """How firmly it was promised: guaranteed, a target, or best effort."""
    total: int
    """Clocks that began in the period: met, breached, missed, late and open."""
    met: int
    """The number of clocks that were met: kept in time."""
    breached: int
    """The number of guarantees that were broken, those excused among them."""
    missed: int
    """The number of targets that were missed, those excused among them."""
    late: int
    """The number of answers on best effort that came after their time."""
    excused: int
    """The number of broken and missed clocks that were excused."""
    open: int
    """The number of clocks that still run, or are paused."""
    cancelled: int
    """The number of clocks that ran when their ticket was withdrawn or a duplicate: they are beside
    the total."""
    percent: int | None
    """The percentage that is to be kept; null where the seller promises none."""
    kept_percent: float | None
    """The percentage that was kept of what has ended and is not excused; null where nothing has."""
    reached: bool | None
    """Whether the promised percentage was kept; null where none is promised, or nothing has
    ended."""
    p50: PercentileWire
    """The time within which half were done, by both clocks."""
    p90: PercentileWire
    """The time within which nine of ten were done, by both clocks."""


class ReportWire(Wire):
    """The number of promises that were kept, and were not, in a period."""

    from_: Annotated[Instant, Field(alias="from", serialization_alias="from")]
    """The beginning of the period: clocks that began at this instant or after are counted."""
    to: Instant
    """The end of the period, itself excluded: clocks that began before this instant are counted."""
    group_by: list[Grouping]
    """The fields by which the rows are grouped, besides metric and strength."""
    timezone: str | None
    """The zone in which months are counted; null: each catalogue's own."""
    rows: list[ReportRow]
    """The counts, one row for each group, metric and strength."""


class ReEvaluationOrder(Wire):
    """Open clocks to be moved to the newest version of their terms."""

    catalog: Code
    """The catalogue whose open tickets are looked at, by its code."""
    policy: Literal["carry_elapsed", "restart_now", "frozen"] = "carry_elapsed"
    """What running clocks keep: the time used, nothing, or their target."""
    reason: LongText
    """Why the clocks are moved to the newest terms, for the record."""
    actor: Text
    """Who decided on the re-evaluation, as the caller names them."""
    limit: Annotated[int, Field(ge=1, le=1_000)] = 200
    """The most open tickets to look at by this request, in one transaction."""
    cursor: Annotated[str | None, Field(max_length=1_000)] = None
    """The `next_cursor` of the reply before; left out, the first open tickets are looked at."""


class MovedWire(Wire):
    """A ticket whose deadlines became others."""

    account_id: str
    """The customer's account, by the seller's own id."""
    ticket_id: str
    """The ticket, by the helpdesk's own id."""
    from_version: int
    """The version of the catalogue that the ticket's clocks kept until now."""
    before: list[DeadlineWire]
    """The deadlines of the ticket as they were before."""
    after: list[DeadlineWire]
    """The deadlines of the ticket as they are now."""


class ReEvaluationWire(Wire):
    """What moving open clocks to the newest version changed."""

    catalog: str
    """The catalogue whose tickets were looked at, by its code."""
    version: int
    """The version of the catalogue that the clocks keep from now on."""
    looked_at: int
    """How many open tickets were looked at by this request."""
    changed: list[MovedWire]
    """The tickets whose deadlines became others, with both."""
    next_cursor: str | None
    """The `cursor` to send to go on; null when every open ticket was looked at."""
