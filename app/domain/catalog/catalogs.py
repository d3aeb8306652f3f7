"""A catalogue: one seller's published terms, as frozen values.

No code here or elsewhere knows a seller: what differs between the five seeds is data. The
document a seller writes is read into these values by `app.documents`.

`seller_choice` on any value names what the seller chose where the published terms say nothing:
paths of fields, from the table that the mark stands in (`term`, `calendars/business/hours`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from app.domain.catalog.counting import Counting
from app.domain.catalog.hourly_rates import HourlyRate, find_hourly_rate
from app.domain.catalog.money import Money
from app.domain.catalog.requesters import Requesters
from app.domain.promises.credit_rules import CreditRule
from app.domain.promises.promises import Promise
from app.domain.time.calendars import Calendar

Unit = Literal["incident", "point", "minute"]
Channel = Literal["ticket", "email", "chat", "phone", "video"]
Per = Literal["term", "month"]
Sold = Literal["direct", "included", "quote"]
OfferKind = Literal["term", "pack"]
TermEnds = Literal["instant", "day"]
RefundPolicy = Literal["lesser", "unused_units", "unused_time", "none"]
WithoutPlan = Literal["refuse", "on_demand"]
ReplyAfterResolution = Literal["note", "reopen"]
ReturnedUnits = Literal["expire", "grace"]

BUG_CATEGORY = "bug"
# How many of an offer are bought at once: subscriptions, seats or cores of a large customer.
MOST_SOLD = 100_000


@dataclass(frozen=True, slots=True)
class Term:
    """A length of subscription in calendar months and days; exactly one is above zero."""

    months: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Allowance:
    """What an offer grants: `amount` units for each `per`, or without a count when unlimited.

    `amount` is None when unlimited, and when the amount is agreed by quote.
    """

    amount: int | None
    unlimited: bool
    per: Per


@dataclass(frozen=True, slots=True)
class ListPrice:
    """A price as advertised, when it is not what one purchase costs: €1499 a month."""

    money: Money
    per: Literal["month", "year", "hour", "term"]


@dataclass(frozen=True, slots=True)
class SoldBy:
    """What an offer is priced by, besides what it grants: a socket, a seat, a server.

    `scales` says whether the number of them multiplies what is granted, as it does the price.
    """

    name: str
    plural: str
    scales: bool

    def count(self, number: int) -> str:
        return f"{number} {self.name if number == 1 else self.plural}"


@dataclass(frozen=True, slots=True)
class CarryOver:
    """What is unused of a month when it turns: a share of its units at most lasts on, so long."""

    share: tuple[int, int] = (1, 1)
    lasts: Term = Term(months=1)

    def split(self, granted: int) -> tuple[int, int]:
        """Return which units end with their month, and which last on.

        Those that end sooner burn first, so that what lasts on is what is left, or the share.
        """
        kept = granted * self.share[0] // self.share[1]
        return granted - kept, kept


@dataclass(frozen=True, slots=True)
class Offer:
    """What a shop sells: `code` is the catalogue's code, a dot and the offer's own.

    A `term` offer sells cover for a while; a `pack` sells units that are good for a while from
    the day of purchase (points, single incidents), and is always sold now.

    `price` is what one purchase costs: 0 when included with something else, None when sold by
    quote. `term` None: agreed by quote. `site_bound` offers cover one store and need its URL.
    `adds_calendar` is for cover sold on top of a subscription: the calendar whose open time
    its promises gain; such an offer has no plan and grants nothing. `carries_over`
    lets a month's unused units last on when it turns. `includes` are things the price brings
    besides. `needs` names the plans of which a buyer has one already.
    `kind`: cover for a term, which may follow another, or a pack of units, good for the term
    from the sale on. `fee` is paid once, beside the price. `opens_only`: it grants no units, and
    opens what needs its plan. `without_end`: what it grants is good for ever.
    """

    code: str
    plan: str | None
    name: str
    description: str
    sold: Sold
    price: Money | None
    list_price: ListPrice | None
    term: Term | None
    unit: Unit
    allowance: Allowance
    site_bound: bool = False
    adds_calendar: str | None = None
    carries_over: CarryOver | None = None
    kind: OfferKind = "term"
    needs: tuple[str, ...] = ()
    sold_by: SoldBy | None = None
    includes: tuple[str, ...] = ()
    fee: Money | None = None
    opens_only: bool = False
    without_end: bool = False
    seller_choice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChannelTerms:
    """How a catalogue serves one channel.

    `incident_minutes`: an incident pays for that many minutes, and each further step begun is
    another incident. `limit_minutes`: a session's end; no further incident. `hours` names the
    calendar outside which a session is refused; None: no closing hours. `urgent_only` serves
    urgent requests alone. `refuses_topics` are topics this channel does not serve. `on_request`
    sessions are arranged, not walked into. `at_once` is how many sessions may run together.
    `served_in` names the calendar in which it is usually answered, and refuses nothing.
    `asks_for` is what a customer is asked to give in order to use it.
    """

    channel: Channel
    name: str
    description: str
    incident_minutes: int | None = None
    limit_minutes: int | None = None
    hours: str | None = None
    urgent_only: bool = False
    refuses_topics: frozenset[str] = frozenset()
    on_request: bool = False
    best_effort: bool = False
    at_once: int | None = None
    served_in: str | None = None
    asks_for: tuple[str, ...] = ()
    seller_choice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rate:
    """One row of a rate card, in `unit`s, for the plans that count those.

    fixed: `base`. from: at least `base`. range: `base` to `upper`, opening at `base`.
    per_unit: `base` + n times `per_unit`, n being the request's `variable`. on_request: an amount
    must be given. A free row is fixed at 0. `definition` and `examples` say what belongs to it.

    A row with conditions (`severities`, `urgent`, `channels`) is the price of what meets them:
    of the category `of`, or else of any request that names none that has a price of its own.
    """

    category: str
    name: str
    kind: Literal["fixed", "from", "range", "per_unit", "on_request"]
    base: int = 0
    upper: int | None = None
    per_unit: int = 0
    variable: str | None = None
    group: str | None = None
    definition: str | None = None
    examples: tuple[str, ...] = ()
    unit: Unit = "point"
    of: str | None = None
    severities: frozenset[int] = frozenset()
    urgent: bool | None = None
    channels: frozenset[Channel] = frozenset()

    @property
    def is_conditional(self) -> bool:
        return bool(self.severities or self.channels) or self.urgent is not None

    def applies(self, *, severity: int | None, urgent: bool, channel: Channel | None) -> bool:
        """Say whether a request meets its conditions."""
        return (
            (not self.severities or severity in self.severities)
            and self.urgent in (None, urgent)
            and (not self.channels or channel in self.channels)
        )


@dataclass(frozen=True, slots=True)
class Topic:
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


@dataclass(frozen=True, slots=True)
class Severity:
    """One level of severity as the seller defines it, 1 being the gravest."""

    level: int
    name: str
    definition: str
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A level of support.

    `rank` 1 is drawn upon first. `topics` None: every included topic of the catalogue.
    `urgent` says whether urgent ("hotrush") requests are served. `weekly_cap` is the share of
    a month's minutes usable in one week, as (numerator, denominator). `overage` bills what is
    beyond the allowance: minutes at `overage_rate` an hour where that is published, or by
    `rates`; other units at `overage_price` each.
    `joins_months` is how many months' minutes an agreement may join; None: none. `fair_use` is
    the number of uses within one month of an unlimited lot that raises an event, and
    `fair_use_refuses` whether more in that month are refused. `counting` says
    how minutes are counted; None: as they were worked. `credits` are what promises give that
    were broken. `requesters` are those who may ask; None: anybody.
    `open_at_most` tickets are taken at once, and `urgent_at_most` urgent ones in a calendar month.
    """

    code: str
    name: str
    description: str
    rank: int
    unit: Unit
    channels: tuple[Channel, ...]
    promises: tuple[Promise, ...]
    topics: frozenset[str] | None = None
    urgent: bool = False
    expedited_bugs: bool = False
    weekly_cap: tuple[int, int] | None = None
    overage: bool = False
    overage_rate: Money | None = None
    overage_price: Money | None = None
    rates: tuple[HourlyRate, ...] = ()
    joins_months: int | None = None
    fair_use: int | None = None
    fair_use_refuses: bool = False
    topic_required: bool = False
    counting: Counting | None = None
    credits: tuple[CreditRule, ...] = ()
    requesters: Requesters | None = None
    open_at_most: int | None = None
    urgent_at_most: int | None = None
    features: tuple[str, ...] = ()
    seller_choice: tuple[str, ...] = ()

    @property
    def has_cap(self) -> bool:
        """Whether a week or a month may use only so much of what the plan has."""
        return self.weekly_cap is not None or self.fair_use_refuses

    def hourly_rate(self, *, urgent: bool = False, category: str | None = None) -> Money | None:
        """Return what an hour beyond the allowance costs; None where that is not published."""
        return find_hourly_rate(self.rates, urgent=urgent, category=category) or self.overage_rate


