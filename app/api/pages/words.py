"""The words of the pages that people read, in each language that pages are written in.

What a seller writes (names, descriptions, notes) is the catalogue's own and stands as it is.
Months, days and money in words come from Unicode's data (babel).
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.units import format_unit

from app.api.pages.word_tables.joined import LANGUAGES, WORDS
from app.api.pages.word_tables.nouns import NOUNS
from app.domain.catalog.amounts import NO_NAMES, Names
from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.terms import Term
from app.domain.promises.durations import ordinal
from app.domain.promises.promises import BusinessDays
from app.domain.time.calendar_texts import BUSINESS, ELAPSED, HoursWords
from app.domain.time.calendars import Calendar, Shift
from app.domain.time.civil_time import read_zone
from app.domain.values import Value

Language = Literal["en", "ru", "de"]
_SPANS = (("duration-hour", 3600), ("duration-minute", 60), ("duration-second", 1))


class Words(Value):
    """The words of one language; call it with a key of the table.

    `names` are a seller's own for units and sites, which go before the table's.
    """

    language: Language
    names: Names = NO_NAMES

    def __call__(self, key: str, **values: object) -> str:
        """Return the words of a key, with its places filled in."""
        return WORDS[key][LANGUAGES.index(self.language)].format(**values)

    def count(self, number: int, noun: str) -> str:
        """Return a number of things: "1 point", "1,200 points", "5 рабочих часов"."""
        return f"{self.number(number)} {self.noun(noun, number)}"

    def noun(self, noun: str, number: int = 10) -> str:
        """Return the form of a noun that goes with a number; with none, that of many.

        Sellers name one and several of a thing, in the language that they write.
        """
        if own := self.names.find(noun):
            return own[0] if number == 1 else own[1]
        forms: Mapping[str, str] = NOUNS[noun][LANGUAGES.index(self.language)]
        form = self.locale.plural_form(number)
        return forms.get(form, forms["other"])

    def number(self, number: int) -> str:
        """Return a whole number with its thousands parted."""
        parted = self.locale.number_symbols["latn"]["group"]
        return f"{number:,}".replace(",", parted)

    @property
    def locale(self) -> Locale:
        return Locale.parse(self.language)

    def units(self, number: int, unit: str) -> str:
        """Return an amount of units; minutes as the hours, or whatever else, they are sold in."""
        if unit != "minute":
            return self.count(number, unit)
        time = self.names.time
        if time is None:
            return self.minutes(number)
        whole, rest = divmod(abs(number), time.minutes)
        said = [self.count(whole, unit)] if whole or not rest else []
        said += [self.minutes(rest)] if rest else []
        return f"{'−' if number < 0 else ''}{' '.join(said)}"

    def minutes(self, number: int) -> str:
        """Return a length of time: "1 hour 30 minutes"."""
        hours, minutes = divmod(abs(number), 60)
        parts = [(hours, "duration-hour")] if hours or not minutes else []
        parts += [(minutes, "duration-minute")] if minutes else []
        said = " ".join(self._unit(value, name) for value, name in parts)
        return f"−{said}" if number < 0 else said

    def term(self, term: Term) -> str:
        """Return a term: "1 year", "18 months", "30 days"."""
        if term.days:
            return self._unit(term.days, "duration-day")
        if term.months % 12 == 0:
            return self._unit(term.months // 12, "duration-year")
        return self._unit(term.months, "duration-month")

    def within(self, within: timedelta | BusinessDays, hours: HoursWords = ELAPSED) -> str:
        """Return a target: "48 hours", "4 business hours", "7 business days".

        `hours` names the calendar's time in which a span counts, in the seller's own words
        where it is not business hours.
        """
        if isinstance(within, BusinessDays) and within.end_of_day:
            key = {0: "end_of_same_day", 1: "end_of_next_day"}.get(within.days, "end_of_day")
            is_english = self.locale.language == "en"
            return self(key, ordinal=ordinal(within.days) if is_english else within.days)
        if isinstance(within, BusinessDays):
            return self.count(within.days, "business_day")
        seconds = int(within.total_seconds())
        name, length = next(each for each in _SPANS if seconds % each[1] == 0)
        number = seconds // length
        if hours == BUSINESS and name == "duration-hour":
            return self.count(number, "business_hour")
        said = self._unit(number, name)
        if hours == BUSINESS:
            return self("in_business_hours_only", span=said)
        if not hours.before:
            return f"{said}{hours.after}"
        if self.locale.language != "en":
            return f"{said} ({hours.phrase})"
        amount, _, unit = said.partition(" ")
        return f"{amount} {hours.before}{unit}"

    def hours(self, calendar: Calendar) -> str:
        """Return a week's hours and their zone: "Monday to Friday 09:30–17:30, UTC+02:00"."""
        days = self.locale.days["stand-alone"]["wide"]
        parts = []
        for first, last, shifts in _spells(calendar.hours):
            times = self("and").join(
                f"{_clock(each.start_minute)}–{_clock(each.end_minute)}" for each in shifts
            )
            joined = "days_and" if last == first + 1 else "days_to"
            named = (
                days[first] if first == last else self(joined, first=days[first], last=days[last])
            )
            parts.append(f"{named} {times}")
        own = [", ".join([*parts, name_zone(calendar.zone)])] if parts else []
        return "; ".join([*own, *(self.hours(each) for each in calendar.union)])

    def name_language(self, tag: str) -> str:
        """Return the name of a language: "Russian" for "ru"."""
        return str(self.locale.languages.get(tag.partition("-")[0], tag))

    def day(self, at: datetime, zone: str, *, in_full: bool = False) -> str:
        """Return the day of an instant in a zone: "24 Nov 2026", in full "24 November 2026"."""
        month = "MMMM" if in_full else "MMM"
        return _write_day(_civil(at, zone).date(), f"{self._day} {month} y", self.language)

    def short_day(self, day: date) -> str:
        """Return a day without its year: "24 Nov"."""
        return _write_day(day, f"{self._day} MMM", self.language)

    def last_day(self, end: datetime, zone: str, *, in_full: bool = False) -> str:
        """Return the last day before an end: of a term that ends at midnight, the day before."""
        return self.day(end - timedelta(microseconds=1), zone, in_full=in_full)

    def instant(self, at: datetime, zone: str) -> str:
        """Return an instant in a zone: "24 November 2026, 10:00"."""
        pattern = f"{self._day} MMMM y, HH:mm"
        return format_datetime(_civil(at, zone), pattern, locale=self.locale)

    def day_name(self, weekday: int) -> str:
        """Return the short name of a day of the week, of which Monday is 0."""
        return str(self.locale.days["format"]["abbreviated"][weekday])

    def month_name(self, month: int) -> str:
        """Return the short name of a month, of which January is 1."""
        return str(self.locale.months["format"]["abbreviated"][month])

    def begins_day(self, at: datetime, zone: str) -> bool:
        """Return whether an instant is a midnight in a zone."""
        return _civil(at, zone).time() == time()

    @property
    def _day(self) -> str:
        """How a day's number is written: in German it is an ordinal."""
        return "d." if self.language == "de" else "d"

    def _unit(self, number: int, name: str) -> str:
        return _write_unit(number, name, self.language)


