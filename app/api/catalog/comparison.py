"""Comparisons: a catalogue's plans side by side, as a shop shows them; data, or a page."""

from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from app.api.catalog.catalogs import CatalogCode
from app.api.catalog.offer_shapes import OfferWire, show_offer
from app.api.http.media import HTML, JSON, choose_media_type
from app.api.http.pages import render_page
from app.api.http.routing import RequestDb, operation, router
from app.api.http.wire import Wire
from app.db.catalog.catalogs import CatalogUnknown
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.comparisons import Comparison, Row
from app.domain.catalog.offer_texts import describe_allowance, describe_term
from app.domain.catalog.price_texts import say_list_price, say_price
from app.services.catalog import offers

routes = router("Offers")

_PAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {HTML: {"schema": {"type": "string"}}}},
}


class PlanColumn(Wire):
    """A plan, as one column of the table."""

    plan: str
    """Its code."""
    name: str
    """Its name."""
    description: str
    """What it is, in a sentence."""
    features: list[str]
    """What it brings besides."""


class ComparedCell(Wire):
    """What one plan has of a row."""

    plan: str
    """The plan."""
    text: str
    """What a shop shows."""
    included: bool | None
    """Yes, no (a dash), or neither: what the text says."""


class ComparedRow(Wire):
    """One thing that plans are compared by."""

    label: str
    """What it is."""
    cells: list[ComparedCell]
    """What each plan has of it, in the order of the plans."""


class ComparedSection(Wire):
    """Rows that belong together."""

    title: str
    """What they have in common."""
    note: str | None
    """What that means: a severity's definition."""
    rows: list[ComparedRow]
    """One for each thing."""


class SeverityLevel(Wire):
    """One level of severity, as the seller defines it."""

    level: int
    """1 is the gravest."""
    name: str
    """Its name."""
    definition: str
    """What it is."""
    examples: list[str]
    """For example."""


class ComparisonWire(Wire):
    """A catalogue's plans side by side, and what can be bought of them."""

    catalog: str
    """The catalogue."""
    version: int
    """The version of its terms."""
    title: str
    """Its title."""
    description: str
    """What it is, in a sentence."""
    plans: list[PlanColumn]
    """The columns, from the plainest plan to the best."""
    sections: list[ComparedSection]
    """The rows: price and allowance, channels, times."""
    offers: list[OfferWire]
    """What can be bought, plan by plan."""
    severities: list[SeverityLevel]
    """The levels of severity, where the seller defines any."""
    services: list[str]
    """Services within the plans."""
    notes: list[str]
    """The seller's own notes."""


@routes.get(
    "/v1/catalogs/{catalog}/comparison",
    summary="Compare a catalogue's plans",
    response_model=ComparisonWire,
    responses=_PAGE,
)
@operation(None, refuses=[CatalogUnknown], published=True)
async def compare_plans(db: RequestDb, request: Request, catalog: CatalogCode) -> Response:
    """The plan table that a shop shows, made from the catalogue: JSON, or a page (`text/html`)."""
    terms, version, comparison = await offers.compare_plans(db, catalog=catalog)
    wanted = choose_media_type(request.headers.get("Accept"), (JSON, HTML))
    if wanted == HTML:
        response: Response = _render(terms, comparison)
    else:
        shown = _show(terms, version, comparison)
        response = Response(shown.model_dump_json(), media_type=JSON)
    response.headers["Vary"] = "Accept"
    return response


def _show(terms: Catalog, version: int, comparison: Comparison) -> ComparisonWire:
    return ComparisonWire(
        catalog=terms.code,
        version=version,
        title=terms.title,
        description=terms.description,
        plans=[
            PlanColumn(
                plan=plan.code,
                name=plan.name,
                description=plan.description,
                features=list(plan.features),
            )
            for plan in comparison.plans
        ],
        sections=[
            ComparedSection(
                title=section.title,
                note=section.note,
                rows=[_show_row(row) for row in section.rows],
            )
            for section in comparison.sections
        ],
        offers=[show_offer(terms, offer) for offer in comparison.offers],
        severities=[
            SeverityLevel(
                level=each.level,
                name=each.name,
                definition=each.definition,
                examples=list(each.examples),
            )
            for each in terms.severities.values()
        ],
        services=list(terms.services),
        notes=list(terms.notes),
    )


def _show_row(row: Row) -> ComparedRow:
    cells = [
        ComparedCell(plan=cell.plan, text=cell.text, included=cell.included) for cell in row.cells
    ]
    return ComparedRow(label=row.label, cells=cells)


def _render(terms: Catalog, comparison: Comparison) -> HTMLResponse:
    by_severity = any(section.note for section in comparison.sections)
    return render_page(
        "comparison.html",
        catalog=terms,
        comparison=comparison,
        severities=[] if by_severity else list(terms.severities.values()),
        offers=[
            {
                "name": offer.name,
                "description": offer.description,
                "term": "" if offer.term is None else describe_term(offer.term),
                "allowance": ""
                if offer.plan is None
                else describe_allowance(offer.allowance, offer.unit),
                "price": say_price(offer),
                "listed": "" if offer.list_price is None else say_list_price(offer.list_price),
            }
            for offer in comparison.offers
        ],
    )
