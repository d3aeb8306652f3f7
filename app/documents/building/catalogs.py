"""The values of a sound document: what the rest of the service computes with."""

from app.documents.building.offers import build_ending, build_first_licence, build_offer
from app.documents.building.plans import build_plan
from app.documents.form.branding import BrandingDocument
from app.documents.form.catalog import CatalogDocument
from app.documents.form.policies import PoliciesDocument
from app.documents.form.regions import list_roles
from app.documents.form.scope import ChannelDocument, RateDocument, SeverityDocument, TopicDocument
from app.documents.joining import build_calendars
from app.documents.time_units import write_in_minutes
from app.domain.catalog.amounts import Names, TimeUnit
from app.domain.catalog.catalogs import Branding, Catalog, SellerContact, Severity, Topic
from app.domain.catalog.channels import Channel, ChannelTerms
from app.domain.catalog.offers import (
    Discount,
)
from app.domain.catalog.policies import Policies
from app.domain.catalog.rate_cards import Rate
from app.domain.time.calendars import Calendar

_CHANNELS: tuple[Channel, ...] = ("ticket", "email", "chat", "phone", "video")


def build_catalog(document: CatalogDocument) -> Catalog:
    """Return the catalogue that a sound document describes.

    Plans are in order of rank, offers in the seller's order.
    """
    plans = [build_plan(code, plan, document) for code, plan in document.plans.items()]
    by_code = {plan.code: plan for plan in sorted(plans, key=lambda plan: plan.rank)}
    offers = [
        build_offer(f"{document.code}.{code}", offer, by_code, document.currency)
        for code, offer in document.offers.items()
    ]
    channels = {code: _build_channel(code, each) for code, each in document.channels.items()}
    catalog = Catalog(
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
        first_licence=build_first_licence(document.first_licence, by_code),
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
        names=_build_names(document),
        branding=_build_branding(document.branding),
        regions={region: dict(roles) for region, roles in document.regions.items()},
        roles=frozenset(list_roles(document.regions)) - document.calendars.keys(),
        seller_choice=document.seller_choice,
    )
    time_unit = document.time_unit
    return catalog if time_unit is None else write_in_minutes(catalog, time_unit.minutes)


def _assign_roles(calendars: dict[str, Calendar], document: CatalogDocument) -> dict[str, Calendar]:
    """Return calendars with one for each role that is none by itself: the first region's."""
    first = next(iter(document.regions.values()), {})
    return {**{role: calendars[name] for role, name in first.items()}, **calendars}


def _build_names(document: CatalogDocument) -> Names:
    names, time = document.names, document.time_unit
    given = {} if names is None else names.model_dump(exclude_none=True)
    return Names(
        {thing: (one, several) for thing, (one, several) in given.items()},
        None if time is None else TimeUnit(time.name, time.plural, time.minutes),
    )


def _build_branding(branding: BrandingDocument | None) -> Branding:
    if branding is None:
        return Branding()
    return Branding(branding.accent, branding.logo_url, branding.language)


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
        counting=None if policies.counting is None else policies.counting.value(),
        ending=build_ending(policies.ending),
        seller_choice=policies.seller_choice,
    )
