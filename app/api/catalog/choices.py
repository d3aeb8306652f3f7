"""Choices: what a helpdesk lets people choose from, of a catalogue's newest version."""

from app.api.catalog.catalogs import CatalogCode
from app.api.catalog.choice_shapes import (
    RateWire,
    SeverityWire,
    TopicWire,
    render_rate,
    render_topic,
)
from app.api.http.routing import RequestDb, operation, router
from app.api.http.wire import Page
from app.db.catalog.catalogs import CatalogUnknown
from app.services.catalog import catalogs

routes = router("Catalogues")


@routes.get("/v1/catalogs/{catalog}/rate-card", summary="List a catalogue's prices")
@operation(None, refuses=[CatalogUnknown], published=True)
async def list_rates(db: RequestDb, catalog: CatalogCode) -> Page[RateWire]:
    """The categories of issues and what each costs, in the seller's order.

    A catalogue that does not price by category has none. A bug report is the category `bug` in
    every catalogue, costs nothing, and is not listed.
    """
    terms, _ = await catalogs.load_terms(db, code=catalog)
    return Page(data=[render_rate(rate) for rate in terms.rate_card.values()], next_cursor=None)


@routes.get("/v1/catalogs/{catalog}/topics", summary="List a catalogue's topics")
@operation(None, refuses=[CatalogUnknown], published=True)
async def list_topics(db: RequestDb, catalog: CatalogCode) -> Page[TopicWire]:
    """The subjects that support covers, and those that it does not, in the seller's order."""
    terms, _ = await catalogs.load_terms(db, code=catalog)
    data = [render_topic(terms, topic) for topic in terms.topics.values()]
    return Page(data=data, next_cursor=None)


@routes.get("/v1/catalogs/{catalog}/severities", summary="List a catalogue's severities")
@operation(None, refuses=[CatalogUnknown], published=True)
async def list_severities(db: RequestDb, catalog: CatalogCode) -> Page[SeverityWire]:
    """The levels of severity that the seller defines, the gravest first, with examples."""
    terms, _ = await catalogs.load_terms(db, code=catalog)
    data = [SeverityWire.model_validate(each) for each in terms.severities.values()]
    return Page(data=data, next_cursor=None)
