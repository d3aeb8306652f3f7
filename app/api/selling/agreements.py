"""Agreements: what was agreed about a subscription besides its terms."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import Field, StringConstraints

from app.api.http.paging import cut_page
from app.api.http.routing import RequestCaller, RequestDb, operation, router
from app.api.http.wire import (
    AccountId,
    Cursor,
    Instant,
    InvalidCursor,
    Limit,
    LongText,
    Order,
    Page,
    Reference,
    Text,
    Wire,
    read_cursor,
)
from app.api.selling.purchase_shapes import drop_absent
from app.db.accounts.accounts import find_account
from app.db.ledger.subscriptions import SubscriptionUnknown
from app.db.selling import agreements as rows
from app.domain.selling.agreements import Agreement, AgreementKind, AgreementTerms, NotAgreeable
from app.services.access.repeats import AlreadyExists
from app.services.selling import agreements
from app.services.selling.agreements import AgreementOrder, AgreementView

routes = router("Agreements")

Month = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
_A = "/v1/accounts/{account_id}/agreements"


class AgreementRequest(Wire):
    """An agreement to be recorded about a subscription, besides its terms."""

    reference: Reference
    """The caller's own reference of the agreement: sent again, it is recorded once."""
    kind: AgreementKind
    """What is agreed: months of hours joined, a weekly cap raised, or cover on top."""
    subscription_id: UUID
    """The subscription that the agreement is about, by its own id."""
    months: (
        Annotated[int, Field(ge=2, le=12, strict=True, examples=[2])]
        | Annotated[list[Month], Field(min_length=2, max_length=12)]
        | None
    ) = None
    """For `join_months`: how many months are joined, from the present one on, or which (`2026-12`,
    by when each begins)."""
    minutes: Annotated[int | None, Field(ge=1, le=10_080, strict=True)] = None
    """For `raise_cap`: the minutes that a week may use; left out, what is above the cap may be
    billed."""
    until: Instant | None = None
    """For `raise_cap` and `extended_cover`: until when the agreement holds, itself excluded;
    default the subscription's end."""
    reason: LongText
    """Why it was agreed, for the record."""
    actor: Text
    """Who agreed, as the caller names them."""
    at: Instant | None = None
    """The instant at which it was agreed, from which it holds; default now. It is never before the
    subscription begins, and months are not joined before the last movement of the account's
    units. Tickets that were opened before it is recorded keep the cover that they have."""

    def as_order(self) -> AgreementOrder:
        """Return the agreement as a value."""
        months = self.months
        return AgreementOrder(
            reference=self.reference,
            kind=self.kind,
            subscription_id=self.subscription_id,
            months=tuple(months) if isinstance(months, list) else months,
            minutes=self.minutes,
            until=self.until,
            reason=self.reason,
            actor=self.actor,
            at=self.at,
            document=drop_absent(self.model_dump(mode="json"), "at"),
        )


class AgreementWire(Wire):
    """An agreement about a subscription, as it is on record."""

    reference: str
    """The caller's reference of the agreement; `order …` where it was bought."""
    kind: AgreementKind
    """What is agreed: months of hours joined, a weekly cap raised, or cover on top."""
    subscription_id: UUID
    """The subscription that the agreement is about, by its own id."""
    starts_at: Instant
    """The instant from which the agreement holds."""
    ends_at: Instant | None
    """Until when the agreement holds, itself excluded; null: as long as the subscription."""
    minutes: int | None
    """The minutes that a week may use, by joined months or a raised cap; null where none are
    agreed."""
    lot_ids: list[UUID]
    """The lots of joined months, which are used together; empty for any other agreement."""
    calendar: str | None
    """The calendar whose open time the promises gain by cover on top; null for any other
    agreement."""
    order_id: str | None
    """The order by which cover was bought; null for any other agreement."""
    reason: str
    """Why it was agreed, for the record."""
    actor: str
    """Who agreed, as the caller names them."""
    created_at: Instant
    """The instant at which the agreement was recorded."""


class RecordedAgreement(AgreementWire):
    """An agreement that was recorded, and what it did to the account's units."""

    sequence: int
    """The number of the last movement of the account's units."""


@routes.post(_A, summary="Record an agreement", status_code=201)
@operation(
    "ledger:write",
    writes=True,
    refuses=[AlreadyExists, SubscriptionUnknown, AgreementTerms, NotAgreeable],
)
async def record_agreement(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    body: AgreementRequest,
    response: Response,
) -> RecordedAgreement:
    """Record what was agreed, and do it.

    `join_months`: the months' units are usable together, from the first on until the end of the
    last; a later month's are taken back there and granted here, and a week may use its share of
    their sum. `raise_cap`: a week may use `minutes`, or what is above its cap may be billed.
    `extended_cover`: tickets opened meanwhile count the cover's open time, for as long as they
    are open.
    """
    view, created = await agreements.record_agreement(
        db, account_id=account_id, order=body.as_order(), caller=caller
    )
    response.status_code = 201 if created else 200
    return _render(view)


@routes.get(_A, summary="List an account's agreements")
@operation("read", refuses=[InvalidCursor])
async def list_agreements(
    db: RequestDb,
    account_id: AccountId,
    order: Order = "desc",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[AgreementWire]:
    """Agreements by when they were recorded, bought cover among them."""
    await find_account(db, account_id)
    found = await rows.list_agreements(
        db,
        account_id,
        after=read_cursor(cursor, datetime, str, bool),
        ascending=order == "asc",
        limit=limit + 1,
    )
    return cut_page(
        found,
        limit=limit,
        place=lambda each: (each.created_at, each.reference, each.bought),
        render=_render_agreement,
    )


def _render(view: AgreementView) -> RecordedAgreement:
    return RecordedAgreement(
        **_render_agreement(view.agreement).model_dump(), sequence=view.sequence
    )


def _render_agreement(agreement: Agreement) -> AgreementWire:
    terms = agreement.terms
    return AgreementWire(
        reference=agreement.reference,
        kind=agreement.kind,
        subscription_id=agreement.subscription_id,
        starts_at=terms.starts_at,
        ends_at=terms.ends_at,
        minutes=terms.cap_minutes if terms.minutes is None else terms.minutes,
        lot_ids=list(terms.lot_ids),
        calendar=terms.calendar,
        order_id=terms.order_id,
        reason=agreement.reason,
        actor=agreement.actor,
        created_at=agreement.created_at,
    )
