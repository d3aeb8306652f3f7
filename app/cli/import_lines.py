"""What each type of an imported line is, and what it does: the API's own bodies and services."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import BaseModel

from app.api.accounts.accounts import AccountPut
from app.api.http.wire import ID_PATTERN
from app.api.selling.grants import Grant
from app.api.selling.purchase_shapes import PurchasePlacing
from app.api.tickets.ticket_shapes import TicketOpening
from app.api.tickets.tickets import Pause, Reopening, Reply, Resolution, Resumption, SeverityChange
from app.db.accounts.accounts import insert_account, lock_account
from app.db.engine.database import Db
from app.domain.access.callers import SCOPES, Caller
from app.services.access.repeats import claim_reference
from app.services.selling import grants, purchases
from app.services.tickets import openings, settlements, ticket_actions
from app.services.tickets.tickets import take_ticket

ID = re.compile(ID_PATTERN)
_CALLER = Caller("import", frozenset(SCOPES))

Apply = Callable[[Db], Awaitable[object]]
Build = Callable[[dict[str, str], Any, str], Apply]


def _put_account(ids: dict[str, str], body: AccountPut, _reference: str) -> Apply:
    """Return what makes an account, and leaves one that is there as it is."""

    async def apply(db: Db) -> object:
        return await insert_account(
            db,
            account_id=ids["account_id"],
            name=body.name,
            email=body.email,
            metadata=body.metadata,
            now=db.read_clock(),
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


def _act(action: Callable[..., Awaitable[object]]) -> Build:
    """Return what does an action on a ticket once, however often its line is imported."""

    def build(ids: dict[str, str], body: BaseModel, reference: str) -> Apply:
        async def apply(db: Db) -> object:
            account = await lock_account(db, ids["account_id"])
            done = await claim_reference(
                db,
                account,
                reference=reference,
                operation="import",
                request=ids,
                result_id=ids["ticket_id"],
            )
            if done is not None:
                return None
            fields = {name: getattr(body, name) for name in type(body).model_fields}
            at = fields.pop("at")
            change = await take_ticket(db, **ids, caller=_CALLER, at=at)
            return await action(db, change, **fields)

        return apply

    return build


KINDS: dict[str, tuple[type[BaseModel], Build]] = {
    "account": (AccountPut, _put_account),
    "purchase": (PurchasePlacing, _place_purchase),
    "grant": (Grant, _grant_units),
    "ticket": (TicketOpening, _open_ticket),
    "reply": (Reply, _act(ticket_actions.reply)),
    "pause": (Pause, _act(ticket_actions.pause)),
    "resumption": (Resumption, _act(ticket_actions.resume)),
    "severity": (SeverityChange, _act(ticket_actions.change_severity)),
    "resolution": (Resolution, _act(settlements.resolve_ticket)),
    "reopening": (Reopening, _act(ticket_actions.reopen)),
}
ACTIONS = frozenset(KINDS) - {"account", "purchase", "grant", "ticket"}
