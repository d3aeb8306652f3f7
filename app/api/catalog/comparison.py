"""Comparisons: a catalogue's plans side by side, and its whole terms; data, or a page."""

from typing import Annotated, Any

from fastapi import Query, Request, Response

from app.api.catalog.catalogs import CatalogCode
from app.api.catalog.comparison_shapes import ComparisonWire, render_comparison
from app.api.catalog.plan_pages import build_plan_page
from app.api.http.replies.media import HTML, JSON, choose_media_type
from app.api.http.replies.pages import render_page
from app.api.http.routing import RequestDb, operation, router
from app.api.pages.words import Language, Words, languages_of, words_of
from app.db.catalog.catalogs import CatalogUnknown
from app.services.catalog import catalogs

routes = router("Offers")

_PAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {HTML: {"schema": {"type": "string"}}}},
}


@routes.get(
    "/v1/catalogs/{catalog}/comparison",
    summary="Compare a catalogue's plans",
    response_model=ComparisonWire,
    responses=_PAGE,
)
@operation(None, refuses=[CatalogUnknown], published=True)
async def compare_plans(
    db: RequestDb,
    request: Request,
    catalog: CatalogCode,
    language: Annotated[
        Language | None,
        Query(description="The language of the page's own words; default the catalogue's first."),
    ] = None,
) -> Response:
    """The plan table that a shop shows, made from the catalogue: JSON, or a page (`text/html`).

    It says the seller's whole terms: plans, channels, times and how firm they are, offers, the
    rate card, what is in scope and what is not, hours, discounts and contacts. What the seller
    writes stands as it is written; the words around it are in `language`.
    """
    terms, version = await catalogs.load_terms(db, code=catalog)
    spoken = languages_of(terms)
    words = words_of(terms, language)
    page = build_plan_page(terms, words)
    wanted = choose_media_type(request.headers.get("Accept"), (JSON, HTML))
    if wanted == HTML:
        response: Response = render_page(
            "comparison.html",
            page=page,
            catalog=terms,
            branding=terms.branding,
            words=words,
            points=words.noun("point"),
            languages=[(each, Words(each).name_language(each)) for each in spoken],
            written_in=spoken[0],
        )
    else:
        shown = render_comparison(page, version, words.language)
        response = Response(shown.model_dump_json(), media_type=JSON)
    response.headers["Content-Language"] = words.language
    response.headers["Vary"] = "Accept"
    return response
