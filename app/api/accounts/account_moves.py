"""Moves of accounts: all that a customer has into another account, as when two are one."""

from pydantic import Field

from app.api.http.access import require_seen
from app.api.http.routing import IfMatch, RequestCaller, RequestDb, operation, router
from app.api.http.wire import AccountId, Id, Instant, Text, Wire
from app.domain.access.account_moves import ClocksDiffer, IdsMet, SameAccount
from app.services.accounts.preconditions import PreconditionFailed
from app.services.ledger import account_moves
from app.services.ledger.account_moves import MovedAccount

routes = router("Accounts")


class AccountMoveRequest(Wire):
    """Where an account's content is to go, and why."""

    to_account_id: Id = Field(examples=["c-2077"])
    """The account that gets all of the content; it has to be there already."""
    reason: Text = Field(examples=["One customer, entered twice"])
    """Why the content is moved; kept on the record, and shown in the statement."""
    actor: Text = Field(examples=["m.ozols"])
    """Who decided on the move, as the caller names them."""


class MovedCounts(Wire):
    """How many things of each kind the account had, and were moved."""

    purchases: int
    """The number of orders that were moved, pending and cancelled ones too."""
    subscriptions: int
    """The number of subscriptions that were moved, ended ones too."""
    lots: int
    """The number of lots of units that were moved, ended ones too."""
    entries: int
    """The number of movements of units that were moved."""
    tickets: int
    """The number of tickets that were moved, resolved ones too."""
    sessions: int
    """The number of chat, phone and video sessions that were moved."""
    work: int
    """The number of pieces of logged work that were moved."""
    quotes: int
    """The number of quotes that were moved."""
    licenses: int
    """The number of software licences that were moved."""
    contacts: int
    """The number of contacts, people of the customer, that were moved."""
    events: int
    """The number of events that were moved, which the other account's list has after its own."""


class AccountMoveWire(Wire):
    """What came of moving an account's content into another."""

    account_id: str
    """The account whose content was moved; from now on its addresses answer 410."""
    moved_to: str
    """The account that has all of the content now."""
    moved_at: Instant
    """The instant at which the content was moved."""
    sequence: int
    """The number of the last movement of units of the account that has all of it now."""
    moved: MovedCounts
    """How much was moved, by kind."""


@routes.post("/v1/accounts/{account_id}/move", summary="Move an account's content", status_code=200)
@operation("admin", writes=True, refuses=[SameAccount, ClocksDiffer, IdsMet, PreconditionFailed])
async def move_account(
    db: RequestDb,
    caller: RequestCaller,
    account_id: AccountId,
    body: AccountMoveRequest,
    if_match: IfMatch = None,
) -> AccountMoveWire:
    """Move everything of the account into another one, which has nothing of the same ids.

    Plans, units, orders, tickets with their clocks and work, people, references and events are
    the other's from then on, and nothing is undone: entries keep when they took effect, and the
    other's statement says of each lot where it came from. The account's own e-mail address
    becomes a contact of the other, which keeps its name and data. Afterwards whatever is asked
    of the old id is answered 410 `account_moved`, with where it went, also when it is put again.
    Links to the old account end; keys and webhooks that name it stay as they are, and see
    nothing more of it.
    """
    require_seen(caller, body.to_account_id)
    moved = await account_moves.move_account(
        db,
        account_id=account_id,
        to_account_id=body.to_account_id,
        reason=body.reason,
        actor=body.actor,
        if_match=if_match,
    )
    return _render(moved)


def _render(moved: MovedAccount) -> AccountMoveWire:
    rows = moved.rows
    return AccountMoveWire(
        account_id=moved.move.account_id,
        moved_to=moved.move.moved_to,
        moved_at=moved.move.moved_at,
        sequence=moved.sequence,
        moved=MovedCounts(
            purchases=rows["purchases"],
            subscriptions=rows["subscriptions"],
            lots=moved.lots,
            entries=moved.entries,
            tickets=rows["tickets"],
            sessions=rows["sessions"],
            work=rows["work"],
            quotes=rows["quotes"],
            licenses=rows["licences"],
            contacts=rows["contacts"],
            events=rows["events"],
        ),
    )
