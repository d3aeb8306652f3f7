"""`surety catalog holidays`: a country's holidays suggested into a catalogue's file.

They become rows that the seller reviews and publishes; nothing looks holidays up while it
computes (docs/concepts.md).
"""

import json
import re
from collections.abc import Iterable
from itertools import dropwhile, groupby
from operator import not_
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.errors import CommandError
from app.domain.values import Value, replace

_MOST_YEARS = 50
_GAP = re.compile(r"(?:[ \t\r\n,]|#[^\n]*)*")


def suggest_holidays(
    file: Annotated[Path, typer.Argument(help="The catalogue's TOML file; it is rewritten.")],
    calendar: Annotated[
        str, typer.Argument(help="The code of a calendar, or of a set of holidays.")
    ],
    country: Annotated[str, typer.Option(help="ISO 3166-1 code: DE, GB, US.")],
    first: Annotated[int, typer.Option("--from", help="The first year.")],
    last: Annotated[int, typer.Option("--to", help="The last year.")],
    subdivision: Annotated[str | None, typer.Option(help="A state or province: BY, SCT.")] = None,
) -> None:
    """Add a country's public holidays to a calendar, to be reviewed; rows there are kept.

    Its `holidays_until` becomes the last day of the last year. Whatever else the document says,
    sound or not, is left as it is; comments stay with the rows that they are of.
    """
    import tomlkit

    found = _find_holidays(country, subdivision, first, last)
    try:
        document = tomlkit.parse(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{file}: {error}") from None
    table, rows_at, until_at = _find_table(document, calendar, file)
    written = _read_rows(table.get(rows_at), file)
    added = sorted(found.keys() - {row.date for row in written.rows})
    with_added = written.add(_make_row(day, found[day]) for day in added)
    table[rows_at] = tomlkit.parse(with_added)["rows"]
    table[until_at] = max(str(table.get(until_at, "")), f"{last}-12-31")
    file.write_text(tomlkit.dumps(document), encoding="utf-8")
    for day in added:
        typer.echo(f"{day}  {found[day]}")
    typer.echo(f"{len(added)} added to {calendar}; review {file}")


class _Row(Value):
    """A holiday as it is written: `before` are the lines above it, `behind` the comment after."""

    date: str
    text: str
    before: tuple[str, ...] = ()
    behind: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        return (*self.before, f"{self.text}, {self.behind}".rstrip())


class _Rows(Value):
    """The rows of a list, the comment behind its bracket, and the lines below the last row."""

    rows: tuple[_Row, ...] = ()
    opening: str = ""
    below: tuple[str, ...] = ()
    indent: str = "  "

    def add(self, new: Iterable[_Row]) -> str:
        """Return a document of the list with more rows, in the order of their dates."""
        rows = sorted((*self.rows, *new), key=lambda row: row.date)
        lines = [*(line for row in rows for line in row.lines), *self.below]
        # Above the first row no line is left free.
        shown = (f"{self.indent}{line}".rstrip() for line in dropwhile(not_, lines))
        inner = "".join(f"{line}\n" for line in shown)
        return f"{f'rows = [ {self.opening}'.rstrip()}\n{inner}]\n"


def _read_rows(rows: object, file: Path) -> _Rows:
    """Return the rows of a list with the comments above and behind each.

    A comment behind several rows of one line is of each of them.
    """
    from tomlkit.items import Array

    if rows is None:
        return _Rows()
    if not isinstance(rows, Array):
        raise CommandError(f"{file}: write the holidays as one list, [ ... ], to add to them.")
    text, at = rows.as_string(), 1
    found: list[_Row] = []
    opening, indent, line_began = "", "  ", 0
    for row in rows:
        gap = _match_gap(text, at)
        behind, before = _split_gap(gap)
        if "\n" in gap:
            if not found:
                opening, indent = behind, gap[gap.rindex("\n") + 1 :].replace(",", " ")
            _put_behind(found, line_began, behind)
            line_began = len(found)
        found.append(_Row(_date_of(row), row.as_string(), before))
        at += len(gap) + len(row.as_string())
    behind, below = _split_gap(_match_gap(text, at))
    _put_behind(found, line_began, behind)
    return _Rows(tuple(found), opening if found else behind, below, indent)


def _match_gap(text: str, at: int) -> str:
    """Return what stands between rows from a place on: commas, spaces, ends of lines, comments."""
    gap = _GAP.match(text, at)
    return "" if gap is None else gap[0]


def _split_gap(gap: str) -> tuple[str, tuple[str, ...]]:
    """Return the comment on the line that a gap begins in, and the lines above its last one.

    Of lines that are left free one after the other, one stays.
    """
    first, *others = gap.split("\n")
    above = (_clean(line) for line in others[:-1] if line.strip() != ",")
    return _clean(first), tuple(line for line, _ in groupby(above))


def _clean(line: str) -> str:
    return line.lstrip(" \t,").rstrip()


def _put_behind(rows: list[_Row], first: int, comment: str) -> None:
    rows[first:] = [replace(row, behind=comment) for row in rows[first:]]


def _make_row(day: str, name: str) -> _Row:
    return _Row(day, f"{{ date = {_quote(day)}, name = {_quote(name)} }}")


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _find_holidays(country: str, subdivision: str | None, first: int, last: int) -> dict[str, str]:
    import holidays

    if not 1 <= first <= last <= 9999 or last - first >= _MOST_YEARS:
        raise CommandError(f"Give years in order, {_MOST_YEARS} at most.")
    try:
        found = holidays.country_holidays(
            country, subdiv=subdivision, years=range(first, last + 1), language="en_US"
        )
    except NotImplementedError as error:
        raise CommandError(f"No holidays are known for that: {error}") from None
    return {day.isoformat(): name for day, name in found.items()}


def _find_table(document: Any, name: str, file: Path) -> tuple[Any, str, str]:
    """Return a calendar, or a set of holidays, and the names of its rows and of their end."""
    calendars, sets = document.get("calendars", {}), document.get("holidays", {})
    if name in calendars:
        return calendars[name], "holidays", "holidays_until"
    if name in sets:
        return sets[name], "days", "until"
    known = ", ".join([*calendars, *sets])
    raise CommandError(
        f"{file} has no calendar {name!r}, nor holidays of that name; it has {known}."
    )


def _date_of(row: Any) -> str:
    return str(row["date"] if hasattr(row, "get") else row)
