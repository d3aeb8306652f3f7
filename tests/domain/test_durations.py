"""Durations: ISO 8601 read and written, and told in English."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.promises.durations import (
    DurationFault,
    describe_duration,
    format_duration,
    parse_duration,
)
from app.domain.promises.promises import BusinessDays
from app.domain.time.calendar_texts import ELAPSED, HoursWords

BUSINESS = HoursWords(before="business ")


@pytest.mark.parametrize(
    ("text", "span", "written"),
    [
        ("PT8H", timedelta(hours=8), "PT8H"),
        ("-PT90M", timedelta(minutes=-90), "-PT1H30M"),
        ("+PT1M", timedelta(minutes=1), "PT1M"),
        ("P2D", timedelta(hours=48), "PT48H"),
        ("P1W", timedelta(days=7), "PT168H"),
        ("P1DT12H", timedelta(hours=36), "PT36H"),
        ("PT1.5H", timedelta(minutes=90), "PT1H30M"),
        ("PT0,25S", timedelta(milliseconds=250), "PT0.25S"),
        ("PT61.000001S", timedelta(seconds=61, microseconds=1), "PT1M1.000001S"),
        ("PT0S", timedelta(0), "PT0S"),
    ],
)
def test_durations_are_read_exactly_and_written_in_hours(
    text: str, span: timedelta, written: str
) -> None:
    assert parse_duration(text) == span
    assert format_duration(span) == written


@pytest.mark.parametrize("text", ["P1Y", "P1M", "P1Y2M3DT4H", "-P2Y"])
def test_years_and_months_have_no_fixed_length(text: str) -> None:
    with pytest.raises(DurationFault, match="depends on the calendar"):
        parse_duration(text)


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "P1DT", "8H", "pt8h", "PT8", "PT1.5H3M", "PT1H30", "PT0.0000001S", "PT-1H",
     "PT999999999999H", "--PT1H", "PT8H ", "PT\u0668H", "P" + "9" * 10_000 + "D"],
)  # fmt: skip
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(DurationFault) as refused:
        parse_duration(text)
    assert refused.value.code == "invalid_duration"
    assert len(refused.value.detail) < 200
    assert "years or months" not in refused.value.detail


@given(st.timedeltas())
def test_reading_what_was_written_gives_the_same(span: timedelta) -> None:
    assert parse_duration(format_duration(span)) == span


@pytest.mark.parametrize(
    ("within", "business", "told"),
    [
        (timedelta(hours=4), True, "4 business hours"),
        (timedelta(hours=48), False, "48 hours"),
        (timedelta(hours=1), True, "1 business hour"),
        (timedelta(minutes=90), False, "90 minutes"),
        (timedelta(seconds=30), True, "30 business seconds"),
        (timedelta(milliseconds=1500), False, "1.5 seconds"),
        (BusinessDays(7), True, "7 business days"),
        (BusinessDays(1), False, "1 business day"),
        (BusinessDays(0, end_of_day=True), True, "the end of the same business day"),
        (BusinessDays(1, end_of_day=True), True, "the end of the next business day"),
        (BusinessDays(2, end_of_day=True), False, "the end of the 2nd business day"),
        (BusinessDays(13, end_of_day=True), False, "the end of the 13th business day"),
    ],
)
def test_targets_are_told_as_sellers_tell_them(
    within: timedelta | BusinessDays, business: bool, told: str
) -> None:
    assert describe_duration(within, BUSINESS if business else ELAPSED) == told
