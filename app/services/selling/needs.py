"""Needs of an offer: what an account must have when it is sold."""

from datetime import datetime

from app.db.engine.unit_of_work import Db
from app.db.ledger import subscriptions
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.offers import Offer
from app.domain.selling.needs import require_needed_plan


async def require_plan_for(
    db: Db, account_id: str, terms: Catalog, offer: Offer, *, at: datetime
) -> None:
    """Refuse with `plan_needed` an offer that needs a plan which does not run at `at`."""
    if not offer.needs:
        return
    found = await subscriptions.load_subscriptions_since(db, account_id, at)
    had = [each.plan for each in found if each.catalog == terms.code and each.starts_at <= at]
    require_needed_plan(terms, offer, had=had)
