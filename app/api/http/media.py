"""Which of several forms of a reply the caller prefers, and tables as CSV."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

CSV = "text/csv"
HTML = "text/html"
JSON = "application/json"
NDJSON = "application/x-ndjson"

# What a spreadsheet takes for the beginning of a formula, in its wide forms too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001


def choose_media_type(accept: str | None, offered: Sequence[str]) -> str:
    """Return the one of `offered` that an `Accept` header prefers (RFC 9110 §12.5.1).

    Of equals the first; the first as well where the header names none of them.
    """
    wishes = [_read_wish(each) for each in (accept or "*/*")[:1_000].split(",")]
    best, highest = offered[0], 0.0
    for media_type in offered:
        kind = media_type.partition("/")[0]
        fitting = [
            (len(name) if name != "*/*" else 0, weight)
            for name, weight in wishes
            if name in (media_type, f"{kind}/*", "*/*")
        ]
        weight = max(fitting)[1] if fitting else 0.0
        if weight > highest:
            best, highest = media_type, weight
    return best


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a table as CSV (RFC 4180) that a spreadsheet opens without running anything.

    A text that would be taken for a formula is led by an apostrophe; numbers are left alone.
    """
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    if columns:
        writer.writerow(columns)
    for row in rows:
        writer.writerow([_write_cell(value) for value in row])
    return written.getvalue()


def _write_cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def _read_wish(part: str) -> tuple[str, float]:
    name, *parameters = part.lower().replace(" ", "").split(";")
    weight = 1.0
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                weight = min(max(float(parameter[2:]), 0.0), 1.0)
            except ValueError:
                weight = 0.0
    return name, weight