@dataclass(frozen=True, slots=True)
class Discount:
    """`percent` off the price from so many months of contract, or so many sold, on.

    None: it does not depend on it.
    """

    contract_months: int | None
    percent: int
    from_quantity: int | None = None


@dataclass(frozen=True, slots=True)
class FreeGrant:
    """What the first software licence of a customer brings, once: `amount` units of `plan`.

    `each`: every further licence brings it as well.
    """

    plan: str
    unit: Unit
    amount: int
    term: Term
    each: bool = False
    seller_choice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SellerContact:
    """One department a customer can turn to; `hours` names a calendar.

    `quotes`: it is asked for what is provided for an additional fee.
    """

    department: str
    email: str | None
    phones: tuple[str, ...]
    hours: str | None
    note: str | None
    quotes: bool = False


@dataclass(frozen=True, slots=True)
class Late:
    """A renewal after the end, within a time of it: from when it runs, and what it costs more."""

    within: Term
    starts: Literal["old_end", "now"] = "old_end"
    fee_percent: int = 0


@dataclass(frozen=True, slots=True)
class Renews:
    """Whether a term renews itself at its end, and how long before that is told of; None: not."""

    automatic: bool = True
    notice: Term | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """How what is sold ends.

    `refund` is what `unused` measures when an order is cancelled or upgraded: the lesser of
    what is left of its units and of its time, one of them, or nothing. None: the lesser, and
    whoever cancels may pay back all, too. `term_ends`: at the instant, or with its last day.
    `late` None: a renewal after the end begins when it is bought. `renews` None: nobody is told
    of an end before it comes, and what ends is renewed by whoever buys it again.
    """

    refund: RefundPolicy | None = None
    term_ends: TermEnds = "instant"
    late: Late | None = None
    renews: Renews | None = None


