"""`surety catalog holidays`: a country's holidays suggested into a catalogue's file.

They become rows that the seller reviews and publishes; nothing looks holidays up while it
computes (docs/concepts.md).
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.errors import CommandError

_MOST_YEARS = 50


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
    sound or not, is left as it is.
    """
    import tomlkit

    found = _find_holidays(country, subdivision, first, last)
    try:
        document = tomlkit.parse(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{file}: {error}") from None
    table, rows_at, until_at = _find_table(document, calendar, file)
    kept = {_date_of(row): row for row in table.get(rows_at, [])}
    rows = tomlkit.array().multiline(multiline=True)
    for day in sorted(kept.keys() | found.keys()):
        if day in kept:
            rows.append(kept[day])
        else:
            row = tomlkit.inline_table()
            row.update({"date": day, "name": found[day]})
            rows.append(row)
    table[rows_at] = rows
    table[until_at] = max(str(table.get(until_at, "")), f"{last}-12-31")
    file.write_text(tomlkit.dumps(document), encoding="utf-8")
    for day in sorted(found.keys() - kept.keys()):
        typer.echo(f"{day}  {found[day]}")
    typer.echo(f"{len(found.keys() - kept.keys())} added to {calendar}; review {file}")


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
