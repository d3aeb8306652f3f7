"""`surety catalog holidays`: a country's holidays suggested into a catalogue's file.

They become rows that the seller reviews and publishes; nothing looks holidays up while it
computes (docs/concepts.md).
"""

import json
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
    kept, ending = _read_rows(table.get(rows_at, []))
    new = {day: f"{{ date = {_quote(day)}, name = {_quote(found[day])} }}," for day in found}
    lines = [line for _, row in sorted((new | kept).items()) for line in row.splitlines()]
    rows = "".join(f"  {line}\n" for line in (*lines, *ending))
    table[rows_at] = tomlkit.parse(f"rows = [\n{rows}]\n")["rows"]
    table[until_at] = max(str(table.get(until_at, "")), f"{last}-12-31")
    file.write_text(tomlkit.dumps(document), encoding="utf-8")
    for day in sorted(found.keys() - kept.keys()):
        typer.echo(f"{day}  {found[day]}")
    typer.echo(f"{len(found.keys() - kept.keys())} added to {calendar}; review {file}")


def _read_rows(rows: Any) -> tuple[dict[str, str], list[str]]:
    """Return the lines of each row by its date, comments before it and behind it among them.

    Those after the last row come besides. What stands with others on a line loses its comments.
    """
    lines = rows.as_string().splitlines()[1:] if hasattr(rows, "as_string") else []
    kept, before = {}, list[str]()
    for row in rows:
        text = row.as_string()
        while lines and lines[0].strip()[:1] in ("#", ""):
            before.append(lines.pop(0).strip())
        line = lines[0].strip() if lines else ""
        behind = line.removeprefix(text).lstrip().removeprefix(",").strip()
        if line.startswith(text) and behind[:1] in ("#", ""):
            lines.pop(0)
        else:
            behind = ""
        kept[_date_of(row)] = "\n".join([*filter(None, before), f"{text}, {behind}".rstrip()])
        before = []
    return kept, [line.strip() for line in lines if line.strip().startswith("#")]


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
