"""Shapes of refusals' problems: the standard members, and those with the numbers.

One shape for all, for a code that a client has not heard of has to be read too; which code has
which of the further members stands with each.
"""

from pydantic import BaseModel, ConfigDict, Field

from app.api.catalog.offer_shapes import OfferWire
from app.api.http.wire import Instant, MoneyWire
from app.domain.metering.sessions import SessionStatus


class ProblemFault(BaseModel):
    """One thing wrong with a request: where it is, and what."""

    model_config = ConfigDict(extra="allow")

    pointer: str
    """The place of the fault in the body, as a pointer (RFC 6901), or the name of the parameter."""
    detail: str
    """What is wrong at that place, in a sentence."""
    code: str
    """The kind of the fault, as a stable code."""
    in_: str | None = Field(default=None, alias="in")
    """The part of the request that the fault is in, if not the body: `query`, `path`, `header`."""


class ProblemDifference(BaseModel):
    """Where a request differs from the first one that had its id."""

    model_config = ConfigDict(extra="allow")

    pointer: str
    """The place in the body at which the requests differ, as a pointer (RFC 6901)."""
    then: object
    """The value that the first request had at that place."""
    now: object
    """The value that this request has at that place."""


class ProblemChoice(BaseModel):
    """One of the values that the request may have."""

    model_config = ConfigDict(extra="allow")

    value: str | int
    """The value that the request would have to give."""
    name: str
    """The name of the choice, as people read it."""
    definition: str | None = None
    """What the choice means, in the seller's own words."""
    examples: list[str] | None = None
    """Cases of the choice, in the seller's own words."""


class ProblemTraceLine(BaseModel):
    """What became of one of the account's pools, when somebody was sought who pays."""

    model_config = ConfigDict(extra="allow")

    subscription_id: str
    """The subscription whose pool was asked."""
    catalog: str
    """The catalogue that the subscription's plan is of, by its code."""
    plan: str
    """The subscription's plan, by its code in the catalogue."""
    site: str | None
    """The store that the pool is bound to; null for all of the account."""
    accepted: bool
    """Whether the pool would have paid for the request."""
    code: str | None
    """Why the pool would not have paid, as a stable code; null if it would."""
    detail: str
    """What became of the pool, in a sentence."""


