"""Business time by hand: each expected instant is worked out in the comment above it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction

import pytest

from app.documents.reading import parse_calendar
from app.domain.access.refusals import Fault, Refusal
from app.domain.time.business_time import (
    EARLIEST,
    HORIZON,
    Due,
    InstantOutOfRange,
    NeverOpens,
    OpenTime,
    RangeTooLong,
    from_micros,
    to_micros,
)
from app.domain.time.calendars import Calendar, Shift
from app.domain.time.compiled_calendars import compile_calendar
from tests.domain.slow_calendar import DAY, HOUR, MINUTE, at

WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
WEEK = (*WORKDAYS, "sat", "sun")


def calendar(zone: str, **fields: object) -> OpenTime:
    """Compile the calendar of a document in a zone or at an offset."""
    place = "utc_offset" if zone[0] in "+-" else "timezone"
    faults: list[Fault] = []
    read = parse_calendar({place: zone, **fields}, pointer="", faults=faults)
    assert read is not None, faults
    return compile_calendar(read)


def daily(start: str, end: str, days: tuple[str, ...] = WORKDAYS) -> dict[str, object]:
    return {day: [[start, end]] for day in days}


def due(*instants: str) -> Due:
    first, last = at(instants[0]), at(instants[-1])
    return Due(first, last)


def all_refuse(refusal: type[Refusal], *calls: Callable[[], object]) -> None:
    for call in calls:
        with pytest.raises(refusal):
            call()


# Seed 000: business hours 9:30–17:30 at GMT+2, which never changes. 2026-06-02 is a Tuesday.
LIVECART = calendar("+02:00", hours=daily("09:30", "17:30"))
# Seed 002: engineers, Mon–Fri 6:00–1:00 and Sat–Sun 10:00–18:00, at GMT+3.
ENGINEERS = calendar(
    "+03:00", hours={**daily("06:00", "01:00"), **daily("10:00", "18:00", ("sat", "sun"))}
)
# Seed 004: Monday to Friday, 9 to 17, in Berlin.
CORPORATE = calendar("Europe/Berlin", hours=daily("09:00", "17:00"))


class TestSellersHours:
    def test_express_on_tuesday_morning_is_due_four_hours_later(self) -> None:
        # 10:00 + 4 h = 14:00, all of it before 17:30.
        assert LIVECART.due(at("2026-06-02T10:00:00+02:00"), 4 * HOUR) == due(
            "2026-06-02T14:00:00+02:00"
        )

    def test_express_late_on_friday_goes_on_on_monday(self) -> None:
        # Friday 16:30 to 17:30 is 1 h; the other 3 h are Monday 9:30 to 12:30.
        assert LIVECART.due(at("2026-06-05T16:30:00+02:00"), 4 * HOUR) == due(
            "2026-06-08T12:30:00+02:00"
        )

    def test_express_on_tuesday_evening_is_out_of_hours(self) -> None:
        evening = at("2026-06-02T20:00:00+02:00")
        assert not LIVECART.is_open(evening)
        assert LIVECART.next_opening(evening) == at("2026-06-03T09:30:00+02:00")
        assert LIVECART.closes_at(evening) is None

    def test_used_up_at_closing_is_breached_only_after_the_next_opening(self) -> None:
        # Friday 13:30 + 4 h = 17:30; nothing counts until Monday 9:30.
        assert LIVECART.due(at("2026-06-05T13:30:00+02:00"), 4 * HOUR) == due(
            "2026-06-05T17:30:00+02:00", "2026-06-08T09:30:00+02:00"
        )

    def test_opening_counts_and_closing_does_not(self) -> None:
        assert LIVECART.is_open(at("2026-06-02T09:30:00+02:00"))
        assert not LIVECART.is_open(at("2026-06-02T17:30:00+02:00"))
        assert LIVECART.closes_at(at("2026-06-02T09:30:00+02:00")) == at(
            "2026-06-02T17:30:00+02:00"
        )

    def test_one_business_day_from_friday_evening(self) -> None:
        # Friday's shift has 19 h, 6:00 to 1:00. At 20:00 it has 5 h left: 5/19 of a day. The
        # weekend is worth nothing, so 14/19 are left for Monday: 14 h after 6:00 is 20:00.
        assert ENGINEERS.due_business_days(at("2026-06-05T20:00:00+03:00"), 1) == due(
            "2026-06-08T20:00:00+03:00"
        )

    def test_one_business_day_from_the_tail_of_friday_after_midnight(self) -> None:
        # Saturday 0:30 is 18.5 h into Friday's shift; 18.5 h into Monday's is Tuesday 0:30.
        assert ENGINEERS.due_business_days(at("2026-06-06T00:30:00+03:00"), 1) == due(
            "2026-06-09T00:30:00+03:00"
        )

    def test_one_business_day_from_saturday_noon_is_the_whole_of_monday(self) -> None:
        # Saturday's own hours are open, and are no business day. Monday ends on Tuesday 1:00,
        # and nothing more counts until Tuesday 6:00.
        saturday = at("2026-06-06T12:00:00+03:00")
        assert ENGINEERS.is_open(saturday)
        assert ENGINEERS.due_business_days(saturday, 1) == due(
            "2026-06-09T01:00:00+03:00", "2026-06-09T06:00:00+03:00"
        )

    def test_weekend_hours_count_as_hours_all_the_same(self) -> None:
        # Friday 20:00 to 1:00 is 5 h, Saturday 10:00 to 18:00 is 8 h: 13 h at Saturday 18:00.
        assert ENGINEERS.due(at("2026-06-05T20:00:00+03:00"), 13 * HOUR) == due(
            "2026-06-06T18:00:00+03:00", "2026-06-07T10:00:00+03:00"
        )

    @pytest.mark.parametrize(
        "start",
        [
            "2026-06-02T09:00:00+02:00",
            "2026-06-05T16:59:59.999999+02:00",
            "2026-06-06T12:00:00+02:00",
            "2026-03-27T11:00:00+01:00",  # the week after has summer time
            "2026-12-29T15:00:00+01:00",
        ],
    )
    def test_seven_business_days_are_fifty_six_business_hours(self, start: str) -> None:
        # Each date has 8 h: 7 × 8 = 56, wherever in a date it begins.
        assert CORPORATE.due_business_days(at(start), 7) == CORPORATE.due(at(start), 56 * HOUR)
        assert CORPORATE.due_business_days(at(start), -7) == CORPORATE.due(at(start), -56 * HOUR)

    def test_a_pause_wholly_outside_hours_has_no_open_time(self) -> None:
        # A clock that stood still from 18:00 to 19:00 lost nothing.
        assert (
            CORPORATE.elapsed(at("2026-06-02T18:00:00+02:00"), at("2026-06-02T19:00:00+02:00")) == 0
        )

    def test_business_time_backwards(self) -> None:
        # From Monday 10:00 back: 1 h to 9:00, the other 30 min are Friday 16:30 to 17:00.
        start = at("2026-06-08T10:00:00+02:00")
        assert CORPORATE.due(start, -90 * MINUTE) == due("2026-06-05T16:30:00+02:00")
        # Exactly 1 h: Monday 9:00 is the latest such instant, Friday 17:00 the earliest.
        assert CORPORATE.due(start, -HOUR) == due(
            "2026-06-08T09:00:00+02:00", "2026-06-05T17:00:00+02:00"
        )
        assert CORPORATE.elapsed(start, at("2026-06-05T16:30:00+02:00")) == -90 * MINUTE

    def test_nothing_is_due_at_once_and_breached_when_time_next_runs(self) -> None:
        friday = at("2026-06-05T18:00:00+02:00")
        assert CORPORATE.due(friday, 0) == (friday, at("2026-06-08T09:00:00+02:00"))
        assert CORPORATE.due_business_days(friday, 0) == CORPORATE.due(friday, 0)

    def test_a_third_of_a_business_day_is_rounded_up_to_the_microsecond(self) -> None:
        # 8 h / 3 = 2:40:00. 8 h / 7 = 1:08:34.285714 and 2/7 of a microsecond.
        monday = at("2026-06-08T09:00:00+02:00")
        assert CORPORATE.due_business_days(monday, Fraction(1, 3)) == due(
            "2026-06-08T11:40:00+02:00"
        )
        assert CORPORATE.due_business_days(monday, Fraction(1, 7)) == due(
            "2026-06-08T10:08:34.285715+02:00"
        )
        # Backwards from 17:00 it is rounded away from the start: 17:00 less 1:08:34.285715.
        evening = at("2026-06-08T17:00:00+02:00")
        assert CORPORATE.due_business_days(evening, Fraction(-1, 7)) == due(
            "2026-06-08T15:51:25.714285+02:00"
        )

    def test_half_a_day_before_a_lunch_break_is_breached_after_it(self) -> None:
        # 9–13 and 14–18: half of the 8 h are used up at 13:00, and none until 14:00.
        lunch = calendar(
            "+00:00", hours={day: [["09:00", "13:00"], ["14:00", "18:00"]] for day in WORKDAYS}
        )
        assert lunch.due_business_days(at("2026-06-08T09:00:00Z"), Fraction(1, 2)) == due(
            "2026-06-08T13:00:00Z", "2026-06-08T14:00:00Z"
        )


def night_length(zone: str, evening: str, start: str = "22:00", end: str = "06:00") -> int:
    """Return how long the night shift lasts that starts on a date, in minutes."""
    open_time = calendar(zone, hours={}, overrides={evening: [[start, end]]})
    midnight = at(f"{evening}T00:00:00Z")
    return open_time.elapsed(midnight - DAY, midnight + 3 * DAY) // MINUTE


class TestClockChanges:
    @pytest.mark.parametrize(
        ("zone", "evening", "minutes"),
        [
            # 22:00 to 6:00 is 8 h on the wall; a change that night takes or gives its own.
            ("Europe/Berlin", "2026-03-28", 480 - 60),
            ("Europe/Berlin", "2026-10-24", 480 + 60),
            ("Europe/Berlin", "2026-06-01", 480),
            ("America/New_York", "2026-03-07", 480 - 60),
            ("America/New_York", "2026-10-31", 480 + 60),
            ("America/Sao_Paulo", "2018-11-03", 480 - 60),  # 24:00 became 1:00
            ("America/Sao_Paulo", "2018-02-17", 480 + 60),  # 24:00 became 23:00 again
            ("Australia/Lord_Howe", "2026-10-03", 480 - 30),
            ("Australia/Lord_Howe", "2026-04-04", 480 + 30),
            ("Asia/Kathmandu", "2026-03-28", 480),
            ("Asia/Kathmandu", "1985-12-31", 480 - 15),  # +5:30 became +5:45 at midnight
        ],
    )
    def test_a_night_shift_lasts_as_long_as_the_night(
        self, zone: str, evening: str, minutes: int
    ) -> None:
        assert night_length(zone, evening) == minutes

    def test_an_edge_that_happens_twice_is_the_first(self) -> None:
        # Berlin, 2026-10-25: 2:30 is 0:30Z in summer time, and 1:30Z after the change.
        nights = calendar("Europe/Berlin", hours={"sun": [["02:30", "04:00"]]})
        assert nights.next_opening(at("2026-10-25T00:00:00Z")) == at("2026-10-25T00:30:00Z")
        # To 4:00, 3:00Z: 2.5 h, of which the clock shows an hour and a half.
        assert nights.closes_at(at("2026-10-25T00:30:00Z")) == at("2026-10-25T03:00:00Z")

    def test_an_edge_that_never_happens_is_read_by_the_offset_before(self) -> None:
        # Berlin, 2026-03-29: 2:30 does not exist; at +1:00 it is 1:30Z, when clocks show 3:30.
        nights = calendar("Europe/Berlin", hours={"sun": [["02:30", "05:00"]]})
        assert nights.next_opening(at("2026-03-29T00:00:00Z")) == at("2026-03-29T01:30:00Z")

    def test_a_shift_that_a_gap_turns_around_does_not_take_place(self) -> None:
        # 2:30 is 1:30Z by the offset before the gap, and 3:00 is 1:00Z: nothing is left.
        assert night_length("Europe/Berlin", "2026-03-29", "02:30", "03:00") == 0

    def test_midnight_that_never_happens(self) -> None:
        # São Paulo, 2018-11-04: at 24:00, 3:00Z, clocks show 1:00. A shift until 24:00 ends
        # there, and one from 0:00 begins there: together they are open without a break.
        days = calendar(
            "America/Sao_Paulo", hours={"sat": [["20:00", "24:00"]], "sun": [["00:00", "03:00"]]}
        )
        assert list(days.periods(at("2018-11-03T12:00:00Z"), at("2018-11-05T00:00:00Z"))) == [
            # 20:00 at -3 is 23:00Z; 3:00 at -2 is 5:00Z: 4 h and 2 h.
            (at("2018-11-03T23:00:00Z"), at("2018-11-04T05:00:00Z"))
        ]

    def test_a_day_of_23_and_of_25_hours_in_a_calendar_that_never_closes(self) -> None:
        always = calendar("Europe/Berlin", hours=daily("00:00", "24:00", WEEK))
        spring, autumn = at("2026-03-29T00:00:00+01:00"), at("2026-10-25T00:00:00+02:00")
        assert always.elapsed(spring, at("2026-03-30T00:00:00+02:00")) == 23 * HOUR
        assert always.elapsed(autumn, at("2026-10-26T00:00:00+01:00")) == 25 * HOUR
        # 24 h are 24 h: on to 1:00 on Monday, and back to 23:00 on Sunday.
        assert always.due(spring, 24 * HOUR) == due("2026-03-30T01:00:00+02:00")
        assert always.due(autumn, 24 * HOUR) == due("2026-10-25T23:00:00+01:00")
        assert always.closes_at(spring) is None

    def test_a_business_day_of_23_hours_is_one_day(self) -> None:
        # From Sunday 0:00 half a day is 11.5 h, at 12:30 by summer time; the whole is Monday
        # 0:00, when the next one begins.
        always = calendar(
            "Europe/Berlin", hours=daily("00:00", "24:00", WEEK), business_days=[*WEEK]
        )
        spring = at("2026-03-29T00:00:00+01:00")
        assert always.due_business_days(spring, Fraction(1, 2)) == due("2026-03-29T12:30:00+02:00")
        assert always.due_business_days(spring, 1) == due("2026-03-30T00:00:00+02:00")

    def test_kathmandu_is_five_hours_and_three_quarters_ahead(self) -> None:
        # 9:00 there is 3:15Z; 8 h later it is 17:00, 11:15Z. 2026-06-01 is a Monday.
        kathmandu = calendar("Asia/Kathmandu", hours=daily("09:00", "17:00"))
        assert kathmandu.due(at("2026-06-01T00:00:00Z"), 8 * HOUR) == due(
            "2026-06-01T11:15:00Z", "2026-06-02T03:15:00Z"
        )

    def test_a_date_that_the_zone_skipped_has_no_shift(self) -> None:
        # Samoa went from Thursday 29 to Saturday 31 December 2011: no Friday hours that week.
        samoa = calendar(
            "Pacific/Apia", hours={"thu": [["09:00", "17:00"]], "fri": [["09:00", "17:00"]]}
        )
        assert list(samoa.periods(at("2011-12-29T00:00:00Z"), at("2012-01-04T00:00:00Z"))) == [
            (at("2011-12-29T09:00:00-10:00"), at("2011-12-29T17:00:00-10:00")),
        ]


class TestHolidaysAndOverrides:
    NIGHTS = daily("22:00", "06:00", WEEK)

    def test_a_holiday_cuts_the_tail_of_the_night_before(self) -> None:
        # Thursday's shift has its 2 h until midnight; Friday, the holiday, has none of its
        # own, so that Saturday begins at 22:00.
        nights = calendar(
            "Europe/Berlin",
            hours=self.NIGHTS,
            holidays=[{"date": "2026-12-25", "name": "Christmas Day"}],
        )
        thursday, sunday = at("2026-12-24T12:00:00+01:00"), at("2026-12-27T12:00:00+01:00")
        assert list(nights.periods(thursday, sunday)) == [
            (at("2026-12-24T22:00:00+01:00"), at("2026-12-25T00:00:00+01:00")),
            (at("2026-12-26T22:00:00+01:00"), at("2026-12-27T06:00:00+01:00")),
        ]
        # What is left of Thursday is still one business day, of 2 h: half of it is at 23:00.
        assert nights.due_business_days(thursday, Fraction(1, 2)) == due(
            "2026-12-24T23:00:00+01:00"
        )
        assert nights.holiday_at(at("2026-12-25T23:59:59+01:00")) == "Christmas Day"
        assert nights.holiday_at(at("2026-12-26T00:00:00+01:00")) is None

    def test_an_override_cancels_its_dates_holiday_but_not_the_night_before(self) -> None:
        nights = calendar(
            "Europe/Berlin",
            hours=self.NIGHTS,
            holidays=["2026-12-25"],
            overrides={"2026-12-25": [["12:00", "14:00"]]},
        )
        thursday, saturday = at("2026-12-24T12:00:00+01:00"), at("2026-12-26T12:00:00+01:00")
        assert list(nights.periods(thursday, saturday)) == [
            (at("2026-12-24T22:00:00+01:00"), at("2026-12-25T06:00:00+01:00")),
            (at("2026-12-25T12:00:00+01:00"), at("2026-12-25T14:00:00+01:00")),
        ]
        assert nights.holiday_at(at("2026-12-25T13:00:00+01:00")) is None

    def test_a_half_day_is_a_whole_business_day_of_fewer_hours(self) -> None:
        # Thursday 24 December is open 9–13, Friday is a holiday. In hours: from Wednesday
        # 16:00, 1 h + 4 h + 3 h on Monday, 12:00. In days: 1/8 is left of Wednesday, so a day
        # ends 7/8 into Thursday's 4 h: 3.5 h after 9:00.
        christmas = calendar(
            "Europe/Berlin",
            hours=daily("09:00", "17:00"),
            holidays=["2026-12-25"],
            overrides={"2026-12-24": [["09:00", "13:00"]]},
        )
        wednesday = at("2026-12-23T16:00:00+01:00")
        assert christmas.due(wednesday, 8 * HOUR) == due("2026-12-28T12:00:00+01:00")
        assert christmas.due_business_days(wednesday, 1) == due("2026-12-24T12:30:00+01:00")
        # 1/8 + 1 + 7/8 of Monday's 8 h: 16:00.
        assert christmas.due_business_days(wednesday, 2) == due("2026-12-28T16:00:00+01:00")

    def test_extra_hours_on_a_saturday_are_hours_but_no_business_day(self) -> None:
        extra = calendar(
            "+00:00",
            hours=daily("09:00", "17:00"),
            overrides={"2026-06-06": [["10:00", "12:00"]]},
        )
        friday = at("2026-06-05T16:00:00Z")
        # 1 h on Friday, 2 h on Saturday, 1 h on Monday.
        assert extra.due(friday, 4 * HOUR) == due("2026-06-08T10:00:00Z")
        # 1/8 of Friday and 3/8 of Monday.
        assert extra.due_business_days(friday, Fraction(1, 2)) == due("2026-06-08T12:00:00Z")

    def test_a_date_closed_by_an_override_is_worth_nothing(self) -> None:
        closed = calendar("+00:00", hours=daily("09:00", "17:00"), overrides={"2026-06-02": []})
        monday = at("2026-06-01T09:00:00Z")
        assert closed.due_business_days(monday, 2) == due(
            "2026-06-03T17:00:00Z", "2026-06-04T09:00:00Z"
        )

    def test_the_leap_day_is_a_day(self) -> None:
        # Monday 2028-02-28 16:00: 1 h, then all 8 h of Tuesday the 29th. In 2027 the 28th is a
        # Sunday, and 1 March a Monday: Friday's hour, then Monday's eight.
        assert CORPORATE.due(at("2028-02-28T16:00:00+01:00"), 9 * HOUR) == due(
            "2028-02-29T17:00:00+01:00", "2028-03-01T09:00:00+01:00"
        )
        assert CORPORATE.due(at("2027-02-26T16:00:00+01:00"), 9 * HOUR) == due(
            "2027-03-01T17:00:00+01:00", "2027-03-02T09:00:00+01:00"
        )

    def test_new_years_eve_across_midnight(self) -> None:
        # Thursday 2026-12-31 22:00 to Friday 6:00 is one shift, of the old year's last date.
        nights = calendar("Asia/Tokyo", hours=self.NIGHTS)
        evening = at("2026-12-31T22:00:00+09:00")
        assert nights.due(evening, 3 * HOUR) == due("2027-01-01T01:00:00+09:00")
        assert nights.elapsed(evening, at("2027-01-01T12:00:00+09:00")) == 8 * HOUR
        # A quarter of 8 h is midnight in Tokyo, 15:00Z; the whole is 6:00. Friday's begins at
        # 22:00.
        assert nights.due_business_days(evening, Fraction(1, 4)) == due("2027-01-01T00:00:00+09:00")
        assert nights.due_business_days(evening, 1) == due(
            "2027-01-01T06:00:00+09:00", "2027-01-01T22:00:00+09:00"
        )
        two = at("2027-01-01T02:00:00+09:00")
        assert nights.elapsed_business_days(evening, two) == Fraction(4, 8)
        assert nights.elapsed_business_days(two, two + 20 * HOUR) == Fraction(4, 8)
        assert nights.due_business_days(two, -Fraction(1, 2)) == due(
            "2026-12-31T22:00:00+09:00", "2026-12-31T06:00:00+09:00"
        )
        cut = calendar("Asia/Tokyo", hours=self.NIGHTS, holidays=["2027-01-01"])
        assert cut.elapsed(evening, at("2027-01-01T12:00:00+09:00")) == 2 * HOUR

    def test_new_years_eve_where_utc_is_already_in_the_new_year(self) -> None:
        # Thursday 2026-12-31 in New York, 16:00 to 24:00: 20:00 there is 1:00Z on 1 January.
        evenings = calendar("America/New_York", hours=daily("16:00", "24:00"))
        afternoon, evening = at("2026-12-31T16:00:00-05:00"), at("2026-12-31T20:00:00-05:00")
        assert evenings.elapsed_business_days(afternoon, evening) == Fraction(1, 2)
        assert evenings.due_business_days(evening, Fraction(1, 4)) == due(
            "2026-12-31T22:00:00-05:00"
        )
        # Half of Thursday is left, and half of Friday makes it a day.
        assert evenings.due_business_days(evening, 1) == due("2027-01-01T20:00:00-05:00")

    def test_a_shift_into_the_next_dates_shift_keeps_the_overlap(self) -> None:
        # Monday 22:00–10:00 and Tuesday 8:00–16:00: 8:00 to 10:00 is Monday's, so that
        # Monday has 12 h and Tuesday the 6 h that are left. Open time is 18 h, not 20.
        overlapping = calendar(
            "+00:00", hours={"mon": [["22:00", "10:00"]], "tue": [["08:00", "16:00"]]}
        )
        monday = at("2026-06-01T22:00:00Z")
        assert overlapping.elapsed(monday, monday + 2 * DAY) == 18 * HOUR
        assert overlapping.due_business_days(monday, 1) == due("2026-06-02T10:00:00Z")
        assert overlapping.due_business_days(monday, Fraction(3, 2)) == due("2026-06-02T13:00:00Z")


class TestUnions:
    def test_bought_cover_adds_hours_but_no_business_days(self) -> None:
        cover = {"timezone": "Europe/Berlin", "hours": daily("10:00", "14:00", ("sat", "sun"))}
        covered = calendar("Europe/Berlin", hours=daily("09:00", "17:00"), union=[cover])
        friday = at("2026-06-05T16:00:00+02:00")
        # 1 h on Friday and 3 h on Saturday.
        assert covered.due(friday, 4 * HOUR) == due("2026-06-06T13:00:00+02:00")
        assert covered.due_business_days(friday, 1) == CORPORATE.due_business_days(friday, 1)

    def test_desks_that_follow_the_sun(self) -> None:
        # 2026-06-03 is a Wednesday. Tokyo 9–17 is 0:00–8:00Z, Berlin 7:00–15:00Z, New York
        # 13:00–21:00Z: open from 0:00 to 21:00Z, 21 h that belong to Berlin's Wednesday.
        desks = [
            {"timezone": zone, "hours": daily("09:00", "17:00")}
            for zone in ("Asia/Tokyo", "America/New_York")
        ]
        around = calendar("Europe/Berlin", hours=daily("09:00", "17:00"), union=desks)
        wednesday = at("2026-06-03T00:00:00Z")
        assert list(around.periods(wednesday, wednesday + DAY)) == [
            (wednesday, wednesday + 21 * HOUR)
        ]
        # A third of 21 h.
        assert around.due_business_days(wednesday, Fraction(1, 3)) == due("2026-06-03T07:00:00Z")

    def test_each_member_keeps_its_own_holidays(self) -> None:
        # 4 July 2025, a Friday, is a holiday in New York and not in Berlin.
        new_york = {
            "timezone": "America/New_York",
            "hours": daily("09:00", "17:00"),
            "holidays": ["2025-07-04"],
        }
        both = calendar("Europe/Berlin", hours=daily("09:00", "17:00"), union=[new_york])
        friday = at("2025-07-04T00:00:00Z")
        assert list(both.periods(friday, friday + DAY)) == [
            (at("2025-07-04T07:00:00Z"), at("2025-07-04T15:00:00Z"))
        ]


class TestSegments:
    def test_each_part_says_why_it_counts_or_does_not(self) -> None:
        christmas = calendar(
            "Europe/Berlin",
            hours=daily("09:00", "17:00"),
            holidays=[{"date": "2026-12-25", "name": "Christmas Day"}],
            overrides={"2026-12-24": {"hours": [["09:00", "13:00"]], "name": "Christmas Eve"}},
        )
        segments = christmas.segments(
            at("2026-12-23T16:00:00+01:00"), at("2026-12-28T10:00:00+01:00")
        )
        assert [
            (from_micros(each.start + HOUR).strftime("%d %H:%M"), each.open, each.why, each.name)
            for each in segments
        ] == [
            ("23 16:00", True, "open", None),
            ("23 17:00", False, "closed", None),
            ("24 00:00", False, "override", "Christmas Eve"),
            ("24 09:00", True, "override", "Christmas Eve"),
            ("24 13:00", False, "override", "Christmas Eve"),
            ("25 00:00", False, "holiday", "Christmas Day"),
            ("26 00:00", False, "closed", None),
            ("28 09:00", True, "open", None),
        ]
        assert segments[-1].end == at("2026-12-28T10:00:00+01:00")

    def test_a_range_with_too_many_parts_is_refused(self) -> None:
        start = at("2026-01-01T00:00:00Z")
        with pytest.raises(RangeTooLong):
            CORPORATE.segments(start, start + 40_000 * DAY)
        with pytest.raises(RangeTooLong):
            CORPORATE.segments(start, start + 30 * DAY, limit=10)

    def test_an_empty_range_has_no_parts(self) -> None:
        start = at("2026-01-01T00:00:00Z")
        assert CORPORATE.segments(start, start) == []
        assert list(CORPORATE.periods(start, start)) == []


class TestFarAway:
    def test_a_calendar_without_hours_is_refused(self) -> None:
        with pytest.raises(NeverOpens):
            compile_calendar(Calendar("UTC", ((),) * 7))
        with pytest.raises(NeverOpens):
            compile_calendar(Calendar("UTC", ((),) * 7, overrides=((date(2026, 1, 1), ()),)))

    def test_a_target_that_is_never_reached_is_refused(self) -> None:
        once = calendar("UTC", hours={}, overrides={"2026-06-02": [["09:00", "17:00"]]})
        start = at("2026-06-01T00:00:00Z")
        # The 8 h there are can be used up; after them nothing opens until the end.
        assert once.due(start, 8 * HOUR) == (at("2026-06-02T17:00:00Z"), HORIZON)
        assert once.due(start + 9 * DAY, -8 * HOUR) == (at("2026-06-02T09:00:00Z"), EARLIEST)
        all_refuse(
            NeverOpens,
            lambda: once.due(start, 8 * HOUR + 1),
            lambda: once.due(start, -1),
            lambda: once.due_business_days(start, 2),
            lambda: once.due_business_days(start, -1),
            lambda: once.next_opening(start + 2 * DAY),
            lambda: CORPORATE.due(start, 10**9 * HOUR),
            lambda: CORPORATE.due(start, -(10**9) * HOUR),
            lambda: CORPORATE.due_business_days(start, 10**9),
        )

    def test_business_days_of_a_calendar_without_any_are_never_reached(self) -> None:
        weekend = calendar("UTC", hours=daily("10:00", "18:00", ("sat", "sun")))
        start = at("2026-06-06T12:00:00Z")
        assert weekend.elapsed_business_days(start, start + 30 * DAY) == 0
        with pytest.raises(NeverOpens):
            weekend.due_business_days(start, 1)

    @pytest.mark.parametrize("zone", ["America/New_York", "+14:00", "-14:00"])
    def test_year_1_and_year_9998_are_known_to_their_ends(self, zone: str) -> None:
        always = calendar(zone, hours=daily("00:00", "24:00", WEEK), business_days=[*WEEK])
        assert always.elapsed(EARLIEST + 2 * DAY, HORIZON) == HORIZON - EARLIEST - 2 * DAY
        assert always.elapsed_business_days(EARLIEST, HORIZON) > 3_651_000
        assert always.due(HORIZON - HOUR, HOUR) == (HORIZON, HORIZON)
        assert always.due(EARLIEST + 3 * DAY, -DAY).due_at == EARLIEST + 2 * DAY
        assert always.due_business_days(HORIZON - 5 * DAY, 3).due_at < HORIZON
        assert always.holiday_at(EARLIEST) is None
        assert always.civil_date_at(EARLIEST) == date(1, 1, 1)
        assert always.segments(HORIZON - DAY, HORIZON)[-1].end == HORIZON
        all_refuse(
            NeverOpens,
            lambda: always.due(HORIZON - HOUR, HOUR + 1),
            lambda: always.due(HORIZON + 40 * DAY, HOUR),
            lambda: always.due(EARLIEST + HOUR, -DAY),
            lambda: always.due_business_days(HORIZON - HOUR, 3),
        )

    def test_year_1_has_no_night_before(self) -> None:
        # 0001-01-01 is a Monday; the night from Sunday to it would have begun in year 0.
        nights = calendar("UTC", hours={"sun": [["22:00", "06:00"]], "mon": [["22:00", "06:00"]]})
        assert nights.next_opening(EARLIEST) == EARLIEST + 22 * HOUR
        assert nights.elapsed(EARLIEST, EARLIEST + 2 * DAY) == 8 * HOUR

    def test_instants_that_no_calendar_knows_are_refused(self) -> None:
        before, after = EARLIEST - 1, HORIZON + 1
        all_refuse(
            InstantOutOfRange,
            lambda: CORPORATE.due(before, HOUR),
            lambda: CORPORATE.due(before, 0),
            lambda: CORPORATE.due(after, 0),
            lambda: CORPORATE.due(after, -HOUR),
            lambda: CORPORATE.due_business_days(before, 1),
            lambda: CORPORATE.due_business_days(after, -1),
            lambda: CORPORATE.elapsed(before, 0),
            lambda: CORPORATE.elapsed(0, after),
            lambda: CORPORATE.elapsed_business_days(0, after),
            lambda: CORPORATE.is_open(before),
            lambda: CORPORATE.next_opening(after),
            lambda: CORPORATE.closes_at(HORIZON),
            lambda: CORPORATE.holiday_at(before),
            lambda: list(CORPORATE.periods(before, 0)),
            lambda: CORPORATE.segments(before, 0),
            lambda: from_micros(10**20),
        )

    def test_far_targets_do_not_build_the_years_between(self) -> None:
        far = OpenTime(CORPORATE.calendar)
        start = at("9990-06-01T00:00:00Z")
        far.due(start, 2_000 * HOUR)
        assert len(far._open.blocks) <= 2
        # 10 million hours at some 2,087 a year: the year 6817 or so, and two years built there
        # besides those with clock changes of their own.
        due_at = far.due(at("2026-06-01T00:00:00Z"), 10_000_000 * HOUR).due_at
        assert from_micros(due_at).year == 6817
        assert far.elapsed(at("2026-06-01T00:00:00Z"), due_at) == 10_000_000 * HOUR
        assert not [year for year in far._open.blocks if 2100 < year < 6817]

    def test_a_calendar_with_very_many_shifts_keeps_few_years(self) -> None:
        busy = calendar(
            "UTC", hours={day: [[f"{h:02}:00", f"{h:02}:30"] for h in range(24)] for day in WEEK}
        )
        start = at("2000-01-01T00:00:00Z")
        for year in range(40):
            busy.is_open(start + year * 365 * DAY)
        assert sum(len(block.starts) for block in busy._open.blocks.values()) < 50_000

    def test_equal_calendars_are_compiled_once(self) -> None:
        one = calendar("Europe/Berlin", hours=daily("09:00", "17:00"))
        assert calendar("Europe/Berlin", hours=daily("09:00", "17:00")) is one
        assert one.holidays_until is None


class TestInstants:
    @pytest.mark.parametrize(
        "moment",
        [
            datetime(1970, 1, 1, tzinfo=UTC),
            datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
            datetime(1, 1, 1, tzinfo=UTC),
            datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
            datetime(2026, 6, 2, 10, 0, 0, 123_457, tzinfo=UTC),
        ],
    )
    def test_instants_are_exact_both_ways(self, moment: datetime) -> None:
        assert from_micros(to_micros(moment)) == moment

    def test_offsets_beyond_the_years_are_instants_like_others(self) -> None:
        # 1 January of year 1 at +14:00 is still in the year before, by UTC.
        ahead = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))
        assert to_micros(ahead) == EARLIEST - 14 * HOUR


@pytest.mark.parametrize(
    ("asked", "same", "following", "second"),
    [
        # In open time, before it and after it on a Monday, at the weekend, on a Friday.
        ("2026-11-23T10:00+01:00", "23T17:00", "24T17:00", "25T17:00"),
        ("2026-11-23T06:00+01:00", "23T17:00", "24T17:00", "25T17:00"),
        ("2026-11-23T17:00+01:00", "24T17:00", "24T17:00", "25T17:00"),
        ("2026-11-23T23:59+01:00", "24T17:00", "24T17:00", "25T17:00"),
        ("2026-11-21T12:00+01:00", "23T17:00", "23T17:00", "24T17:00"),
        ("2026-11-20T16:59+01:00", "20T17:00", "23T17:00", "24T17:00"),
    ],
)
def test_the_end_of_a_business_day(asked: str, same: str, following: str, second: str) -> None:
    desk = compile_calendar(Calendar("Europe/Berlin", ((Shift(540, 1020),),) * 5 + ((),) * 2))
    start = at(asked)
    for days, closes in enumerate((same, following, second)):
        assert desk.close_of_business_day(start, days) == at(f"2026-11-{closes}+01:00")


def test_what_is_asked_in_a_night_shift_is_of_the_day_that_it_began_on() -> None:
    night = compile_calendar(Calendar("+00:00", ((Shift(1320, 1800),),) * 5 + ((),) * 2))
    for asked, closes in (
        ("2026-11-24T03:00Z", "2026-11-25T06:00Z"),  # Monday's shift still runs
        ("2026-11-24T07:00Z", "2026-11-26T06:00Z"),  # on Tuesday, before its own
    ):
        assert night.close_of_business_day(at(asked), 1) == at(closes)


def test_the_end_of_a_business_day_over_the_turn_of_years() -> None:
    desk = Calendar(
        "Europe/Berlin",
        ((Shift(540, 1020),),) * 5 + ((),) * 2,
        holidays=((date(2027, 1, 1), "Neujahr"),),
    )
    start = at("2026-12-31T18:00+01:00")  # a Thursday
    closes = at("2027-01-04T17:00+01:00")
    assert compile_calendar(desk).close_of_business_day(start, 1) == closes
    with pytest.raises(NeverOpens):
        compile_calendar(desk).close_of_business_day(start, 2_100_000)
