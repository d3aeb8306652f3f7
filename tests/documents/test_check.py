"""`surety catalog check`: files and folders, lines, warnings, and the documents' own examples."""

import json
import shutil
import time
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from app.cli.commands import cli
from app.documents.files import UnreadableDocument, read_json, read_toml
from app.documents.form.examples import DueDocument
from app.documents.form.matrix import MatrixDocument
from app.documents.lines import find_lines, line_of
from app.documents.reading import InvalidCatalog, check_catalog
from app.documents.warnings import find_warnings
from app.domain.promises.promises import METRICS
from tests.domain.catalog_examples import FOLDER, small_document
from tests.support.mistakes import SHOP

TODAY = date(2026, 11, 28)


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["catalog", *arguments])
    return done.exit_code, done.output + str(done.exception or "")


def shop() -> dict[str, Any]:
    return read_toml(SHOP.read_text())


def warnings_of(document: dict[str, Any]) -> list[tuple[str, str]]:
    found = find_warnings(check_catalog(document).document, today=TODAY)
    return [(each.pointer, each.code) for each in found]


def differences_of(document: dict[str, Any]) -> list[tuple[str, str, str]]:
    with pytest.raises(InvalidCatalog) as refused:
        check_catalog(document)
    return [(fault.pointer, fault.code, fault.detail) for fault in refused.value.faults]


def test_the_five_catalogues_are_sound_and_have_examples_and_no_warnings() -> None:
    code, said = run("check", "--strict", str(FOLDER))
    assert code == 0, said
    assert said.count(" verified") == 5
    assert " 0 examples" not in said
    assert "warning" not in said


def test_a_folder_is_checked_whole_and_every_fault_is_named(tmp_path: Path) -> None:
    inside = tmp_path / "sellers" / "north"
    inside.mkdir(parents=True)
    shutil.copy(SHOP, inside / "good.toml")
    (tmp_path / "sellers" / "other.json").write_text(json.dumps(shop() | {"title": ""}))
    (tmp_path / "sellers" / "broken.toml").write_text('code = "x"\ntitle = \n')
    (tmp_path / "sellers" / "twice.json").write_text('{"code": "a", "code": "b"}')
    (tmp_path / "sellers" / "notes.txt").write_text("not a document")
    code, said = run("check", str(tmp_path / "sellers"))
    assert code == 1
    assert "good.toml: shop, 4 plans" in said
    assert "other.json: /title: It must not be empty. (empty)" in said
    assert "broken.toml: It is not valid TOML: Invalid value (at line 2, column 9)" in said
    assert "twice.json: It is not valid JSON: the name 'code' stands twice" in said
    assert "3 faults; nothing would be published" in said
    assert run("check", str(tmp_path / "sellers" / "notes.txt"))[0] == 1
    (tmp_path / "empty").mkdir()
    assert "no TOML or JSON documents" in run("check", str(tmp_path / "empty"))[1]


def test_the_schema_is_put_beside_documents(tmp_path: Path) -> None:
    shutil.copy(SHOP, tmp_path)
    for _ in range(2):
        code, said = run("schema", "--into", str(tmp_path))
        assert code == 0, said
        text = (tmp_path / "shop.toml").read_text()
        assert text == f"#:schema ./catalog.schema.json\n{SHOP.read_text()}"
    schema = json.loads((tmp_path / "catalog.schema.json").read_text())
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert run("check", str(tmp_path))[0] == 0


# Warnings


def test_a_sound_document_has_no_warnings() -> None:
    assert warnings_of(shop()) == []


def test_what_nobody_can_buy_is_warned_of() -> None:
    document = shop()
    del document["offers"]["hours"]
    assert warnings_of(document) == [("/plans/hours", "plan_unsold")]
    document = small_document()
    del document["plans"]["gold"]["promises"]
    assert ("/offers/cover", "offer_unbuyable") in warnings_of(document)


