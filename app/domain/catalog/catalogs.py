"""A catalogue: one seller's published terms, as frozen values.

No code here or elsewhere knows a seller: what differs between the five seeds is data. The
document a seller writes is read into these values by `app.documents`.

`seller_choice` on any value names what the seller chose where the published terms say nothing:
paths of fields, from the table that the mark stands in (`term`, `calendars/business/hours`).
"""

from collections.abc import Mapping
from datetime import date

from app.domain.catalog.amounts import NO_NAMES, Names
from app.domain.catalog.channels import ChannelTerms
from app.domain.catalog.offers import Discount, FreeGrant, Offer
from app.domain.catalog.plans import Plan
from app.domain.catalog.policies import Policies
from app.domain.catalog.rate_cards import Rate
from app.domain.catalog.time_terms import TimeTerms
from app.domain.time.calendars import Calendar
from app.domain.values import Value, field, replace


class Topic(Value):
    """A subject of support; `included` False is served for a further fee only, by quote.

    `promised` False is served, but no promise holds for it. `note` says what else applies, and
    `fee_note` what costs extra. `until` is the last day on which it is served (the end of
    support of a product or a release); None: no end is known.
    """

    code: str
    name: str
    included: bool = True
    promised: bool = True
    note: str | None = None
    fee_note: str | None = None
    until: date | None = None


# How many levels of severity a scale may have: P1 to P5 is the longest that sellers print.
MOST_SEVERITIES = 5


class Severity(Value):
    """One level of severity as the seller defines it, 1 being the gravest."""

    level: int
    name: str
    definition: str
    examples: tuple[str, ...] = ()


class SellerContact(Value):
    """One department a customer can turn to; `hours` names a calendar.

    `quotes`: it is asked for what is provided for an additional fee.
    """

    department: str
    email: str | None
    phones: tuple[str, ...]
    hours: str | None
    note: str | None
    quotes: bool = False


class Branding(Value):
    """How the seller's pages look: `accent` is `#rrggbb`; `language` is of the pages' own words."""

    accent: str | None = None
    logo_url: str | None = None
    language: str | None = None


class Catalog(Value):
    """One version of a seller's terms. `zone` is where its months and weeks turn.

    `names` are the seller's own words for a `unit` and a `site`, for one and for several, and the
    unit of so many minutes in which they sell time, if they have one.
    `regions` say by which calendar each role goes that clauses name, in a customer's region;
    `roles` are those that are no calendar by themselves, and are shown as in the first region.
    `region` is the one whose calendars these are.
    """

    code: str
    title: str
    description: str
    zone: str
    currency: str
    languages: tuple[str, ...]
    plans: Mapping[str, Plan]
    offers: Mapping[str, Offer]
    calendars: Mapping[str, Calendar]
    channels: Mapping[str, ChannelTerms]
    rate_card: Mapping[str, Rate]
    topics: Mapping[str, Topic]
    severities: Mapping[int, Severity]
    discounts: tuple[Discount, ...]
    first_licence: FreeGrant | None
    contacts: tuple[SellerContact, ...]
    policies: Policies
    services: tuple[str, ...] = ()
    access_data: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    names: Names = NO_NAMES
    branding: Branding = Branding()
    regions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    roles: frozenset[str] = frozenset()
    region: str | None = None
    seller_choice: tuple[str, ...] = ()

    def in_region(self, region: str | None) -> "Catalog":
        """Return the terms with the calendars of a region; of one they do not know, as they are."""
        if region is None or region not in self.regions:
            return self
        played = {role: self.calendars[name] for role, name in self.regions[region].items()}
        return replace(self, region=region, calendars={**self.calendars, **played})

    def time_terms(self, plan: str | None) -> TimeTerms:
        """Return how work on a plan is counted and what an hour beyond it costs; or without one."""
        return self.policies.time if plan is None else self.plans[plan].time

    def find_offer(self, code: str) -> Offer | None:
        """Return the offer with this full code (`livecart.express-1y`), or None."""
        return self.offers.get(code)
