"""Calendar documents: what is read, every fault at its place, and the way back."""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.documents.joining import render_calendar
from app.documents.reading import InvalidCatalog, parse_calendar, parse_catalog
from app.domain.access.refusals import Fault
from app.domain.time.calendars import WEEKDAYS, Calendar, Shift
from tests.domain.catalog_examples import small_document

MONDAY = {"mon": [["09:00", "17:00"]]}


def read(document: object, **siblings: object) -> Calendar:
    if siblings:
        return parse_catalog(_among(document, siblings)).calendars["c"]
    faults: list[Fault] = []
    calendar = parse_calendar(document, pointer="", faults=faults)
    assert calendar is not None, faults
    assert faults == []
    return calendar


def faults_of(document: object, **siblings: object) -> list[tuple[str, str]]:
    """Return where and what is wrong, as (pointer, code)."""
    faults: list[Fault] = []
    if siblings:
        with pytest.raises(InvalidCatalog) as refused:
            parse_catalog(_among(document, siblings))
        for fault in refused.value.faults:
            below = fault.pointer.removeprefix("/calendars")
            if below.startswith("/c/") or below == "/c":
                faults.append(Fault(below, fault.detail, fault.code))
    else:
        assert parse_calendar(document, pointer="/c", faults=faults) is None
    assert all(fault.detail and len(fault.detail) < 400 for fault in faults)
    return [(fault.pointer, fault.code) for fault in faults]


def _among(document: object, siblings: dict[str, object]) -> dict[str, Any]:
    """Return a catalogue's document in which a calendar stands beside others."""
    catalog = small_document()
    catalog["calendars"] |= {"c": document, **siblings}
    return catalog


def berlin(**fields: object) -> dict[str, object]:
    return {"timezone": "Europe/Berlin", "hours": MONDAY, **fields}


def test_a_whole_document_becomes_a_calendar() -> None:
    document = {
        "timezone": "Europe/Berlin",
        "hours": {"mon": [["09:00", "17:00"]], "fri": [["22:00", "06:00"]], "sat": []},
        "holidays": ["2026-12-25", {"date": "2026-01-01", "name": "New Year's Day"}],
        "overrides": {
            "2026-12-31": {"hours": [], "name": "Stocktaking"},
            "2026-12-24": [["09:00", "13:00"]],
        },
        "business_days": ["mon", "sun"],
        "holidays_until": "2027-12-31",
        "union": ["night", {"utc_offset": "-03:00", "hours": {"sun": [["00:00", "24:00"]]}}],
    }
    night = {"timezone": "UTC", "hours": {"mon": [["18:00", "09:00"]]}}
    assert read(document, night=night) == Calendar(
        zone="Europe/Berlin",
        hours=((Shift(540, 1020),), (), (), (), (Shift(1320, 1800),), (), ()),
        holidays=((date(2026, 1, 1), "New Year's Day"), (date(2026, 12, 25), "holiday")),
        overrides=((date(2026, 12, 24), (Shift(540, 780),)), (date(2026, 12, 31), ())),
        business_days=frozenset({0, 6}),
        holidays_until=date(2027, 12, 31),
        union=(
            Calendar("UTC", ((Shift(1080, 1980),), (), (), (), (), (), ())),
            Calendar("-03:00", ((), (), (), (), (), (), (Shift(0, 1440),))),
        ),
        override_names=((date(2026, 12, 31), "Stocktaking"),),
    )


def test_business_days_are_monday_to_friday_if_left_out() -> None:
    assert read(berlin()).business_days == {0, 1, 2, 3, 4}
    assert read(berlin(business_days=[])).business_days == set()


