"""A posted id seen again: the same request gets the thing as it is now, another is refused."""

from collections.abc import Mapping

from app.db.accounts import idempotency
from app.db.accounts.locked_accounts import LockedAccount
from app.db.engine.unit_of_work import Db
from app.domain.access.differences import diff_requests
from app.domain.access.refusals import Refusal
from app.domain.access.repeats import BusinessReference


class AlreadyExists(Refusal):
    """The id was used before, for something else."""

    kind = "conflict"
    code = "already_exists"
    title = "The id is taken by another request"


def require_same(what: str, *, then: Mapping[str, object], now: Mapping[str, object]) -> None:
    """Refuse with `already_exists` and the differences unless the two requests are the same.

    A field that is null is as if it were absent.
    """
    differences = diff_requests(then, now)
    if differences:
        raise AlreadyExists(
            f"{what} exists already, and was made by another request.", differences=differences
        )


async def claim_reference(
    db: Db,
    account: LockedAccount,
    *,
    reference: str | None,
    operation: str,
    request: Mapping[str, object],
    result_id: str,
) -> str | None:
    """Take a business reference for this request, for ever: one among those of its operation.

    Returns None when it is new, or absent. Returns the first result's id when the same request
    comes again; refuses with `already_exists` when another one does.
    """
    if reference is None:
        return None
    used = await idempotency.find_reference(
        db, account.account_id, operation=operation, reference=reference
    )
    if used is None:
        await idempotency.insert_reference(
            db,
            BusinessReference(
                account_id=account.account_id,
                operation=operation,
                reference=reference,
                request=dict(request),
                result_id=result_id,
                created_at=account.now,
            ),
        )
        return None
    require_same(f"The reference {reference!r}", then=used.request, now=request)
    return used.result_id
