"""Lines of an imported history: each type's body and service, which are the API's own."""

import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any, Self

from pydantic import BaseModel, ValidationError, model_validator

from app.api.accounts.accounts import AccountPut
from app.api.accounts.contacts import ContactPut
from app.api.http.wire import ID_PATTERN, Instant
from app.api.metering.session_shapes import SessionBooking
from app.api.metering.work import WorkLog
from app.api.selling.grants import Grant
from app.api.selling.purchase_changes import CancellationRequest
from app.api.selling.purchase_shapes import PurchasePlacing
from app.api.tickets.action_shapes import (
    Pause,
    Reopening,
    Reply,
    Resolution,
    Resumption,
    SeverityChange,
)
from app.api.tickets.charge_shapes import Refund, Revision
from app.api.tickets.opening_shapes import TicketOpening
from app.db.accounts.accounts import insert_account
from app.db.accounts.locked_accounts import lock_account
from app.db.engine.unit_of_work import Db
from app.domain.access.callers import SCOPES, Caller
from app.domain.values import Value
from app.services.access.repeats import claim_reference
from app.services.accounts import contacts
from app.services.metering import past_sessions, reopenings, work
from app.services.metering.past_sessions import PastSession
from app.services.selling import cancellations, grants, purchases
from app.services.tickets import openings, refunds, revisions, settlements, ticket_actions
from app.services.tickets.tickets import take_ticket

ID = re.compile(ID_PATTERN)
_CALLER = Caller("import", frozenset(SCOPES))

Apply = Callable[[Db], Awaitable[object]]
Build = Callable[[dict[str, str], Any, str], Apply]


class BadLine(ValueError):
    """What is wrong with a line, in a sentence."""


class PastCancellation(CancellationRequest):
    """An order that was cancelled."""

    at: Instant | None = None
    """When; default now."""


class SessionPast(SessionBooking):
    """A session that is over."""

    ended_at: Instant | None = None
    """When it ended, if it took place; it began at `starts_at`."""
    missed: bool = False
    """Whether the customer did not come."""

    @model_validator(mode="after")
    def _require_one(self) -> Self:
        if (self.ended_at is not None) == self.missed:
            raise ValueError("give when it ended, or that it was missed")
        return self


class ImportLine(Value):
    """A line that was checked: its account, the catalogue that it names, and what it does."""

    account_id: str
    catalog: str | None
    apply: Apply


class LineKind(Value):
    """A type of lines: its body, what it does, and which ids it has besides the body's own."""

    body: type[BaseModel]
    build: Build
    ids: tuple[str, ...] = ("account_id",)


