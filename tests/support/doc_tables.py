"""Tables of the pages under `docs/`."""

from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def read_table(page: str, heading: str) -> list[list[str]]:
    """Return the rows of the table on a page whose first column has this heading."""
    lines = (ROOT / page).read_text("utf-8").split("\n")
    rows: list[list[str]] = []
    for number, line in enumerate(lines):
        if not line.startswith(f"| {heading} |"):
            continue
        for row in lines[number + 2 :]:
            if not row.startswith("|"):
                break
            rows.append([cell.strip() for cell in row.strip("|").split("|")])
    assert rows, f"{page} has no table that begins with {heading}"
    return rows
