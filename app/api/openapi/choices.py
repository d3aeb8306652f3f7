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
from app.domain.catalog.hourly_rates import RatedHours
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
    "AgreementKind": (
        _list(AgreementKind),
        (
            "What an agreement about a subscription does: join months of hours, raise the weekly"
            " cap, or extend the hours of cover."
        ),
    ),
    "BreachCause": (_list(BreachCause), "What broke a promise: time, or another severity."),
    "CapPeriod": (_list(CapPeriod), "The period that a limit on the use of units is for."),
    "Channel": (_list(Channel), "The channel through which a request or a message comes."),
    "ChargeStatus": (
        _list(ChargeStatus),
        (
            "What has become of a ticket's charge: held, settled, returned, refunded, or overage"
            " to be billed; `none`: it costs nothing."
        ),
    ),
    "ClauseStrength": (_list(Strength)[:-1], "How firmly a clause of a promise is meant."),
    "ClockPolicy": (_list(Policy), "What a running clock does when its target changes."),
    "CountedOver": (
        _list(CountedOver),
        (
            "Over what minutes are added up before they are rounded up: a piece of work, a ticket,"
            " or a day."
        ),
    ),
    "CreditStrength": (_list(CreditStrength), "How firm a promise has to be to give a credit."),
    "DeadlineStatus": (
        _list(Status),
        (
            "Whether a deadline runs, is paused, was met, was cancelled, or was not kept:"
            " `breached` of a guarantee, `missed` of a target, `late` of best effort. `none`: not"
            " offered, or not begun."
        ),
    ),
    "DeliveryStatus": (
        _list(webhooks.Status),
        "Whether an event is still to be delivered to a webhook, was delivered, or was given up.",
    ),
    "DisabledReason": (
        _list(webhooks.DisabledReason),
        (
            "Why a webhook is sent nothing more: an operator said so, it answered 410, or it"
            " failed for days."
        ),
    ),
    "DisputeStatus": (("open", "decided"), "Whether a dispute still waits for its decision."),
    "EntryKind": (
        _list(LineKind),
        (
            "What a movement did with units; `start` and `expiry` are the beginning and the end of"
            " a lot's term, which come by the clock."
        ),
    ),
    "EventType": (
        _list(EventType),
        "The type of an event: its subject and what happened to that, such as `ticket.opened`.",
    ),
    "RatedHours": (
        _list(RatedHours),
        "Whether a rate is for the hours that count, or for those that were worked.",
    ),
    "RefundRule": (_list(RefundRule), "What of the price a cancellation gives back."),
    "Language": (
        _list(Language),
        "The language of the words that a page adds to the seller's own.",
    ),
    "LateStart": (
        ("old_end", "now"),
        "Whether a late renewal runs from the end of the old term, or from the renewal itself.",
    ),
    "ListPricePeriod": (
        ("month", "year", "hour", "term"),
        "The time that an advertised price is for; `term` is the whole term.",
    ),
    "LotSource": (
        _list(LotSource),
        (
            "What a lot of units came from: an order, a grant, a licence, an agreement, or units"
            " granted again after their end (`grace`)."
        ),
    ),
    "Metric": (
        _list(Metric),
        (
            "What a promise measures: the time to the first response, the next response, the next"
            " update, a remedy, or the resolution."
        ),
    ),
    "OfferKind": (_list(OfferKind), "Whether an offer sells cover for a term, or a pack of units."),
    "Order": (
        ("asc", "desc"),
        "Which item comes first: with `asc` the first or oldest, with `desc` the last or newest.",
    ),
    "Outcome": (
        _list(Outcome),
        (
            "How a ticket was resolved; after `vendor_defect`, `duplicate` and `withdrawn` its"
            " units come back."
        ),
    ),
    "Per": (
        _list(Per),
        "Whether an allowance is for the whole term, or given anew for each month of it.",
    ),
    "PromiseStrength": (
        _list(PromiseStrength),
        "How firmly a plan promises something; `none`: it is not offered.",
    ),
    "PurchaseStatus": (
        _list(PurchaseStatus),
        "Whether an order waits for its payment, is active, is over, or was cancelled.",
    ),
    "RateKind": (_list(RateKind), "How a row of a rate card is priced."),
    "RefundPolicy": (_list(RefundPolicy), "What a seller gives back of an ended term."),
    "ReplyAfterResolution": (
        _list(ReplyAfterResolution),
        "What a customer's reply to a resolved ticket does.",
    ),
    "ReturnedUnits": (_list(ReturnedUnits), "What becomes of units returned after their term."),
    "Role": (_list(Role), "A usual set of scopes, named after whom it is for."),
    "Scope": (_list(Scope), "A scope: one kind of thing that a key may do."),
    "SessionEndedBy": (
        _list(EndedBy),
        (
            "What ended the count of a session's minutes: its end, the plan's limit, or that no"
            " unit was left."
        ),
    ),
    "SessionKind": (
        _list(SessionKind),
        "Whether a session is a chat, a phone call, or a video call.",
    ),
    "SessionStatus": (
        _list(SessionStatus),
        (
            "Whether a session is booked, runs, has ended, was missed by the customer, or was"
            " cancelled."
        ),
    ),
    "Sold": (
        _list(Sold),
        "Whether an offer is sold at its price, included with something else, or sold by quote.",
    ),
    "Speaker": (
        ("agent", "customer"),
        "Which side acted: an agent of the seller's, or the customer.",
    ),
    "StartsOn": (
        _list(StartsOn),
        "Whether a promise's clock starts when the ticket is opened, or with the first answer.",
    ),
    "Strength": (
        _list(Strength),
        "How firmly something is promised; `typical` binds nobody, and `none` is not offered.",
    ),
    "SubscriptionSource": (
        _list(SubscriptionSource),
        "What a subscription came from: an order, a grant, or a licence.",
    ),
    "SubscriptionStatus": (
        ("upcoming", "active", "suspended", "ended"),
        "Whether a subscription's term is still to come, runs, is suspended, or is over.",
    ),
    "TermEnds": (_list(TermEnds), "Whether a term ends to the instant, or with its day."),
    "TicketStatus": (
        _list(TicketStatus),
        "Whether a ticket is worked on, waits on somebody, or is resolved.",
    ),
    "Unit": (_list(Unit), "The unit that a plan counts: an incident, a point, or a minute."),
    "UnitsReturnedTo": (
        ("lot", "expired", "grace"),
        (
            "Where returned units went: back to their lot, expired with it, or granted again as a"
            " lot of its own."
        ),
    ),
    "Weekday": (
        ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
        "A day of the week, by its first three letters.",
    ),
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
