"""Moves of accounts: all that one customer has becomes another's, and nothing of it is undone."""

from uuid import UUID

from app.db.accounts import account_moves, contacts
from app.db.accounts.accounts import find_account
from app.db.accounts.locked_accounts import LockedAccount, lock_account
from app.db.accounts.search import list_accounts_by_address
from app.db.engine.unit_of_work import Db
from app.db.ledger import ledger, moved_ledgers, stored_lots
from app.db.ledger.ledger import Stamp
from app.domain.access.account_moves import AccountMove, require_movable
from app.domain.access.accounts import Account, Contact, fold_address
from app.domain.events.account_events import AccountMovedData, ContactChangedData
from app.domain.ledger.ledger import Movement
from app.domain.values import Value
from app.services.accounts.preconditions import require_match

CAUSE = "account_move"
_SEVERAL = 50


class MovedAccount(Value):
    """What an account got of another, by kind, and how far its ledger has come."""

    move: AccountMove
    sequence: int
    entries: int
    lots: int
    rows: dict[str, int]


async def move_account(
    db: Db, *, account_id: str, to_account_id: str, reason: str, actor: str, if_match: str | None
) -> MovedAccount:
    """Move an account's plans, units, orders, tickets, people and events into another.

    The other's statement has the moved entries when they took effect, and an entry (`move`) for
    each lot that came. The account's own address becomes a contact. Refuses `same_account`,
    `clocks_differ`, `ids_met`, and `precondition_failed` an account that is another than
    `if_match` names.
    """
    if account_id == to_account_id:
        require_movable(
            account_id=account_id, to_account_id=to_account_id, clock=None, to_clock=None, met=()
        )
    locked = {each: await lock_account(db, each) for each in sorted({account_id, to_account_id})}
    source, target = locked[account_id], locked[to_account_id]
    row = await find_account(db, account_id)
    require_match(if_match, row.version)
    there = await find_account(db, to_account_id)
    met = await account_moves.list_met_ids(db, from_account=account_id, to_account=to_account_id)
    require_movable(
        account_id=account_id,
        to_account_id=to_account_id,
        clock=row.sandbox_at,
        to_clock=there.sandbox_at,
        met=met,
    )
    target.now = max(target.now, source.now)
    move = AccountMove(account_id, to_account_id, target.now, reason, actor)
    live = [
        lot.lot_id
        for lot in await stored_lots.load_lots_since(db, account_id, target.now)
        if not lot.has_ended(target.now)
    ]
    offset, events = target.sequence, target.events
    entries, lots = await moved_ledgers.move_ledger(db, source, target, clock_at=target.now)
    rows = await account_moves.move_rows(
        db,
        from_account=account_id,
        to_account=to_account_id,
        offset=offset,
        event_offset=events,
    )
    target.events += source.events
    await _record_arrival(db, target, live, move)
    await _add_address(db, target, row)
    await account_moves.end_account(db, move)
    for each in (source, target):
        happened = AccountMovedData(
            from_account_id=account_id, to_account_id=to_account_id, sequence=each.sequence
        )
        each.record(happened, at=target.now)
    target.record_summary()
    return MovedAccount(move, target.sequence, entries, lots, rows)


async def _record_arrival(
    db: Db, target: LockedAccount, lot_ids: list[UUID], move: AccountMove
) -> None:
    """Write an entry for each lot that came and has not ended: what the statement shows of it."""
    found = await stored_lots.load_locked_lots(db, target, lot_ids)
    arrived = sorted(found.values(), key=lambda lot: lot.granted_sequence)
    stamp = Stamp(
        effective_at=target.now,
        reference=move.account_id,
        cause=CAUSE,
        reason=move.reason,
        actor=move.actor,
    )
    movements = [Movement("move", lot, (lot.free or 0) + lot.held) for lot in arrived]
    await ledger.post(db, target, movements, stamp)


async def _add_address(db: Db, target: LockedAccount, moved: Account) -> None:
    """Let the customer be found by the moved account's own address: as a contact, by its id."""
    if moved.email is None:
        return
    if target.account_id in await list_accounts_by_address(db, moved.email, limit=_SEVERAL):
        return
    if await contacts.find_contact(db, target.account_id, moved.account_id) is not None:
        return
    contact = Contact(
        account_id=target.account_id,
        contact_id=moved.account_id,
        name=moved.name,
        emails=[moved.email],
        named=False,
        version=1,
        created_at=target.now,
        updated_at=target.now,
        folded=[fold_address(moved.email)],
    )
    await contacts.put_contact(db, contact)
    happened = ContactChangedData(contact_id=moved.account_id, change="created")
    target.record(happened, at=target.now)
