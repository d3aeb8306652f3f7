"""Explanations by hand; times are of the week of Monday 23 November 2026."""

from datetime import UTC, date, datetime, timedelta, timezone

from app.domain.promises.clock_events import ClockEvent
from app.domain.promises.clocks import run_clocks
from app.domain.promises.deadlines import Deadline
from app.domain.promises.explanations import MAX_SEGMENTS, Explanation, explain_deadline
from app.domain.promises.promises import BusinessDays
from app.domain.time.calendars import Calendar, Shift
from app.domain.values import replace
from tests.domain.clock_examples import (
    BERLIN,
    CALENDARS,
    CORPORATE,
    EXPRESS,
    GOLD,
    HOUR,
    ONE_BUSINESS_DAY,
    PROFESSIONAL,
    clause,
    promise,
    run_one,
    week_in,
)

berlin = week_in(BERLIN)
livecart = week_in(timezone(timedelta(hours=2)))
engineers = week_in(timezone(timedelta(hours=3)))

Row = tuple[str, str, bool, str, str | None]


def rows(explanation: Explanation, zone: timezone | None = None) -> list[Row]:
    """Return the segments as a person writes them: "Fri 16:00", "Fri 17:00", counted, why."""
    return [
        (
            f"{each.start.astimezone(zone or BERLIN):%a %H:%M}",
            f"{each.end.astimezone(zone or BERLIN):%a %H:%M}",
            each.counted,
            each.why,
            each.detail,
        )
        for each in explanation.segments
    ]


def with_calendar(calendar: Calendar, opened_at: datetime, hours: int) -> Deadline:
    (deadline,) = run_clocks(
        promises=(promise("resolution", clause(hours * HOUR, "desk")),),
        calendars={"desk": calendar},
        opened_at=opened_at,
        severity=None,
        urgent=False,
        events=(),
        now=opened_at,
    )
    return deadline


def test_closed_time_lies_between_the_hours_that_count() -> None:
    deadline = run_one(promise("resolution", clause(4 * HOUR, "corporate")), berlin("fri 15:00"))
    explanation = explain_deadline(deadline)
    assert rows(explanation) == [
        ("Fri 15:00", "Fri 17:00", True, "open", None),
        ("Fri 17:00", "Mon 09:00", False, "closed", None),
        ("Mon 09:00", "Mon 11:00", True, "open", None),
    ]
    assert explanation.counted_seconds == 4 * 3600
    assert (explanation.target, explanation.calendar) == ("4 business hours", "corporate")
    assert (explanation.zone, explanation.truncated) == ("Europe/Berlin", False)


def test_a_pause_is_named_with_its_cause_and_covers_closed_time_too() -> None:
    deadline = run_one(
        promise("resolution", clause(4 * HOUR, "corporate"), pauses={"customer"}),
        berlin("mon 15:00"),
        ClockEvent("pause", berlin("mon 16:00"), waiting_on="customer"),
        ClockEvent("resumption", berlin("tue 10:00")),
        ClockEvent("resolution", berlin("tue 11:00")),
        ClockEvent("reopening", berlin("wed 09:00")),
    )
    assert rows(explain_deadline(deadline)) == [
        ("Mon 15:00", "Mon 16:00", True, "open", None),
        ("Mon 16:00", "Tue 10:00", False, "paused", "customer"),
        ("Tue 10:00", "Tue 11:00", True, "open", None),
        ("Tue 11:00", "Wed 09:00", False, "stopped", "resolution"),
        ("Wed 09:00", "Wed 11:00", True, "open", None),
    ]


def test_a_paused_clock_is_explained_up_to_now() -> None:
    deadline = run_one(
        promise("resolution", clause(4 * HOUR, "corporate"), pauses={"customer"}),
        berlin("mon 15:00"),
        ClockEvent("pause", berlin("mon 16:00"), waiting_on="customer"),
        now=berlin("fri 12:00"),
    )
    explanation = explain_deadline(deadline)
    assert rows(explanation) == [
        ("Mon 15:00", "Mon 16:00", True, "open", None),
        ("Mon 16:00", "Fri 12:00", False, "paused", "customer"),
    ]
    assert explanation.counted_seconds == 3600
    assert [each.due_at for each in explanation.clauses] == [None]


