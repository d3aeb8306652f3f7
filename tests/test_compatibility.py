"""What a client of the last release relies on is still there, but for what is listed as gone."""

import json
from pathlib import Path
from typing import Any

from app.main import create_app
from tests.support.contracts import describe_contract, find_breaks
from tests.support.doc_tables import read_table

LAST_RELEASE = Path(__file__).parent / "data" / "contract-0.1.0.json"


def read_listed() -> list[str]:
    """Return how the sentences begin that say what went since the last release."""
    return [cells[0] for cells in read_table("docs/compatibility.md", "what")]


def test_nothing_is_gone_but_what_is_listed() -> None:
    then = json.loads(LAST_RELEASE.read_text("utf-8"))
    assert len(then) > 90
    breaks = find_breaks(then, describe_contract(create_app().openapi()))
    listed = tuple(read_listed())
    assert [each for each in breaks if not each.startswith(listed)] == []
    assert [each for each in listed if not any(b.startswith(each) for b in breaks)] == []


def test_what_a_client_would_miss_is_found() -> None:
    def contract(field: str, *, needed: bool, status: str = "200") -> dict[str, Any]:
        described = {
            "address": "POST /v1/things",
            "parameters": {},
            "asks": {field: needed},
            "answers": {status: [field]},
        }
        return {"make_thing": described}

    then = contract("/name", needed=False)
    assert find_breaks(then, then) == []
    assert find_breaks(then, {}) == ["make_thing is gone"]
    assert find_breaks(then, contract("/name", needed=True)) == ["make_thing needs /name"]
    assert find_breaks(then, contract("/title", needed=True)) == [
        "make_thing takes no /name",
        "make_thing needs /title",
        "make_thing answers no /name",
    ]
    assert find_breaks(then, contract("/name", needed=False, status="201")) == [
        "make_thing answers no 200"
    ]
