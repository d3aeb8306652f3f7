"""The importer: every bad line named, nothing half imported, nothing imported twice."""

import json
from pathlib import Path
from typing import Any

from tests.api.conftest import Api
from tests.api.test_notices import types
from tests.replay.test_incident_log import import_lines

ACCOUNT = {"type": "account", "account_id": "c-1", "name": "Nordwind Handel GmbH"}
PURCHASE = {
    "type": "purchase",
    "account_id": "c-1",
    "order_id": "SO-1",
    "offer": "livecart.express-1y",
    "payment": {"status": "paid"},
    "at": "2026-03-02T09:00:00Z",
}
TICKET = {
    "type": "ticket",
    "account_id": "c-1",
    "ticket_id": "HD-1",
    "subject": "Checkout fails",
    "at": "2026-03-03T08:00:00Z",
}
REPLY = {
    "type": "reply",
    "account_id": "c-1",
    "ticket_id": "HD-1",
    "by": "agent",
    "at": "2026-03-03T09:00:00Z",
}
RESOLUTION = {
    "type": "resolution",
    "account_id": "c-1",
    "ticket_id": "HD-1",
    "outcome": "solved",
    "at": "2026-03-03T10:00:00Z",
}


def give(amount: int) -> dict[str, Any]:
    """Return a line that gives so many incidents."""
    line = {"type": "grant", "account_id": "c-1", "reference": f"G-{amount}", "amount": amount}
    terms = {"catalog": "livecart", "plan": "express", "unit": "incident"}
    return line | terms | {"at": "2026-03-02T09:00:00Z", "reason": "a gift", "actor": "Maria"}


def write(file: Path, *lines: Any) -> Path:
    file.write_text(
        "".join((each if isinstance(each, str) else json.dumps(each)) + "\n" for each in lines)
    )
    return file


async def test_a_past_is_imported_once_with_its_times(
    api: Api, published_url: str, tmp_path: Path
) -> None:
    file = write(tmp_path / "past.jsonl", ACCOUNT, PURCHASE, TICKET, REPLY, RESOLUTION)
    for _ in range(2):
        done = import_lines(file, published_url)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == "5 lines of 1 accounts read, 0 accounts refused\n"
    ticket = (await api.get("/v1/accounts/c-1/tickets/HD-1")).json()
    assert ticket["resolved_at"] == "2026-03-03T10:00:00Z"
    assert ticket["deadlines"][0]["met_at"] == "2026-03-03T09:00:00Z"
    units = await api.units("/v1/accounts/c-1")
    assert (units["granted"], units["used"]) == (15, 1)
    # The day before the ticket nothing was used; the day before the purchase nothing was there.
    before = await api.units("/v1/accounts/c-1", at="2026-03-02T12:00:00Z")
    assert (before["available"], before["used"]) == (15, 0)
    first = await api.get("/v1/accounts/c-1/balance?at=2026-03-01T12:00:00Z")
    assert first.json()["units"] == {}


async def test_bad_lines_are_all_named_and_nothing_is_imported(
    api: Api, published_url: str, tmp_path: Path
) -> None:
    file = write(
        tmp_path / "past.jsonl",
        ACCOUNT,
        "not json",
        "[1]",
        {"type": "invoice", "account_id": "c-1"},
        {**TICKET, "at": "2026-03-03T08:00:00"},
        {**REPLY, "ticket_id": "no/such/id"},
        {**REPLY, "by": "nobody"},
    )
    done = import_lines(file, published_url)
    assert done.returncode == 1
    named = [line.partition(":")[0] for line in done.stderr.splitlines()[:-1]]
    assert named == [f"line {number}" for number in (2, 3, 4, 5, 6, 7)]
    assert "6 bad lines" in done.stderr.splitlines()[-1]
    assert (await api.get("/v1/accounts/c-1")).status_code == 404


async def test_an_account_that_is_refused_is_left_out_whole_and_the_others_are_not(
    api: Api, published_url: str, tmp_path: Path
) -> None:
    other = {**ACCOUNT, "account_id": "c-2"}
    file = write(tmp_path / "past.jsonl", ACCOUNT, other, TICKET)
    done = import_lines(file, published_url)
    assert done.returncode == 1
    assert done.stderr.startswith("line 3: ")
    assert "(catalog_required)" in done.stderr.splitlines()[0]
    assert (await api.get("/v1/accounts/c-1")).status_code == 404
    assert (await api.get("/v1/accounts/c-2")).status_code == 200
    write(file, ACCOUNT, other, PURCHASE, TICKET)
    assert import_lines(file, published_url).returncode == 0
    assert (await api.get("/v1/accounts/c-1/tickets/HD-1")).status_code == 200


async def test_units_given_after_tickets_count_in_what_is_told_of_their_pool(
    api: Api, published_url: str, tmp_path: Path
) -> None:
    """An account is one transaction: what is left of its pool is told as it is in the end."""
    for lines in ((ACCOUNT, give(1)), (TICKET, give(10))):
        file = write(tmp_path / "past.jsonl", *lines)
        assert import_lines(file, published_url).returncode == 0
    assert (await api.units("/v1/accounts/c-1"))["available"] == 10
    assert await types(api, "units") == []
