"""Units that come back: to a lot that runs, lapsed with one that ended, or granted again, once."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from app.domain.ledger.ledger import EntryKind, Movement
from app.domain.ledger.returns import decide_return, list_returns
from app.domain.values import replace
from tests.domain.catalog_examples import read_catalog
from tests.domain.lot_examples import make_lot

END = datetime(2026, 6, 1, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
EXPIRES = replace(read_catalog("xcart-points").policies, returned_units="expire", grace_days=30)
GRACE = replace(EXPIRES, returned_units="grace", grace_days=14)


@pytest.mark.parametrize(
    ("policies", "cause", "at", "to", "days"),
    [
        (EXPIRES, "solved", END - MOMENT, "lot", None),
        (EXPIRES, "vendor_defect", END - MOMENT, "lot", None),
        (EXPIRES, "solved", END, "expired", None),
        (EXPIRES, None, END + MOMENT, "expired", None),
        (EXPIRES, "vendor_defect", END, "grace", 30),
        (GRACE, "solved", END - MOMENT, "lot", None),
        (GRACE, "solved", END, "grace", 14),
        (GRACE, None, END, "grace", 14),
        (GRACE, "vendor_defect", END, "grace", 14),
    ],
)
def test_what_becomes_of_units_that_come_back(
    policies: object, cause: str | None, at: datetime, to: str, days: int | None
) -> None:
    lot = make_lot(60, expires_at=END)
    decided = decide_return(lot, 7, cause=cause, policies=policies, at=at)  # type: ignore[arg-type]
    assert (decided.lot_id, decided.amount, decided.to) == (lot.lot_id, 7, to)
    ends = {"lot": END, "expired": None, "grace": at + timedelta(days=days or 0)}
    assert decided.expires_at == ends[to]
    assert (decided.grace_lot_id, bool(decided.why)) == (None, True)


@pytest.mark.parametrize("cause", ["solved", "vendor_defect"])
@pytest.mark.parametrize("policies", [EXPIRES, GRACE])
def test_nothing_is_granted_again_twice_nor_of_an_order_that_was_paid_back(
    policies: object, cause: str
) -> None:
    lot = make_lot(60, expires_at=END)
    again = replace(lot, source="grace")
    once = "The lot has ended, and its units were granted again once: more is granted by hand."
    back = "The lot has ended, and all of its order was paid back."
    for given, paid_back, why in ((again, False, once), (again, True, back), (lot, True, back)):
        decided = decide_return(
            given,
            7,
            cause=cause,
            policies=policies,  # type: ignore[arg-type]
            at=END,
            paid_back=paid_back,
        )
        assert (decided.to, decided.expires_at, decided.why) == ("expired", None, why)
    # While it runs it is a lot as any other.
    still = decide_return(again, 7, cause=cause, policies=policies, at=END - MOMENT)  # type: ignore[arg-type]
    assert still.to == "lot"


def test_a_lot_without_a_count_takes_back_whenever() -> None:
    lot = make_lot(None, expires_at=END)
    for at in (END - MOMENT, END, END + MOMENT):
        decided = decide_return(lot, 1, cause="vendor_defect", policies=GRACE, at=at)
        assert (decided.to, decided.expires_at) == ("lot", END)


def test_only_releases_and_refunds_give_back() -> None:
    lot = make_lot()
    movements = [Movement(kind, lot, 1) for kind in get_args(EntryKind)]
    assert [each.kind for each in list_returns(movements)] == ["release", "refund"]
