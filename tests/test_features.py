"""Every fact of the five sellers' terms is shown by a test of its row, with the row's numbers.

A test is of a row by its name, `test_L3_…`. It shows what is written in it, in its parameters, and
in what it uses of its own module, or of what tests share. The rows' numbers are those of the
sellers' pages; for a seller's row they have to stand in tests that ask the service.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

# The numbers of each row of the sellers' facts, or its words where it has none. An hour or a date
# is written as tests write it, money in minor units.
ROWS: dict[str, str] = {
    "L1": "9900 19900 59900 39900 99900 79900 199900 10 25 100 30 15 35 120",
    "L2": "ticket email chat phone express",
    "L3": "48 24 4 1 guaranteed met running first_response",
    "L4": "09:30 17:30 +02:00",
    "L5": "1 14 3 12",
    "L6": "10 5 technical-advice",
    "L7": "10 15 bought ends",
    "L8": "0 10 15 bug c-express",
    "L9": "email",
    "P1": "60 120 300 1200 3450 6850 16950 67333",
    "P2": "60 120 2024-03-05T13:30:00+03:00 2026-03-06T00:00:00+03:00 pack_starts_now",
    "P3": "160 150 10",
    "P4": "0 10 25 40 80 50 150 100 60 120 300 270 upon from",
    "P5": "1 guaranteed business",
    "P6": "25 80 40 55 vendor_defect dispute",
    "P7": "modifications in_progress resolved",
    "S1": "99000 14900",
    "S2": "site_not_covered site_required",
    "S3": "100",
    "S4": "13900 9900 guaranteed",
    "S5": "1 2 urgent_not_included",
    "S6": "06:00 01:00 10:00 18:00",
    "S7": "09:00 17:00 60 61 chat",
    "S8": "9 report_to additional_fee installation",
    "S9": "en ru 1-800-657-7957 sales@x-cart.com",
    "A1": "2400 40 agency",
    "A2": "4 1",
    "A3": "on_demand c-packaged c-alone",
    "A4": "12 10",
    "A5": "60 2400 overage",
    "A6": "1200 cap_reached",
    "A7": "join_months 2",
    "A8": "manager FTP SSH",
    "E1": "149900 1798800 included",
    "E2": "1 2 4",
    "E3": "8 16 24 32 3 7 14 breached missed late",
    "E4": "9 17 extended",
    "E5": "email chat phone video",
    "E6": "1 2 3 4 own",
}
# What lies beyond the sellers' facts has no numbers of theirs.
BEYOND = ["N1", "N2", "N3", "N4", "N5", "N6", "N7", "N8", "N9", "N10", "N11", "N12"]
# By what a test asks the service.
_ASKS = {"api", "helpdesk", "ticket", "page"}
_NAMED = re.compile(r"test_((?:[A-Z]\d+_)+)")


@cache
def _read_tests() -> dict[str, list[frozenset[str]]]:
    """Return what is shown for each row: the words of each of its tests that asks the service."""
    shown: dict[str, list[frozenset[str]]] = {}
    for path in sorted(Path(__file__).parent.rglob("test_*.py")):
        if path == Path(__file__):
            continue
        module = ast.parse(path.read_text())
        known = dict(_name_all(module))
        for node in ast.walk(module):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            named = _NAMED.match(node.name)
            if named is None:
                continue
            asks = {each.arg for each in (*node.args.args, *node.args.kwonlyargs)} & _ASKS
            words = frozenset(_read_words(node, known, {node.name})) if asks else frozenset()
            for row in named[1].strip("_").split("_"):
                shown.setdefault(row, []).append(words)
    return shown


@cache
def _name_shared(module: str) -> dict[str, ast.stmt]:
    """Return what a module of tests defines, by name; a folder defines nothing."""
    file = Path(__file__).parent.joinpath(*module.split(".")[1:]).with_suffix(".py")
    return dict(_name_all(ast.parse(file.read_text()))) if file.exists() else {}


def _name_all(module: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """Yield what a module of tests defines at its top, or takes from another, by name."""
    for node in module.body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name, node
            case ast.Assign():
                yield from ((to.id, node) for to in node.targets if isinstance(to, ast.Name))
            case ast.AnnAssign(target=ast.Name() as to):
                yield to.id, node
            case ast.ImportFrom(module=str() as origin) if origin.startswith("tests."):
                shared = _name_shared(origin)
                for each in node.names:
                    if each.name in shared:
                        yield each.asname or each.name, shared[each.name]


def _read_words(node: ast.AST, known: dict[str, ast.stmt], seen: set[str]) -> Iterator[str]:
    """Yield the numbers and words of code, and of what it uses of its module."""
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, int | str):
            text = str(each.value).lower()
            yield text
            yield from re.findall(r"\d+", text)
        elif isinstance(each, ast.Name) and each.id in known and each.id not in seen:
            seen.add(each.id)
            yield from _read_words(known[each.id], known, seen)


@pytest.mark.parametrize("row", ROWS)
def test_a_sellers_row_is_shown_with_its_numbers(row: str) -> None:
    tests = _read_tests().get(row, [])
    assert tests, f"no test is named after {row}"
    shown = frozenset[str]().union(*tests)
    text = "\n".join(sorted(shown))
    missing = [
        each
        for each in ROWS[row].split()
        if (each not in shown if each.isdecimal() else each.lower() not in text)
    ]
    assert missing == [], f"no test of {row} that asks the service has these"


@pytest.mark.parametrize("row", BEYOND)
def test_a_row_beyond_is_shown(row: str) -> None:
    assert row in _read_tests(), f"no test is named after {row}"


def test_a_row_that_does_not_exist_is_not_shown() -> None:
    assert set(_read_tests()) == {*ROWS, *BEYOND}
