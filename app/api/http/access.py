"""Access of an operation: who may call it, what it does, and what it refuses."""

import inspect
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from app.db.accounts.accounts import AccountUnknown
from app.db.catalog.catalogs import CatalogUnknown
from app.domain.access.callers import Caller, Scope
from app.domain.access.refusals import Refusal
from app.domain.coverage.requests import UnknownPlan
from app.domain.values import Value

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
# What a read may be filtered by that has to exist, and how those refuse it that look themselves.
_FILTERS: dict[str, type[Refusal]] = {
    "catalog": CatalogUnknown,
    "plan": UnknownPlan,
    "account_id": AccountUnknown,
}


class Access(Value):
    """Who may call an operation, and what it does.

    `scope` None: anybody, without a key. `writes`: it changes something, so it honours
    `Idempotency-Key` (POST) and `dry_run`. `across`: it looks across accounts, and does not
    exist for a key bound to one. `refuses` are the refusals it documents besides those that any
    operation may give. `secret` is the reply's field that is shown once. `sequences`: it reads,
    and puts what it reads in order for good. `brief`: a read of, as a rule, one statement, which
    then needs no transaction. `published`: its reply is made of nothing but what is published.
    `takes_toml`: its body may be TOML as well as JSON. `waits_for_catalog`: it takes a
    catalogue's row, which others may hold: bookings of other accounts, or a publication.
    `optimistic`: it writes to one account, decided by what is that account's alone, so it is done
    without a lock where nobody else writes to it meanwhile. `located` is where what it makes is
    read, its path with parameters, if not below the path where it is made.
    """

    scope: Scope | None
    writes: bool
    across: bool
    refuses: tuple[type[Refusal], ...]
    secret: str | None
    transaction: bool
    sequences: bool
    brief: bool
    published: bool
    takes_toml: bool
    waits_for_catalog: bool
    optimistic: bool
    located: str | None


def require_seen(caller: Caller, account_id: str) -> None:
    """Refuse, as one that is not there, an account other than the one that the key is bound to."""
    if caller.account_id not in (None, account_id):
        raise AccountUnknown("There is no such account.")


def operation(
    scope: Scope | None,
    *,
    writes: bool = False,
    across: bool = False,
    refuses: Iterable[type[Refusal]] = (),
    secret: str | None = None,
    transaction: bool = True,
    sequences: bool = False,
    brief: bool = False,
    published: bool = False,
    takes_toml: bool = False,
    waits_for_catalog: bool = False,
    optimistic: bool = False,
    located: str | None = None,
) -> Callable[[Endpoint], Endpoint]:
    """Say who may call the operation that follows: a scope, or None for anybody."""

    def declare(endpoint: Endpoint) -> Endpoint:
        access = Access(
            scope,
            writes=writes,
            across=across,
            refuses=tuple(refuses),
            secret=secret,
            transaction=transaction,
            sequences=sequences,
            brief=brief,
            published=published,
            takes_toml=takes_toml,
            waits_for_catalog=waits_for_catalog,
            optimistic=optimistic,
            located=located,
        )
        endpoint.__access__ = access  # type: ignore[attr-defined]
        return endpoint

    return declare


def find_filters(endpoint: Callable[..., Any], access: Access) -> frozenset[str]:
    """Return the names of a read's parameters that have to name something that exists."""
    if access.writes:
        return frozenset()
    taken = inspect.signature(endpoint).parameters
    return frozenset(
        name
        for name, refusal in _FILTERS.items()
        if name in taken and refusal not in access.refuses
    )
