"""Finding accounts: by their address or a contact's, a store, a licence, how they begin."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import ARRAY, Text, any_, bindparam, func, literal_column, or_, select, union

from app.db.accounts.accounts import ACCOUNT
from app.db.engine.compiled import Statement
from app.db.engine.listings import Listing
from app.db.engine.unit_of_work import Db
from app.db.tables import NO_ACCOUNT, accounts, contacts, licences, subscriptions
from app.domain.access.accounts import Account, domain_of, fold_address

_ADDRESSES = bindparam("addresses", type_=ARRAY(Text))
_HAVING_ADDRESS = union(
    select(accounts.c.account_id).where(
        func.lower(accounts.c.email) == bindparam("address", type_=Text)
    ),
    select(contacts.c.account_id).where(contacts.c.folded.bool_op("&&")(_ADDRESSES)),
)
_BY_ADDRESS = Statement(
    _HAVING_ADDRESS.order_by(literal_column("account_id")).limit(bindparam("limit"))
)
_CUSTOMERS = Statement(
    select(
        accounts.c.account_id, accounts.c.name, accounts.c.sandbox_at.is_not(None).label("sandbox")
    )
    .where(accounts.c.account_id == any_(bindparam("account_ids", type_=ARRAY(Text))))
    .order_by(accounts.c.account_id)
)
# Each of them finds accounts by an index of its own.
_FILTERS = {
    "addresses": accounts.c.account_id.in_(_HAVING_ADDRESS),
    "sites": accounts.c.account_id.in_(
        select(subscriptions.c.account_id).where(
            subscriptions.c.site == any_(bindparam("sites", type_=ARRAY(Text)))
        )
    ),
    "license_id": accounts.c.account_id.in_(
        select(licences.c.account_id).where(
            licences.c.license_id == bindparam("license_id", type_=Text)
        )
    ),
    "begins": or_(
        func.lower(accounts.c.name).like(bindparam("begins", type_=Text)),
        func.lower(accounts.c.account_id).like(bindparam("begins", type_=Text)),
    ),
    "no_sandbox": accounts.c.sandbox_at.is_(None),
}


async def search_accounts(
    db: Db,
    *,
    after: str | None,
    limit: int,
    ascending: bool = True,
    email: str | None = None,
    sites: Sequence[str] | None = None,
    license_id: str | None = None,
    begins: str | None = None,
    sandbox: bool = False,
) -> list[Account]:
    """Return the accounts that fit all that is asked, in the order of their ids, after one."""
    values = {
        "addresses": None if email is None else [fold_address(email), domain_of(email)],
        "sites": sites,
        "license_id": license_id,
        "begins": None if begins is None else _escape(begins.lower()) + "%",
    }
    asked = {name: value for name, value in values.items() if value is not None}
    names = frozenset(asked) | (frozenset() if sandbox else {"no_sandbox"})
    address = {} if email is None else {"address": fold_address(email)}
    place = None if after is None else (after,)
    rows = await _listing(names).read(
        db, ascending=ascending, after=place, limit=limit, **asked, **address
    )
    return [ACCOUNT.read(row) for row in rows]


async def list_accounts_by_address(db: Db, address: str, *, limit: int) -> list[str]:
    """Return the ids of accounts with an address, in any case: their own, or a contact's."""
    folded = fold_address(address)
    rows = await db.rows(
        _BY_ADDRESS, address=folded, addresses=[folded, domain_of(address)], limit=limit
    )
    return [row["account_id"] for row in rows]


async def list_customers(db: Db, account_ids: Sequence[str]) -> list[tuple[str, str]]:
    """Return accounts' ids and names, in the order of the ids: no sandbox beside one that is none.

    Whoever tries something out with a sandbox gives it what a customer has, too.
    """
    rows = await db.rows(_CUSTOMERS, account_ids=account_ids)
    real = [row for row in rows if not row["sandbox"]]
    return [(row["account_id"], row["name"]) for row in real or rows]


@cache
def _listing(names: frozenset[str]) -> Listing:
    return Listing(
        select(*ACCOUNT.columns).where(
            accounts.c.account_id != literal_column(f"'{NO_ACCOUNT}'"),
            *(_FILTERS[name] for name in sorted(names)),
        ),
        accounts.c.account_id,
    )


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
