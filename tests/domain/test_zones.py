"""Zones: which names are accepted, and what is said of the others."""

from zoneinfo import available_timezones

import pytest

from app.domain.time.zones import FIRST_IRREGULAR_YEAR, LAST_IRREGULAR_YEAR, ZoneFault, load_zone
from tests.domain.slow_calendar import DAY, HOUR, at, offset_at


@pytest.mark.parametrize(
    ("name", "code", "hint"),
    [
        ("CET", "ambiguous_timezone", "abbreviation"),
        ("EST", "ambiguous_timezone", "abbreviation"),
        ("EST5EDT", "ambiguous_timezone", "abbreviation"),
        ("MET", "ambiguous_timezone", "abbreviation"),
        ("CEST", "ambiguous_timezone", "abbreviation"),
        ("Japan", "ambiguous_timezone", "name"),
        ("GMT", "ambiguous_timezone", "'UTC'"),
        ("Etc/GMT", "ambiguous_timezone", "'UTC'"),
        ("GMT+2", "ambiguous_timezone", "'+02:00'"),
        ("GMT +2", "ambiguous_timezone", "'+02:00'"),
        ("UTC-5:30", "ambiguous_timezone", "'-05:30'"),
        ("Etc/GMT-2", "ambiguous_timezone", "opposite"),
        ("+2", "unknown_timezone", "'+02:00'"),
        ("+0200", "unknown_timezone", "'+02:00'"),
        ("+15:00", "unknown_timezone", "14:00"),
        ("+01:60", "unknown_timezone", "14:00"),
        ("Europe/Belin", "unknown_timezone", "no timezone"),
        ("europe/berlin", "unknown_timezone", "'Europe/Berlin'"),
        ("posix/Europe/Berlin", "unknown_timezone", "no timezone"),
        ("../../etc/passwd", "unknown_timezone", "no timezone"),
        ("Mars/\0", "unknown_timezone", "no timezone"),
        ("", "unknown_timezone", "no timezone"),
        ("A/" * 5000, "unknown_timezone", "long"),
    ],
)
def test_what_is_no_region_and_no_offset_is_refused_with_the_reason(
    name: str, code: str, hint: str
) -> None:
    with pytest.raises(ZoneFault) as refused:
        load_zone(name)
    assert refused.value.code == code
    assert hint in refused.value.detail
    assert len(refused.value.detail) < 400


@pytest.mark.parametrize(
    ("name", "known_as"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("UTC", "UTC"),
        ("Etc/UTC", "UTC"),
        ("+02:00", "+02:00"),
        ("-00:00", "+00:00"),
        ("-14:00", "-14:00"),
    ],
)
def test_regions_and_offsets_are_accepted(name: str, known_as: str) -> None:
    assert load_zone(name).name == known_as


def test_no_zone_changes_outside_the_irregular_years_but_by_a_yearly_rule() -> None:
    # Years outside are built from templates: before, one offset; after, the same every 28
    # years (a year with the same weekdays), whatever the zone.
    early = [at(f"{year}-06-01T00:00:00Z") for year in ("0001", "1000", "1700")]
    limit = at(f"{FIRST_IRREGULAR_YEAR}-01-01T00:00:00Z")
    first, later = LAST_IRREGULAR_YEAR + 1, LAST_IRREGULAR_YEAR + 1 + 28
    begins = at(f"{first}-01-01T00:00:00Z")
    apart = at(f"{later}-01-01T00:00:00Z") - begins
    for zone in sorted(name for name in available_timezones() if "/" in name)[::17]:
        assert len({offset_at(zone, instant) for instant in (*early, limit)}) == 1, zone
        for instant in range(begins, begins + 2 * 366 * DAY, 12 * HOUR):
            assert offset_at(zone, instant) == offset_at(zone, instant + apart), zone
