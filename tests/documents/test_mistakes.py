"""Typical mistakes in a seller's file: each is named at its line and its place, by one code."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.commands import cli
from tests.support.mistakes import SHOP

# What is written, what is written in its place by mistake, the place that is named, the code.
MISTAKES = [
    ('code = "shop"', 'code = "Shop"', "/code", "invalid_code"),
    ('code = "shop"', 'code = "schema"', "/code", "reserved_code"),
    ('title = "Shop"', 'titel = "Shop"', "/titel", "unknown_field"),
    ('title = "Shop"', 'title = ""', "/title", "empty"),
    ('title = "Shop"', "title = 7", "/title", "invalid_type"),
    (
        'timezone = "Europe/Berlin"\ncurrency',
        'timezone = "CET"\ncurrency',
        "/timezone",
        "ambiguous_timezone",
    ),
    (
        'timezone = "Europe/Berlin"\ncurrency',
        'timezone = "Berlin"\ncurrency',
        "/timezone",
        "unknown_timezone",
    ),
    (
        'currency = "EUR"\nlanguages',
        'currency = "EURO"\nlanguages',
        "/currency",
        "unknown_currency",
    ),
    ('"en", "de"', '"en", "German"', "/languages/1", "invalid_code"),
    ('"2026-12-26"', '"26.12.2026"', "/holidays/german/days/1", "invalid_date"),
    ('"2026-12-26"', '"2026-12-25"', "/holidays/german/days/1", "duplicate_date"),
    ('"2026-12-26"', '"2026-02-30"', "/holidays/german/days/1", "invalid_date"),
    (
        'mon-fri = [["09:00", "17:00"]]',
        'mon-fri = [["9:00", "17:00"]]',
        "/calendars/business/hours/mon-fri/0/0",
        "invalid_time",
    ),
    (
        'mon-fri = [["09:00", "17:00"]]',
        'mon-fri = [["09:00", "09:00"]]',
        "/calendars/business/hours/mon-fri/0",
        "empty_shift",
    ),
    (
        'mon-fri = [["09:00", "17:00"]]',
        'mon-fri = ["09:00", "17:00"]',
        "/calendars/business/hours/mon-fri/0",
        "invalid_type",
    ),
    ("mon-fri = [", "monday = [", "/calendars/business/hours/monday", "unknown_weekday"),
    ("mon-fri = [[", "fri = [], mon-fri = [[", "/calendars/business/hours/mon-fri", "duplicate"),
    (
        'holiday_sets = ["german"]',
        'holiday_sets = ["germany"]',
        "/calendars/business/holiday_sets/0",
        "unknown_holiday_set",
    ),
    ('support = "weekend"', 'support = "holiday"', "/regions/abroad/support", "unknown_calendar"),
    ('support = "weekend"', 'sup = "weekend"', "/regions/abroad/support", "required"),
    ('hours = "support"', 'hours = "supports"', "/contacts/0/hours", "unknown_calendar"),
    ('region = "berlin"', 'region = "bonn"', "/examples/0/asked/region", "unknown_region"),
    ('region = "berlin", ', "", "/examples/0/asked", "example_differs"),
    ("setup = {", "set_up = {", "/topics/set_up", "invalid_code"),
    ("included = false", 'included = "no"', "/topics/seo/included", "invalid_type"),
    ("[severities.2]", "[severities.minor]", "/severities/minor", "invalid_code"),
    ("[channels.chat]", "[channels.skype]", "/channels/skype", "unknown_channel"),
    (
        "incident_minutes = 10",
        "incident_minutes = 10\nlimit_minutes = 60",
        "/channels/chat/limit_minutes",
        "conflicting_fields",
    ),
    ('hours = "business"', 'hours = "busines"', "/channels/chat/hours", "unknown_calendar"),
    (
        'channels = ["ticket", "chat"]',
        'channels = ["ticket", "phone"]',
        "/plans/gold/channels/1",
        "unknown_channel",
    ),
    (
        'channels = ["ticket", "chat"]',
        'channels = ["ticket", "skype"]',
        "/plans/gold/channels/1",
        "invalid_choice",
    ),
    ("rank = 2", "rank = 1", "/plans/silver/rank", "duplicate_rank"),
    ("rank = 2", 'rank = "2"', "/plans/silver/rank", "invalid_type"),
    ('unit = "minute"', 'unit = "hour"', "/plans/hours/unit", "invalid_choice"),
    ("fair_use = 100", 'weekly_cap = "1/2"', "/plans/gold/weekly_cap", "unit_mismatch"),
    ('weekly_cap = "1/2"', 'weekly_cap = "50%"', "/plans/hours/weekly_cap", "out_of_range"),
    (
        '1 = "4 bh"',
        '1 = "4 business hours"',
        "/plans/gold/matrix/first_response/1",
        "invalid_duration",
    ),
    ('2 = "8 bh"', '3 = "8 bh"', "/plans/gold/matrix/first_response/3", "unknown_severity"),
    (
        '2 = "8 bh"',
        '2 = "end of next day"',
        "/plans/gold/matrix/first_response/2",
        "invalid_duration",
    ),
    ('extends = "gold"', 'extends = "golden"', "/plans/silver/extends", "unknown_plan"),
    ('extends = "gold"', 'extends = "silver"', "/plans/silver/extends", "plan_cycle"),
    (
        'metric = "first_response"',
        'metric = "response"',
        "/plans/points/promises/0/metric",
        "invalid_choice",
    ),
    (
        ', calendar = "business" }]',
        " }]",
        "/plans/points/promises/0/clauses/0/calendar",
        "required",
    ),
    (
        "{ business_days = 1 }",
        '"1 day"',
        "/plans/points/promises/0/clauses/0/within",
        "invalid_duration",
    ),
    ('plan = "gold"\nname', 'plan = "gild"\nname', "/offers/gold-1y/plan", "unknown_plan"),
    ('term = "P2Y"', 'term = "2 years"', "/offers/points-60/term", "invalid_term"),
    (
        '{ amount = 9900, currency = "EUR" }\n\n[offers.silver',
        "99\n\n[offers.silver",
        "/offers/gold-1y/price",
        "invalid_type",
    ),
    (
        'amount = 4900, currency = "EUR"',
        'amount = 4900, currency = "USD"',
        "/offers/silver-1y/price/currency",
        "currency_mismatch",
    ),
    ('price = { amount = 4900, currency = "EUR" }', "", "/offers/silver-1y/price", "required"),
    (
        "{ amount = 60, per",
        "{ amount = 60.5, per",
        "/offers/points-60/allowance/amount",
        "invalid_type",
    ),
    (
        'adds_calendar = "weekend"',
        'adds_calender = "weekend"',
        "/offers/weekends/adds_calender",
        "unknown_field",
    ),
    (', variable = "stores"', "", "/rate_card/move/variable", "required"),
    ("percent = 10", "percent = 110", "/discounts/0/percent", "out_of_range"),
    ("support@shop.example", "shop.example", "/contacts/0/email", "invalid_email"),
    ('without_plan = "refuse"', 'without_plan = "no"', "/policies/without_plan", "invalid_choice"),
    ("grace_days = 30", 'grace_days = "30 days"', "/policies/grace_days", "invalid_type"),
    (
        '"2026-11-23T12:00:00+01:00"',
        '"2026-11-23T11:00:00+01:00"',
        "/examples/0/due",
        "example_differs",
    ),
    ("costs = 1", "costs = 2", "/examples/0/costs", "example_differs"),
    (
        'at = "2026-11-20T16:00:00+01:00"',
        'at = "2026-11-20T16:00:00"',
        "/examples/0/asked/at",
        "invalid_instant",
    ),
    # Minutes and months, by severity
    (
        'weekly_cap = "1/2"',
        'counting = { factors = [{ by = "2" }] }',
        "/plans/hours/counting/factors/0/by",
        "conflicting_fields",
    ),
    (
        'weekly_cap = "1/2"',
        "counting = { rounding = [{ least = 30 }] }",
        "/plans/hours/counting/rounding/0",
        "conflicting_fields",
    ),
    (
        'weekly_cap = "1/2"',
        'counting = { rounding = [{ channels = ["phone"], least = 30 }] }',
        "/plans/hours/counting/rounding/0/channels/0",
        "unknown_channel",
    ),
    (
        'weekly_cap = "1/2"',
        'counting = { rounding = [{ channels = ["chat"], outside = "business", least = 30 }] }',
        "/plans/hours/counting/rounding/0/outside",
        "unknown_field",
    ),
    (
        'without_plan_text = "A plan is needed."',
        'without_plan_text = "A plan is needed."\ncounting = { least = "1 h" }',
        "/policies/counting/least",
        "invalid_type",
    ),
    (
        'weekly_cap = "1/2"',
        'counting = { factors = [{ by = "2", severities = [4] }] }',
        "/plans/hours/counting/factors/0/severities/0",
        "unknown_severity",
    ),
    (
        'weekly_cap = "1/2"',
        "monthly_limits = [{ at_most = 2, severities = [4] }]",
        "/plans/hours/monthly_limits/0/severities/0",
        "unknown_severity",
    ),
    (
        'weekly_cap = "1/2"',
        "monthly_limits = [{ at_most = 2, urgent = true }]",
        "/plans/hours/monthly_limits/0/urgent",
        "conflicting_fields",
    ),
    (
        'currency = "EUR"\nlanguages',
        'currency = "EUR"\ntime_unit = { name = "credit", plural = "credits" }\nlanguages',
        "/time_unit/minutes",
        "required",
    ),
    (
        'currency = "EUR"\nlanguages',
        'currency = "EUR"\ntime_unit = { name = "c", plural = "cs", minutes = 1 }\nlanguages',
        "/time_unit/minutes",
        "out_of_range",
    ),
]
# What a single mistake makes wrong besides: of a name that is gone, whatever refers to it.
BESIDES = {
    "/titel": {"required"},
    "/calendars/business/hours/mon-fri/0": {"invalid_type"},
    "/severities/minor": {"unknown_severity"},
    "/channels/skype": {"unknown_channel"},
    "/offers/weekends/adds_calender": {"required"},
    "/regions/abroad/support": {"required"},
}


def check(file: Path) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["catalog", "check", str(file)])
    return done.exit_code, done.output


def test_the_shop_is_sound() -> None:
    code, said = check(SHOP)
    assert code == 0, said
    assert said == f"{SHOP}: shop, 4 plans, 5 offers, 2 examples verified\n"


def test_there_are_enough_mistakes() -> None:
    assert len(MISTAKES) >= 48


@pytest.mark.parametrize(("right", "wrong", "place", "code"), MISTAKES)
def test_a_mistake_is_named_at_its_line_and_place(
    tmp_path: Path, right: str, wrong: str, place: str, code: str
) -> None:
    text = SHOP.read_text()
    assert text.count(right) >= 1
    before = text.partition(right)[0]
    file = tmp_path / "shop.toml"
    file.write_text(text.replace(right, wrong, 1))
    failed, said = check(file)
    assert failed == 1
    named = [line for line in said.splitlines() if line.startswith(f"{file}:")]
    at_place = [line for line in named if f" {place}: " in line]
    assert len(at_place) == 1, said
    assert at_place[0].endswith(f"({code})")
    others = {line.rpartition("(")[2].rstrip(")") for line in named if line not in at_place}
    assert others <= BESIDES.get(place, set()), said
    line = int(at_place[0].removeprefix(f"{file}:").partition(":")[0])
    first = before.count("\n") + 1
    if code == "required":  # what is missing is named at the table that lacks it
        assert line <= first + 1
    else:
        assert first <= line <= first + wrong.count("\n"), (line, first)


# What is written, what is written in its place by mistake, and what is said of how it is written.
HINTS = [
    (
        'weekly_cap = "1/2"',
        'counting = { factors = [{ outside = "business", by = "1.5" }] }',
        'from 1 to 100. A factor of 1.5 is written "3/2". (out_of_range)',
    ),
    (
        'weekly_cap = "1/2"',
        'counting = { factors = [{ outside = "business", by = 1.25 }] }',
        'and is a number with a fraction. A factor of 1.25 is written "5/4". (invalid_type)',
    ),
    (
        'weekly_cap = "1/2"',
        'counting = { factors = [{ outside = "business", by = 1e30 }] }',
        "It must be a string, and is a number with a fraction. (invalid_type)",
    ),
    (
        'weekly_cap = "1/2"',
        'counting = { least = "30m" }',
        "and is a string. Minutes are written as a whole number: 30. (invalid_type)",
    ),
    (
        'weekly_cap = "1/2"',
        'counting = { step = "1 h" }',
        "and is a string. Minutes are written as a whole number: 60. (invalid_type)",
    ),
    (
        "[[discounts]]\ncontract_months",
        (
            '[[examples]]\ntext = "It."\nasked = { plan = "hours", at = "2026-11-20T15:00:00Z" }\n'
            'price = { amount = 1, currency = "EUR" }\n[[discounts]]\ncontract_months'
        ),
        (
            "Only a request that is worked on has a price; what another takes is costs."
            " (conflicting_fields)"
        ),
    ),
]


@pytest.mark.parametrize(("right", "wrong", "said"), HINTS)
def test_a_mistake_is_told_with_how_it_is_written(
    tmp_path: Path, right: str, wrong: str, said: str
) -> None:
    text = SHOP.read_text()
    assert right in text
    file = tmp_path / "shop.toml"
    file.write_text(text.replace(right, wrong, 1))
    failed, told = check(file)
    assert failed == 1
    assert said in told


def test_promises_that_overlap_are_both_named_with_the_cure(tmp_path: Path) -> None:
    file = tmp_path / "shop.toml"
    listed = """
[[plans.hours.promises]]
metric = "first_response"
strength = "target"
urgent = true
clauses = [{ within = "PT15M" }]

[plans.hours.matrix]
resolution = { any = "target 5 d" }
first_response = { 1 = "8 h", 2 = "8 h" }

[offers.gold-1y]
"""
    text = SHOP.read_text().replace(
        'channels = ["ticket"]\nweekly_cap', 'channels = ["ticket"]\nurgent = true\nweekly_cap'
    )
    file.write_text(text.replace("[offers.gold-1y]\n", listed, 1))
    failed, told = check(file)
    assert failed == 1
    line = file.read_text().splitlines().index('first_response = { 1 = "8 h", 2 = "8 h" }') + 1
    assert told.splitlines()[0] == (
        f"{file}:{line}: /plans/hours/matrix/first_response: This promise of first_response (for"
        " severity 1, 2) matches requests that the one at promises/0 (for urgent requests) matches,"
        " too. Keep one of them, or give each requests of its own. One that does not say whether it"
        ' is for urgent requests is for them, too: listed among the promises it may say "urgent ='
        ' false". (overlapping_promises)'
    )