@dataclass(frozen=True, slots=True)
class Policies:
    """What a seller does in the cases its plans leave open.

    `bug_promises`: whether a bug report on a plan keeps the plan's promises; a seller whose
    bugs go to a tracker (`bug_report_to`) promises nothing. `grant_term` bounds units given by
    hand when no end is named; None: they do not end. `ignore_www` takes a store's URL with and
    without `www.` as one site. `sessions_at_once` bounds the sessions of all channels together.
    `reply_after_resolution`: whether what a customer writes on a resolved ticket reopens it.
    `rates` are what an hour of work without a plan costs.
    """

    without_plan: WithoutPlan
    without_plan_text: str
    returned_units: ReturnedUnits
    grace_days: int
    bug_report_to: str | None = None
    bug_promises: bool = True
    ignore_www: bool = True
    sessions_at_once: int = 1
    reply_after_resolution: ReplyAfterResolution = "note"
    grant_term: Term | None = None
    ending: Ending = Ending()
    rates: tuple[HourlyRate, ...] = ()
    seller_choice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Branding:
    """How the seller's pages look: `accent` is `#rrggbb`; `language` is of the pages' own words."""

    accent: str | None = None
    logo_url: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Catalog:
    """One version of a seller's terms. `zone` is where its months and weeks turn.

    `names` are the seller's own words for a `unit` and a `site`, for one and for several.
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
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
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

    def find_offer(self, code: str) -> Offer | None:
        """Return the offer with this full code (`livecart.express-1y`), or None."""
        return self.offers.get(code)