@pytest.mark.parametrize(
    ("written", "merged"),
    [
        ([["09:00", "13:00"], ["12:00", "17:00"]], [(540, 1020)]),
        ([["13:00", "17:00"], ["09:00", "13:00"]], [(540, 1020)]),
        ([["09:00", "17:00"], ["10:00", "11:00"]], [(540, 1020)]),
        ([["09:00", "17:00"], ["09:00", "17:00"]], [(540, 1020)]),
        ([["09:00", "12:00"], ["13:00", "17:00"]], [(540, 720), (780, 1020)]),
        ([["00:00", "12:00"], ["12:00", "24:00"]], [(0, 1440)]),
        # A whole day from 9:00 to 9:00 cannot be written as one shift.
        ([["09:00", "12:00"], ["12:00", "09:00"]], [(540, 720), (720, 1980)]),
        # Together they last longer than a shift may; the hours are the same side by side.
        ([["00:00", "24:00"], ["22:00", "06:00"]], [(0, 1440), (1320, 1800)]),
    ],
)
def test_overlapping_shifts_are_merged(
    written: list[list[str]], merged: list[tuple[int, int]]
) -> None:
    calendar = read(berlin(hours={"mon": written}))
    assert calendar.hours[0] == tuple(Shift(start, end) for start, end in merged)


@pytest.mark.parametrize(
    ("shift", "pointer", "code"),
    [
        (["09:00", "09:00"], "", "empty_shift"),
        (["00:00", "00:00"], "", "empty_shift"),
        (["00:00", "25:00"], "", "shift_too_long"),
        (["09:00", "34:00"], "", "shift_too_long"),
        (["06:00", "25:00"], "/1", "invalid_time"),
        (["24:00", "01:00"], "/0", "invalid_time"),
        (["9:00", "17:00"], "/0", "invalid_time"),
        (["09:00", "17:60"], "/1", "invalid_time"),
        (["09:00", "17:00:00"], "/1", "invalid_time"),
        (["09:00", "5 pm"], "/1", "invalid_time"),
        (["09:00", "1\u0667:00"], "/1", "invalid_time"),
        ([9, "17:00"], "/0", "invalid_time"),
        ([None, "17:00"], "/0", "invalid_time"),
        (["09:00"], "", "invalid_type"),
        (["09:00", "12:00", "17:00"], "", "invalid_type"),
        ("09:00-17:00", "", "invalid_type"),
    ],
)
def test_a_shift_that_cannot_be_is_named(shift: object, pointer: str, code: str) -> None:
    document = berlin(hours={"tue": [["10:00", "11:00"], shift]})
    assert faults_of(document) == [(f"/c/hours/tue/1{pointer}", code)]
    document = berlin(overrides={"2026-01-05": {"hours": [shift]}})
    assert faults_of(document) == [(f"/c/overrides/2026-01-05/hours/0{pointer}", code)]


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"timezone": "CET"}, "/timezone", "ambiguous_timezone"),
        ({"timezone": "GMT+2"}, "/timezone", "ambiguous_timezone"),
        ({"timezone": "Mars/Phobos"}, "/timezone", "unknown_timezone"),
        ({"timezone": ["UTC"]}, "/timezone", "invalid_type"),
        ({"timezone": None}, "/timezone", "invalid_type"),
        ({"utc_offset": "+02:00"}, "/utc_offset", "conflicting_fields"),
        ({"hours": []}, "/hours", "invalid_type"),
        ({"hours": {"monday": []}}, "/hours/monday", "unknown_weekday"),
        ({"hours": {"mon": {}}}, "/hours/mon", "invalid_type"),
        ({"hours": {"mon": [["09:00", "10:00"]] * 49}}, "/hours/mon", "too_many_items"),
        ({"holidays": "2026-12-25"}, "/holidays", "invalid_type"),
        ({"holidays": ["2026-02-29"]}, "/holidays/0", "invalid_date"),
        ({"holidays": ["2026-12-25T00:00:00Z"]}, "/holidays/0", "invalid_date"),
        ({"holidays": ["20261225"]}, "/holidays/0", "invalid_date"),
        ({"holidays": [20261225]}, "/holidays/0", "invalid_date"),
        ({"holidays": [{"name": "Christmas"}]}, "/holidays/0/date", "invalid_date"),
        ({"holidays": [{"date": "2026-12-25", "name": ""}]}, "/holidays/0/name", "invalid_text"),
        ({"holidays": [{"date": "2026-12-25", "x": 1}]}, "/holidays/0/x", "unknown_field"),
        ({"holidays": ["2026-12-25", "2026-12-25"]}, "/holidays/1", "duplicate_date"),
        ({"holidays": ["2026-12-25"] * 5001}, "/holidays", "too_many_items"),
        ({"overrides": []}, "/overrides", "invalid_type"),
        ({"overrides": {"tomorrow": []}}, "/overrides/tomorrow", "invalid_date"),
        (
            {"overrides": {"2026-01-05": {"name": "x"}}},
            "/overrides/2026-01-05/hours",
            "invalid_type",
        ),
        ({"business_days": ["mon", "mon"]}, "/business_days/1", "duplicate"),
        ({"business_days": ["Mon"]}, "/business_days/0", "unknown_weekday"),
        ({"business_days": [0]}, "/business_days/0", "unknown_weekday"),
        ({"business_days": [["mon"]]}, "/business_days/0", "unknown_weekday"),
        ({"business_days": "mon"}, "/business_days", "invalid_type"),
        ({"holidays_until": "soon"}, "/holidays_until", "invalid_date"),
        ({"union": "nights"}, "/union", "invalid_type"),
        ({"union": ["nights"]}, "/union/0", "unknown_calendar"),
        ({"union": [7]}, "/union/0", "invalid_type"),
        ({"union": [{"hours": MONDAY}]}, "/union/0/timezone", "required"),
        ({"open": "always"}, "/open", "unknown_field"),
        ({"a/b~c": 1}, "/a~1b~0c", "unknown_field"),
    ],
)
def test_one_fault_is_named_at_its_place(fields: dict[str, Any], pointer: str, code: str) -> None:
    assert faults_of(berlin(**fields)) == [(f"/c{pointer}", code)]


