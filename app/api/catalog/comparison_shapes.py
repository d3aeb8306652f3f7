"""A comparison of plans as it is on the wire."""

from typing import Literal

from app.api.catalog.choice_shapes import (
    RateWire,
    SeverityWire,
    TopicWire,
    render_rate,
    render_topic,
)
from app.api.catalog.offer_shapes import OfferWire, render_offer
from app.api.catalog.plan_values import PlanPage, PlanRow, Section
from app.api.http.wire import Wire
from app.api.pages.words import Language


class PlanColumn(Wire):
    """A plan, as one column of the table."""

    plan: str
    """The plan's code in the catalogue."""
    name: str
    """The plan's name, as people read it."""
    description: str
    """What the plan gives, in a sentence."""
    features: list[str]
    """What the plan brings besides what the rows compare."""


class ComparedCell(Wire):
    """What one plan has in one row of the table."""

    plan: str
    """The code of the plan whose column it is."""
    text: str
    """The text that a shop shows; empty where the seller says nothing."""
    included: bool | None
    """Whether the plan has what the row compares: true, false (a dash), or null where only the
    text says."""
    detail: str | None
    """More in small print, such as how firm a time is; null where there is nothing more."""
    chosen: bool
    """Whether the seller's published terms leave this open, and it was chosen."""


class ComparedRow(Wire):
    """A row of the table: one thing that the plans are compared by."""

    label: str
    """What the row compares the plans by."""
    note: str | None
    """What holds of the row for every plan, such as how a channel is served; null where nothing is
    added."""
    chosen: bool
    """Whether the seller's published terms leave this open, and it was chosen."""
    cells: list[ComparedCell]
    """The cells of the row, one for each plan, in the order of the plans."""


class ComparedSection(Wire):
    """A part of the table: rows that belong together."""

    title: str
    """The heading of the section: what its rows have in common."""
    note: str | None
    """What the heading means, such as a severity's definition; null where nothing is added."""
    rows: list[ComparedRow]
    """The rows of the section, one for each thing compared."""


class TermLine(Wire):
    """One more of the seller's terms, as a label and what it says."""

    label: str
    """What the term is about, as a label."""
    text: str
    """What the seller says of the term."""
    chosen: bool
    """Whether the seller's published terms leave this open, and it was chosen."""


class DepartmentWire(Wire):
    """A department that a customer can turn to."""

    department: str
    """The department's name, as people read it."""
    email: str | None
    """The department's e-mail address; null where it has none."""
    phones: list[str]
    """The department's telephone numbers, as the seller writes them."""
    hours: str | None
    """The hours in which the department can be reached, in words; null where none are stated."""
    note: str | None
    """What else the seller says of the department; null where nothing is said."""


class ComparisonWire(Wire):
    """A catalogue's plans side by side, and what can be bought of them."""

    catalog: str
    """The catalogue whose plans are compared, by its code."""
    version: int
    """The version of the catalogue that is shown."""
    language: Literal["en", "ru", "de"]
    """The language of the words around the seller's own."""
    title: str
    """The catalogue's title, as people read it."""
    description: str
    """What the seller sells, in a sentence."""
    plans: list[PlanColumn]
    """The columns, in the order in which the seller sells them."""
    sections: list[ComparedSection]
    """The rows of the table, section by section: price and allowance, channels, times."""
    offers: list[OfferWire]
    """The offers that can be bought, in the seller's order."""
    rate_card: list[RateWire]
    """What each category of issue costs, where the seller prices by category."""
    topics: list[TopicWire]
    """The subjects in scope, and those for an additional fee."""
    severities: list[SeverityWire]
    """The levels of severity, where the seller defines any."""
    services: list[str]
    """The services that the plans bring, as the seller lists them."""
    terms: list[TermLine]
    """Hours, discounts, free units, languages, and whatever else holds for every plan."""
    contacts: list[DepartmentWire]
    """The departments that a customer can turn to."""
    notes: list[str]
    """The seller's own notes about the terms."""


def render_comparison(page: PlanPage, version: int, language: Language) -> ComparisonWire:
    """Return a plan page as it is on the wire."""
    terms = page.catalog
    return ComparisonWire(
        catalog=terms.code,
        version=version,
        language=language,
        title=terms.title,
        description=terms.description,
        plans=[
            PlanColumn(
                plan=plan.code,
                name=plan.name,
                description=plan.description,
                features=list(plan.features),
            )
            for plan in page.plans
        ],
        sections=[_render_section(each) for each in page.sections],
        offers=[render_offer(terms, offer) for offer in terms.offers.values()],
        rate_card=[render_rate(rate) for rate in terms.rate_card.values()],
        topics=[render_topic(terms, topic) for topic in terms.topics.values()],
        severities=[SeverityWire.model_validate(each) for each in page.severities],
        services=list(terms.services),
        terms=[TermLine.model_validate(each) for each in page.terms],
        contacts=[
            DepartmentWire(
                department=each.contact.department,
                email=each.contact.email,
                phones=list(each.contact.phones),
                hours=each.hours,
                note=each.contact.note,
            )
            for each in page.departments
        ],
        notes=list(terms.notes),
    )


def _render_section(section: Section) -> ComparedSection:
    return ComparedSection(
        title=section.title, note=section.note, rows=[_render_row(row) for row in section.rows]
    )


def _render_row(row: PlanRow) -> ComparedRow:
    return ComparedRow(
        label=row.label,
        note=row.note,
        chosen=row.chosen,
        cells=[ComparedCell.model_validate(cell) for cell in row.cells],
    )
