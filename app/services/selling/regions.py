"""The region that a sale, a grant or a licence is for: the one named, or the account's."""

from app.db.accounts.accounts import find_account
from app.db.engine.unit_of_work import Db
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.regions import choose_region


async def find_region(
    db: Db, account_id: str, terms: Catalog, *, named: str | None = None
) -> str | None:
    """Return the region whose hours hold for what is sold now; None where the terms have none.

    Refuses with `unknown_region` and `region_required`.
    """
    if named is None and not terms.regions:
        return None
    account = await find_account(db, account_id)
    return pick_region(terms, named=named, accounts=account.region)


def pick_region(terms: Catalog, *, named: str | None, accounts: str | None) -> str | None:
    """Return the same where the account's own region is known."""
    if named is None and not terms.regions:
        return None
    return choose_region(terms, named=named, accounts=accounts)
