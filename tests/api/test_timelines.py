"""Timelines: what is in the picture, read back from its XML."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, get_args
from xml.etree import ElementTree as ET

import pytest

from app.api.pages.word_tables.joined import LANGUAGES
from app.api.pages.words import Words
from app.api.promises.timeline_layouts import NARROW, WIDE
from app.api.promises.timeline_looks import BANDS, MARKS, NOW, RULE, STATUS_COLOURS
from app.api.promises.timeline_scales import Scale
from app.api.promises.timelines import WIDTH, render_timeline
from app.domain.catalog.colours import contrast
from app.domain.promises.clock_events import ClockEvent
from app.domain.promises.clocks import run_clocks
from app.domain.promises.deadlines import Deadline
from app.domain.promises.promises import BusinessDays, Metric, Strength
from app.domain.time.calendars import Calendar, Shift
from tests.domain.clock_examples import (
    BERLIN,
    EXPRESS,
    HOUR,
    PROFESSIONAL,
    clause,
    promise,
    run,
    week_in,
)

berlin = week_in(BERLIN)
livecart = week_in(timezone(timedelta(hours=2)))
SVG = "{http://www.w3.org/2000/svg}"
RESOLUTION = promise("resolution", clause(16 * HOUR, "corporate"), pauses={"customer"})


def draw(deadlines: tuple[Deadline, ...], now: datetime, **wishes: Any) -> ET.Element:
    return ET.fromstring(render_timeline(deadlines, now=now, **wishes))  # noqa: S314


def texts(picture: ET.Element) -> list[str]:
    return [element.text or "" for element in picture.iter(f"{SVG}text")]


def bands(picture: ET.Element) -> list[str]:
    """Return what each band says when pointed at, but for the legend's."""
    return [
        says
        for element in picture.iter(f"{SVG}rect")
        if (says := element.findtext(f"{SVG}title", "")) and " to " in says
    ]


def express(opened: str, now: str, *events: ClockEvent) -> ET.Element:
    return draw(run(EXPRESS, livecart(opened), *events, now=livecart(now)), livecart(now))


def test_it_is_named_and_described_for_those_who_cannot_see_it() -> None:
    picture = express("fri 16:30", "fri 17:00")
    assert picture.get("role") == "img"
    title, description = picture[0], picture[1]
    assert (title.tag, title.text) == (f"{SVG}title", "Deadlines")
    assert description.tag == f"{SVG}desc"
    assert description.text == (
        "First response: guaranteed, 24 hours, 4 business hours. Running."
        " Started Fri 27 Nov 2026 16:30. Due Sat 28 Nov 2026 16:30."
    )
    ids = picture.get("aria-labelledby", "").split()
    assert ids == [title.get("id"), description.get("id")]


def test_it_stands_alone() -> None:
    text = render_timeline(run(EXPRESS, livecart("fri 16:30")), now=livecart("fri 16:30"))
    assert not re.search(r"href|@import|<script|url\((?!#)", text)
    assert set(re.findall(r"https?://[^\"]+", text)) == {"http://www.w3.org/2000/svg"}


def test_in_the_dark_only_its_colours_change() -> None:
    text = render_timeline(run(EXPRESS, livecart("fri 16:30")), now=livecart("fri 16:30"))
    style = re.findall(r"<style>(.*?)</style>", text)
    assert len(style) == 1
    assert style[0].startswith("@media (prefers-color-scheme: dark){")
    rules = re.findall(r'\[(fill|stroke)="(#[0-9a-f]{6})"\]\{(\w+):(#[0-9a-f]{6})\}', style[0])
    assert all(attribute == changed for attribute, _, changed, _ in rules)
    dark = {light: other for _, light, _, other in rules}
    written = set(re.findall(r'<text[^>]* fill="(#[0-9a-f]{6})"', text))
    assert written
    # What is written stands out from the paper in either light.
    assert all(contrast(each, "#ffffff") >= 4.5 or each == "#ffffff" for each in written)
    assert all(contrast(dark[each], dark["#ffffff"]) >= 4.5 for each in written - {"#ffffff"})


def test_its_marks_are_labelled_in_the_zone_of_the_calendar() -> None:
    shown = texts(express("fri 13:30", "fri 14:00"))
    assert "As of Fri 27 Nov 2026 14:00. Times in +02:00." in shown
    assert {
        "start Fri 13:30",
        "typical Fri 14:30",
        "due Fri 17:30",
        "breached after Sat 13:30",
        "now",
    } <= set(shown)


def test_its_words_are_in_the_language_that_is_asked_for() -> None:
    opened = livecart("fri 13:30")
    shown = texts(draw(run(EXPRESS, opened), livecart("fri 14:00"), words=Words("de")))
    assert {
        "Erste Antwort",
        "läuft",
        "4 Geschäftsstunden, 24 Stunden, garantiert",
        "Beginn Fr. 13:30",
        "fällig Fr. 17:30",
        "verletzt nach Sa. 13:30",
        "jetzt",
    } <= set(shown)
    for words in map(Words, LANGUAGES):
        assert all(words(f"band_{kind}") for kind in BANDS)
        assert all(words(f"mark_{kind}") for kind in MARKS)
        assert all(words(f"status_{status}") for status in STATUS_COLOURS)
        assert all(words(f"firm_{strength}") for strength in get_args(Strength))
        assert all(words(metric) for metric in get_args(Metric))