def test_every_fault_is_named_at_once() -> None:
    document = {
        "utc_offset": "2",
        "hours": {"mon": [["09:00", "09:00"], ["10:00", "x"]], "xyz": []},
        "holidays": ["2026-13-01"],
        "overrides": {"2026-01-01": [["08:00", "08:00"]]},
        "timezones": "UTC",
    }
    assert sorted(faults_of(document)) == [
        ("/c/holidays/0", "invalid_date"),
        ("/c/hours/mon/0", "empty_shift"),
        ("/c/hours/mon/1/1", "invalid_time"),
        ("/c/hours/xyz", "unknown_weekday"),
        ("/c/overrides/2026-01-01/0", "empty_shift"),
        ("/c/timezones", "unknown_field"),
        ("/c/utc_offset", "invalid_offset"),
    ]


@pytest.mark.parametrize("document", [None, [], "livecart/business", 7, {}])
def test_what_is_no_calendar_at_all_is_refused(document: object) -> None:
    assert faults_of(document) == (
        [("/c/timezone", "required")] if document == {} else [("/c", "invalid_type")]
    )


def test_a_calendar_that_never_opens_is_refused() -> None:
    assert faults_of({"timezone": "UTC"}) == [("/c/hours", "never_opens")]
    closed = {"timezone": "UTC", "hours": {"mon": []}, "overrides": {"2026-01-05": []}}
    assert faults_of(closed) == [("/c/hours", "never_opens")]
    read({"timezone": "UTC", "overrides": {"2026-01-05": [["09:00", "10:00"]]}})
    read({"timezone": "UTC", "union": [berlin()]})


def test_dates_may_lie_in_200_different_years() -> None:
    days = [f"{year}-05-01" for year in range(1900, 2101)]
    read(berlin(holidays=days[:200]))
    assert faults_of(berlin(holidays=days)) == [("/c", "too_many_items")]


