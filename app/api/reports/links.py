"""Links for a browser: to a customer's statement or summary, or to a ticket's timeline."""

from datetime import timedelta
from typing import Annotated, Any, assert_never

from fastapi import Path, Request, Response
from pydantic import Field

from app.api.http.replies.media import HTML, JSON
from app.api.http.routing import RequestCaller, RequestDb, operation, router
from app.api.http.wire import ID_PATTERN, AccountId, Instant, Wire
from app.api.promises.deadlines import SVG, render_ticket_timeline
from app.api.reports.statements import LinkTerm, answer_statement
from app.api.reports.summaries import answer_summary
from app.db.reports.links import LinkTarget
from app.db.tickets.tickets import TicketUnknown
from app.domain.promises.durations import parse_duration
from app.domain.time.periods import PeriodTooLong
from app.services.reports import links, statements, summaries
from app.services.reports.link_tokens import InvalidLinkTerm
from app.services.reports.links import LinkedTicket, LinkUnknown

routes = router("Accounts")

_FORMS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            HTML: {"schema": {"type": "string"}},
            JSON: {"schema": {}},
            SVG: {"schema": {"type": "string"}},
        }
    }
}


class LinkOrder(Wire):
    """A link for a browser, which needs no key."""

    to: LinkTarget
    """The page that the link leads to: a statement, a summary, or a ticket's timeline."""
    ticket_id: Annotated[str | None, Field(pattern=ID_PATTERN)] = None
    """The ticket whose timeline the link leads to; to be given for a timeline only."""
    expires_in: LinkTerm
    """For how long the link works, from now on: ISO 8601, up to 366 days."""

    @property
    def term(self) -> timedelta:
        return parse_duration(self.expires_in)


class LinkWire(Wire):
    """A link to a page for a browser, which needs no key."""

    url: str
    """The address of the link, shown this once: whoever has it may read the page."""
    expires_at: Instant
    """The instant at which the link stops working."""


@routes.post("/v1/accounts/{account_id}/links", summary="Link for a browser", status_code=201)
@operation(
    "read",
    writes=True,
    refuses=[InvalidLinkTerm, LinkedTicket, TicketUnknown],
    secret="url",  # noqa: S106
)
async def create_link(
    db: RequestDb,
    caller: RequestCaller,
    request: Request,
    response: Response,
    account_id: AccountId,
    body: LinkOrder,
) -> LinkWire:
    """Make a link to a statement, a summary or a timeline that works without a key, for a time."""
    made = await links.create_link(
        db,
        account_id=account_id,
        to=body.to,
        ticket_id=body.ticket_id,
        expires_in=body.term,
        caller=caller,
    )
    response.headers["Cache-Control"] = "no-store"
    return LinkWire(
        url=f"{request.app.state.base_url}/v1/links/{made.token}", expires_at=made.expires_at
    )


@routes.get("/v1/links/{token}", summary="Follow a link", response_class=Response, responses=_FORMS)
@operation(None, refuses=[LinkUnknown, PeriodTooLong])
async def follow_link(
    db: RequestDb,
    request: Request,
    token: Annotated[
        str, Path(max_length=200, description="The secret part of the link's address.")
    ],
) -> Response:
    """What a link leads to, as it is now: a page, or data with `Accept: application/json`."""
    link = await links.follow_link(db, token=token)
    match link.target:
        case "statement":
            statement = await statements.read_statement(
                db, account_id=link.account_id, start=None, end=None, catalog=None
            )
            response = answer_statement(statement.for_customer(), request, (HTML, JSON), None)
        case "summary":
            found = await summaries.read_summary(db, account_id=link.account_id, at=None)
            response = answer_summary(request, found, None, forms=(HTML, JSON))
        case "timeline":
            response = await render_ticket_timeline(
                db, request, link.account_id, str(link.ticket_id)
            )
        case _:
            assert_never(link.target)
    response.headers["Cache-Control"] = "private, no-store"
    return response
