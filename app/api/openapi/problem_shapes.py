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
    """Where in the body it is (RFC 6901), or which parameter."""
    detail: str
    """What is wrong with it, in a sentence."""
    code: str
    """What kind of fault it is, as a stable code."""
    in_: str | None = Field(default=None, alias="in")
    """Where it is if not in the body: `query`, `path`, `header`."""


class ProblemDifference(BaseModel):
    """Where a request differs from the first one that had its id."""

    model_config = ConfigDict(extra="allow")

    pointer: str
    """Where in the body they differ (RFC 6901)."""
    then: object
    """What the first request had there."""
    now: object
    """What this request has there."""


class ProblemChoice(BaseModel):
    """One of the values that the request may have."""

    model_config = ConfigDict(extra="allow")

    value: str | int
    """What the request would have to say."""
    name: str
    """What it is called, for a person to read."""
    definition: str | None = None
    """What it means, in the seller's own words."""
    examples: list[str] | None = None
    """What is a case of it, in the seller's own words."""


class ProblemTraceLine(BaseModel):
    """What became of one of the account's pools, when somebody was sought who pays."""

    model_config = ConfigDict(extra="allow")

    subscription_id: str
    """The subscription whose pool it is."""
    catalog: str
    """The catalogue that its plan is of."""
    plan: str
    """The plan, by its code in the catalogue."""
    site: str | None
    """The store that it is bound to; null for all of the account."""
    accepted: bool
    """Whether it would have paid for the request."""
    code: str | None
    """Why it would not, as a stable code; null if it would."""
    detail: str
    """What became of it, in a sentence."""


class ProblemDocument(BaseModel):
    """Why a request was refused (RFC 9457); further members hold the numbers."""

    model_config = ConfigDict(extra="allow", title="Problem")

    type: str = Field(examples=["/problems/insufficient_units"])
    """The address of a page that explains the code."""
    title: str
    """The same for every problem of this code."""
    status: int
    """The same as the reply's HTTP status."""
    detail: str
    """What happened this time."""
    instance: str
    """The address that was asked."""
    code: str
    """A stable code; new ones may come, so read one that you do not know by its status."""
    errors: list[ProblemFault] | None = None
    """Of a payload that says something impossible (422): every fault at once."""
    choices: list[ProblemChoice] | None = None
    """Where a choice is wanted (`severity_required`, `several_accounts`, …): what there is."""
    required: str | None = None
    """Of `scope_missing`: the scope that the key lacks."""
    roles: list[str] | None = None
    """Of `scope_missing`: the roles whose keys have that scope."""
    differences: list[ProblemDifference] | None = None
    """Of `already_exists`: where this request differs from the first one of its id."""
    retryable: bool | None = None
    """Whether the same request may succeed later, unchanged (429, 503)."""
    retry_after_seconds: int | None = None
    """Of `rate_limited`: after how many seconds it is worth another try."""
    expected: MoneyWire | None = None
    """Of `total_differs`: the total that the request expected."""
    total: MoneyWire | None = None
    """Of `total_differs` and `quote_outdated`: what it comes to."""
    credit: MoneyWire | None = None
    """Of `quote_outdated`: what the replaced order is worth now."""
    quoted: int | None = None
    """Of `quote_outdated`: how much was left of the replaced order when it was quoted."""
    unused: int | None = None
    """Of `quote_outdated`: how much is left of it now."""
    alternatives: list[Instant] | None = None
    """Of `not_available`: times that are free."""
    reason: str | None = None
    """Of `not_available` and `webhook_disabled`: why, as a stable code."""
    minutes: int | None = None
    """Of `not_available`: how long a time was asked for."""
    used: int | None = None
    """Of `below_used` and `refund_exceeds_charge`: what the ticket has used."""
    asked: int | None = None
    """Of `refund_exceeds_charge`: how much was to be given back."""
    amount: int | None = None
    """Of `already_refunded`: how much was given back already."""
    limit: int | None = None
    """Of `range_too_long`, `calculation_too_large`, `too_many_webhooks`: the most there may be."""
    needs: list[str] | None = None
    """Of `plan_needed`: the plans of which the account has to have one."""
    order_id: str | None = None
    """Of `payment_used` and `quote_already_bought`: the order that has it. Of
    `purchase_cancelled`: the one that is cancelled."""
    replaced_by: str | None = None
    """Of `purchase_cancelled`: the order that it was upgraded to."""
    renewed_by: str | None = None
    """Of `already_renewed`: the order that renewed it."""
    valid_until: Instant | None = None
    """Of `quote_expired`: until when the price was promised."""
    site: str | None = None
    """Of `site_already_covered`: the store that is covered already."""
    starts_at: Instant | None = None
    """Of `site_already_covered`: from when it is covered."""
    ends_at: Instant | None = None
    """Of `site_already_covered`: until when it is covered."""
    left_minutes: int | None = None
    """Of `session_limit_reached`: how many minutes the limit leaves."""
    limit_minutes: int | None = None
    """Of `session_limit_reached`: how many minutes there are in all."""
    session_status: SessionStatus | None = None
    """Of `session_not_booked`: how the session stands instead."""
    booked: int | None = None
    """Of `too_many_booked`: how many sessions are booked already."""
    most: int | None = None
    """Of `too_many_booked`: how many may be booked at once."""
    booked_minutes: int | None = None
    """Of `too_many_booked`: how many minutes are booked already."""
    most_minutes: int | None = None
    """Of `too_many_booked`: how many minutes may be booked at once."""
    breached_at: list[Instant] | None = None
    """Of `not_breached`: the breaches that there are."""
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
    """The same for every problem of this code."""
    status: int
    """The same as the reply's HTTP status."""
    detail: str
    """What the pool that came furthest lacked."""
    instance: str
    """The address that was asked."""
    code: str
    """A stable code: `not_covered`, `insufficient_units` or `cap_reached`."""
    trace: list[ProblemTraceLine]
    """What became of each of the account's pools."""
    offers: list[OfferWire]
    """What would cover it, had the account bought it now."""
    required: int | None = None
    """Of `insufficient_units`: the whole new amount."""
    available: int | None = None
    """Of `insufficient_units`: what is free, and what this ticket holds already."""
    shortfall: int | None = None
    """Of `insufficient_units`: how much is missing."""
    resets_at: Instant | None = None
    """Of `cap_reached`: when the period's limit begins anew."""


# By their names in the document.
PROBLEM_SHAPES: dict[str, type[BaseModel]] = {
    "ProblemFault": ProblemFault,
    "ProblemDifference": ProblemDifference,
    "ProblemChoice": ProblemChoice,
    "ProblemTraceLine": ProblemTraceLine,
    "CoverageProblem": CoverageProblem,
    "Problem": ProblemDocument,
}