def test_a_week_has_168_shifts_at_most_members_included() -> None:
    hourly = [[f"{hour:02}:00", f"{hour:02}:30"] for hour in range(24)]
    full = {"timezone": "UTC", "hours": dict.fromkeys(WEEKDAYS, hourly)}
    read(full)
    assert faults_of(berlin(union=[full])) == [("/c", "too_many_items")]


class TestUnion:
    def test_a_sibling_joins_with_what_it_joins_itself(self) -> None:
        calendar = read(
            berlin(union=["day"]), day=berlin(union=["night"]), night=berlin(hours=MONDAY)
        )
        assert calendar.union[0].union[0] == read(berlin())

    def test_the_faults_of_a_sibling_are_not_repeated(self) -> None:
        assert faults_of(berlin(union=["night"]), night={"timezone": "CET"}) == []

    def test_a_calendar_cannot_contain_itself(self) -> None:
        siblings = {"a": berlin(union=["b"]), "b": berlin(union=["a"])}
        assert faults_of(siblings["a"], **siblings) == [("/c/union", "calendar_cycle")]

    def test_sixteen_calendars_at_most_join(self) -> None:
        read(berlin(union=[berlin()] * 16))
        assert faults_of(berlin(union=[berlin()] * 17)) == [("/c/union", "too_many_items")]
        pair = berlin(union=["a", "a"])
        siblings = {"a": berlin(union=["b"] * 8), "b": berlin()}
        assert faults_of(pair, **siblings) == [("/c/union", "too_many_items")]
        # Doubling forty times over ends early.
        doubling = {f"n{n}": berlin(union=[f"n{n + 1}"] * 2) for n in range(40)}
        doubling["n40"] = berlin()
        assert faults_of(berlin(union=["n0"]), **doubling) == [("/c/union", "too_many_items")]


ZONES = st.sampled_from(["Europe/Berlin", "America/Sao_Paulo", "UTC", "+05:45", "-03:30"])
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
NAMES = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=20)


@st.composite
def shift_lists(draw: st.DrawFn) -> list[list[str]]:
    times = st.integers(0, 1439).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")
    pairs = st.tuples(times, st.one_of(times, st.just("24:00"))).filter(lambda it: it[0] != it[1])
    return [list(pair) for pair in draw(st.lists(pairs, max_size=3))]


@st.composite
def documents(draw: st.DrawFn, *, members: int = 2) -> dict[str, object]:
    zone = draw(ZONES)
    document: dict[str, object] = {
        "utc_offset" if zone[0] in "+-" else "timezone": zone,
        "hours": {"wed": [["09:00", "17:00"]], "sun": draw(shift_lists())},
        "holidays": [
            {"date": day.isoformat(), "name": draw(NAMES)}
            for day in draw(st.sets(DAYS, max_size=3))
        ],
        "overrides": {
            day.isoformat(): {"hours": draw(shift_lists()), "name": draw(NAMES)}
            for day in draw(st.sets(DAYS, max_size=3))
        },
        "business_days": sorted(draw(st.sets(st.sampled_from(["mon", "tue", "sun"])))),
    }
    if members:
        document["union"] = draw(st.lists(documents(members=0), max_size=members))
    return document


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_a_calendar_written_out_is_read_back_the_same(document: dict[str, object]) -> None:
    calendar = read(document)
    assert read(render_calendar(calendar)) == calendar


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents(), st.data())
def test_anything_at_all_in_a_document_is_a_fault_and_never_an_error(
    document: dict[str, Any], data: st.DataObject
) -> None:
    document[data.draw(st.sampled_from(sorted(document)))] = data.draw(JSON)
    faults: list[Fault] = []
    calendar = parse_calendar(document, pointer="/c", faults=faults)
    assert (calendar is None) == bool(faults)
    for fault in faults:
        assert fault.pointer.startswith("/c")
        (fault.pointer + fault.detail).encode()
