"""The five sellers' terms, fact by fact: what `FEATURES` lists of them that is data.

The numbers are the sellers' own. A test is named after its row.
"""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.money import Money
from app.domain.catalog.offers import Allowance, Discount, ListPrice, Offer
from app.domain.catalog.rate_cards import BUG_CATEGORY, Rate
from app.domain.catalog.terms import Term, format_term
from app.domain.promises.promises import METRICS, BusinessDays, Clause, Promise, find_promise
from app.domain.time.calendar_texts import describe_hours
from app.domain.time.calendars import Calendar, Shift
from tests.domain.catalog_examples import CODES, read_catalog, read_document

WEEKDAY_HOURS = "Monday to Friday 09:00 to 17:00"


@pytest.fixture
def livecart() -> Catalog:
    return read_catalog("livecart")


@pytest.fixture
def points() -> Catalog:
    return read_catalog("xcart-points")


@pytest.fixture
def support() -> Catalog:
    return read_catalog("xcart-support")


@pytest.fixture
def agency() -> Catalog:
    return read_catalog("agency")


@pytest.fixture
def corporate() -> Catalog:
    return read_catalog("corporate")


def promises_of(
    catalog: Catalog, plan: str, *, severity: int | None = None, urgent: bool = False
) -> dict[str, Promise]:
    """Return what a plan promises a request, by metric."""
    promises = catalog.plans[plan].promises
    found = [find_promise(promises, each, severity=severity, urgent=urgent) for each in METRICS]
    chosen = tuple(each for each in found if each is not None)
    return {promise.metric: promise for promise in chosen}


def sold(offer: Offer) -> tuple[str | None, str | None, int | None, int | None]:
    """Return an offer's plan, term, allowance and price."""
    return (
        offer.plan,
        None if offer.term is None else format_term(offer.term),
        offer.allowance.amount,
        None if offer.price is None else offer.price.amount,
    )


# 000


def test_L1_ten_offers_of_three_plans(livecart: Catalog) -> None:
    assert list(livecart.plans) == ["express", "priority", "standard"]
    assert [plan.rank for plan in livecart.plans.values()] == [1, 2, 3]
    assert {code: sold(offer) for code, offer in livecart.offers.items()} == {
        "livecart.standard-1m": ("standard", "P1M", None, 9900),
        "livecart.standard-1y": ("standard", "P1Y", 10, 9900),
        "livecart.standard-2y": ("standard", "P2Y", 25, 19900),
        "livecart.standard-3y": ("standard", "P3Y", 100, 59900),
        "livecart.priority-1y": ("priority", "P1Y", 10, 19900),
        "livecart.priority-2y": ("priority", "P2Y", 30, 39900),
        "livecart.priority-3y": ("priority", "P3Y", 100, 99900),
        "livecart.express-1y": ("express", "P1Y", 15, 39900),
        "livecart.express-2y": ("express", "P2Y", 35, 79900),
        "livecart.express-3y": ("express", "P3Y", 120, 199900),
    }
    for code, offer in livecart.offers.items():
        assert offer.sold == "direct"
        assert offer.price is not None
        assert offer.price.currency == "EUR"
        assert (offer.unit, offer.allowance.per) == ("incident", "term")
        assert offer.allowance.unlimited == (code == "livecart.standard-1m")


def test_L2_channels_by_plan(livecart: Catalog) -> None:
    by_plan = {code: set(plan.channels) for code, plan in livecart.plans.items()}
    assert by_plan == {
        "standard": {"ticket", "email"},
        "priority": {"ticket", "email", "chat"},
        "express": {"ticket", "email", "chat", "phone"},
    }
    expedited = {code: plan.expedited_bugs for code, plan in livecart.plans.items()}
    assert expedited == {"express": True, "priority": False, "standard": False}


def test_L3_first_response_alone_is_guaranteed(livecart: Catalog) -> None:
    day, two_days = timedelta(hours=24), timedelta(hours=48)
    in_hours = ("business", "business")
    clauses = {
        "standard": (Clause(two_days, None, None, "guaranteed"),),
        "priority": (Clause(day, None, None, "guaranteed"),),
        "express": (
            Clause(timedelta(hours=4), *in_hours, "guaranteed"),
            Clause(day, None, None, "guaranteed"),
            Clause(timedelta(hours=1), *in_hours, "typical"),
        ),
    }
    for plan, expected in clauses.items():
        promises = promises_of(livecart, plan)
        assert list(promises) == ["first_response"]
        assert promises["first_response"].strength == "guaranteed"
        assert promises["first_response"].clauses == expected
        assert promises["first_response"].pauses == frozenset()


