"""Reports as pages: a table, and a small chart of bars by month, each a picture of its own."""

from collections.abc import Sequence

from fastapi.responses import HTMLResponse

from app.api.http.replies.pages import render_page
from app.domain.values import Value

_HEIGHT, _STEP, _BAR = 120, 56, 32


class Bar(Value):
    """One month of a chart: its name, and how much of each series there is."""

    label: str
    values: tuple[int, ...]


class Chart(Value):
    """Bars by month, each of one or several series on top of one another."""

    title: str
    series: tuple[str, ...]
    bars: tuple[Bar, ...]

    @property
    def width(self) -> int:
        return max(len(self.bars), 4) * _STEP

    @property
    def height(self) -> int:
        return _HEIGHT + 40

    def boxes(self) -> list[tuple[int, int, float, float, int]]:
        """Return what is drawn: (series, x, y, height, value), the first series at the bottom."""
        most = max((sum(bar.values) for bar in self.bars), default=0) or 1
        found = []
        for place, bar in enumerate(self.bars):
            bottom = float(_HEIGHT + 16)
            for series, value in enumerate(bar.values):
                height = round(value / most * _HEIGHT, 2)
                bottom -= height
                if value:
                    x = place * _STEP + (_STEP - _BAR) // 2
                    found.append((series, x, round(bottom, 2), height, value))
        return found

    def labels(self) -> list[tuple[int, str, float, int]]:
        """Return the name of each month with its place, and the sum to be written above it."""
        most = max((sum(bar.values) for bar in self.bars), default=0) or 1
        return [
            (
                place * _STEP + _STEP // 2,
                bar.label,
                round(_HEIGHT + 12 - sum(bar.values) / most * _HEIGHT, 2),
                sum(bar.values),
            )
            for place, bar in enumerate(self.bars)
        ]


def render_report(
    *,
    title: str,
    note: str,
    charts: Sequence[Chart],
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    more: bool = False,
) -> HTMLResponse:
    """Return a report as a page; `more` says that its table goes on."""
    return render_page(
        "report.html",
        title=title,
        note=note,
        charts=[each for each in charts if each.bars],
        columns=columns,
        rows=[[_write_cell(cell) for cell in row] for row in rows],
        more=more,
    )


def _write_cell(cell: object) -> object:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return "–" if cell is None else cell
