"""A week may use a share of the month's minutes."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from app.domain.ledger.caps import Raise, weekly_limit
from app.domain.ledger.ledger import Lot
from app.domain.values import replace
from tests.domain.lot_examples import make_lot

HALF = (1, 2)
NOVEMBER = datetime(2026, 11, 1, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)
JANUARY = datetime(2027, 1, 1, tzinfo=UTC)


def month(granted: int | None, begins: datetime, ends: datetime, revoked: int = 0) -> Lot:
    return make_lot(granted=granted, revoked=revoked, valid_from=begins, expires_at=ends)


STARTER = [month(2400, NOVEMBER, DECEMBER), month(2400, DECEMBER, JANUARY)]


def test_A6_half_of_40_hours_are_20() -> None:
    assert weekly_limit(HALF, STARTER, [], at=NOVEMBER) == 1200
    assert weekly_limit(HALF, STARTER, [], at=DECEMBER) == 1200


def test_A7_half_of_the_sum_of_two_months_joined() -> None:
    # As an agreement leaves them: the first lasts longer, the second is granted again from then.
    joined = [
        month(2400, NOVEMBER, JANUARY),
        month(2400, DECEMBER, JANUARY, revoked=2400),
        replace(month(2400, NOVEMBER, JANUARY), source="agreement"),
    ]
    assert weekly_limit(HALF, joined, [], at=NOVEMBER) == 2400
    assert weekly_limit(HALF, joined, [], at=DECEMBER) == 2400


def test_a_share_of_what_is_used_already_too() -> None:
    used = [replace(STARTER[0], used=2000)]
    assert weekly_limit(HALF, used, [], at=NOVEMBER) == 1200


def test_a_share_is_rounded_down() -> None:
    assert weekly_limit((1, 3), [month(100, NOVEMBER, DECEMBER)], [], at=NOVEMBER) == 33


def test_what_is_granted_again_was_counted_before() -> None:
    grace = replace(month(600, NOVEMBER, DECEMBER), source="grace")
    assert weekly_limit(HALF, [STARTER[0], grace], [], at=NOVEMBER) == 1200


def test_what_has_no_count_has_no_share() -> None:
    assert weekly_limit(HALF, [month(None, NOVEMBER, DECEMBER)], [], at=NOVEMBER) is None


def test_an_agreement_raises_it_while_it_is_in_force() -> None:
    raised = [Raise(1500, NOVEMBER, NOVEMBER + timedelta(days=7))]
    assert weekly_limit(HALF, STARTER, raised, at=NOVEMBER) == 1500
    assert weekly_limit(HALF, STARTER, raised, at=NOVEMBER + timedelta(days=7)) == 1200


def test_an_agreement_never_lowers_it() -> None:
    for minutes in (600, None):
        assert weekly_limit(HALF, STARTER, [Raise(minutes, NOVEMBER, None)], at=NOVEMBER) == 1200


def test_where_nothing_runs_any_more_there_is_nothing_to_limit() -> None:
    assert weekly_limit(HALF, STARTER, [Raise(1500, NOVEMBER, None)], at=JANUARY) is None


def test_what_is_granted_again_has_the_limit_of_what_it_was_granted_again_of() -> None:
    again = replace(
        month(600, JANUARY, JANUARY + timedelta(days=30)),
        lot_id=uuid4(),
        source="grace",
        origin_lot_id=STARTER[1].lot_id,
    )
    assert weekly_limit(HALF, [*STARTER, again], [], at=JANUARY) == 1200
