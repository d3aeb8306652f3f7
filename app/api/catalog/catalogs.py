"""Catalogues and calendars: what sellers publish, and when they are open."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import Body, Path, Query, Response

from app.api.catalog.catalog_shapes import (
    CalendarList,
    CalendarStatusWire,
    CalendarSummary,
    CalendarWire,
    CatalogList,
    CatalogSummary,
    CatalogWire,
    ChangeWire,
    PeriodWire,
    PublishedWire,
)
from app.api.http.routing import IfMatch, IfNoneMatch, RequestCaller, RequestDb, operation, router
from app.api.http.wire import Instant
from app.db.catalog import catalogs as rows
from app.db.catalog.catalogs import CatalogUnknown
from app.documents.form.catalog import CatalogDocument
from app.documents.joining import render_calendar
from app.documents.reading import InvalidCatalog
from app.documents.schema import WrittenAs, document_schema
from app.domain.time.business_time import InstantOutOfRange, RangeTooLong, from_micros, to_micros
from app.domain.time.compiled_calendars import compile_calendar
from app.services.accounts.accounts import PreconditionFailed, etag_of
from app.services.catalog import catalogs
from app.services.catalog.catalogs import CatalogCodeDiffers, CatalogView
from app.services.time import business_time
from app.services.time.business_time import CalendarUnknown

routes = router("Catalogues")

CatalogCode = Annotated[
    str,
    Path(
        pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$",
        description="The code of the catalogue, such as `livecart`.",
    ),
]
CalendarCode = Annotated[
    str,
    Path(
        pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$",
        description="The code of the calendar within its catalogue.",
    ),
]
# The longest time whose open periods one request lists.
LONGEST_RANGE = timedelta(days=732)


@routes.get("/v1/catalogs", summary="List catalogues")
@operation(None, published=True)
async def list_catalogs(db: RequestDb) -> CatalogList:
    """The newest version of every catalogue that is published."""
    data = []
    for published in await rows.list_catalogs(db):
        terms = await rows.load_catalog(db, published.catalog, published.version)
        data.append(
            CatalogSummary(
                catalog=terms.code,
                version=published.version,
                title=terms.title,
                published_at=published.published_at,
                plans=sorted(terms.plans, key=lambda code: terms.plans[code].rank),
                offers=list(terms.offers),
                calendars=[name for name in terms.calendars if name not in terms.roles],
            )
        )
    return CatalogList(data=data, next_cursor=None)


@routes.get("/v1/catalogs/schema", summary="Read the documents' schema")
@operation(None, transaction=False)
async def get_catalog_schema() -> dict[str, Any]:
    """The JSON Schema of a catalogue's document, for editors and other tools to check one by.

    What it allows may still be refused: parts that contradict one another.
    """
    return document_schema()


@routes.get("/v1/catalogs/{catalog}", summary="Read a catalogue")
@operation(None, refuses=[CatalogUnknown], published=True)
async def get_catalog(db: RequestDb, catalog: CatalogCode, response: Response) -> CatalogWire:
    """A catalogue's newest version, whole."""
    return _answer(await catalogs.read_catalog(db, code=catalog), response)


@routes.get("/v1/catalogs/{catalog}/versions/{version}", summary="Read a catalogue's version")
@operation(None, refuses=[CatalogUnknown], published=True)
async def get_catalog_version(
    db: RequestDb,
    catalog: CatalogCode,
    version: Annotated[
        int,
        Path(ge=1, le=2**31 - 1, description="The number of the catalogue's version: 1, 2, 3 …"),
    ],
    response: Response,
) -> CatalogWire:
    """One version of a catalogue; it is the same for ever."""
    found = await catalogs.read_catalog(db, code=catalog, version=version)
    return _answer(found, response)