def name_zone(zone: str) -> str:
    """Return a zone as people read it: an offset with the UTC that it is from."""
    return f"UTC{zone}" if zone[0] in "+-" else zone


def words_of(catalog: Catalog, language: Language | None = None) -> Words:
    """Return the words of a catalogue's pages, in a language or in that of its pages.

    The seller's own names of things are in the latter, and stand in no other.
    """
    own = languages_of(catalog)[0]
    names = catalog.names if language in (None, own) else NO_NAMES
    return Words(language or own, names)


def languages_of(catalog: Catalog) -> tuple[Language, ...]:
    """Return the languages in which a catalogue's pages can be had, the seller's own first."""
    own = () if catalog.branding.language is None else (catalog.branding.language,)
    return tuple(
        dict.fromkeys(
            known
            for each in (*own, *catalog.languages, "en", *LANGUAGES)
            for known in LANGUAGES
            if each.partition("-")[0] == known
        )
    )


def _spells(
    week: tuple[tuple[Shift, ...], ...],
) -> list[tuple[int, int, tuple[Shift, ...]]]:
    """Return the open days of a week as (first, last, shifts): days in a row alike are one."""
    found: list[tuple[int, int, tuple[Shift, ...]]] = []
    for day, shifts in enumerate(week):
        if found and found[-1][1] == day - 1 and found[-1][2] == shifts:
            found[-1] = (found[-1][0], day, shifts)
        elif shifts:
            found.append((day, day, shifts))
    return found


def _clock(minute: int) -> str:
    return "24:00" if minute == 1440 else f"{minute // 60 % 24:02}:{minute % 60:02}"


# Plans name few spans, and each summary some of them.
@lru_cache(maxsize=4_096)
def _write_unit(number: int, name: str, language: Language) -> str:
    return format_unit(number, name, locale=Locale.parse(language))


# Terms end on few days, and each summary names some.
@lru_cache(maxsize=4_096)
def _write_day(day: date, form: str, language: Language) -> str:
    return format_date(day, form, locale=Locale.parse(language))


def _civil(at: datetime, zone: str) -> datetime:
    try:
        return at.astimezone(read_zone(zone))
    except OverflowError:  # the last and the first day that there are
        return at.astimezone(UTC)
