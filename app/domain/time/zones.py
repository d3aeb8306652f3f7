"""Zones: where civil time is turned into instants, in this one place only.

Instants are integer microseconds since 1970-01-01T00:00:00Z, negative before it. A civil time
is a proleptic Gregorian ordinal (1 is 0001-01-01) and minutes after its midnight.
"""

import re
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from app.domain.time.instants import (
    EPOCH_ORDINAL,
    MICROS_PER_DAY,
    MICROS_PER_MINUTE,
    MICROS_PER_SECOND,
)

LAST_ORDINAL = date.max.toordinal()
MAX_OFFSET_MINUTES = 14 * 60
LONGEST_NAME = 64

# The IANA data's own transitions all lie within these years (the first is of 1835, the last,
# Morocco's Ramadan, of 2087). Outside them a zone keeps local mean time, or one yearly rule.
FIRST_IRREGULAR_YEAR = 1800
LAST_IRREGULAR_YEAR = 2100

_ZERO = timedelta(0)
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)", re.ASCII)
_OFFSET_LIKE = re.compile(r"(UTC|GMT|Z)?\s*([+-])(\d{1,2})(?::?(\d\d))?", re.ASCII)
_ABBREVIATION = re.compile(r"[A-Za-z]{1,5}(?:[+-]?\d{1,2}(?:[A-Za-z]{3,4})?)?", re.ASCII)


class ZoneFault(ValueError):
    """A zone's name cannot be used; `code` is `unknown_timezone` or `ambiguous_timezone`."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class Zone:
    """One zone: civil edges to instants, the way RFC 5545 §3.3.5 does.

    A civil time that happens twice is the first of the two; one that never happens (a gap) is
    read with the offset before the gap. `name` is an IANA region or an offset `+02:00`.
    `fixed` says that the offset never changes.
    """

    __slots__ = ("_offset_micros", "_tz", "fixed", "name")

    def __init__(self, name: str, tz: ZoneInfo | None, offset_micros: int = 0) -> None:
        self.name = name
        self.fixed = tz is None
        self._tz = tz
        self._offset_micros = offset_micros

    def edge(self, ordinal: int, minute: int) -> int:
        """Return the instant of a civil edge; `minute` may run past the date's end."""
        wall = ((ordinal - EPOCH_ORDINAL) * 1440 + minute) * MICROS_PER_MINUTE
        if self._tz is None:
            return wall - self._offset_micros
        days, minute = divmod(minute, 1440)
        ordinal = min(max(ordinal + days, 1), LAST_ORDINAL)
        civil = datetime.fromordinal(ordinal) + timedelta(minutes=minute)  # fold 0, on purpose
        offset = self._tz.utcoffset(civil) or _ZERO
        return wall - offset.days * MICROS_PER_DAY - offset.seconds * MICROS_PER_SECOND

    def midnight(self, ordinal: int) -> int:
        """Return the instant at which a civil date begins.

        A date that the zone skipped (Samoa, 2011-12-30) begins when the next one does.
        """
        return self.edge(ordinal, 0)

    def date_at(self, at: int) -> int:
        """Return the ordinal of the civil date whose span from midnight to midnight holds `at`.

        It may be 0 for an instant whose civil date lies before year 1.
        """
        ordinal = EPOCH_ORDINAL + at // MICROS_PER_DAY + 1
        while self.midnight(ordinal) > at:
            ordinal -= 1
        return ordinal


@lru_cache(maxsize=1024)
def load_zone(name: str) -> Zone:
    """Return the zone of an IANA region name, of `UTC`, or of a fixed offset `+02:00`.

    Offsets are written ±HH:MM and lie within 14:00. Raises `ZoneFault` for anything else: bare
    abbreviations and country names, `GMT+2` and the like (signs mean opposite things in POSIX
    and in ISO 8601), and names that the IANA data does not have.
    """
    if len(name) > LONGEST_NAME:
        raise ZoneFault("unknown_timezone", "No timezone has so long a name.")
    if name in ("UTC", "Etc/UTC"):
        return Zone("UTC", None)
    offset = _parse_offset(name)
    if offset is not None:
        return Zone("+00:00" if offset == 0 else name, None, offset * MICROS_PER_MINUTE)
    if "/" not in name or name.startswith("Etc/"):
        raise _explain_bare_name(name)
    if name not in _region_names():
        raise _explain_unknown_name(name)
    try:
        return Zone(name, ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise _explain_unknown_name(name) from None


def _parse_offset(name: str) -> int | None:
    match = _OFFSET.fullmatch(name)
    if match is None:
        return None
    minutes = int(match[2]) * 60 + int(match[3])
    if minutes > MAX_OFFSET_MINUTES or int(match[3]) > 59:
        raise ZoneFault(
            "unknown_timezone", f"The offset {name!r} is not between -14:00 and +14:00."
        )
    return -minutes if match[1] == "-" else minutes


def _explain_bare_name(name: str) -> ZoneFault:
    ways = "Write a region such as 'Europe/Berlin', or an offset such as '+02:00'."
    if name.startswith("Etc/GMT") and name != "Etc/GMT":
        return ZoneFault(
            "ambiguous_timezone",
            f"The sign of {name!r} is the opposite of what it seems (Etc/GMT-2 is two hours"
            f" ahead of UTC). {ways}",
        )
    match = _OFFSET_LIKE.fullmatch(name)
    if match is not None and int(match[3]) <= 14:
        written = f"{match[2]}{int(match[3]):02}:{match[4] or '00'}"
        if not match[1]:
            return ZoneFault(
                "unknown_timezone", f"An offset is written in full: {written!r}, not {name!r}."
            )
        return ZoneFault(
            "ambiguous_timezone",
            f"{name!r} can be read both ways: ISO 8601 takes it as ahead of UTC when the sign is"
            f" a plus, POSIX as behind. If you mean {written} from UTC, write {written!r}.",
        )
    if name in ("GMT", "Z", "UCT", "Zulu", "Universal", "Greenwich") or name.startswith("Etc/"):
        return ZoneFault(
            "ambiguous_timezone", f"{name!r} is not a region. Write 'UTC' if you mean UTC. {ways}"
        )
    if _ABBREVIATION.fullmatch(name) is not None or name in available_timezones():
        return ZoneFault(
            "ambiguous_timezone",
            f"{name!r} is a bare abbreviation or name: it does not say where, nor whether its"
            f" summer time is meant. {ways}",
        )
    return ZoneFault("unknown_timezone", f"There is no timezone {name!r}. {ways}")


def _explain_unknown_name(name: str) -> ZoneFault:
    near = {region.casefold(): region for region in _region_names()}.get(name.casefold())
    hint = f" Did you mean {near!r}?" if near else " Write a region such as 'Europe/Berlin'."
    return ZoneFault("unknown_timezone", f"The IANA data has no timezone {name!r}.{hint}")


@cache
def _region_names() -> frozenset[str]:
    return frozenset(
        name
        for name in available_timezones()
        if "/" in name and not name.startswith(("Etc/", "SystemV/", "posix/", "right/"))
    )