def test_what_nothing_uses_is_warned_of() -> None:
    document = shop()
    document["calendars"]["night"] = document["calendars"]["weekend"]
    document["holidays"]["french"] = {"days": ["2026-07-14"]}
    document["promise_sets"] = {"spare": {"matrix": {"resolution": {"any": "none"}}}}
    assert warnings_of(document) == [
        ("/calendars/night", "calendar_unused"),
        ("/holidays/french", "holiday_set_unused"),
        ("/promise_sets/spare", "promise_set_unused"),
    ]


def test_what_never_holds_is_warned_of() -> None:
    document = shop()
    money = {"amount": 9000, "currency": "EUR"}
    rates = [
        {"per_hour": money, "outside": "weekend"},
        {"per_hour": money, "outside": "weekend", "urgent": True},
        {"per_hour": money, "in": "weekend", "severities": [1, 2]},
        {"per_hour": money, "in": "weekend", "severities": [2]},
        {"per_hour": money, "in": "weekend"},
        {"per_hour": money},
        {"per_hour": money, "urgent": True},
    ]
    document["policies"]["rates"] = rates
    document["plans"]["hours"] |= {
        "overage": True,
        "rates": [{"per_hour": money}, {"per_hour": money, "outside": "weekend"}],
        "counting": {
            "factors": [
                {"by": "2", "severities": [1]},
                {"by": "3", "severities": [1, 2]},
                {"by": "3", "severities": [1], "in": "weekend"},
                {"by": "3", "channels": ["ticket"]},
                {"by": "3", "channels": ["ticket"], "urgent": True},
            ],
            "rounding": [
                {"least": 60, "channels": ["ticket"]},
                {"least": 30, "channels": ["ticket"], "severities": [1]},
            ],
        },
    }
    document["policies"] |= {"counting": {"least": 60}, "without_plan": "refuse"}
    assert warnings_of(document) == [
        ("/policies/rates/1", "rate_unreached"),
        ("/policies/rates/3", "rate_unreached"),
        ("/policies/rates/6", "rate_unreached"),
        ("/plans/hours/rates/1", "rate_unreached"),
        ("/plans/hours/counting/factors/2", "factor_unreached"),
        ("/plans/hours/counting/factors/4", "factor_unreached"),
        ("/plans/hours/counting/rounding/1", "rounding_unreached"),
        ("/policies/counting", "counting_unused"),
    ]


def test_a_pack_that_gives_a_better_plan_than_one_needs_is_warned_of() -> None:
    document = shop()
    document["plans"]["silver"] = document["plans"]["gold"] | {"name": "Silver", "rank": 9}
    term = {"term": "P1Y", "sold": "direct", "price": {"amount": 100, "currency": "EUR"}}
    ten = {"allowance": {"amount": 10, "per": "term"}, "name": "Ten", "description": "Ten more."}
    document["offers"]["silver"] = term | ten | {"plan": "silver"}
    pack = term | ten | {"kind": "pack", "needs": ["gold", "silver"]}
    document["offers"]["more"] = pack | {"plan": "gold"}
    assert ("/offers/more/plan", "pack_raises_plan") in warnings_of(document)
    for own in ({"plan": "silver"}, {"plan": "gold", "needs": ["gold"]}, {"kind": "term"}):
        document["offers"]["more"] = pack | {"plan": "gold"} | own
        assert warnings_of(document) == []


def test_a_calendar_that_a_rate_looks_at_is_used() -> None:
    document = shop()
    document["calendars"]["night"] = document["calendars"]["weekend"]
    rate = {"per_hour": {"amount": 9000, "currency": "EUR"}, "outside": "night"}
    document["policies"]["rates"] = [rate]
    assert warnings_of(document) == []


