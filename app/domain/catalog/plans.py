"""Plans: levels of support, with what each serves, counts and promises."""

from app.domain.catalog.amounts import Unit
from app.domain.catalog.channels import Channel
from app.domain.catalog.counting import Counting
from app.domain.catalog.hourly_rates import HourlyRate
from app.domain.catalog.money import Money
from app.domain.catalog.monthly_limits import MonthlyLimit
from app.domain.catalog.requesters import Requesters
from app.domain.catalog.time_terms import AS_WORKED, TimeTerms, join_time_terms
from app.domain.promises.credit_rules import CreditRule
from app.domain.promises.promises import Promise
from app.domain.values import Value


class Plan(Value):
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
    `open_at_most` tickets are taken at once, and in a calendar month no more than each of
    `monthly_limits` says.
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
    monthly_limits: tuple[MonthlyLimit, ...] = ()
    features: tuple[str, ...] = ()
    seller_choice: tuple[str, ...] = ()

    @property
    def has_cap(self) -> bool:
        """Whether a week or a month may use only so much of what the plan has."""
        return self.weekly_cap is not None or self.fair_use_refuses

    @property
    def counts_by_severity(self) -> bool:
        """Whether what a ticket takes or costs, or whether it is taken, depends on its severity."""
        if any(each.severities for each in self.monthly_limits):
            return True
        return self.time is not AS_WORKED and self.time.depend_on_severity

    @property
    def time(self) -> TimeTerms:
        """How work on it is counted, and what an hour beyond the allowance costs."""
        one = () if self.overage_rate is None else (HourlyRate(self.overage_rate),)
        return join_time_terms(self.counting, (*self.rates, *one))
