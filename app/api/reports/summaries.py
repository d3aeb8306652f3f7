"""Summaries: the customer in one call, as data or as a card for a helpdesk's sidebar."""

import hashlib
import re
from typing import Annotated, Any

from fastapi import Header, Query, Request, Response
from pydantic import TypeAdapter

from app.api.http.replies.media import HTML, JSON, choose_media_type
from app.api.http.replies.pages import render_page
from app.api.http.routing import RequestDb, operation, router
from app.api.http.wire import ID_PATTERN, AccountId, Email, Instant
from app.api.pages.words import Language, Words, name_zone, words_of
from app.api.reports.summary_shapes import SummaryWire, render_summary
from app.api.reports.summary_texts import (
    write_channel,
    write_coming,
    write_left,
    write_notice,
)
from app.db.accounts.accounts import AccountUnknown
from app.domain.coverage.sites import InvalidSite
from app.services.reports import summaries
from app.services.reports.summaries import OneNamed, SeveralAccounts, Summary

routes = router("Accounts")

_PAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {HTML: {"schema": {"type": "string"}}}},
    304: {"description": "The summary is still what `If-None-Match` names, and is not sent again."},
}
At = Annotated[
    Instant | None,
    Query(
        description="The instant to summarize; default now. All of the past is as it stood"
        " then, by what is recorded now. Not known of it, and so as they are now: the names of the"
        " customer and of their tickets, and the slot of a session that was moved since. A"
        " suspension that was ended is known as long as its events are kept; tickets that were"
        " archived since are left out, and of more than 1,000 that were open then those opened"
        " first. In the future plans and units are as they will be, tickets, sessions and disputes"
        " those of now."
    ),
]
CardLanguage = Annotated[
    Language | None,
    Query(description="The language of the card's own words; default the seller's first."),
]
IfNoneMatch = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        max_length=400,
        description="The ETag of a summary that the caller has: if nothing has changed since, the"
        " answer is 304 without a body.",
    ),
]
_WRITTEN = TypeAdapter(SummaryWire)
# The first that reads so is the member: within a text, quotes stand behind a backslash.
_AS_OF = re.compile(rb'"as_of":"[^"]*",')


@routes.get(
    "/v1/accounts/{account_id}/summary",
    summary="Summarize a customer",
    response_model=SummaryWire,
    responses=_PAGE,
)
@operation("read", brief=True)
async def get_summary(
    db: RequestDb,
    request: Request,
    account_id: AccountId,
    at: At = None,
    if_none_match: IfNoneMatch = None,
    language: CardLanguage = None,
) -> Response:
    """A customer as whoever serves them needs it: plans, what is left, channels, tickets, notices.

    As `text/html` it is a card for a helpdesk's sidebar, which needs no script. The ETag stays
    the same while nothing but `as_of` would change.
    """
    found = await summaries.read_summary(db, account_id=account_id, at=at)
    return answer_summary(request, found, if_none_match, language=language)


@routes.get(
    "/v1/summary",
    summary="Find and summarize a customer",
    response_model=SummaryWire,
    responses=_PAGE,
)
@operation(
    "read",
    across=True,
    brief=True,
    refuses=[AccountUnknown, SeveralAccounts, OneNamed, InvalidSite],
)
async def find_summary(
    db: RequestDb,
    request: Request,
    email: Annotated[
        Email | None, Query(description="An e-mail address of the customer, in any case.")
    ] = None,
    site: Annotated[
        str | None,
        Query(max_length=2_000, description="The URL of a store that the customer has cover for."),
    ] = None,
    license_id: Annotated[
        str | None,
        Query(pattern=ID_PATTERN, description="The id of a licence that the customer has."),
    ] = None,
    if_none_match: IfNoneMatch = None,
    language: CardLanguage = None,
) -> Response:
    """Summarize the one customer with an e-mail address, a site or a licence.

    Give one of the three. Where several customers fit, name the one that is meant by its id; a
    sandbox account is found where no other fits.
    """
    account_id = await summaries.find_customer(db, email=email, site=site, license_id=license_id)
    found = await summaries.read_summary(db, account_id=account_id, at=None)
    return answer_summary(request, found, if_none_match, language=language)


def answer_summary(
    request: Request,
    found: Summary,
    if_none_match: str | None,
    *,
    language: Language | None = None,
    forms: tuple[str, ...] = (JSON, HTML),
) -> Response:
    """Return a summary in the form that is asked for: of `forms`, the first one by default.

    The card is in the words of `language`, or else of its one seller's pages.
    """
    shown = render_summary(found)
    wanted = choose_media_type(request.headers.get("Accept"), forms)
    text = _WRITTEN.dump_json(shown)
    words = _choose_words(found, language)
    told = f"{wanted} {words.language} ".encode() + _AS_OF.sub(b"", text, count=1)
    digest = hashlib.sha256(told).hexdigest()[:32]
    headers = {"ETag": f'"{digest}"', "Vary": "Accept", "Cache-Control": "private, no-cache"}
    named = [each.strip().removeprefix("W/") for each in (if_none_match or "").split(",")]
    if headers["ETag"] in named or "*" in named:
        return Response(status_code=304, headers=headers)
    if wanted == HTML:
        response: Response = render_page(
            "summary.html",
            summary=shown,
            plans=found.plans,
            lefts=[
                write_left(each.remaining, each.catalog, words)
                if each.coming is None
                else write_coming(each.coming, each.catalog, words)
                for each in found.plans
            ],
            notices=[write_notice(each, words) for each in found.notices],
            words=words,
            write_channel=write_channel,
            name_zone=name_zone,
        )
        response.headers.update(headers)
        response.headers["Content-Language"] = words.language
        return response
    return Response(text, media_type=JSON, headers=headers)


def _choose_words(found: Summary, language: Language | None) -> Words:
    """Return the words of a card: of several sellers' plans in English, unless one is asked for.

    Of one seller's terms in several versions, the newest has the words.
    """
    plans = sorted(found.plans, key=lambda plan: plan.subscription.catalog_version)
    sellers = {plan.catalog.code: plan.catalog for plan in plans}
    if len(sellers) != 1:
        return Words(language or "en")
    (seller,) = sellers.values()
    return words_of(seller, language)