def test_an_example_says_what_work_costs_beyond_the_allowance() -> None:
    document = shop()
    money = {"amount": 9000, "currency": "EUR"}
    document["plans"]["hours"] |= {"overage": True, "rates": [{"per_hour": money}]}
    asked = {"plan": "hours", "at": "2026-11-20T15:00:00+01:00", "region": "berlin"} | {
        "worked": 30
    }
    example = {"text": "Half an hour", "asked": asked, "price": {"amount": 4500, "currency": "EUR"}}
    document["examples"] = [example]
    assert warnings_of(document) == []
    document["examples"] = [example | {"price": money}]
    assert differences_of(document) == [
        (
            "/examples/0/price",
            "example_differs",
            "It costs EUR 45.00 (4500 in minor units), not EUR 90.00 (9000 in minor units).",
        )
    ]
    del document["plans"]["hours"]["rates"]
    [(pointer, _, detail)] = differences_of(document)
    assert (pointer, detail) == (
        "/examples/0/price",
        "An hour beyond the allowance has no price.",
    )
    document["examples"] = [example | {"asked": asked, "refused": "exhausted"}]
    assert differences_of(document)[0][:2] == ("/examples/0/refused", "conflicting_fields")


def test_a_step_is_a_multiple_of_the_unit_of_time() -> None:
    document = shop()
    document["time_unit"] = {"name": "credit", "plural": "credits", "minutes": 15}
    document["plans"]["hours"]["counting"] = {"step": 30, "least": 20}
    assert warnings_of(document) == []
    document["plans"]["hours"]["counting"]["step"] = 20
    assert [each[:2] for each in differences_of(document)] == [
        ("/plans/hours/counting/step", "unit_mismatch")
    ]


def test_a_unit_of_time_that_nothing_counts_is_warned_of() -> None:
    document = small_document()
    before = warnings_of(document)
    document["time_unit"] = {"name": "credit", "plural": "credits", "minutes": 15}
    assert warnings_of(document) == sorted([*before, ("/time_unit", "time_unit_unused")])


def test_an_example_is_written_in_the_unit_of_time() -> None:
    document = shop()
    document["time_unit"] = {"name": "credit", "plural": "credits", "minutes": 15}
    asked = {"plan": "hours", "at": "2026-11-20T15:00:00Z", "region": "berlin"}
    document["examples"] = [
        {"text": "20 minutes are two.", "asked": asked | {"worked": 20}, "costs": 2},
        {"text": "It is agreed upon.", "asked": asked | {"amount": 3}, "costs": 3},
    ]
    assert warnings_of(document) == []
    document["examples"][0]["costs"] = 1
    assert differences_of(document) == [
        ("/examples/0/costs", "example_differs", "It costs 2 credits.")
    ]


def test_a_severity_without_a_promise_is_warned_of() -> None:
    document = shop()
    document["severities"]["3"] = {"name": "Low", "definition": "A wish."}
    assert warnings_of(document) == [
        (f"/plans/{plan}", "severity_unpromised") for plan in ("gold", "gold", "silver", "silver")
    ]
    for metric in ("first_response", "resolution"):
        document["plans"]["gold"]["matrix"][metric]["3"] = "none"
    assert warnings_of(document) == []


def test_holidays_that_end_within_a_year_are_warned_of() -> None:
    document = shop()
    document["holidays"]["german"]["until"] = "2027-11-27"
    document["calendars"]["weekend"]["holidays_until"] = "2027-11-28"
    assert warnings_of(document) == [("/holidays/german/until", "holidays_end")]
    document["calendars"]["weekend"]["holidays_until"] = "2026-12-31"
    assert ("/calendars/weekend/holidays_until", "holidays_end") in warnings_of(document)


def test_channels_that_say_the_same_are_warned_of() -> None:
    document = shop()
    document["channels"]["chat"]["description"] = "on the Web."
    assert warnings_of(document) == [("/channels/chat/description", "channels_alike")]


