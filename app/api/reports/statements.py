"""Statements: the three-part page, as data, as a table, and as a page."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import Path, Query, Request, Response
from pydantic import AfterValidator, Field

from app.api.http.replies.media import CSV, HTML, JSON, answer_csv, choose_media_type
from app.api.http.routing import RequestCaller, RequestDb, operation, router
from app.api.http.wire import AccountId, Code, Instant, LastSequence, Wire
from app.api.pages.words import Language
from app.api.reports.statement_pages import (
    STATEMENT_COLUMNS,
    render_statement_page,
    statement_rows,
)
from app.api.reports.statement_shapes import StatementWire, render_statement
from app.domain.promises.durations import DurationFault, parse_duration
from app.domain.time.periods import PeriodTooLong
from app.services.ledger.balances import SequenceAhead
from app.services.reports import statement_links, statements
from app.services.reports.link_tokens import InvalidLinkTerm
from app.services.reports.periods import InvalidPeriod
from app.services.reports.statement_links import StatementUnknown
from app.services.reports.statements import AccountStatement

routes = router("Statements")

PageLanguage = Annotated[
    Language | None,
    Query(description="The language of a page's own words; default the seller's first."),
]
_FORMS: dict[int | str, dict[str, Any]] = {
    200: {"content": {CSV: {"schema": {"type": "string"}}, HTML: {"schema": {"type": "string"}}}}
}


def _require_duration(text: str) -> str:
    try:
        parse_duration(text)
    except DurationFault as fault:
        raise ValueError(fault.detail) from None
    return text


LinkTerm = Annotated[
    str, Field(max_length=60, examples=["P14D"]), AfterValidator(_require_duration)
]


class StatementLinkOrder(Wire):
    """A link to a statement, for a customer's browser."""

    expires_in: LinkTerm
    """For how long the link works, from now on: ISO 8601, up to 366 days."""
    from_: Annotated[Instant | None, Field(alias="from")] = None
    """The instant at which the statement's period begins; left out, with the account."""
    to: Instant | None = None
    """The instant at which the statement's period ends, itself excluded; left out, whenever the
    link is opened."""
    catalog: Code | None = None
    """The only catalogue to count, by its code; left out, every one."""

    @property
    def term(self) -> timedelta:
        return parse_duration(self.expires_in)


class StatementLinkWire(Wire):
    """A link to a statement for a browser, which needs no key."""

    url: str
    """The address of the link, shown this once: whoever has it may read the statement."""
    expires_at: Instant
    """The instant at which the link stops working."""


@routes.get(
    "/v1/accounts/{account_id}/statement",
    summary="Read a statement",
    response_model=StatementWire,
    responses=_FORMS,
)
@operation("read", refuses=[InvalidPeriod, PeriodTooLong, SequenceAhead])
async def get_statement(
    db: RequestDb,
    request: Request,
    account_id: AccountId,
    from_: Annotated[
        Instant | None,
        Query(
            alias="from",
            description="The instant at which the period begins; default with the account.",
        ),
    ] = None,
    to: Annotated[
        Instant | None,
        Query(
            description="The instant at which the period ends, itself excluded; default now, or"
            " when the movement `sequence` was, itself included."
        ),
    ] = None,
    catalog: Annotated[
        Code | None, Query(description="Count only units of this catalogue, by its code.")
    ] = None,
    sequence: LastSequence = None,
    language: PageLanguage = None,
) -> StatementWire | Response:
    """Where units came from, which tickets hold some, which have used some; before and after.

    Opening, and the changes of all three parts, are closing. JSON, a table (`text/csv`), or a
    page (`text/html`).
    """
    statement = await statements.read_statement(
        db, account_id=account_id, start=from_, end=to, catalog=catalog, sequence=sequence
    )
    return answer_statement(statement, request, (JSON, HTML, CSV), language)


@routes.post(
    "/v1/accounts/{account_id}/statement-links", summary="Link to a statement", status_code=201
)
@operation("read", writes=True, refuses=[InvalidPeriod, InvalidLinkTerm], secret="url")  # noqa: S106
async def create_statement_link(
    db: RequestDb,
    caller: RequestCaller,
    request: Request,
    response: Response,
    account_id: AccountId,
    body: StatementLinkOrder,
) -> StatementLinkWire:
    """Make a link that shows the statement to whoever has it, without a key, until it expires."""
    link = await statement_links.create_statement_link(
        db,
        account_id=account_id,
        expires_in=body.term,
        start=body.from_,
        end=body.to,
        catalog=body.catalog,
        caller=caller,
    )
    response.headers["Cache-Control"] = "no-store"
    return StatementLinkWire(
        url=f"{request.app.state.base_url}/v1/statements/{link.token}",
        expires_at=link.expires_at,
    )


@routes.get(
    "/v1/statements/{token}",
    summary="Read a linked statement",
    response_model=StatementWire,
    responses=_FORMS,
)
@operation(None, refuses=[StatementUnknown, PeriodTooLong])
async def get_linked_statement(
    db: RequestDb,
    request: Request,
    token: Annotated[
        str, Path(max_length=200, description="The secret part of the link's address.")
    ],
    language: PageLanguage = None,
) -> StatementWire | Response:
    """The statement that a link leads to: a page, or data (`application/json`, `text/csv`)."""
    statement = await statement_links.read_linked_statement(db, token=token)
    return answer_statement(statement, request, (HTML, JSON, CSV), language)


def answer_statement(
    statement: AccountStatement, request: Request, forms: tuple[str, ...], language: Language | None
) -> Response:
    wanted = choose_media_type(request.headers.get("Accept"), forms)
    if wanted == HTML:
        response: Response = render_statement_page(statement, language)
    elif wanted == CSV:
        name = f"statement-{statement.account_id}-{statement.sequence}"
        response = answer_csv(request, STATEMENT_COLUMNS, statement_rows(statement), name=name)
    else:
        shown = render_statement(statement).model_dump_json(by_alias=True)
        response = Response(shown, media_type=JSON)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Vary"] = "Accept"
    return response