def test_L4_business_hours_close_no_channel(livecart: Catalog) -> None:
    business = livecart.calendars["business"]
    assert business.zone == livecart.zone == "+02:00"
    assert business.hours == ((Shift(570, 1050),),) * 5 + ((),) * 2
    assert business.business_days == {0, 1, 2, 3, 4}
    assert business.holidays == ()
    assert [terms.hours for terms in livecart.channels.values()] == [None] * 4
    assert livecart.seller_choice == (
        "calendars/business/business_days",
        "calendars/business/hours",
    )


def test_L5_one_ticket_is_one_incident(livecart: Catalog) -> None:
    assert {plan.unit for plan in livecart.plans.values()} == {"incident"}
    assert any("one incident" in note for note in livecart.notes)
    assert any("split" in note for note in livecart.notes)


def test_L6_minutes_of_an_incident(livecart: Catalog) -> None:
    chat, phone = livecart.channels["chat"], livecart.channels["phone"]
    assert (chat.incident_minutes, chat.limit_minutes) == (10, None)
    assert (phone.incident_minutes, phone.limit_minutes) == (5, None)
    assert phone.refuses_topics == {"technical-advice"}
    assert chat.refuses_topics == frozenset()
    assert livecart.topics["technical-advice"].included
    assert "Text only" in chat.description
    for terms in (chat, phone):
        assert "not guaranteed" in terms.description
        assert not terms.on_request


def test_L7_nothing_carries_over(livecart: Catalog) -> None:
    assert not any(offer.carries_over for offer in livecart.offers.values())
    assert any("bought again at once" in note for note in livecart.notes)


def test_L8_bugs_are_reported_by_anyone(livecart: Catalog) -> None:
    assert livecart.policies.without_plan == "refuse"
    assert "bug can be reported by anyone" in livecart.policies.without_plan_text
    assert livecart.policies.bug_report_to is None
    assert livecart.policies.bug_promises


def test_L9_email_begins_a_ticket(livecart: Catalog) -> None:
    assert all("email" in plan.channels for plan in livecart.plans.values())
    assert livecart.channels["email"].incident_minutes is None


# 001


def test_P1_four_packs_of_points(points: Catalog) -> None:
    assert {code: sold(offer) for code, offer in points.offers.items()} == {
        "xcart-points.60": ("points", "P2Y", 60, 3450),
        "xcart-points.120": ("points", "P2Y", 120, 6850),
        "xcart-points.300": ("points", "P2Y", 300, 16950),
        "xcart-points.1200": ("points", "P2Y", 1200, 67333),
    }
    for offer in points.offers.values():
        assert (offer.sold, offer.unit) == ("direct", "point")
        assert offer.price is not None
        assert offer.price.currency == "USD"


def test_P2_points_expire_after_two_years(points: Catalog) -> None:
    assert {offer.term for offer in points.offers.values()} == {Term(months=24)}


def test_P3_the_first_licence_brings_points(points: Catalog) -> None:
    grant = points.first_licence
    assert grant is not None
    assert (grant.plan, grant.unit, grant.amount) == ("points", "point", 160)
    assert grant.term == Term(months=24)
    assert grant.seller_choice == ("amount",)