@pytest.mark.parametrize(
    ("accent", "faint"),
    [("#c02040", 0), ("#767676", 0), ("#ffe08a", 1), ("#101820", 1), (None, 0)],
)
def test_a_colour_that_hardly_stands_out_is_warned_of(accent: str | None, faint: int) -> None:
    document = shop() | {"branding": {"accent": accent} if accent else {}}
    assert warnings_of(document) == [("/branding/accent", "accent_faint")] * faint


BY_CHAT = {
    "metric": "first_response",
    "strength": "guaranteed",
    "channels": ["chat"],
    "clauses": [{"within": "PT59S"}],
}


def test_an_inherited_promise_that_goes_before_a_plans_own_is_warned_of() -> None:
    document = shop()
    gold, silver = document["plans"]["gold"], document["plans"]["silver"]
    gold["promises"] = [BY_CHAT]
    silver["matrix"] = {"resolution": {"any": "none"}, "first_response": {"any": "2 bd"}}
    assert warnings_of(document) == []  # Silver has no chat
    silver["channels"] = ["ticket", "chat"]
    assert warnings_of(document) == [("/plans/silver/matrix/first_response", "promise_inherited")]
    [warning] = find_warnings(check_catalog(document).document, today=TODAY)
    assert warning.detail == (
        'The promise at /plans/gold/promises/0 (for chat), which the plan has from "gold", goes'
        " before this for what it names. Where it does not hold, write the plan's own"
        ' "promises", if only as [].'
    )
    silver["promises"] = []
    assert warnings_of(document) == []
    del gold["promises"], silver["promises"]
    document["promise_sets"] = {"fast": {"promises": [BY_CHAT]}}
    gold["promise_sets"] = ["fast"]
    assert warnings_of(document) == [("/plans/silver/matrix/first_response", "promise_inherited")]
    silver["promise_sets"] = []
    assert warnings_of(document) == []


def test_a_warning_of_an_inherited_promise_has_the_line_of_the_plans_own(tmp_path: Path) -> None:
    file = tmp_path / "shop.toml"
    text = SHOP.read_text()
    matrix = "[plans.gold.matrix]\n"
    chat = (
        '[[plans.gold.promises]]\nmetric = "first_response"\nstrength = "guaranteed"\n'
        'channels = ["chat"]\nclauses = [{ within = "PT59S" }]\n\n'
    )
    own = 'matrix = { first_response = { any = "2 bd" } }'
    silver = 'rank = 2\nchannels = ["ticket", "chat"]\n' + own
    text = text.replace(matrix, chat + matrix).replace('rank = 2\nchannels = ["ticket"]', silver)
    file.write_text(text)
    line = text.splitlines().index(own) + 1
    code, said = run("check", str(file))
    assert code == 0
    place = "/plans/silver/matrix/first_response"
    assert f"{file}:{line}: warning: {place}: The promise at /plans/gold/promises/0" in said


def test_what_overlaps_with_something_inherited_is_told_with_where_it_is_from() -> None:
    document = shop()
    document["plans"]["gold"]["promises"] = [BY_CHAT | {"metric": "next_response", "channels": []}]
    document["plans"]["silver"]["matrix"] = {"next_response": {"any": "1 h"}}
    [(pointer, code, detail)] = differences_of(document)
    assert (pointer, code) == ("/plans/silver/matrix/next_response", "overlapping_promises")
    assert detail.endswith('What the plan does not write itself it has from "gold".')


def test_a_promise_for_a_channel_that_its_plan_lacks_is_warned_of() -> None:
    document = shop()
    promise = BY_CHAT | {"metric": "next_response", "channels": ["ticket", "chat"]}
    document["plans"]["gold"]["promises"] = [promise]
    assert warnings_of(document) == []  # Silver, without chat, has it from Gold
    document["plans"]["hours"]["promises"] = [promise]
    assert warnings_of(document) == [("/plans/hours/promises/0/channels/1", "channel_unserved")]