def test_a_pause_after_the_breach_is_not_part_of_the_way_to_the_due() -> None:
    deadline = run_one(
        promise("resolution", clause(4 * HOUR, "corporate"), pauses={"customer"}),
        berlin("mon 09:00"),
        ClockEvent("pause", berlin("tue 10:00"), waiting_on="customer"),
        now=berlin("fri 12:00"),
    )
    assert rows(explain_deadline(deadline)) == [("Mon 09:00", "Mon 13:00", True, "open", None)]


def test_holidays_and_overrides_are_named() -> None:
    calendar = replace(
        CORPORATE,
        overrides=((date(2026, 12, 24), (Shift(540, 780),)),),
        override_names=((date(2026, 12, 24), "half day"),),
    )
    # Thursday 24 December is open 9 to 13, Friday is Christmas Day; 2 h are left for Monday.
    deadline = with_calendar(calendar, datetime(2026, 12, 24, 10, tzinfo=UTC), 4)
    assert rows(explain_deadline(deadline)) == [
        ("Thu 11:00", "Thu 13:00", True, "override", "half day"),
        ("Thu 13:00", "Fri 00:00", False, "override", "half day"),
        ("Fri 00:00", "Sat 00:00", False, "holiday", "Erster Weihnachtstag"),
        ("Sat 00:00", "Sun 00:00", False, "holiday", "Zweiter Weihnachtstag"),
        ("Sun 00:00", "Mon 09:00", False, "closed", None),
        ("Mon 09:00", "Mon 11:00", True, "open", None),
    ]


def test_P5_open_hours_of_no_business_day_do_not_count() -> None:
    deadline = run_one(ONE_BUSINESS_DAY, engineers("fri 20:00"))
    zone = timezone(timedelta(hours=3))
    assert rows(explain_deadline(deadline), zone) == [
        ("Fri 20:00", "Sat 01:00", True, "open", None),
        ("Sat 01:00", "Sat 10:00", False, "closed", None),
        ("Sat 10:00", "Sat 18:00", False, "closed", "not a business day"),
        ("Sat 18:00", "Sun 10:00", False, "closed", None),
        ("Sun 10:00", "Sun 18:00", False, "closed", "not a business day"),
        ("Sun 18:00", "Mon 06:00", False, "closed", None),
        ("Mon 06:00", "Mon 20:00", True, "open", None),
    ]


def test_business_days_of_a_calendar_that_never_closes_end_at_midnight() -> None:
    always = Calendar("Europe/Berlin", ((Shift(0, 1440),),) * 7)
    (deadline,) = run_clocks(
        promises=(promise("resolution", clause(BusinessDays(2), "desk")),),
        calendars={"desk": always},
        opened_at=berlin("fri 12:00"),
        severity=None,
        urgent=False,
        events=(),
        now=berlin("fri 12:00"),
    )
    # Half of Friday, all of Monday, half of Tuesday.
    assert rows(explain_deadline(deadline)) == [
        ("Fri 12:00", "Sat 00:00", True, "open", None),
        ("Sat 00:00", "Mon 00:00", False, "closed", "not a business day"),
        ("Mon 00:00", "Tue 12:00", True, "open", None),
    ]


def test_business_days_of_a_union_are_those_of_the_calendar_that_names_it() -> None:
    weekend = Calendar("Europe/Berlin", ((),) * 5 + ((Shift(600, 840),),) * 2)
    union = replace(CORPORATE, union=(weekend,))
    (deadline,) = run_clocks(
        promises=(promise("resolution", clause(BusinessDays(1), "desk")),),
        calendars={"desk": union},
        opened_at=berlin("fri 13:00"),
        severity=None,
        urgent=False,
        events=(),
        now=berlin("fri 13:00"),
    )
    assert [row[:3] for row in rows(explain_deadline(deadline)) if row[2]] == [
        ("Fri 13:00", "Fri 17:00", True),
        ("Mon 09:00", "Mon 13:00", True),
    ]