def test_P4_every_row_of_the_price_list(points: Catalog) -> None:
    prices = {
        rate.category: (rate.kind, rate.base, rate.upper, rate.per_unit, rate.variable)
        for rate in points.rate_card.values()
    }
    assert prices == {
        "level-0": ("fixed", 0, None, 0, None),
        "level-1": ("fixed", 10, None, 0, None),
        "level-2": ("fixed", 25, None, 0, None),
        "level-3": ("fixed", 40, None, 0, None),
        "level-4": ("fixed", 80, None, 0, None),
        "warranty": ("fixed", 0, None, 0, None),
        "mod-small": ("fixed", 25, None, 0, None),
        "mod-medium": ("fixed", 50, None, 0, None),
        "patch": ("fixed", 40, None, 0, None),
        "other": ("on_request", 0, None, 0, None),
        "install": ("fixed", 150, None, 0, None),
        "install-third-party": ("from", 100, None, 0, None),
        "install-ssl": ("fixed", 150, None, 0, None),
        "install-server-app": ("from", 150, None, 0, None),
        "transfer-store": ("fixed", 150, None, 0, None),
        "transfer-customized": ("from", 150, None, 0, None),
        "transfer-sales-n-stats": ("range", 80, 100, 0, None),
        "transfer-aspe": ("per_unit", 120, None, 60, "stores"),
        "optimize-store": ("from", 80, None, 0, None),
        "optimize-server": ("from", 120, None, 0, None),
        "sef-analysis": ("fixed", 60, None, 0, None),
        "security-audit": ("per_unit", 150, None, 60, "additional_stores"),
    }
    assert len(prices) == 22
    assert len({rate.group for rate in points.rate_card.values()}) == 6


def test_P5_one_business_day_and_an_open_helpdesk(points: Catalog, support: Catalog) -> None:
    (promise,) = points.plans["points"].promises
    assert (promise.metric, promise.strength) == ("first_response", "guaranteed")
    assert promise.clauses == (Clause(BusinessDays(1), "business", None, "guaranteed"),)
    assert points.calendars["business"] == support.calendars["engineers"]
    assert points.channels["ticket"].hours is None
    assert "24 hours a day" in points.channels["ticket"].description
    assert "calendars/business" in points.seller_choice


def test_P6_what_a_price_does_is_said(points: Catalog) -> None:
    said = " ".join(points.notes)
    for words in ("volume of correspondence", "up or down", "all points are returned", "disputed"):
        assert words in said


# 002


def test_S1_subscriptions_by_month_and_year(support: Catalog) -> None:
    offers = support.offers
    assert sold(offers["xcart-support.subscription-1y"]) == ("subscription", "P1Y", None, 99000)
    assert sold(offers["xcart-support.subscription-1m"]) == ("subscription", "P1M", None, 14900)
    assert any("paid at once" in note for note in support.notes)


def test_S2_a_subscription_is_for_one_store(support: Catalog) -> None:
    bound = {code: offer.site_bound for code, offer in support.offers.items()}
    assert bound == {
        "xcart-support.subscription-1m": True,
        "xcart-support.subscription-1y": True,
        "xcart-support.incident-normal": False,
        "xcart-support.incident-urgent": False,
    }


def test_S3_inquiries_are_unlimited_under_fair_use(support: Catalog) -> None:
    for code in ("subscription-1m", "subscription-1y"):
        assert support.offers[f"xcart-support.{code}"].allowance.unlimited
    plan = support.plans["subscription"]
    assert plan.fair_use is not None
    assert "fair_use" in plan.seller_choice
    assert "fair use" in plan.description


def test_S4_one_incident_urgent_or_normal(support: Catalog) -> None:
    offers = support.offers
    assert sold(offers["xcart-support.incident-urgent"]) == ("incident-urgent", "P1Y", 1, 13900)
    assert sold(offers["xcart-support.incident-normal"]) == ("incident-normal", "P1Y", 1, 9900)
    for code in ("incident-normal", "incident-urgent"):
        assert offers[f"xcart-support.{code}"].seller_choice == ("term",)
        resolution = promises_of(support, code)["resolution"]
        assert (resolution.strength, resolution.clauses) == ("guaranteed", ())
    assert list(promises_of(support, "subscription")) == ["first_response"]


def test_S5_a_business_day_or_two_hours(support: Catalog) -> None:
    a_day = (Clause(BusinessDays(1), "engineers", None, "guaranteed"),)
    two_hours = (Clause(timedelta(hours=2), "engineers", None, "guaranteed"),)
    for plan in ("subscription", "incident-urgent"):
        assert support.plans[plan].urgent
        assert promises_of(support, plan)["first_response"].clauses == a_day
        urgent = promises_of(support, plan, urgent=True)["first_response"]
        assert (urgent.clauses, urgent.strength) == (two_hours, "guaranteed")
        assert "clauses" in urgent.seller_choice
    assert not support.plans["incident-normal"].urgent
    assert promises_of(support, "incident-normal")["first_response"].clauses == a_day


