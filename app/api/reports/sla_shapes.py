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
    """One clock of one ticket."""

    account_id: str
    """The customer, by the seller's own id."""
    account_name: str
    """The customer's name for people."""
    ticket_id: str
    """The helpdesk's own id of the ticket."""
    subject: str
    """What the ticket is about, in a line."""
    channel: Channel
    """Through which channel the ticket came."""
    catalog: str
    """The catalogue whose promise it is."""
    plan: str | None
    """The plan that it is on."""
    severity: int | None
    """1 (gravest) to 4."""
    metric: Metric
    """What is owed: an answer, a remedy or a resolution."""
    strength: Strength
    """Guaranteed, a target (missed, never broken), best effort, or none (not offered)."""
    status: Status
    """How it stands now."""
    at_risk: bool
    """Whether it is at risk now."""
    started_at: Instant | None
    """When the clock began."""
    warn_at: Instant | None
    """From when it is at risk."""
    due_at: Instant | None
    """The earliest instant at which the target is used up."""
    breaches_after: Instant | None
    """The last instant that keeps it."""
    met_at: Instant | None
    """When it was done."""
    breached_at: Instant | None
    """When the promise was broken, if that has been recorded."""
    missed_at: Instant | None
    """When a target was missed, if that has been recorded."""
    excused: bool
    """Whether a breach is not held against the seller."""


class PercentileWire(Wire):
    """The time within which a share of what is done was done."""

    elapsed_seconds: int | None
    """By the clock on the wall, less the time that it stood still; null before any is done."""
    business_seconds: int | None
    """In open time; null where there is no calendar to count it in."""


class ReportRow(Wire):
    """How promises of one metric and one strength were kept, in one group.

    Besides these it has a member for each group that was asked for: `catalog`, `plan`,
    `severity`, `month` (2026-11), `channel` or `account`.
    """

    model_config = ConfigDict(extra="allow")

    metric: Metric
    """What is owed: an answer, a remedy or a resolution."""
    strength: Strength
    """Guaranteed, a target, or best effort."""
    total: int
    """Clocks that began in the period: met, breached, missed, late and open."""
    met: int
    """Those that were kept."""
    breached: int
    """Guarantees that were broken, those excused among them."""
    missed: int
    """Targets that were missed, those excused among them."""
    late: int
    """Best effort that came after its time."""
    excused: int
    """Of the broken and the missed, those that were excused."""
    open: int
    """Those that still run, or wait."""
    cancelled: int
    """Withdrawn, or a duplicate, while they ran: beside the total."""
    percent: int | None
    """The share that is to be kept, where the seller promises one."""
    kept_percent: float | None
    """The share that was kept of what has ended and is not excused."""
    reached: bool | None
    """Whether that share was kept; null where none is promised, or none has ended."""
    p50: PercentileWire
    """The median of the time taken."""
    p90: PercentileWire
    """The time within which nine of ten were done."""


class ReportWire(Wire):
    """How promises were kept in a period."""

    from_: Annotated[Instant, Field(alias="from", serialization_alias="from")]
    """Clocks that began from here on."""
    to: Instant
    """Clocks that began before here."""
    group_by: list[Grouping]
    """What the rows are groups of, besides metric and strength."""
    timezone: str | None
    """The zone in which months are counted; null: each catalogue's own."""
    rows: list[ReportRow]
    """One for each group, metric and strength."""


class ReEvaluationOrder(Wire):
    """Open clocks to be moved to the newest version of their terms."""

    catalog: Code
    """The catalogue that it is of."""
    policy: Literal["carry_elapsed", "restart_now", "frozen"] = "carry_elapsed"
    """What running clocks keep: the time used, nothing, or their target."""
    reason: LongText
    """Why this is done, kept on the record."""
    actor: Text
    """Who decided it, as the caller names them."""
    limit: Annotated[int, Field(ge=1, le=1_000)] = 200
    """How many open tickets to look at, in one transaction."""
    cursor: Annotated[str | None, Field(max_length=1_000)] = None
    """Where the last page ended: its next_cursor."""


class MovedWire(Wire):
    """One ticket whose clocks moved."""

    account_id: str
    """The customer, by the seller's own id."""
    ticket_id: str
    """The ticket, by the helpdesk's own id."""
    from_version: int
    """The version that its clocks kept until now."""
    before: list[DeadlineWire]
    """The clocks as they were before."""
    after: list[DeadlineWire]
    """The clocks as they are now."""


class ReEvaluationWire(Wire):
    """What moving open clocks to the newest version changed."""

    catalog: str
    """The catalogue, by its code."""
    version: int
    """The version that they keep from now on."""
    looked_at: int
    """How many open tickets were looked at."""
    changed: list[MovedWire]
    """Those whose deadlines are others now."""
    next_cursor: str | None
    """Give it as `cursor` to go on; null when every open ticket was looked at."""