def test_elapsed_time_counts_but_for_pauses() -> None:
    deadline = run_one(
        promise("resolution", clause(24 * HOUR), pauses={"customer"}),
        berlin("fri 15:00"),
        ClockEvent("pause", berlin("fri 16:00"), waiting_on="customer"),
        ClockEvent("resumption", berlin("fri 18:00")),
    )
    explanation = explain_deadline(deadline)
    assert rows(explanation) == [
        ("Fri 15:00", "Fri 16:00", True, "open", None),
        ("Fri 16:00", "Fri 18:00", False, "paused", "customer"),
        ("Fri 18:00", "Sat 17:00", True, "open", None),
    ]
    assert (explanation.calendar, explanation.zone) == (None, None)


class TestClauses:
    def test_L3_friday_afternoon_is_due_by_one_clause_and_breached_by_the_other(self) -> None:
        explanation = explain_deadline(run_one(EXPRESS, livecart("fri 13:30")))
        day, hours, usual = explanation.clauses
        assert (day.applies, day.won) == (True, False)
        assert day.breaches_after == livecart("sat 13:30")
        assert day.reason == (
            "It binds as well: its target is used up later, and it decides the breach."
        )
        assert (hours.applies, hours.won, hours.due_at) == (True, True, livecart("fri 17:30"))
        assert hours.breaches_after == livecart("next mon 09:30")
        assert hours.reason == "It won: its target is used up first."
        assert usual.breaches_after is None
        assert usual.reason == "It says when an answer usually comes, and binds nothing."

    def test_L3_a_guard_that_does_not_hold_is_told(self) -> None:
        explanation = explain_deadline(run_one(EXPRESS, livecart("tue 20:00")))
        day, hours, usual = explanation.clauses
        assert day.reason == "It won: its target is used up first, and it decides the breach."
        for each in (hours, usual):
            assert (each.applies, each.due_at) == (False, None)
            assert each.reason == (
                "It does not apply: the clock did not start in the hours of livecart."
            )

    def test_E3_best_effort_says_that_it_is_never_breached(self) -> None:
        deadline = run_one(PROFESSIONAL, berlin("tue 10:00"), metric="first_response", severity=4)
        (only,) = explain_deadline(deadline).clauses
        assert only.breaches_after is None
        assert only.reason == (
            "It won: its target is used up first. On best effort it is never breached: done after"
            " it, it is late."
        )

    def test_E3_a_target_says_that_it_is_missed(self) -> None:
        deadline = run_one(GOLD, berlin("tue 10:00"), metric="resolution", severity=1)
        (only,) = explain_deadline(deadline).clauses
        assert only.breaches_after == berlin("thu 10:00")
        assert only.reason == (
            "It won: its target is used up first, and it decides when it is missed."
        )

    def test_best_effort_beside_a_guarantee_does_not_bind(self) -> None:
        plan = promise("resolution", clause(8 * HOUR), clause(4 * HOUR, strength="best_effort"))
        _, hoped = explain_deadline(run_one(plan, berlin("tue 10:00"))).clauses
        assert hoped.reason == "It does not bind, because something firmer does."


def test_what_has_no_time_has_no_segments() -> None:
    for plan, severity in (
        (promise("resolution"), None),
        (PROFESSIONAL[1], 1),
        (promise("next_response", clause(HOUR)), None),
    ):
        deadline = run_one(plan, berlin("tue 10:00"), severity=severity)
        explanation = explain_deadline(deadline)
        assert (explanation.segments, explanation.clauses) == ((), ())
        assert (explanation.target, explanation.counted_seconds) == (None, 0)


def test_a_withdrawn_ticket_is_explained_up_to_its_end() -> None:
    deadline = run_one(
        EXPRESS,
        livecart("tue 10:00"),
        ClockEvent("withdrawal", livecart("tue 11:00")),
        now=livecart("fri 10:00"),
    )
    (segment,) = explain_deadline(deadline).segments
    assert (segment.start, segment.end) == (livecart("tue 10:00"), livecart("tue 11:00"))


def test_a_long_one_is_cut_and_says_so() -> None:
    # 5 working days a week: 1,000 segments are 500 days, about 100 weeks.
    deadline = with_calendar(CALENDARS["corporate"], berlin("mon 09:00"), 8 * 5 * 200)
    explanation = explain_deadline(deadline)
    assert (len(explanation.segments), explanation.truncated) == (MAX_SEGMENTS, True)
    assert explanation.counted_seconds < 8 * 5 * 200 * 3600