class ProblemDocument(BaseModel):
    """Why a request was refused (RFC 9457); further members hold the numbers."""

    model_config = ConfigDict(extra="allow", title="Problem")

    type: str = Field(examples=["/problems/insufficient_units"])
    """The address of a page that explains the code."""
    title: str
    """The title of the problem: the same for every problem of this code."""
    status: int
    """The status of the reply, as in HTTP."""
    detail: str
    """What was refused this time and why, in a sentence."""
    instance: str
    """The address to which the request was sent."""
    code: str
    """A stable code; new ones may come, so read one that you do not know by its status."""
    errors: list[ProblemFault] | None = None
    """Of a payload that says something impossible (422): every fault at once, but no more
    than the first 100 (of a catalogue's document, 500); `detail` says how many there are."""
    choices: list[ProblemChoice] | None = None
    """Where a choice is wanted (`severity_required`, `several_accounts`, …): the values that there
    are."""
    required: str | None = None
    """Of `scope_missing`: the scope that the key lacks."""
    roles: list[str] | None = None
    """Of `scope_missing`: the roles whose keys have that scope."""
    differences: list[ProblemDifference] | None = None
    """Of `already_exists`: the places at which this request differs from the first one of its
    id."""
    retryable: bool | None = None
    """Whether the same request may succeed later, unchanged (429, 503)."""
    retry_after_seconds: int | None = None
    """Of `rate_limited`: the number of seconds after which the request is worth another try."""
    expected: MoneyWire | None = None
    """Of `total_differs`: the total that the request expected."""
    total: MoneyWire | None = None
    """Of `total_differs` and `quote_outdated`: the total that the order comes to."""
    credit: MoneyWire | None = None
    """Of `quote_outdated`: what the replaced order is worth now."""
    quoted: int | None = None
    """Of `quote_outdated`: how much was left of the replaced order when the quote was made."""
    unused: int | None = None
    """Of `quote_outdated`: how much is left of the replaced order now."""
    alternatives: list[Instant] | None = None
    """Of `not_available`: the next times that are free."""
    reason: str | None = None
    """Of `not_available` and `webhook_disabled`: the reason, as a stable code."""
    minutes: int | None = None
    """Of `not_available`: the minutes that were to be booked."""
    used: int | None = None
    """Of `below_used` and `refund_exceeds_charge`: how many units the ticket has used."""
    asked: int | None = None
    """Of `refund_exceeds_charge`: how many units were to be given back."""
    amount: int | None = None
    """Of `already_refunded`: how many units were given back already."""
    limit: int | None = None
    """Of `range_too_long`, `calculation_too_large`, `too_many_webhooks`: the most there may be."""
    needs: list[str] | None = None
    """Of `plan_needed`: the plans of which the account has to have one."""
    order_id: str | None = None
    """Of `payment_used` and `quote_already_bought`: the order that was paid or bought with it. Of
    `purchase_cancelled`: the order that is cancelled."""
    replaced_by: str | None = None
    """Of `purchase_cancelled`: the order that the cancelled one was upgraded to."""
    renewed_by: str | None = None
    """Of `already_renewed`: the order that renewed this one."""
    valid_until: Instant | None = None
    """Of `quote_expired`: the instant until which the price was promised."""
    site: str | None = None
    """Of `site_already_covered`: the store that is covered already."""
    starts_at: Instant | None = None
    """Of `site_already_covered`: the instant from which the store is covered."""
    ends_at: Instant | None = None
    """Of `site_already_covered`: the instant until which the store is covered."""
    left_minutes: int | None = None
    """Of `session_limit_reached`: how many minutes the limit leaves."""
    limit_minutes: int | None = None
    """Of `session_limit_reached`: how many minutes the limit allows in all."""
    session_status: SessionStatus | None = None
    """Of `session_not_booked` and `session_not_running`: the status that the session has
    instead."""
    booked: int | None = None
    """Of `too_many_booked`: how many sessions are booked already."""
    most: int | None = None
    """Of `too_many_booked`: how many sessions may be booked at once."""
    booked_minutes: int | None = None
    """Of `too_many_booked`: how many minutes are booked already."""
    most_minutes: int | None = None
    """Of `too_many_booked`: how many minutes may be booked at once."""
    breached_at: list[Instant] | None = None
    """Of `not_breached`: the instants of the breaches that there are."""
    joins_months: int | None = None
    """Of `not_agreeable`: how many months the plan lets join."""
    ahead_seconds: int | None = None
    """Of `clock_differs`: by how much the database's clock is ahead."""
    code_revision: str | None = None
    """Of `not_migrated`: the newest migration that this version has."""
    database_revision: str | None = None
    """Of `not_migrated`: the newest migration that the database has."""


class CoverageProblem(BaseModel):
    """Why nobody pays for a request (402): what became of each pool, and what would help."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["/problems/insufficient_units"])
    """The address of a page that explains the code."""
    title: str
    """The title of the problem: the same for every problem of this code."""
    status: int
    """The status of the reply, as in HTTP: 402."""
    detail: str
    """What the pool that came furthest lacked, in a sentence."""
    instance: str
    """The address to which the request was sent."""
    code: str
    """The code of the problem: `not_covered`, `insufficient_units` or `cap_reached`."""
    trace: list[ProblemTraceLine]
    """What became of each of the account's pools."""
    offers: list[OfferWire]
    """The offers that would cover the request, had the account bought one of them now."""
    required: int | None = None
    """Of `insufficient_units`: how many units the ticket would take in all."""
    available: int | None = None
    """Of `insufficient_units`: how many units are free, or held by this ticket already."""
    shortfall: int | None = None
    """Of `insufficient_units`: how many units are missing."""
    resets_at: Instant | None = None
    """Of `cap_reached`: the instant at which the next period's limit begins."""


# By their names in the document.
PROBLEM_SHAPES: dict[str, type[BaseModel]] = {
    "ProblemFault": ProblemFault,
    "ProblemDifference": ProblemDifference,
    "ProblemChoice": ProblemChoice,
    "ProblemTraceLine": ProblemTraceLine,
    "CoverageProblem": CoverageProblem,
    "Problem": ProblemDocument,
}
