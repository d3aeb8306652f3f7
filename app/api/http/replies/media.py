"""Media types: the form of a reply that the caller prefers, and tables as CSV."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Sequence

from fastapi import Request, Response

CSV = "text/csv"
HTML = "text/html"
JSON = "application/json"
NDJSON = "application/x-ndjson"

# What a spreadsheet takes for the beginning of a formula, in its wide forms too: at the start of
# a cell, or where it would see another cell's start if it parted cells at ";" or at tabs.
_FORMULA = re.compile(r"(^|[;|\t\r\n])([\s\"]*)(?=[=+\-@＝＋－＠])")  # noqa: RUF001


def choose_media_type(accept: str | None, offered: Sequence[str]) -> str:
    """Return the one of `offered` that an `Accept` header prefers (RFC 9110 §12.5.1).

    Of equals the first; the first as well where the header names none of them.
    """
    if not accept:
        return offered[0]
    wishes = [read_wish(each) for each in accept[:1_000].split(",")]
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


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as CSV (RFC 4180) that a spreadsheet opens without running anything.

    A text that would be taken for a formula is led by an apostrophe, also behind a ";" or a tab,
    where a spreadsheet that parts cells there would begin another; numbers are left alone.
    """
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    if columns:
        writer.writerow(columns)
    for row in rows:
        writer.writerow([_write_cell(value) for value in row])
    return written.getvalue()


def answer_csv(
    request: Request, columns: Sequence[str], rows: Iterable[Sequence[object]], *, name: str
) -> Response:
    """Return a table as a CSV file to be saved under a name.

    It begins with a byte order mark if the caller asks for a charset (`text/csv;charset=utf-8`),
    which spreadsheets need in order to read anything but ASCII.
    """
    return Response(
        csv_mark(request) + write_csv(columns, rows).encode(),
        media_type=CSV,
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"', "Vary": "Accept"},
    )


def csv_mark(request: Request) -> bytes:
    """Return what a CSV reply begins with: a byte order mark if a charset is asked for."""
    for part in request.headers.get("Accept", "")[:1_000].lower().split(","):
        name, *parameters = part.replace(" ", "").split(";")
        if name == CSV and any(each.startswith("charset=") for each in parameters):
            return codecs.BOM_UTF8
    return b""


def _write_cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _FORMULA.sub(r"\1\2'", value)
    return value


def read_wish(part: str) -> tuple[str, float]:
    """Return the name that one part of an `Accept` header wishes for, and its weight of 0 to 1."""
    name, *parameters = part.lower().replace(" ", "").split(";")
    weight = 1.0
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                weight = min(max(float(parameter[2:]), 0.0), 1.0)
            except ValueError:
                weight = 0.0
    return name, weight