def test_another_zone_can_be_asked_for() -> None:
    opened = livecart("fri 13:30")
    shown = texts(draw(run(EXPRESS, opened), opened, zone="Asia/Kathmandu"))
    # 13:30 at +02:00 is 11:30 UTC and 17:15 at +05:45.
    assert "start Fri 17:15" in shown


def test_the_bar_is_made_of_what_counted_and_what_did_not() -> None:
    opened, now = berlin("mon 15:00"), berlin("tue 12:00")
    deadlines = run(
        RESOLUTION,
        opened,
        ClockEvent("pause", berlin("mon 16:00"), waiting_on="customer"),
        ClockEvent("resumption", berlin("tue 10:00")),
        now=now,
    )
    assert bands(draw(deadlines, now)) == [
        "counts: Mon 23 Nov 2026 15:00 to Mon 23 Nov 2026 16:00",
        "customer, paused: Mon 23 Nov 2026 16:00 to Tue 24 Nov 2026 10:00",
        "counts: Tue 24 Nov 2026 10:00 to Tue 24 Nov 2026 17:00",
        "closed: Tue 24 Nov 2026 17:00 to Wed 25 Nov 2026 09:00",
        "counts: Wed 25 Nov 2026 09:00 to Wed 25 Nov 2026 17:00",
        "past the due, not yet too late: Wed 25 Nov 2026 17:00 to Thu 26 Nov 2026 09:00",
    ]


def test_lateness_is_drawn_up_to_the_answer() -> None:
    picture = express("tue 10:00", "fri 10:00", ClockEvent("agent_reply", livecart("tue 15:00")))
    assert bands(picture)[-1] == "late: Tue 24 Nov 2026 14:00 to Tue 24 Nov 2026 15:00"
    assert {"breached, due Tue 14:00", "met Tue 15:00"} <= set(texts(picture))
    assert "now" not in texts(picture)


def test_a_paused_clock_says_what_is_left() -> None:
    now = berlin("tue 12:00")
    deadlines = run(
        RESOLUTION,
        berlin("mon 09:00"),
        ClockEvent("pause", berlin("mon 11:30"), waiting_on="customer"),
        now=now,
    )
    assert "13 h 30 min left when it resumes" in texts(draw(deadlines, now))


def test_a_reclassification_and_an_excuse_are_told() -> None:
    plan = (
        promise("resolution", clause(16 * HOUR, "corporate"), severities={2}),
        promise("resolution", clause(2 * HOUR, "corporate"), severities={1}),
    )
    now = berlin("mon 14:00")
    deadlines = run(
        plan,
        berlin("mon 09:00"),
        ClockEvent("severity", berlin("mon 13:00"), severity=1),
        ClockEvent("excuse", now, metric="resolution", reason="reported late", actor="anna"),
        severity=2,
    )
    assert (
        "breached Mon 23 Nov 2026 13:00 by reclassification, due Mon 23 Nov 2026 11:00,"
        " excused: reported late"
    ) in texts(draw(deadlines, now))


def test_what_is_not_offered_has_words_and_no_bar() -> None:
    opened = berlin("tue 10:00")
    picture = draw(run(PROFESSIONAL, opened, severity=1), opened)
    assert bands(picture) == []
    assert texts(picture).count("not offered") == 2


@pytest.mark.parametrize("deadlines", [(), run(promise("resolution"), berlin("mon 09:00"))])
def test_without_any_time_there_is_still_a_picture(deadlines: tuple[Deadline, ...]) -> None:
    assert draw(deadlines, berlin("mon 09:00")).get("width") == str(WIDTH)


def test_text_from_outside_cannot_break_out() -> None:
    now = berlin("tue 12:00")
    deadlines = run(
        promise("resolution", clause(HOUR, "corporate"), pauses={"<b>&\x00"}),
        berlin("tue 09:00"),
        ClockEvent("pause", berlin("tue 09:30"), waiting_on="<b>&\x00"),
        now=now,
    )
    picture = draw(deadlines, now, title='"><script>\x1b</script>')
    assert picture.findtext(f"{SVG}title") == '"><script>\N{REPLACEMENT CHARACTER}</script>'
    assert "<b>&\N{REPLACEMENT CHARACTER}" in texts(picture)


