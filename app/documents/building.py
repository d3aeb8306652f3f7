"""The values of a sound document: what the rest of the service computes with."""

from collections.abc import Mapping
from fractions import Fraction

from app.documents.form.basis.parts import BusinessDaysDocument
from app.documents.form.branding import BrandingDocument, NamesDocument
from app.documents.form.catalog import CatalogDocument
from app.documents.form.counting import CountingDocument
from app.documents.form.credits import CreditDocument
from app.documents.form.money import ListPriceDocument, MoneyDocument
from app.documents.form.offers import (
    AllowanceDocument,
    CarryOverDocument,
    FirstLicenceDocument,
    OfferDocument,
)
from app.documents.form.plans import FairUseDocument, PlanDocument
from app.documents.form.policies import EndingDocument, PoliciesDocument
from app.documents.form.promises import CLAUSE_STRENGTHS, ClauseDocument, PromiseDocument
from app.documents.form.regions import list_roles
from app.documents.form.scope import ChannelDocument, RateDocument, SeverityDocument, TopicDocument
from app.documents.joining import build_calendars
from app.documents.sets import promises_of
from app.domain.catalog.catalogs import Branding, Catalog, SellerContact, Severity, Topic
from app.domain.catalog.channels import Channel, ChannelTerms
from app.domain.catalog.counting import Counting, Factor
from app.domain.catalog.money import Money
from app.domain.catalog.offers import (
    Allowance,
    CarryOver,
    Discount,
    FreeGrant,
    ListPrice,
    Offer,
    SoldBy,
)
from app.domain.catalog.plans import Plan
from app.domain.catalog.policies import Ending, Late, Policies, Renews
from app.domain.catalog.rate_cards import Rate
from app.domain.promises.credit_rules import CreditRule
from app.domain.promises.promises import BusinessDays, Clause, Promise, Strength
from app.domain.time.calendars import Calendar

_NOTHING = Allowance(amount=0, unlimited=False, per="term")
_CHANNELS: tuple[Channel, ...] = ("ticket", "email", "chat", "phone", "video")


def build_catalog(document: CatalogDocument) -> Catalog:
    """Return the catalogue that a sound document describes.

    Plans are in order of rank, offers in the seller's order.
    """
    plans = [_build_plan(code, plan, document) for code, plan in document.plans.items()]
    by_code = {plan.code: plan for plan in sorted(plans, key=lambda plan: plan.rank)}
    offers = [
        _build_offer(f"{document.code}.{code}", offer, by_code, document.currency)
        for code, offer in document.offers.items()
    ]
    channels = {code: _build_channel(code, each) for code, each in document.channels.items()}
    return Catalog(
        code=document.code,
        title=document.title,
        description=document.description,
        zone=document.utc_offset or document.timezone or "",
        currency=document.currency,
        languages=document.languages,
        plans=by_code,
        offers={each.code: each for each in offers},
        calendars=_assign_roles(build_calendars(document.calendars, document.holidays), document),
        channels=channels,
        rate_card={code: _build_rate(code, each) for code, each in document.rate_card.items()},
        topics={code: _build_topic(code, each) for code, each in document.topics.items()},
        severities={
            int(level): _build_severity(int(level), each)
            for level, each in sorted(document.severities.items())
        },
        discounts=tuple(
            Discount(each.contract_months, each.percent, each.from_quantity)
            for each in sorted(
                document.discounts,
                key=lambda each: (each.contract_months or 0, each.from_quantity or 0),
            )
        ),
        first_licence=_build_first_licence(document.first_licence, by_code),
        contacts=tuple(
            SellerContact(
                each.department, each.email, each.phones, each.hours, each.note, each.quotes
            )
            for each in document.contacts
        ),
        policies=_build_policies(document.policies),
        services=document.services,
        access_data=document.access_data,
        notes=document.notes,
        names=_build_names(document.names),
        branding=_build_branding(document.branding),
        regions={region: dict(roles) for region, roles in document.regions.items()},
        roles=frozenset(list_roles(document.regions)) - document.calendars.keys(),
        seller_choice=document.seller_choice,
    )


def _assign_roles(calendars: dict[str, Calendar], document: CatalogDocument) -> dict[str, Calendar]:
    """Return calendars with one for each role that is none by itself: the first region's."""
    first = next(iter(document.regions.values()), {})
    return {**{role: calendars[name] for role, name in first.items()}, **calendars}


