"""Every movement, in order; what the clock does by itself; and a ledger others can re-add."""

import csv
import io
import json
from itertools import pairwise
from typing import Any

import pytest

from app.services.ledger import history_filters
from tests.api.conftest import Api, Clock
from tests.support.entries import PARTS, PROOF, add_up, hold_past_the_end, parts


async def list_all(api: Api, account: str, limit: int = 200, **asked: Any) -> list[Any]:
    """Read all pages of an account's entries."""
    lines, cursor = [], None
    while True:
        params: dict[str, Any] = {"limit": limit} | asked | ({"cursor": cursor} if cursor else {})
        reply = await api.get(f"{account}/entries", params=params)
        assert reply.status_code == 200, reply.text
        page = reply.json()
        assert len(page["data"]) <= limit
        lines += page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            return lines


def told(line: Any) -> tuple[Any, ...]:
    return (line["sequence"], line["kind"], line["amount"])


async def test_every_movement_has_its_number_and_the_balance_after_it(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.60")
    await api.open(account, category="level-2")
    resolved = {"outcome": "solved", "amount": 10, "reason": "Quick"}
    await api.post(f"{account}/tickets/HD-1/resolution", resolved)
    reply = await api.get(f"{account}/entries")
    page = reply.json()
    assert [told(line) for line in page["data"]] == [
        (1, "grant", 60),
        (2, "hold", 25),
        (3, "settle", 10),
        (4, "release", 15),
    ]
    assert (page["sequence"], page["next_cursor"]) == (4, None)
    settled = page["data"][2]
    lot_id = page["data"][0]["lot_id"]
    # 60 = 35 free + 15 held + 10 used: the release of what is too much comes next.
    after = parts(granted=60, available=35, held=15, used=10)
    assert settled == {
        "sequence": 3,
        "derived": False,
        "kind": "settle",
        "unit": "point",
        "amount": 10,
        "effective_at": "2026-11-24T08:00:00Z",
        "recorded_at": "2026-11-24T08:00:00Z",
        "lot_id": lot_id,
        "ticket_id": "HD-1",
        "order_id": None,
        "reference": None,
        "cause": "solved",
        "reason": "Quick",
        "actor": "admin",
        "change": parts(held=-10, used=10),
        "lot": after,
        "totals": after,
    }
    assert page["data"][0]["order_id"] == "SO-1"


async def test_a_lot_that_ends_with_something_left_is_a_derived_line(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1y", "SO-1")
    await api.open(account, "HD-1")
    assert [told(line) for line in await list_all(api, account)] == [
        (1, "grant", 10),
        (2, "hold", 1),
    ]
    clock.move_to("2027-11-24T08:00:00Z")  # to the microsecond when the year ends
    lines = await list_all(api, account)
    assert [told(line) for line in lines] == [
        (1, "grant", 10),
        (2, "hold", 1),
        (None, "expiry", 9),
    ]
    expiry = lines[-1]
    assert (expiry["derived"], expiry["effective_at"]) == (True, "2027-11-24T08:00:00Z")
    assert expiry["change"] == parts(available=-9, expired=9)
    assert expiry["lot"] == expiry["totals"] == parts(granted=10, held=1, expired=9)
    assert expiry["recorded_at"] is None
    # It stands before what happens at that instant or later; what comes back then is expired
    # by the movement itself.
    await api.buy(account, "livecart.standard-1y", "SO-2")
    clock.advance(hours=1)
    await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "withdrawn"})
    lines = await list_all(api, account)
    assert [told(line) for line in lines] == [
        (1, "grant", 10),
        (2, "hold", 1),
        (None, "expiry", 9),
        (3, "grant", 10),
        (4, "release", 1),
    ]
    assert lines[-1]["change"] == parts(held=-1, expired=1)


async def test_a_month_that_begins_and_ends_is_two_derived_lines(api: Api, clock: Clock) -> None:
    account = await hold_past_the_end(api, clock)
    lines = await list_all(api, account)
    grants = [told(line) for line in lines[:12]]
    assert grants == [(number, "grant", 2) for number in range(1, 13)]
    assert lines[0]["change"] == parts(granted=2, available=2)
    assert lines[1]["change"] == parts(upcoming=2)
    assert [told(line) for line in lines[12:]] == [
        (13, "hold", 1),
        (None, "expiry", 1),  # 24 December: one of November's is held, the other is lost
        (None, "start", 2),  # and the next month's begin
        (14, "hold", 1),
        (15, "release", 1),  # the withdrawn one returns to November's, and is expired there
    ]
    assert lines[14]["change"] == parts(granted=2, available=2, upcoming=-2)
    assert lines[-1]["totals"] == parts(granted=4, available=1, held=1, expired=2, upcoming=20)


async def test_pages_of_any_size_are_the_same_lines(api: Api, clock: Clock) -> None:
    account = await hold_past_the_end(api, clock)
    clock.advance(days=400)
    whole = await list_all(api, account)
    # 15 entries; ten more months begin, and eleven lots end with something left.
    assert len(whole) == 15 + 2 + 10 + 11
    for limit in (1, 3, 7):
        assert await list_all(api, account, limit) == whole
        assert await list_all(api, account, limit, order="desc") == whole[::-1]
    early = await list_all(api, account, sequence=13)
    assert await list_all(api, account, 2, sequence=13, order="desc") == early[::-1]