@pytest.mark.parametrize(
    ("opened", "now"), [("fri 13:30", "fri 14:00"), ("tue 10:00", "tue 10:01")]
)
def test_labels_lie_within_the_picture_and_nothing_lies_on_them(opened: str, now: str) -> None:
    picture = express(opened, now)
    labels = [
        (float(label.get("x", "")), float(label.get("y", "")), len(label.text or "") * 11 * 0.55)
        for label in picture.iter(f"{SVG}text")
        if label.get("font-size") == "11" and label.get("text-anchor") == "start"
    ]
    # The lines of marks, each of which ends at its label; ticks and now go on to the axis.
    lines = [
        tuple(float(line.get(name, "")) for name in ("x1", "y1", "y2"))
        for line in picture.iter(f"{SVG}line")
        if line.get("stroke") not in (RULE, NOW)
    ]
    assert len(lines) >= 3
    for left, base, width in labels:
        assert 0 <= left < left + width <= WIDTH
        others = [each for each in labels if each[1] == base and each[0] > left]
        assert all(left + width < other for other, _, _ in others)
        assert not any(left < x < left + width and top < base <= bottom for x, top, bottom in lines)


def test_a_very_long_bar_is_drawn_in_part_and_says_so() -> None:
    opened = berlin("mon 09:00")
    deadlines = run(promise("resolution", clause(9000 * HOUR, "corporate")), opened)
    drawn = bands(draw(deadlines, opened))
    assert len(drawn) == 1_502
    assert drawn[1_500].startswith("not drawn: ")
    assert drawn[1_501].startswith("past the due, not yet too late: ")


def test_holidays_and_overrides_are_told() -> None:
    calendar = Calendar(
        "Europe/Berlin",
        ((Shift(540, 1020),),) * 5 + ((),) * 2,
        holidays=((date(2026, 12, 25), "Christmas Day"),),
        overrides=((date(2026, 12, 24), (Shift(540, 780),)),),
    )
    opened = datetime(2026, 12, 24, 10, tzinfo=UTC)
    deadlines = run_clocks(
        promises=(promise("resolution", clause(BusinessDays(1), "corporate")),),
        calendars={"corporate": calendar},
        opened_at=opened,
        severity=None,
        urgent=False,
        events=(),
        now=opened,
    )
    says = bands(draw(deadlines, opened))
    assert says[0].startswith("counts, by an override: ")
    assert says[2].startswith("Christmas Day, holiday: ")


@pytest.mark.parametrize(
    ("opened", "now"), [("fri 13:30", "fri 14:00"), ("tue 10:00", "tue 10:01")]
)
def test_on_a_phone_no_text_leaves_the_picture(opened: str, now: str) -> None:
    deadlines = run(EXPRESS, livecart(opened), now=livecart(now))
    title = "Checkout fails with a payment error after the last update of the shop"
    picture = draw(deadlines, livecart(now), title=title, layout=NARROW)
    assert picture.get("width") == "360"
    for text in picture.iter(f"{SVG}text"):
        said, x, size = text.text or "", float(text.get("x", "")), float(text.get("font-size", ""))
        width = len(said) * size * 0.55
        left = {"start": x, "middle": x - width / 2, "end": x - width}[text.get("text-anchor", "")]
        assert left >= 0, said
        assert left + width <= 360, said
    # All the same is said as on a desk; what is longer than a line is on several.
    narrow, tick = " ".join(texts(picture)), re.compile(r"\d\d:\d\d|\w{3} \d+( \w{3})?")
    for each in texts(draw(deadlines, livecart(now), title=title, layout=WIDE)):
        assert each in narrow or tick.fullmatch(each)


class TestTheAxis:
    def scale(self, start: datetime, days: float, zone: str = "Europe/Berlin") -> Scale:
        since = int(start.timestamp()) * 1_000_000
        return Scale(since, since + int(days * 86_400_000_000), 0, 700, zone)

    @pytest.mark.parametrize("days", [0.001, 0.04, 0.3, 1, 3, 8, 20, 60, 400, 4000, 2_900_000])
    def test_has_a_few_ticks_whatever_the_span(self, days: float) -> None:
        ticks = self.scale(datetime(2026, 1, 1, tzinfo=UTC), days).ticks()
        assert 1 <= len(ticks) <= 14
        assert [at for at, _, _ in ticks] == sorted({at for at, _, _ in ticks})

    def test_within_a_day_it_names_civil_hours_also_when_clocks_change(self) -> None:
        # New York, 1 November 2026: 02:00 is 1:00 again, so 0:00 to 3:00 last four hours.
        start = datetime(2026, 11, 1, 4, tzinfo=UTC)
        ticks = self.scale(start, 0.5, "America/New_York").ticks()
        assert [label for _, label, _ in ticks] == [f"{hour:02}:00" for hour in range(12)]
        places = [at for at, _, _ in ticks]
        assert places[3] - places[0] == 4 * 3_600_000_000
        assert ticks[0][2] == "Sun 1 Nov"

    def test_in_weeks_it_marks_mondays(self) -> None:
        ticks = self.scale(datetime(2026, 1, 1, tzinfo=UTC), 60).ticks()
        assert [label for _, label, _ in ticks][:2] == ["5 Jan", "12 Jan"]
        assert [under for _, _, under in ticks if under] == ["2026"]