@routes.put("/v1/catalogs/{catalog}", summary="Publish a catalogue", status_code=200)
@operation(
    "catalogs:write",
    writes=True,
    waits_for_catalog=True,
    across=True,
    takes_toml=True,
    refuses=[InvalidCatalog, CatalogCodeDiffers, PreconditionFailed],
)
async def publish_catalog(
    db: RequestDb,
    caller: RequestCaller,
    catalog: CatalogCode,
    document: Annotated[
        dict[str, Any],
        WrittenAs(CatalogDocument),
        Body(description="The whole document, in the shape of the TOML."),
    ],
    response: Response,
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
) -> PublishedWire:
    """Publish a document as a new version: 201, or 200 when it is the newest one already.

    Every fault is named by its pointer, an example that comes out otherwise too. The document
    is sent as JSON, or as it is written, as `application/toml`. A dry run shows what would
    change.

    The process that published it shows a new version at once, any other within a quarter of a
    second.
    """
    found, created = await catalogs.publish_catalog(
        db,
        code=catalog,
        document=document,
        by=caller.name,
        if_match=if_match,
        if_none_match=if_none_match,
    )
    response.status_code = 201 if created else 200
    shown = _answer(found, response)
    changes = [ChangeWire.model_validate(change) for change in found.changes or []]
    return PublishedWire(**shown.model_dump(), changes=changes)


@routes.get("/v1/calendars", summary="List calendars")
@operation(None, published=True)
async def list_calendars(db: RequestDb) -> CalendarList:
    """The calendars of every catalogue's newest version."""
    data = []
    for published in await rows.list_catalogs(db):
        terms = await rows.load_catalog(db, published.catalog, published.version)
        data += [
            CalendarSummary(
                calendar=f"{terms.code}/{name}",
                name=calendar.name,
                timezone=calendar.zone,
                holidays_until=None
                if calendar.holidays_until is None
                else calendar.holidays_until.isoformat(),
            )
            for name, calendar in terms.calendars.items()
            if name not in terms.roles
        ]
    return CalendarList(data=data, next_cursor=None)


@routes.get("/v1/calendars/{catalog}/{calendar}", summary="Read a calendar")
@operation(None, refuses=[CalendarUnknown, InstantOutOfRange, RangeTooLong], brief=True)
async def get_calendar(
    db: RequestDb,
    catalog: CatalogCode,
    calendar: CalendarCode,
    from_: Annotated[
        Instant | None,
        Query(
            alias="from", description="The instant from which open periods are listed; default now."
        ),
    ] = None,
    to: Annotated[
        Instant | None,
        Query(
            description="The instant up to which open periods are listed; default four weeks after"
            " `from`."
        ),
    ] = None,
) -> CalendarWire:
    """A calendar's rules, and the open periods between two instants, two years apart at most."""
    _, found = await business_time.find_calendar(db, catalog, calendar)
    start = from_ or db.read_clock()
    try:
        end = to or start + timedelta(days=28)
    except OverflowError:
        raise InstantOutOfRange("The range goes past the year 9999.") from None
    if end - start > LONGEST_RANGE:
        raise RangeTooLong("A range may have 732 days at most.")
    periods = compile_calendar(found).periods(to_micros(start), to_micros(end))
    return CalendarWire(
        calendar=f"{catalog}/{calendar}",
        definition=render_calendar(found),
        periods=[
            PeriodWire(start=from_micros(opens), end=from_micros(closes))
            for opens, closes in periods
        ],
    )


@routes.get("/v1/calendars/{catalog}/{calendar}/status", summary="Ask if support is open")
@operation(None, refuses=[CalendarUnknown, InstantOutOfRange], brief=True)
async def get_calendar_status(
    db: RequestDb,
    catalog: CatalogCode,
    calendar: CalendarCode,
    at: Annotated[
        Instant | None, Query(description="The instant that is asked about; default now.")
    ] = None,
) -> CalendarStatusWire:
    """Whether support is open, when it closes, and when it opens next."""
    _, found = await business_time.find_calendar(db, catalog, calendar)
    status = business_time.read_status(found, at or db.read_clock())
    return CalendarStatusWire.model_validate(status)


def _answer(view: CatalogView, response: Response) -> CatalogWire:
    response.headers["ETag"] = etag_of(view.version)
    return CatalogWire(
        catalog=view.catalog,
        version=view.version,
        title=view.title,
        published_at=view.published_at,
        document=dict(view.document),
    )
