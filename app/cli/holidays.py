"""`surety catalog holidays`: a country's holidays suggested into a catalogue's file.

They become rows that the seller reviews and publishes; nothing looks holidays up while it
computes (docs/concepts.md).
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.errors import CommandError
from app.documents.reading import InvalidCatalog, parse_catalog

_MOST_YEARS = 50


def suggest_holidays(
    file: Annotated[Path, typer.Argument(help="The catalogue's TOML file; it is rewritten.")],
    calendar: Annotated[str, typer.Argument(help="The calendar's code.")],
    country: Annotated[str, typer.Option(help="ISO 3166-1 code: DE, GB, US.")],
    first: Annotated[int, typer.Option("--from", help="The first year.")],
    last: Annotated[int, typer.Option("--to", help="The last year.")],
    subdivision: Annotated[str | None, typer.Option(help="A state or province: BY, SCT.")] = None,
) -> None:
    """Add a country's public holidays to a calendar, to be reviewed; rows there are kept.

    Its `holidays_until` becomes the last day of the last year.
    """
    import tomlkit

    found = _find_holidays(country, subdivision, first, last)
    try:
        document = tomlkit.parse(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{file}: {error}") from None
    calendars: Any = document.get("calendars", {})
    if calendar not in calendars:
        raise CommandError(f"{file} has no calendar {calendar!r}; it has {', '.join(calendars)}.")
    table = calendars[calendar]
    kept = {_date_of(row): row for row in table.get("holidays", [])}
    rows = tomlkit.array().multiline(multiline=True)
    for day in sorted(kept.keys() | found.keys()):
        if day in kept:
            rows.append(kept[day])
        else:
            row = tomlkit.inline_table()
            row.update({"date": day, "name": found[day]})
            rows.append(row)
    table["holidays"] = rows
    table["holidays_until"] = max(str(table.get("holidays_until", "")), f"{last}-12-31")
    written = tomlkit.dumps(document)
    try:
        parse_catalog(tomlkit.parse(written).unwrap())
    except InvalidCatalog as invalid:
        fault = invalid.faults[0]
        raise CommandError(f"{file}: {fault.pointer}: {fault.detail}") from None
    file.write_text(written, encoding="utf-8")
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


def _date_of(row: Any) -> str:
    return str(row["date"] if hasattr(row, "get") else row)
