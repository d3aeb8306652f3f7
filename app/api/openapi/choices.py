"""Choices of the OpenAPI document: sets of values that stand in several shapes, by their names."""

from collections.abc import Mapping
from typing import Any, get_args

from app.api.access.keys import Role
from app.api.pages.words import Language
from app.documents.form.promises import PromiseStrength
from app.documents.form.scope import RateKind
from app.domain.access.callers import Scope
from app.domain.catalog.amounts import Unit
from app.domain.catalog.channels import Channel
from app.domain.catalog.counting import CountedOver
from app.domain.catalog.offers import OfferKind, Per, Sold
from app.domain.catalog.policies import (
    RefundPolicy,
    ReplyAfterResolution,
    ReturnedUnits,
    TermEnds,
    WithoutPlan,
)
from app.domain.events import webhooks
from app.domain.events.events import EventType
from app.domain.ledger.histories import LineKind
from app.domain.ledger.ledger import LotSource
from app.domain.ledger.pools import CapPeriod, SubscriptionSource
from app.domain.metering.sessions import EndedBy, SessionKind, SessionStatus
from app.domain.promises.credit_rules import CreditStrength
from app.domain.promises.deadlines import BreachCause, Status
from app.domain.promises.promises import Metric, StartsOn, Strength
from app.domain.promises.stopwatches import Policy
from app.domain.selling.agreements import AgreementKind
from app.domain.selling.cancellations import RefundRule
from app.domain.selling.purchases import PurchaseStatus
from app.domain.tickets.charges import ChargeStatus, Outcome
from app.domain.tickets.tickets import TicketStatus


def _list(choice: object) -> tuple[str, ...]:
    return tuple(value for each in get_args(choice) for value in (get_args(each) or (each,)))


_CHOICES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "AgreementKind": (_list(AgreementKind), "What was agreed about a subscription."),
    "BreachCause": (_list(BreachCause), "What broke a promise: time, or another severity."),
    "CapPeriod": (_list(CapPeriod), "For what time a limit of use is."),
    "Channel": (_list(Channel), "By which a customer asks."),
    "ChargeStatus": (_list(ChargeStatus), "What has become of a ticket's charge."),
    "ClauseStrength": (_list(Strength)[:-1], "How firmly a clause of a promise is meant."),
    "ClockPolicy": (_list(Policy), "What a running clock does when its target changes."),
    "CountedOver": (_list(CountedOver), "Over what minutes are rounded up."),
    "CreditStrength": (_list(CreditStrength), "How firm a promise has to be to give a credit."),
    "DeadlineStatus": (_list(Status), "How a deadline stands."),
    "DeliveryStatus": (_list(webhooks.Status), "How the delivery of an event stands."),
    "DisabledReason": (_list(webhooks.DisabledReason), "Why a webhook is sent nothing more."),
    "DisputeStatus": (("open", "decided"), "Whether a dispute waits for its decision."),
    "EntryKind": (_list(LineKind), "What a movement of units is."),
    "EventType": (_list(EventType), "The type of what happened."),
    "RefundRule": (_list(RefundRule), "What of the price a cancellation gives back."),
    "Language": (_list(Language), "The language of a page's own words."),
    "LateStart": (("old_end", "now"), "From when on a late renewal runs."),
    "ListPricePeriod": (("month", "year", "hour", "term"), "For what time a list price is."),
    "LotSource": (_list(LotSource), "Where a lot of units came from."),
    "Metric": (_list(Metric), "What a promise measures."),
    "OfferKind": (_list(OfferKind), "Whether an offer sells cover for a term, or a pack of units."),
    "Order": (("asc", "desc"), "Which comes first: with `asc` the first or oldest."),
    "Outcome": (_list(Outcome), "How a ticket ended."),
    "Per": (_list(Per), "For what time an allowance is given."),
    "PromiseStrength": (_list(PromiseStrength), "How firmly a plan promises something."),
    "PurchaseStatus": (_list(PurchaseStatus), "How an order stands."),
    "RateKind": (_list(RateKind), "How a row of a rate card is priced."),
    "RefundPolicy": (_list(RefundPolicy), "What a seller gives back of an ended term."),
    "ReplyAfterResolution": (
        _list(ReplyAfterResolution),
        "What a customer's reply to a resolved ticket does.",
    ),
    "ReturnedUnits": (_list(ReturnedUnits), "What becomes of units returned after their term."),
    "Role": (_list(Role), "A usual set of scopes, by whom it is for."),
    "Scope": (_list(Scope), "What a key may do."),
    "SessionEndedBy": (_list(EndedBy), "What ended a session."),
    "SessionKind": (_list(SessionKind), "What kind of session it is."),
    "SessionStatus": (_list(SessionStatus), "How a session stands."),
    "Sold": (_list(Sold), "How an offer is sold."),
    "Speaker": (("agent", "customer"), "Who wrote a reply."),
    "StartsOn": (_list(StartsOn), "What starts a promise's clock."),
    "Strength": (_list(Strength), "How firmly something is promised."),
    "SubscriptionSource": (_list(SubscriptionSource), "What a subscription came from."),
    "SubscriptionStatus": (
        ("upcoming", "active", "suspended", "ended"),
        "How a subscription stands.",
    ),
    "TermEnds": (_list(TermEnds), "Whether a term ends to the instant, or with its day."),
    "TicketStatus": (_list(TicketStatus), "How a ticket stands."),
    "Unit": (_list(Unit), "What a plan counts."),
    "UnitsReturnedTo": (("lot", "expired", "grace"), "Where returned units went."),
    "Weekday": (("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "A day of the week."),
    "WithoutPlan": (_list(WithoutPlan), "What a ticket that no plan covers comes to."),
}


def find_choice(values: object) -> str | None:
    """Return the name of a set of values, in whichever order they stand."""
    return _NAMES.get(frozenset(values)) if isinstance(values, list) else None


def describe_choice(name: str) -> dict[str, Any]:
    """Return the schema of a named choice."""
    values, text = _CHOICES[name]
    return {"type": "string", "enum": list(values), "description": text}


_NAMES = {frozenset(values): name for name, (values, _) in _CHOICES.items()}
