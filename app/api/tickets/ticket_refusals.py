"""Refusals that several operations on tickets share."""

from app.db.catalog.catalogs import CatalogUnknown
from app.db.tickets.tickets import TicketUnknown
from app.domain.coverage.not_covered import CapReached, InsufficientUnits, NotCovered
from app.domain.coverage.pricing import (
    AmountRequired,
    CategoryRequired,
    UnknownCategory,
    UnknownVariable,
    VariableRequired,
)
from app.domain.coverage.requests import (
    SeverityRequired,
    TopicRequired,
    UnknownPlan,
    UnknownSeverity,
    UnknownTopic,
)
from app.domain.coverage.sites import InvalidSite
from app.domain.selling.selling import SiteRequired
from app.domain.tickets.charges import BelowUsed
from app.domain.tickets.ticket_rules import BeforeOpening, TooManyEvents
from app.domain.time.backdating import AtInFuture
from app.services.accounts.accounts import PreconditionFailed
from app.services.coverage.coverage import CatalogRequired

PRICING_REFUSALS = (
    CategoryRequired,
    UnknownCategory,
    VariableRequired,
    UnknownVariable,
    AmountRequired,
)

COVERAGE_REFUSALS = (
    NotCovered,
    InsufficientUnits,
    CapReached,
    CatalogRequired,
    CatalogUnknown,
    SeverityRequired,
    TopicRequired,
    UnknownSeverity,
    UnknownTopic,
    UnknownPlan,
    SiteRequired,
    *PRICING_REFUSALS,
    InvalidSite,
    AtInFuture,
)

# Of another amount than the one that is held.
AMOUNT_REFUSALS = (NotCovered, InsufficientUnits, CapReached, BelowUsed)

ACTION_REFUSALS = (TicketUnknown, PreconditionFailed, AtInFuture, BeforeOpening, TooManyEvents)