def test_S6_engineers_work_across_midnight(support: Catalog) -> None:
    engineers = support.calendars["engineers"]
    assert engineers.zone == support.zone == "+03:00"
    assert engineers.hours == ((Shift(360, 1500),),) * 5 + ((Shift(600, 1080),),) * 2
    assert engineers.business_days == {0, 1, 2, 3, 4}
    assert support.seller_choice == ("calendars/engineers/business_days",)


def test_S7_chat_and_phone_for_urgent_requests(support: Catalog) -> None:
    assert describe_hours(support.calendars["live"]) == f"{WEEKDAY_HOURS}, UTC+03:00"
    for channel in ("chat", "phone"):
        terms = support.channels[channel]
        assert terms.urgent_only
        assert terms.on_request
        assert (terms.limit_minutes, terms.incident_minutes) == (60, None)
        assert terms.hours == "live"
        assert "Skype ID" in terms.asks_for
    assert support.plans["incident-normal"].channels == ("ticket",)
    assert support.plans["incident-urgent"].channels == ("ticket", "chat", "phone")
    assert support.plans["subscription"].channels == ("ticket", "chat", "phone")


def test_S8_topics_in_and_out(support: Catalog) -> None:
    out = {code for code, topic in support.topics.items() if not topic.included}
    assert out == {
        "data-migration",
        "custom-development",
        "web-design",
        "template-integration",
        "development-support",
        "third-party-modifications",
        "manual-upgrades",
        "performance-tuning",
        "custom-seo",
    }
    nine = {
        "store-setup",
        "shipping-payment-tax-language",
        "customer-conversion",
        "php-mysql-errors",
        "html-css-problems",
        "minor-design",
        "minor-php",
        "bugfixes-security-patches",
        "troubleshooting",
    }
    assert set(support.topics) == nine | out | {"installation"}
    assert support.plans["subscription"].topics is None  # all that are included
    for code in ("incident-normal", "incident-urgent"):
        assert set(support.plans[code].topics or ()) == nine


def test_S8_installation_modifications_and_bugs(support: Catalog) -> None:
    for code in ("subscription-1m", "subscription-1y"):
        assert support.offers[f"xcart-support.{code}"].includes == ("X-Cart installation",)
    assert "extra" in str(support.topics["installation"].note)
    assert "Customization Agreement" in str(support.topics["third-party-modifications"].note)
    assert "ssue tracker" in str(support.policies.bug_report_to)
    assert not support.policies.bug_promises


def test_S9_languages_and_departments(support: Catalog) -> None:
    assert support.languages == ("en", "ru")
    phones = (
        "US toll-free: 1-800-657-7957",
        "UK toll-free: 44-800-048-8862",
        "International: +7 (499) 608-8900",
    )
    found = [
        (contact.department, contact.email, contact.phones, contact.hours)
        for contact in support.contacts
    ]
    assert found == [
        ("Technical Support", "support@x-cart.com", (), "engineers"),
        ("Customer Service", "helpdesk@x-cart.com", phones, None),
        ("Sales department", "sales@x-cart.com", phones, None),
    ]
    assert support.contacts[0].note == "Available through the HelpDesk only."


# 003


def test_A1_four_packages_and_eight_services(agency: Catalog) -> None:
    assert list(agency.plans) == ["flexible", "advanced", "standard", "starter"]
    assert {code: sold(offer) for code, offer in agency.offers.items()} == {
        "agency.flexible": ("flexible", None, None, None),
        "agency.advanced": ("advanced", None, None, None),
        "agency.standard": ("standard", None, None, None),
        "agency.starter": ("starter", None, 2400, None),
    }
    for offer in agency.offers.values():
        assert (offer.sold, offer.unit, offer.allowance.per) == ("quote", "minute", "month")
    assert len(agency.services) == 8


def test_A2_four_severities_and_no_times(agency: Catalog) -> None:
    assert list(agency.severities) == [1, 2, 3, 4]
    assert [len(severity.examples) for severity in agency.severities.values()] == [3, 3, 2, 5]
    assert agency.severities[1].name == "Emergency"
    assert not any(plan.promises for plan in agency.plans.values())


def test_A3_support_without_a_package_comes_after(agency: Catalog) -> None:
    assert agency.policies.without_plan == "on_demand"
    assert "higher priority" in agency.policies.without_plan_text


