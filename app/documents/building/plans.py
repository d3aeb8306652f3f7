"""The values of a document's plans: what each counts, serves, promises and credits."""

from fractions import Fraction

from app.documents.building.offers import build_money
from app.documents.form.basis.parts import BusinessDaysDocument
from app.documents.form.catalog import CatalogDocument
from app.documents.form.credits import CreditDocument
from app.documents.form.plans import FairUseDocument, PlanDocument
from app.documents.form.promises import CLAUSE_STRENGTHS, ClauseDocument, PromiseDocument
from app.documents.sets import promises_of
from app.domain.catalog.monthly_limits import MonthlyLimit
from app.domain.catalog.plans import Plan
from app.domain.promises.credit_rules import CreditRule
from app.domain.promises.promises import BusinessDays, Clause, Promise, Strength


def build_plan(code: str, plan: PlanDocument, document: CatalogDocument) -> Plan:
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
        overage_rate=build_money(plan.overage_rate),
        overage_price=build_money(plan.overage_price),
        rates=tuple(each.value() for each in plan.rates),
        joins_months=plan.joins_months,
        fair_use=fair_use.uses if isinstance(fair_use, FairUseDocument) else fair_use,
        fair_use_refuses=isinstance(fair_use, FairUseDocument) and fair_use.refuses,
        topic_required=document.policies.topic_required
        if plan.topic_required is None
        else plan.topic_required,
        counting=None if plan.counting is None else plan.counting.value(),
        credits=tuple(map(_build_credit, plan.credits)),
        requesters=None if plan.requesters is None else plan.requesters.value(),
        open_at_most=plan.open_at_most,
        monthly_limits=_build_monthly_limits(plan),
        features=plan.features,
        seller_choice=plan.seller_choice,
    )


def _build_monthly_limits(plan: PlanDocument) -> tuple[MonthlyLimit, ...]:
    urgent = plan.urgent_at_most
    of_urgent = () if urgent is None else (MonthlyLimit(urgent, urgent=True),)
    others = (
        MonthlyLimit(each.at_most, frozenset(each.severities), each.urgent)
        for each in plan.monthly_limits
    )
    return (*of_urgent, *others)


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
        within=BusinessDays(within.business_days, within.end_of_day)
        if isinstance(within, BusinessDaysDocument)
        else within,
        calendar=clause.calendar,
        opened_in_hours=clause.opened_in_hours,
        strength=clause.strength or meant,
    )