async def test_N2_the_totals_after_an_entry_are_the_balance_of_its_sequence(
    api: Api, clock: Clock
) -> None:
    account = await hold_past_the_end(api, clock)
    clock.advance(days=2)
    backdated = {"at": "2027-01-03T07:00:00Z", "catalog": "corporate", "channel": "email"}
    await api.open(account, "HD-3", severity=2, **backdated)
    lines = await list_all(api, account)
    assert lines[-1]["effective_at"] < lines[-1]["recorded_at"]
    for line in lines:
        if line["derived"]:
            continue
        at = max(each["recorded_at"] for each in lines[: lines.index(line) + 1] if each["sequence"])
        units = await api.units(account, sequence=line["sequence"], at=at)
        assert {name: units[name] for name in PARTS} == line["totals"], line


async def test_up_to_a_sequence_the_answer_stays_the_same(api: Api, clock: Clock) -> None:
    account = await hold_past_the_end(api, clock)
    before = await list_all(api, account, sequence=13)
    assert told(before[-1]) == (13, "hold", 1)
    clock.advance(days=800)
    await api.buy(account, "corporate.enterprise", "SO-2", payment=PROOF)
    assert await list_all(api, account, sequence=13) == before
    ahead = await api.get(f"{account}/entries", params={"sequence": 99})
    assert (ahead.status_code, ahead.json()["code"]) == (422, "sequence_ahead")


@pytest.mark.parametrize("sequence", ["0", "-0"])
async def test_before_the_first_movement_there_is_none(
    api: Api, clock: Clock, sequence: str
) -> None:
    account = await api.make_account()
    created_at = (await api.get(account)).json()["created_at"]
    none = {"data": [], "next_cursor": None, "sequence": 0, "as_of": created_at}
    for moved_later in (False, True):
        if moved_later:
            clock.advance(days=1)
            await api.buy(account, "xcart-points.60")
        for asked in ({}, {"order": "desc"}, {"from": "2026-01-01T00:00:00Z"}):
            page = await api.get(f"{account}/entries", params={"sequence": sequence, **asked})
            assert (page.status_code, page.json()) == (200, none), asked
        csv_asked = {"headers": {"Accept": "text/csv"}, "params": {"sequence": sequence}}
        table = await api.get(f"{account}/entries", **csv_asked)
        assert (table.status_code, table.text.count("\n")) == (200, 1)
        balance = (await api.get(f"{account}/balance", params={"sequence": sequence})).json()
        assert (balance["as_of"], balance["units"]) == (created_at, {})