def read_line(text: str) -> ImportLine:
    """Return a line of a file, checked; raises `BadLine` with what is wrong with it."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise BadLine(f"not JSON: {error}") from None
    if not isinstance(document, dict):
        raise BadLine("not an object")
    kind = KINDS.get(str(document.pop("type", None)))
    if kind is None:
        raise BadLine(f"type must be one of {', '.join(KINDS)}")
    ids = {name: document.pop(name, None) for name in kind.ids}
    for name, value in ids.items():
        if not isinstance(value, str) or not ID.fullmatch(value):
            raise BadLine(f"/{name}: an id is needed")
    try:
        body = kind.body.model_validate(document)
    except ValidationError as error:
        fault = error.errors()[0]
        pointer = "".join(f"/{part}" for part in fault["loc"])
        raise BadLine(f"{pointer}: {fault['msg']}") from None
    reference = "import:" + hashlib.sha256(text.strip().encode()).hexdigest()
    return ImportLine(ids["account_id"], _catalog_of(body), kind.build(ids, body, reference))


def _catalog_of(body: BaseModel) -> str | None:
    """Return the catalogue that a line names, by itself or by an offer of it."""
    offer = getattr(body, "offer", None)
    named = offer.partition(".")[0] if offer else getattr(body, "catalog", None)
    return str(named) if named else None


def _put_account(ids: dict[str, str], body: AccountPut, _reference: str) -> Apply:
    """Return what makes an account, and leaves one that is there as it is."""

    async def apply(db: Db) -> object:
        return await insert_account(
            db,
            account_id=ids["account_id"],
            name=body.name,
            email=body.email,
            region=body.region,
            sandbox=bool(body.sandbox),
            metadata=body.metadata,
            now=db.read_clock(),
        )

    return apply


def _put_contact(ids: dict[str, str], body: ContactPut, reference: str) -> Apply:
    """Return what makes or changes a contact, once: what was changed since stays."""

    async def apply(db: Db) -> object:
        if not await _claim(db, ids, reference, result_id=ids["contact_id"]):
            return None
        return await contacts.put_contact(
            db,
            **ids,
            name=body.name,
            emails=body.emails,
            named=body.named,
            if_match=None,
            if_none_match=None,
        )

    return apply


def _place_purchase(ids: dict[str, str], body: PurchasePlacing, _reference: str) -> Apply:
    return lambda db: purchases.place_purchase(
        db, account_id=ids["account_id"], order=body.as_order(), caller=_CALLER
    )


def _grant_units(ids: dict[str, str], body: Grant, _reference: str) -> Apply:
    return lambda db: grants.grant_units(
        db, account_id=ids["account_id"], order=body.as_order(), caller=_CALLER
    )


def _open_ticket(ids: dict[str, str], body: TicketOpening, _reference: str) -> Apply:
    return lambda db: openings.open_ticket(
        db, account_id=ids["account_id"], order=body.as_order(), caller=_CALLER
    )


def _log_work(ids: dict[str, str], body: WorkLog, _reference: str) -> Apply:
    return lambda db: work.log_work(db, **ids, order=body.as_order(), caller=_CALLER)


def _record_session(ids: dict[str, str], body: SessionPast, _reference: str) -> Apply:
    past = PastSession(body.as_order(), body.ended_at, body.missed)
    return lambda db: past_sessions.record_past_session(db, **ids, past=past, caller=_CALLER)


def _cancel_purchase(ids: dict[str, str], body: PastCancellation, reference: str) -> Apply:
    async def apply(db: Db) -> object:
        if not await _claim(db, ids, reference, result_id=ids["order_id"]):
            return None
        return await cancellations.cancel_purchase(
            db,
            **ids,
            refund=body.refund,
            reason=body.reason,
            actor=body.actor,
            caller=_CALLER,
            at=body.at,
            payment_reference=body.payment_reference,
        )

    return apply


async def _claim(db: Db, ids: dict[str, str], reference: str, *, result_id: str) -> bool:
    """Return whether a line is imported for the first time."""
    account = await lock_account(db, ids["account_id"])
    done = await claim_reference(
        db,
        account,
        reference=reference,
        operation="import",
        request=ids,
        result_id=result_id,
    )
    return done is None


def _act(action: Callable[..., Awaitable[object]], *, with_document: bool = False) -> Build:
    """Return what does an action on a ticket once, however often its line is imported."""

    def build(ids: dict[str, str], body: BaseModel, reference: str) -> Apply:
        async def apply(db: Db) -> object:
            if not await _claim(db, ids, reference, result_id=ids["ticket_id"]):
                return None
            fields = {name: getattr(body, name) for name in type(body).model_fields}
            at = fields.pop("at")
            if with_document:
                fields["document"] = body.model_dump(mode="json")
            change = await take_ticket(db, **ids, caller=_CALLER, at=at)
            return await action(db, change, **fields)

        return apply

    return build


_TICKET = ("account_id", "ticket_id")
KINDS: dict[str, LineKind] = {
    "account": LineKind(AccountPut, _put_account),
    "contact": LineKind(ContactPut, _put_contact, ("account_id", "contact_id")),
    "purchase": LineKind(PurchasePlacing, _place_purchase),
    "cancellation": LineKind(PastCancellation, _cancel_purchase, ("account_id", "order_id")),
    "grant": LineKind(Grant, _grant_units),
    "ticket": LineKind(TicketOpening, _open_ticket),
    "reply": LineKind(Reply, _act(reopenings.reply), _TICKET),
    "pause": LineKind(Pause, _act(ticket_actions.pause), _TICKET),
    "resumption": LineKind(Resumption, _act(ticket_actions.resume), _TICKET),
    "severity": LineKind(SeverityChange, _act(ticket_actions.change_severity), _TICKET),
    "work": LineKind(WorkLog, _log_work, _TICKET),
    "session": LineKind(SessionPast, _record_session, _TICKET),
    "revision": LineKind(Revision, _act(revisions.revise_charge, with_document=True), _TICKET),
    "resolution": LineKind(Resolution, _act(settlements.resolve_ticket), _TICKET),
    "refund": LineKind(Refund, _act(refunds.refund_charge, with_document=True), _TICKET),
    "reopening": LineKind(Reopening, _act(reopenings.reopen), _TICKET),
}