@pytest.mark.parametrize(
    ("credit", "warned"),
    [
        ({"metric": "first_response"}, False),
        ({"metric": "resolution", "strength": "target"}, False),
        ({}, False),
        ({"metric": "remedy"}, True),
        ({"metric": "first_response", "strength": "target"}, True),
    ],
)
def test_a_credit_for_what_is_not_promised_is_warned_of(
    credit: dict[str, Any], warned: bool
) -> None:
    document = shop()
    document["plans"]["gold"]["credits"] = [credit | {"per_breach": "5%"}]
    place = ("/plans/gold/credits/0", "credit_unpromised")
    assert warnings_of(document) == [place] * warned


@pytest.mark.parametrize(
    ("amount", "per", "warned"),
    [
        (825, "month", False),
        (9900, "month", True),
        (413, "month", False),
        (412, "month", True),
        (9900, "year", False),
        (825, "year", True),
        (19800, "term", True),
        (825, "hour", False),
    ],
)
def test_a_list_price_far_from_the_price_is_warned_of(amount: int, per: str, warned: bool) -> None:
    document = shop()
    advertised = {"amount": amount, "currency": "EUR", "per": per}
    document["offers"]["gold-1y"]["list_price"] = advertised
    place = ("/offers/gold-1y/list_price", "list_price_far")
    assert warnings_of(document) == [place] * warned


def test_a_warning_is_a_fault_when_that_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "shop.toml"
    file.write_text(SHOP.read_text().replace("In writing, at once.", "On the web."))
    code, said = run("check", str(file))
    assert code == 0
    assert (
        f"{file}:50: warning: /channels/chat/description: The channel ticket says the same." in said
    )
    assert run("check", "--strict", str(file))[0] == 1


# Examples


def test_an_example_is_decided_by_the_code_that_decides_tickets() -> None:
    document = shop()
    asked = {"plan": "gold", "region": "berlin"} | {
        "at": "2026-11-20T16:00:00+01:00",
        "severity": 1,
    }
    chat = asked | {"channel": "chat", "minutes": 25}
    document["examples"] = [
        {"text": "Chat.", "asked": chat, "costs": 3},
        {
            "text": "By points.",
            "asked": {
                "plan": "points",
                "region": "berlin",
                "at": asked["at"],
                "category": "move",
                "variables": {"stores": 3},
            },
            "costs": 300,
        },
        {
            "text": "Off hours.",
            "asked": chat | {"at": "2026-11-20T20:00:00+01:00"},
            "refused": "outside_channel_hours",
        },
        {"text": "Out.", "asked": asked | {"topic": "seo"}, "refused": "topic_not_included"},
        {
            "text": "No severity.",
            "asked": {"plan": "gold", "region": "berlin", "at": asked["at"]},
            "refused": "severity_required",
        },
        {"text": "A bug.", "asked": asked | {"category": "bug"}, "costs": 0},
        {
            "text": "Both.",
            "asked": asked,
            "due": {
                "first_response": "2026-11-23T12:00:00+01:00",
                "resolution": "2026-11-24T16:00:00+01:00",
            },
        },
        {
            "text": "Two.",
            "bought": {"offer": "gold-1y", "quantity": 2},
            "price": {"amount": 19800, "currency": "EUR"},
        },
        {
            "text": "A long contract.",
            "bought": {"offer": "gold-1y", "contract_months": 24},
            "price": {"amount": 17820, "currency": "EUR"},
        },
    ]
    assert len(check_catalog(document).document.examples) == 9