def _build_names(names: NamesDocument | None) -> Mapping[str, tuple[str, str]]:
    given = {} if names is None else names.model_dump(exclude_none=True)
    return {thing: (one, several) for thing, (one, several) in given.items()}


def _build_branding(branding: BrandingDocument | None) -> Branding:
    if branding is None:
        return Branding()
    return Branding(branding.accent, branding.logo_url, branding.language)


def _build_plan(code: str, plan: PlanDocument, document: CatalogDocument) -> Plan:
    fair_use = plan.fair_use
    return Plan(
        code=code,
        name=plan.name,
        description=plan.description,
        rank=plan.rank,
        unit=plan.unit,
        channels=plan.channels,
        promises=tuple(_build_promise(each) for each in promises_of(plan, document)),
        topics=None if plan.topics is None else frozenset(plan.topics),
        urgent=plan.urgent,
        expedited_bugs=plan.expedited_bugs,
        weekly_cap=plan.weekly_cap,
        overage=plan.overage or plan.overage_price is not None,
        overage_rate=_build_money(plan.overage_rate),
        overage_price=_build_money(plan.overage_price),
        rates=tuple(each.value() for each in plan.rates),
        joins_months=plan.joins_months,
        fair_use=fair_use.uses if isinstance(fair_use, FairUseDocument) else fair_use,
        fair_use_refuses=isinstance(fair_use, FairUseDocument) and fair_use.refuses,
        topic_required=document.policies.topic_required
        if plan.topic_required is None
        else plan.topic_required,
        counting=_build_counting(plan.counting),
        credits=tuple(map(_build_credit, plan.credits)),
        requesters=None if plan.requesters is None else plan.requesters.value(),
        open_at_most=plan.open_at_most,
        urgent_at_most=plan.urgent_at_most,
        features=plan.features,
        seller_choice=plan.seller_choice,
    )


def _build_counting(counting: CountingDocument | None) -> Counting | None:
    if counting is None:
        return None
    return Counting(
        least=counting.least,
        step=counting.step,
        over=counting.over,
        factors=tuple(
            Factor(
                by=each.by,
                inside=each.in_,
                outside=each.outside,
                urgent=each.urgent,
                least=each.least or 0,
            )
            for each in counting.factors
        ),
    )


def _build_credit(credit: CreditDocument) -> CreditRule:
    return CreditRule(
        metric=credit.metric,
        strength=credit.strength,
        steps=credit.breaches_in_month or (),
        each=credit.per_breach,
    )


def _build_promise(promise: PromiseDocument) -> Promise:
    percent = promise.warn_at_percent
    meant = CLAUSE_STRENGTHS[promise.strength][0] if promise.clauses else "none"
    return Promise(
        metric=promise.metric,
        strength=promise.strength,
        clauses=tuple(_build_clause(each, meant) for each in promise.clauses),
        severities=frozenset(promise.severities),
        urgent=promise.urgent,
        channels=frozenset(promise.channels),
        topics=frozenset(promise.topics),
        categories=frozenset(promise.categories),
        pauses=frozenset(promise.pauses),
        warn_at=None if percent is None else Fraction(percent, 100),
        warn_before=promise.warn_before,
        percent=promise.percent,
        text=promise.text,
        seller_choice=promise.seller_choice,
        starts_on=promise.starts_on,
    )


def _build_clause(clause: ClauseDocument, meant: Strength) -> Clause:
    within = clause.within
    return Clause(
        within=BusinessDays(within.business_days)
        if isinstance(within, BusinessDaysDocument)
        else within,
        calendar=clause.calendar,
        opened_in_hours=clause.opened_in_hours,
        strength=clause.strength or meant,
    )