def test_A4_a_year_is_ten_percent_off(agency: Catalog) -> None:
    assert agency.discounts == (Discount(contract_months=12, percent=10),)


def test_A5_more_hours_are_billed(agency: Catalog) -> None:
    for plan in agency.plans.values():
        assert plan.overage
        assert plan.overage_rate is None  # not published


def test_A6_half_of_the_hours_in_a_week(agency: Catalog) -> None:
    assert {plan.weekly_cap for plan in agency.plans.values()} == {(1, 2)}


def test_A7_two_months_can_be_joined(agency: Catalog) -> None:
    assert {plan.joins_months for plan in agency.plans.values()} == {2}
    assert not any(offer.carries_over for offer in agency.offers.values())


def test_A8_an_account_manager_and_access(agency: Catalog) -> None:
    for plan in agency.plans.values():
        assert any("account manager" in feature for feature in plan.features)
    assert [access.split()[0] for access in agency.access_data] == ["Admin", "FTP", "SSH"]


# 004


def test_E1_three_levels_and_what_they_cost(corporate: Catalog) -> None:
    assert list(corporate.plans) == ["gold", "enterprise", "professional"]
    gold = corporate.offers["corporate.gold"]
    assert (gold.sold, gold.price) == ("direct", Money(1798800, "EUR"))
    assert gold.list_price == ListPrice(Money(149900, "EUR"), "month")
    assert gold.term == Term(months=12)
    for code in ("professional", "enterprise"):
        offer = corporate.offers[f"corporate.{code}"]
        assert (offer.sold, offer.price) == ("included", Money(0, "EUR"))


def test_E2_incidents_a_month(corporate: Catalog) -> None:
    for code, amount in (("professional", 1), ("enterprise", 2), ("gold", 4)):
        offer = corporate.offers[f"corporate.{code}"]
        assert offer.allowance == Allowance(amount, unlimited=False, per="month")
        assert offer.unit == "incident"


NOT_OFFERED = ("none", None)
BEST_EFFORT = ("best_effort", None)

# first response and resolution for severities 1 to 4
MATRIX: dict[str, list[tuple[tuple[str, object], tuple[str, object]]]] = {
    "professional": [
        (NOT_OFFERED, NOT_OFFERED),
        (NOT_OFFERED, NOT_OFFERED),
        (NOT_OFFERED, NOT_OFFERED),
        (("best_effort", "24 h"), BEST_EFFORT),
    ],
    "enterprise": [
        (("guaranteed", "8 h"), ("target", "32 h")),
        (("guaranteed", "16 h"), ("target", "7 days")),
        (("guaranteed", "24 h"), ("target", "14 days")),
        (("guaranteed", "24 h"), BEST_EFFORT),
    ],
    "gold": [
        (("guaranteed", "8 h"), ("target", "16 h")),
        (("guaranteed", "8 h"), ("target", "3 days")),
        (("guaranteed", "8 h"), ("target", "7 days")),
        (("guaranteed", "24 h"), BEST_EFFORT),
    ],
}


@pytest.mark.parametrize("plan", MATRIX)
@pytest.mark.parametrize("severity", [1, 2, 3, 4])
def test_E3_the_matrix(corporate: Catalog, plan: str, severity: int) -> None:
    promises = promises_of(corporate, plan, severity=severity)
    assert list(promises) == ["first_response", "resolution"]
    found = tuple((promise.strength, target(promise)) for promise in promises.values())
    assert found == MATRIX[plan][severity - 1]


def target(promise: Promise) -> str | None:
    """Return a promise's one target, in the business time of its calendar."""
    if not promise.clauses:
        return None
    (clause,) = promise.clauses
    assert (clause.calendar, clause.opened_in_hours) == ("business", None)
    assert clause.strength == promise.strength
    if isinstance(clause.within, BusinessDays):
        return f"{clause.within.days} days"
    return f"{clause.within // timedelta(hours=1)} h"


