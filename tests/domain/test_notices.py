"""What is said of ends, when, and when to look again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.events.notices import (
    DeadlineNotice,
    LotNotice,
    PurchaseNotice,
    decide_deadline_notice,
    decide_lot_notice,
    decide_purchase_notice,
)
from app.domain.promises.stored_clocks import ClockNotice
from tests.domain.lot_examples import make_lot

BEGINS = datetime(2026, 3, 1, tzinfo=UTC)
WARNS, LAST = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("status", "told", "now", "said"),
    [
        ("running", None, BEGINS, DeadlineNotice(None, None, WARNS)),
        ("running", None, WARNS, DeadlineNotice(None, None, WARNS)),
        ("running", None, WARNS + INSTANT, DeadlineNotice("deadline.at_risk", "at_risk", LAST)),
        ("running", "at_risk", WARNS + INSTANT, DeadlineNotice(None, "at_risk", LAST)),
        ("running", "at_risk", LAST, DeadlineNotice(None, "at_risk", LAST)),
        ("running", None, LAST + INSTANT, DeadlineNotice("deadline.breached", "breached", None)),
        ("running", "breached", LAST + INSTANT, DeadlineNotice(None, "breached", None)),
        ("breached", "at_risk", BEGINS, DeadlineNotice("deadline.breached", "breached", None)),
        ("met", "at_risk", BEGINS, DeadlineNotice("deadline.met", "met", None)),
        # Breached by what was known, and then an answer of before was reported late.
        ("met", "breached", LAST, DeadlineNotice("deadline.met", "met", None)),
        ("met", "met", LAST, DeadlineNotice(None, "met", None)),
        ("paused", "at_risk", LAST + INSTANT, DeadlineNotice(None, "at_risk", None)),
        ("paused", None, LAST + INSTANT, DeadlineNotice(None, None, None)),
        ("cancelled", None, LAST + INSTANT, DeadlineNotice(None, None, None)),
        ("none", None, LAST + INSTANT, DeadlineNotice(None, None, None)),
    ],
)
def test_what_is_said_of_a_clock(
    status: str, told: ClockNotice | None, now: datetime, said: DeadlineNotice
) -> None:
    found = decide_deadline_notice(
        told=told,
        status=status,
        strength="guaranteed",
        warn_at=WARNS,
        breaches_after=LAST,
        now=now,
    )
    assert found == said


def test_a_promise_without_a_guarantee_is_warned_of_and_never_breached() -> None:
    kept: dict[str, Any] = {
        "status": "running",
        "strength": "best_effort",
        "warn_at": WARNS,
        "breaches_after": None,
    }
    assert decide_deadline_notice(told=None, now=LAST, **kept) == DeadlineNotice(
        "deadline.at_risk", "at_risk", None
    )


@pytest.mark.parametrize(
    ("status", "told", "said"),
    [
        ("running", "at_risk", DeadlineNotice("deadline.missed", "missed", None)),
        ("missed", "missed", DeadlineNotice(None, "missed", None)),
        ("met", "missed", DeadlineNotice("deadline.met", "met", None)),
    ],
)
def test_a_target_is_missed_and_never_told_of_as_breached(
    status: str, told: ClockNotice | None, said: DeadlineNotice
) -> None:
    found = decide_deadline_notice(
        told=told,
        status=status,
        strength="target",
        warn_at=WARNS,
        breaches_after=LAST,
        now=LAST + INSTANT,
    )
    assert found == said


def test_best_effort_after_its_time_is_told_of_as_late() -> None:
    found = decide_deadline_notice(
        told=None,
        status="late",
        strength="best_effort",
        warn_at=None,
        breaches_after=None,
        now=LAST,
    )
    assert found == DeadlineNotice("deadline.late", "late", None)


ENDS = datetime(2026, 6, 1, tzinfo=UTC)
TWO_WEEKS_BEFORE = datetime(2026, 5, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "held", "said"),
    [
        (BEGINS, 0, LotNotice(None, TWO_WEEKS_BEFORE)),
        (TWO_WEEKS_BEFORE - INSTANT, 0, LotNotice(None, TWO_WEEKS_BEFORE)),
        (TWO_WEEKS_BEFORE, 0, LotNotice("units.expiring", ENDS)),
        (TWO_WEEKS_BEFORE, 5, LotNotice(None, ENDS)),
        (ENDS - INSTANT, 0, LotNotice("units.expiring", ENDS)),
        (ENDS, 0, LotNotice("units.expired", None)),
        (ENDS, 5, LotNotice(None, None)),
        (ENDS + timedelta(days=99), 0, LotNotice("units.expired", None)),
    ],
)
def test_what_is_said_of_a_lots_end(now: datetime, held: int, said: LotNotice) -> None:
    lot = make_lot(5, held=held, valid_from=BEGINS, expires_at=ENDS)
    assert decide_lot_notice(lot, left=5 - held, now=now) == said


def test_a_lot_of_few_days_is_told_of_once_it_has_begun() -> None:
    lot = make_lot(5, valid_from=ENDS - timedelta(days=3), expires_at=ENDS)
    before = decide_lot_notice(lot, left=5, now=TWO_WEEKS_BEFORE)
    assert before == LotNotice(None, lot.valid_from)
    begun = decide_lot_notice(lot, left=5, now=lot.valid_from)
    assert begun == LotNotice("units.expiring", ENDS)


@pytest.mark.parametrize(
    "lot",
    [
        make_lot(None, valid_from=BEGINS, expires_at=ENDS),
        make_lot(5, valid_from=BEGINS, expires_at=None),
        make_lot(5, valid_from=ENDS, expires_at=ENDS),
    ],
    ids=["without a count", "without an end", "taken back before it began"],
)
def test_of_some_lots_there_is_nothing_to_say(lot: Any) -> None:
    assert decide_lot_notice(lot, left=5, now=ENDS) == LotNotice(None, None)


@pytest.mark.parametrize(
    ("status", "ends_at", "said"),
    [
        ("active", ENDS, PurchaseNotice("purchase.ended", None)),
        ("active", ENDS + INSTANT, PurchaseNotice(None, ENDS + INSTANT)),
        ("active", None, PurchaseNotice(None, None)),
        ("cancelled", ENDS, PurchaseNotice(None, None)),
        (None, ENDS, PurchaseNotice(None, None)),
    ],
)
def test_what_is_said_of_an_orders_end(
    status: str | None, ends_at: datetime | None, said: PurchaseNotice
) -> None:
    assert decide_purchase_notice(status=status, ends_at=ends_at, now=ENDS) == said