def test_an_example_that_comes_out_otherwise_says_what_it_comes_to() -> None:
    document = shop()
    asked = {"plan": "gold", "region": "berlin"} | {
        "at": "2026-11-20T16:00:00+01:00",
        "severity": 1,
    }
    document["examples"] = [
        {"text": "Cheap.", "asked": asked | {"channel": "chat", "minutes": 25}, "costs": 1},
        {"text": "Slow.", "asked": asked, "due": {"resolution": "2026-11-25T16:00:00+01:00"}},
        {"text": "Refused.", "asked": asked, "refused": "urgent_not_included"},
        {"text": "Served.", "asked": asked | {"urgent": True}, "costs": 1},
        {"text": "Otherwise.", "asked": asked | {"urgent": True}, "refused": "exhausted"},
        {
            "text": "Dear.",
            "bought": {"offer": "gold-1y"},
            "price": {"amount": 1, "currency": "EUR"},
        },
        {
            "text": "By quote.",
            "bought": {"offer": "hours"},
            "price": {"amount": 1, "currency": "EUR"},
        },
        {"text": "Never.", "asked": asked | {"plan": "hours"}, "due": asked["at"]},
    ]
    found = differences_of(document)
    assert {code for _, code, _ in found} == {"example_differs"}
    assert [(place, detail.partition(":")[0]) for place, _, detail in found] == [
        ("/examples/0/costs", "It costs 3 incidents."),
        ("/examples/1/due/resolution", "It is due 2026-11-24T15"),
        ("/examples/2/refused", "It is not refused. It costs 1 incident."),
        ("/examples/3/asked", "It is refused with urgent_not_included"),
        ("/examples/4/refused", "It is refused with urgent_not_included"),
        (
            "/examples/5/price",
            "It costs EUR 99.00 (9900 in minor units), not EUR 0.01 (1 in minor units).",
        ),
        ("/examples/6/bought", "It is refused with quote_required"),
        ("/examples/7/due", "It is not due at any time, not 2026-11-20T15"),
    ]


@pytest.mark.parametrize(
    ("example", "place", "code"),
    [
        ({}, "/asked", "required"),
        ({"asked": {"plan": "gold", "at": "2026-11-20T16:00:00Z"}}, "/costs", "required"),
        ({"bought": {"offer": "gold-1y"}}, "/price", "required"),
        ({"bought": {"offer": "gold-9y"}, "costs": 1}, "/bought/offer", "unknown_offer"),
        (
            {"asked": {"plan": "iron", "at": "2026-11-20T16:00:00Z"}, "costs": 1},
            "/asked/plan",
            "unknown_plan",
        ),
        ({"asked": {"plan": "gold", "at": "noon"}, "costs": 1}, "/asked/at", "invalid_instant"),
        (
            {"asked": {"plan": "gold", "at": "2026-11-20T16:00:00Z"}, "costs": 1, "refused": "x"},
            "/refused",
            "conflicting_fields",
        ),
        (
            {
                "asked": {"plan": "gold", "at": "2026-11-20T16:00:00Z"},
                "price": {"amount": 1, "currency": "EUR"},
            },
            "/price",
            "conflicting_fields",
        ),
    ],
)
def test_an_example_asks_or_buys_and_has_an_answer(
    example: dict[str, Any], place: str, code: str
) -> None:
    document = shop() | {"examples": [{"text": "A case.", **example}]}
    assert [each[:2] for each in differences_of(document)] == [(f"/examples/0{place}", code)]


def test_every_metric_can_be_written_in_a_matrix_and_asked_in_an_example() -> None:
    assert set(METRICS) <= set(MatrixDocument.model_fields)
    assert set(METRICS) - {"next_response"} <= set(DueDocument.model_fields)


# Files and lines


def test_dates_and_times_of_toml_are_texts() -> None:
    text = "day = 2026-12-25\nat = 2026-12-25T09:00:00+01:00\nmany = [2026-12-26]"
    assert read_toml(text) == {
        "day": "2026-12-25",
        "at": "2026-12-25T09:00:00+01:00",
        "many": ["2026-12-26"],
    }
    document = SHOP.read_text().replace('"2026-12-26"', "2026-12-26")
    assert check_catalog(read_toml(document)).catalog == check_catalog(shop()).catalog


