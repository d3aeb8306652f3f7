"""Every fact of the five sellers' terms is shown by a test that has its row's name."""

import re
from pathlib import Path

import pytest

# The rows of the five sellers' facts, in the order of the sellers, and what lies beyond them.
ROWS = """
    L1 L2 L3 L4 L5 L6 L7 L8 L9
    P1 P2 P3 P4 P5 P6 P7
    S1 S2 S3 S4 S5 S6 S7 S8 S9
    A1 A2 A3 A4 A5 A6 A7 A8
    E1 E2 E3 E4 E5 E6
    N1 N2 N3 N4 N5 N6 N7 N8 N11 N12
""".split()  # noqa: SIM905  a list would be forty lines

TESTS = "\n".join(
    path.read_text() for path in Path(__file__).parent.rglob("test_*.py") if path != Path(__file__)
)


@pytest.mark.parametrize("row", ROWS)
def test_a_row_is_shown(row: str) -> None:
    assert re.search(rf"def test_(?:[A-Z]\d+_)*{row}_", TESTS), f"no test is named after {row}"


def test_a_row_that_does_not_exist_is_not_shown() -> None:
    named = set(
        re.findall(r"[LPSAEN]\d+", " ".join(re.findall(r"def test_((?:[A-Z]\d+_)+)", TESTS)))
    )
    assert named == set(ROWS)