def test_E4_business_hours_without_holidays(corporate: Catalog) -> None:
    business = corporate.calendars["business"]
    assert corporate.zone == business.zone == "Europe/Berlin"
    assert describe_hours(business) == f"{WEEKDAY_HOURS}, Europe/Berlin"
    holidays = dict(business.holidays)
    for year in (2025, 2026, 2027, 2028):
        assert sum(day.year == year for day in holidays) == 9
    assert holidays[date(2026, 4, 3)] == "Good Friday"
    assert holidays[date(2026, 4, 6)] == "Easter Monday"
    assert holidays[date(2026, 5, 14)] == "Ascension Day"
    assert holidays[date(2026, 10, 3)] == "German Unity Day"
    assert date(2026, 5, 4) not in holidays  # a bank holiday elsewhere
    assert business.holidays_until is not None
    assert business.holidays_until >= date(2028, 12, 31)
    assert max(holidays) <= business.holidays_until
    assert {"timezone", "calendars/business/holidays"} <= set(corporate.seller_choice)


def test_E4_cover_on_weekends_and_holidays_by_quote(corporate: Catalog) -> None:
    cover = corporate.offers["corporate.extended-cover"]
    assert (cover.sold, cover.price, cover.plan, cover.term) == ("quote", None, None, None)
    assert cover.adds_calendar == "extended"
    assert cover.allowance.amount == 0
    extended = corporate.calendars["extended"]
    assert extended.zone == "Europe/Berlin"
    assert all(shifts == (Shift(540, 1020),) for shifts in extended.hours)
    assert extended.holidays == ()


def test_E5_channels(corporate: Catalog) -> None:
    for plan in corporate.plans.values():
        assert {"email", "chat", "phone", "video"} <= set(plan.channels)
    for channel in ("email", "chat"):
        terms = corporate.channels[channel]
        assert terms.best_effort
        assert terms.served_in == "business"
    assert corporate.channels["chat"].hours == "business"
    for channel in ("phone", "video"):
        assert corporate.channels[channel].on_request
    services = {code for code, topic in corporate.topics.items() if not topic.included}
    assert services == {"custom-development", "consulting", "training"}


def test_E6_severities_and_the_vendors_own_software(corporate: Catalog) -> None:
    named = {level: severity.name for level, severity in corporate.severities.items()}
    assert named == {1: "Urgent", 2: "High", 3: "Normal", 4: "Low"}
    assert "no workaround" in corporate.severities[1].definition
    assert "is affecting revenue" in corporate.severities[2].definition
    assert "not affecting revenue" in corporate.severities[3].definition
    assert "limited business impact" in corporate.severities[4].definition
    assert corporate.topics["own-software"].promised
    assert not corporate.topics["other-software"].promised


# All five


def words_of(value: object) -> Iterator[str]:
    """Yield every text that a document holds."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield str(name)
            yield from words_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from words_of(inner)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("code", CODES)
def test_every_catalogue_states_what_happens_to_returned_units(code: str) -> None:
    policies = read_catalog(code).policies
    assert policies.grace_days > 0
    assert {"returned_units", "grace_days"} <= set(policies.seller_choice)


@pytest.mark.parametrize("code", CODES)
def test_a_bug_report_has_no_price_in_any_catalogue(code: str) -> None:
    assert BUG_CATEGORY not in read_catalog(code).rate_card
    assert "bug" in " ".join(words_of(read_document(code)))


@pytest.mark.parametrize("code", CODES)
def test_everything_for_sale_is_described(code: str) -> None:
    catalog = read_catalog(code)
    assert catalog.code == code
    for plan in catalog.plans.values():
        assert plan.name
        assert plan.description.endswith(".")
    for offer in catalog.offers.values():
        assert offer.name
        assert offer.description.endswith(".")
        assert offer.code.startswith(f"{code}.")
        assert offer.plan is None or offer.unit == catalog.plans[offer.plan].unit


@pytest.mark.parametrize("code", CODES)
def test_every_date_and_duration_is_a_string(code: str) -> None:
    def check(value: object) -> None:
        assert isinstance(value, dict | list | str | int), value
        for inner in value.values() if isinstance(value, dict) else ():
            check(inner)
        for inner in value if isinstance(value, list) else ():
            check(inner)

    check(read_document(code))


def test_calendars_are_those_of_the_contract() -> None:
    named = {code: set(read_catalog(code).calendars) for code in CODES}
    assert named == {
        "livecart": {"business"},
        "xcart-points": {"business"},
        "xcart-support": {"engineers", "live"},
        "agency": {"business"},
        "corporate": {"business", "extended"},
    }
    assert isinstance(read_catalog("agency").calendars["business"], Calendar)
    assert isinstance(read_catalog("xcart-points").rate_card["patch"], Rate)