@pytest.mark.parametrize("text", ["a = nan", "a = [inf]", "a = 1\na = 2", "[a]\n[a]", "a"])
def test_what_is_no_plain_toml_is_refused(text: str) -> None:
    with pytest.raises(UnreadableDocument):
        read_toml(text)


@pytest.mark.parametrize("text", ['{"a": 1, "a": 2}', '{"a": NaN}', "{", "[" * 100_000])
def test_what_is_no_plain_json_is_refused(text: str) -> None:
    with pytest.raises(UnreadableDocument):
        read_json(text)


LINES = '''\
# One.
a = 1
b.c = "x # no comment"
"d.e" = """
two lines
""" # three
[f]
g = [
    1, # one
    { h = [2,
           3], 'i j' = 4 },
]
[[f.k]]
l = {}
[[f.k]]
[f.k.m]
n = 2026-12-25
[[f.k.o]]
p = \'\'\'
\'\'\'
q = true
'''


@pytest.mark.parametrize(
    ("pointer", "line"),
    [
        ("/a", 2),
        ("/b/c", 3),
        ("/d.e", 4),
        ("/f", 7),
        ("/f/g", 8),
        ("/f/g/0", 9),
        ("/f/g/1/h/0", 10),
        ("/f/g/1/h/1", 11),
        ("/f/g/1/i j", 11),
        ("/f/k/0/l", 14),
        ("/f/k/1", 15),
        ("/f/k/1/m/n", 17),
        ("/f/k/1/o/0/q", 21),
        ("/f/k/1/o/0/missing", 18),
        ("/nowhere", None),
        ("", None),
    ],
)
def test_a_pointer_has_its_line(pointer: str, line: int | None) -> None:
    tomllib.loads(LINES)
    assert line_of(find_lines(LINES), pointer) == line


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
VALUES = st.recursive(
    st.integers() | TEXTS | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_every_place_of_any_text_has_a_line(document: dict[str, Any]) -> None:
    text = tomlkit.dumps(document)
    places = find_lines(text)
    assert set(_places(tomllib.loads(text))) <= set(places)
    assert all(1 <= line <= text.count("\n") + 1 for line in places.values())


def _places(value: Any, *path: str | int) -> Any:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for step, inner in pairs:
        yield (*path, step)
        if isinstance(inner, dict | list):
            yield from _places(inner, *path, step)


# Speed


def test_a_large_catalogue_is_read_and_checked_at_once() -> None:
    document = small_document()
    gold, offer = document["plans"]["gold"], document["offers"]["gold-1y"]
    for number in range(48):
        document["plans"][f"plan-{number}"] = gold | {"rank": number + 3}
    for number in range(1000):
        document["offers"][f"offer-{number}"] = offer | {"plan": f"plan-{number % 48}"}
    begin = time.process_time()
    published = check_catalog(document)
    find_warnings(published.document, today=TODAY)
    assert time.process_time() - begin < 2
    assert len(published.catalog.offers) == 1002


def test_calendars_that_join_many_others_are_read_in_linear_time() -> None:
    document = small_document()
    days = [f"{year}-{month:02}-01" for year in range(1950, 2025) for month in range(1, 13)]
    for number in range(49):
        joined = [f"calendar-{number - 1}"] if number % 15 else []
        document["calendars"][f"calendar-{number}"] = {
            "timezone": "UTC",
            "hours": {"mon": [["09:00", "17:00"]]},
            "holidays": [{"date": day, "name": "Holiday"} for day in days],
            "union": joined,
        }
    assert len(json.dumps(document)) > 1_500_000
    begin = time.process_time()
    check_catalog(document)
    assert time.process_time() - begin < 4
    for number in range(49):
        calendar = document["calendars"][f"calendar-{number}"]
        calendar["union"] = [f"calendar-{each}" for each in range(16)]
    begin = time.process_time()
    with pytest.raises(InvalidCatalog):
        check_catalog(document)
    assert time.process_time() - begin < 4