async def test_an_unlimited_lot_has_no_granted(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.standard-1m")
    await api.open(account)
    lines = await list_all(api, account)
    assert lines[-1]["lot"] == parts(held=1) | {"granted": None, "available": None}
    assert lines[-1]["totals"] == parts(held=1)


async def test_an_exported_ledger_can_be_added_up_by_anybody(api: Api, clock: Clock) -> None:
    account = await hold_past_the_end(api, clock)
    await api.buy(account, "xcart-points.300", "SO-2")
    await api.open(account, "HD-9", catalog="xcart-points", category="level-4")
    clock.advance(days=800)
    reply = await api.get(f"{account}/entries", headers={"Accept": "text/csv"})
    assert reply.headers["Content-Type"].startswith("text/csv")
    assert reply.headers["Content-Disposition"] == 'attachment; filename="entries-c-1-17.csv"'
    balance = (await api.get(f"{account}/balance")).json()
    assert add_up(reply.text) == {
        unit: {part: totals[part] for part in PARTS} for unit, totals in balance["units"].items()
    }


async def test_the_export_and_the_pages_are_the_same_lines(api: Api, clock: Clock) -> None:
    account = await hold_past_the_end(api, clock)
    reply = await api.get(f"{account}/entries", headers={"Accept": "application/x-ndjson"})
    assert [json.loads(line) for line in reply.text.splitlines()] == await list_all(api, account)


async def test_an_export_of_a_page_has_no_more_lines_and_the_address_of_the_next(
    api: Api, clock: Clock
) -> None:
    account = await hold_past_the_end(api, clock)
    lines: list[Any] = []
    path: str | None = f"{account}/entries?limit=4&order=desc"
    while path is not None:
        reply = await api.get(path, headers={"Accept": "application/x-ndjson"})
        found = [json.loads(line) for line in reply.text.splitlines()]
        assert len(found) == 4 or "next" not in reply.links
        lines += found
        path = reply.links["next"]["url"] if "next" in reply.links else None
    assert lines == (await list_all(api, account))[::-1]
    table = await api.get(f"{account}/entries?limit=4", headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [row["sequence"] for row in rows] == ["1", "2", "3", "4"]
    assert (await api.get(table.links["next"]["url"])).json()["data"][0]["sequence"] == 5


async def test_no_text_of_an_export_is_run_by_a_spreadsheet(api: Api) -> None:
    account = await api.make_account()
    grant = {"reference": "=cmd|' /C calc'!A0", "catalog": "xcart-points", "unit": "point"}
    why = {"amount": 5, "reason": "@SUM(A1:A9)", "actor": "+49 30 1234"}
    assert (await api.post(f"{account}/grants", grant | why)).status_code == 201
    reply = await api.get(f"{account}/entries", headers={"Accept": "text/csv"})
    row = next(csv.DictReader(io.StringIO(reply.text)))
    assert row["reference"] == "'=cmd|' /C calc'!A0"
    assert (row["reason"], row["actor"]) == ("'@SUM(A1:A9)", "'+49 30 1234")


async def test_lots_are_listed_ended_ones_too(api: Api, clock: Clock) -> None:
    account = await hold_past_the_end(api, clock)
    first = (await api.get(f"{account}/lots", params={"limit": 5, "order": "asc"})).json()
    assert (len(first["data"]), first["sequence"]) == (5, 15)
    ended, current, upcoming, *_ = first["data"]
    assert (ended["granted"], ended["available"], ended["expired"]) == (2, 0, 2)
    assert (current["available"], current["held"], current["expired"]) == (1, 1, 0)
    assert (upcoming["granted"], upcoming["available"]) == (2, 0)
    onwards = {"cursor": first["next_cursor"], "order": "asc"}
    rest = await api.get(f"{account}/lots", params=onwards)
    assert (len(rest.json()["data"]), rest.json()["next_cursor"]) == (7, None)


async def test_a_cursor_of_another_list_is_refused(api: Api) -> None:
    account = await api.make_account()
    for path in ("entries", "lots"):
        reply = await api.get(f"{account}/{path}", params={"cursor": "WzEsMiwzLDRd"})
        assert (reply.status_code, reply.json()["code"]) == (422, "invalid_cursor")
    assert (await api.get("/v1/accounts/nobody/entries")).status_code == 404
    assert (await api.get("/v1/accounts/nobody/lots")).status_code == 404


async def test_movements_are_chosen_by_when_they_take_effect_and_of_which_catalogue(
    api: Api, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await hold_past_the_end(api, clock)
    await api.buy(account, "xcart-points.60", "SO-9")
    await api.open(account, "HD-8", catalog="agency")
    worked = {"work_id": "W-1", "minutes": 30, "by": "jon"}
    assert (await api.post(f"{account}/tickets/HD-8/work", worked)).status_code == 201
    clock.advance(days=2)
    await api.open(account, "HD-9", catalog="xcart-points", category="level-1")
    backdated = {"at": "2027-01-01T07:00:00Z", "catalog": "corporate", "channel": "email"}
    clock.move_to("2027-01-03T08:00:00Z")
    await api.open(account, "HD-3", severity=2, **backdated)
    clock.advance(days=400)
    whole = await list_all(api, account)
    lots = (await api.get(f"{account}/lots", params={"limit": 200})).json()["data"]
    catalogs = {lot["id"]: lot["catalog"] for lot in lots}

    def choose(from_: str = "", to: str = "9999", catalog: str | None = None) -> list[Any]:
        return [
            line
            for line in whole
            if from_ <= line["effective_at"] < to
            and catalog in (None, catalogs.get(line["lot_id"], "agency"))
        ]

    instants = sorted({line["effective_at"] for line in whole})
    assert [line["kind"] for line in choose(catalog="agency")] == ["overage"]
    asked: list[dict[str, Any]] = [
        {"catalog": "corporate"},
        {"catalog": "xcart-points"},
        {"catalog": "agency"},
        {"catalog": "livecart"},
        *({"from": at} for at in instants),
        *({"to": at} for at in instants),
        *({"from": first, "to": last} for first, last in pairwise(instants)),
        {"from": instants[2], "to": instants[-2], "catalog": "corporate"},
        {"from": instants[-1], "to": instants[0]},
    ]
    for each in asked:
        wanted = choose(each.get("from", ""), each.get("to", "9999"), each.get("catalog"))
        assert await list_all(api, account, **each) == wanted, each
        assert await list_all(api, account, 2, order="desc", **each) == wanted[::-1], each
    # However few lines one page looks at, together they are the same.
    monkeypatch.setattr(history_filters, "_AT_A_TIME", 3)
    monkeypatch.setattr(history_filters, "_LOOKED_AT", 6)
    for each in asked[-8:]:
        wanted = choose(each.get("from", ""), each.get("to", "9999"), each.get("catalog"))
        for order in ("asc", "desc"):
            found = await list_all(api, account, 2, order=order, **each)
            assert found == (wanted if order == "asc" else wanted[::-1]), (order, each)
        lines = await api.get(
            f"{account}/entries", params=each, headers={"Accept": "application/x-ndjson"}
        )
        assert [json.loads(line) for line in lines.text.splitlines()] == wanted
    refused = await api.get(f"{account}/entries", params={"catalog": "livecrat"})
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_filter")