def _build_offer(
    code: str, offer: OfferDocument, plans: Mapping[str, Plan], currency: str
) -> Offer:
    plan = plans.get(offer.plan or "")
    price = _build_money(offer.price)
    if offer.sold == "included" and price is None:
        price = Money(0, currency)
    return Offer(
        code=code,
        plan=offer.plan,
        name=offer.name,
        description=offer.description,
        sold=offer.sold,
        price=price,
        list_price=_build_list_price(offer.list_price),
        term=offer.term,
        unit=offer.unit or ("incident" if plan is None else plan.unit),
        allowance=_build_allowance(offer.allowance),
        site_bound=offer.site_bound,
        adds_calendar=offer.adds_calendar,
        carries_over=_build_carry_over(offer.carries_over),
        kind=offer.kind,
        needs=offer.needs,
        sold_by=None
        if offer.sold_by is None
        else SoldBy(offer.sold_by.name, offer.sold_by.plural, offer.sold_by.scales),
        includes=offer.includes,
        fee=_build_money(offer.fee),
        opens_only=offer.opens_only,
        without_end=offer.without_end,
        seller_choice=offer.seller_choice,
    )


def _build_carry_over(given: bool | CarryOverDocument) -> CarryOver | None:
    if isinstance(given, CarryOverDocument):
        return given.value()
    return CarryOver() if given else None


def _build_ending(ending: EndingDocument) -> Ending:
    late, renews = ending.late, ending.renews
    return Ending(
        refund=ending.refund,
        term_ends=ending.term_ends,
        late=None if late is None else Late(late.within, late.from_, late.fee_percent),
        renews=None if renews is None else Renews(renews.automatic, renews.notice),
    )


def _build_money(money: MoneyDocument | None) -> Money | None:
    return None if money is None else money.value()


def _build_list_price(price: ListPriceDocument | None) -> ListPrice | None:
    return None if price is None else ListPrice(price.value(), price.per)


def _build_allowance(allowance: AllowanceDocument | None) -> Allowance:
    if allowance is None:
        return _NOTHING
    return Allowance(amount=allowance.amount, unlimited=allowance.unlimited, per=allowance.per)


def _build_first_licence(
    grant: FirstLicenceDocument | None, plans: Mapping[str, Plan]
) -> FreeGrant | None:
    if grant is None:
        return None
    return FreeGrant(
        plan=grant.plan,
        unit=plans[grant.plan].unit,
        amount=grant.amount,
        term=grant.term,
        each=grant.each,
        seller_choice=grant.seller_choice,
    )


def _build_channel(code: str, channel: ChannelDocument) -> ChannelTerms:
    return ChannelTerms(
        channel=next(known for known in _CHANNELS if known == code),
        name=channel.name,
        description=channel.description,
        incident_minutes=channel.incident_minutes,
        limit_minutes=channel.limit_minutes,
        hours=channel.hours,
        urgent_only=channel.urgent_only,
        refuses_topics=frozenset(channel.refuses_topics),
        on_request=channel.on_request,
        best_effort=channel.best_effort,
        at_once=channel.at_once,
        served_in=channel.served_in,
        asks_for=channel.asks_for,
        seller_choice=channel.seller_choice,
    )


def _build_rate(category: str, rate: RateDocument) -> Rate:
    return Rate(
        category=category,
        name=rate.name,
        kind=rate.kind,
        base=rate.base or 0,
        upper=rate.upper,
        per_unit=rate.per_unit or 0,
        variable=rate.variable,
        group=rate.group,
        definition=rate.definition,
        examples=rate.examples,
        unit=rate.unit,
        of=rate.category,
        severities=frozenset(rate.severities),
        urgent=rate.urgent,
        channels=frozenset(rate.channels),
    )


def _build_topic(code: str, topic: TopicDocument) -> Topic:
    return Topic(
        code,
        topic.name,
        topic.included,
        topic.promised,
        topic.note,
        topic.fee_note,
        topic.until,
    )


def _build_severity(level: int, severity: SeverityDocument) -> Severity:
    return Severity(level, severity.name, severity.definition, severity.examples)


def _build_policies(policies: PoliciesDocument) -> Policies:
    return Policies(
        without_plan=policies.without_plan,
        without_plan_text=policies.without_plan_text,
        returned_units=policies.returned_units,
        grace_days=policies.grace_days,
        bug_report_to=policies.bug_report_to,
        bug_promises=policies.bug_promises,
        ignore_www=policies.ignore_www,
        sessions_at_once=policies.sessions_at_once,
        reply_after_resolution=policies.reply_after_resolution,
        grant_term=policies.grant_term,
        rates=tuple(each.value() for each in policies.rates),
        ending=_build_ending(policies.ending),
        seller_choice=policies.seller_choice,
    )
