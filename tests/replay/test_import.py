"""The importer: every bad line named, nothing half imported, nothing imported twice."""

import json
import tracemalloc
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest

from app.cli.errors import CommandError
from app.cli.history.imports import check_lines
from app.cli.history.spool import open_spool
from tests.api.conftest import Api, Clock
from tests.support.agreements import buy_by_quote, euros
from tests.support.incident_log import import_lines
from tests.support.notices import told, types

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


async def test_the_people_of_a_customer_are_imported_once(
    api: Api, published_url: str, tmp_path: Path
) -> None:
    account = ACCOUNT | {"email": "shop@nordwind.example", "region": "eu-central"}
    contact: dict[str, Any] = {
        "type": "contact",
        "account_id": "c-1",
        "contact_id": "u-7",
        "name": "Erika",
    }
    contact |= {"emails": ["erika@nordwind.example"], "named": True}
    ticket = TICKET | {"requester": "u-7", "catalog": "livecart"}
    file = write(tmp_path / "people.jsonl", account, contact, PURCHASE, ticket)
    assert import_lines(file, published_url).returncode == 0
    path = "/v1/accounts/c-1/contacts/u-7"
    found = (await api.get(path)).json()
    assert (found["name"], found["emails"], found["named"]) == (
        "Erika",
        ["erika@nordwind.example"],
        True,
    )
    assert (await api.get("/v1/accounts/c-1")).json()["region"] == "eu-central"
    reply = await api.get("/v1/summary", params={"email": "ERIKA@nordwind.example"})
    assert reply.json()["account_id"] == "c-1"
    # What was changed since is not undone by the same file again.
    await api.put(path, {"name": "Erika Mustermann"})
    assert import_lines(file, published_url).returncode == 0
    assert (await api.get(path)).json()["name"] == "Erika Mustermann"
    nameless = write(tmp_path / "bad.jsonl", contact | {"name": ""})
    done = import_lines(nameless, published_url)
    assert (done.returncode, "line 1: /name:" in done.stderr) == (1, True)


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
    # Between the lines the first response had run out, half a year ago: nobody is told so.
    assert await types(api, "deadline") == ["deadline.met"]
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
        {**ACCOUNT, "metadata": {"share": float("nan")}},
        json.dumps({**ACCOUNT, "metadata": {"share": 1}}).replace("1}", "1e400}"),
    )
    done = import_lines(file, published_url)
    assert done.returncode == 1
    named = [line.partition(":")[0] for line in done.stderr.splitlines()[:-1]]
    assert named == [f"line {number}" for number in (2, 3, 4, 5, 6, 7, 8, 9)]
    assert "8 bad lines" in done.stderr.splitlines()[-1]
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


HOURS = {
    "type": "grant",
    "account_id": "c-1",
    "reference": "starter-march",
    "catalog": "agency",
    "plan": "starter",
    "unit": "minute",
    "amount": 2400,
    "at": "2026-03-02T09:00:00Z",
    "expires_at": "2026-04-02T09:00:00Z",
    "reason": "Contract",
    "actor": "mara",
}
THEME = {**TICKET, "ticket_id": "HD-2", "catalog": "agency", "plan": "starter", "amount": 60}


def on(ticket_id: str, kind: str, /, **more: Any) -> dict[str, Any]:
    """Return a line of what happened to a ticket."""
    return {"type": kind, "account_id": "c-1", "ticket_id": ticket_id} | more


async def test_an_hours_sellers_past_is_imported_once(
    api: Api, published_url: str, tmp_path: Path
) -> None:
    why = {"reason": "As agreed", "actor": "mara"}
    file = write(
        tmp_path / "past.jsonl",
        ACCOUNT,
        HOURS,
        THEME,
        on("HD-2", "revision", amount=120, reason="Larger", at="2026-03-03T09:00:00Z"),
        on("HD-2", "work", work_id="W-1", minutes=90, by="jon", at="2026-03-04T09:00:00Z"),
        on("HD-2", "work", work_id="W-2", minutes=60, by="jon", at="2026-03-05T09:00:00Z"),
        on("HD-2", "resolution", outcome="solved", at="2026-03-05T11:00:00Z"),
        on("HD-2", "refund", amount=30, cause="goodwill", at="2026-03-06T09:00:00Z", **why),
    )
    for _ in range(2):
        done = import_lines(file, published_url)
        assert (done.returncode, done.stderr) == (0, "")
    ticket = (await api.get("/v1/accounts/c-1/tickets/HD-2")).json()
    assert (ticket["charge"]["used"], ticket["charge"]["status"]) == (120, "partly_refunded")
    work = (await api.get("/v1/accounts/c-1/tickets/HD-2/work?order=asc")).json()["data"]
    assert [(each["work_id"], each["at"], each["minutes"]) for each in work] == [
        ("W-1", "2026-03-04T09:00:00Z", 90),
        ("W-2", "2026-03-05T09:00:00Z", 60),
    ]
    held = await api.units("/v1/accounts/c-1", "minute", at="2026-03-03T12:00:00Z")
    assert (held["held"], held["used"], held["available"]) == (120, 0, 2280)


async def test_sessions_and_a_cancellation_are_imported_with_their_times(
    api: Api, published_url: str, tmp_path: Path
) -> None:
    chat = {"kind": "chat", "starts_at": "2026-03-03T08:30:00Z", "ended_at": "2026-03-03T08:42:00Z"}
    call = {"kind": "phone", "starts_at": "2026-03-03T09:30:00Z", "missed": True}
    cancelled = {
        "type": "cancellation",
        "account_id": "c-1",
        "order_id": "SO-1",
        "refund": "none",
        "reason": "They moved to another cart",
        "actor": "mara",
        "at": "2026-06-01T09:00:00Z",
    }
    file = write(
        tmp_path / "past.jsonl",
        ACCOUNT,
        PURCHASE,
        TICKET,
        on("HD-1", "session", session_id="CHAT-1", contact="skype:nordwind", **chat),
        on("HD-1", "session", session_id="CALL-1", **call),
        RESOLUTION,
        cancelled,
    )
    for _ in range(2):
        done = import_lines(file, published_url)
        assert (done.returncode, done.stderr) == (0, "")
    listed = (await api.get("/v1/accounts/c-1/tickets/HD-1/sessions")).json()["data"]
    listed.sort(key=lambda each: each["starts_at"])
    # 12 minutes of chat: a step of ten, and another begun.
    assert [(each["session_id"], each["status"], each["minutes"]) for each in listed] == [
        ("CHAT-1", "ended", 12),
        ("CALL-1", "no_show", None),
    ]
    assert listed[0]["started_at"] == "2026-03-03T08:30:00Z"
    order = (await api.get("/v1/accounts/c-1/purchases/SO-1")).json()
    assert order["status"] == "cancelled"
    before = await api.units("/v1/accounts/c-1", at="2026-05-31T09:00:00Z")
    assert (before["used"], before["available"]) == (2, 13)
    after = await api.units("/v1/accounts/c-1", at="2026-06-01T09:00:00Z")
    assert (after["available"], after["revoked"]) == (0, 13)


async def test_cover_ends_when_its_order_was_cancelled_not_when_that_is_imported(
    api: Api, clock: Clock, published_url: str, tmp_path: Path
) -> None:
    clock.move_to("2026-03-02T09:00:00Z")  # a Monday
    account = await api.make_account()
    await api.buy(account, "corporate.gold", "SO-1")
    bought = await buy_by_quote(api, account, "corporate.extended-cover", "SO-2", price=euros(620))
    assert bought.json()["cover"]["ends_at"] == "2026-04-02T08:00:00Z"
    line = {"type": "cancellation", "account_id": "c-1", "order_id": "SO-2", "refund": "unused"}
    line |= {"reason": "The release is out", "actor": "ines", "at": "2026-03-09T09:00:00Z"}
    done = import_lines(write(tmp_path / "past.jsonl", line), published_url)
    assert (done.returncode, done.stderr) == (0, "")

    clock.move_to("2026-03-16T09:00:00Z")
    order = (await api.get(f"{account}/purchases/SO-2")).json()
    assert (order["status"], order["cover"]) == (
        "cancelled",
        {
            "calendar": "extended",
            "starts_at": "2026-03-02T09:00:00Z",
            "ends_at": "2026-03-09T09:00:00Z",
        },
    )
    # 24 of 31 days are left, but for the hour by which summer time shortens March.
    assert order["cancellation"]["at"] == "2026-03-09T09:00:00Z"
    assert order["cancellation"]["unused"] == {
        "by": "time",
        "left": 24 * 86_400 - 3600,
        "whole": 31 * 86_400 - 3600,
    }
    (agreed,) = (await api.get(f"{account}/agreements")).json()["data"]
    assert (agreed["starts_at"], agreed["ends_at"]) == (
        "2026-03-02T09:00:00Z",
        "2026-03-09T09:00:00Z",
    )
    # Friday, 16:30 in Berlin, within the cover and after it: 8 hours with and without a Saturday.
    for asked_at, due_at in (
        ("2026-03-06T15:30:00Z", "2026-03-07T15:30:00Z"),
        ("2026-03-13T15:30:00Z", "2026-03-16T15:30:00Z"),
    ):
        asked = {"severity": 1, "at": asked_at}
        answer = (await api.post(f"{account}/coverage", asked)).json()
        assert answer["deadlines"][0]["due_at"] == due_at
    opened = await api.open(account, severity=1, at="2026-03-13T15:30:00Z")
    assert opened["deadlines"][0]["due_at"] == "2026-03-16T15:30:00Z"
    (cancelled,) = await told(api, "purchase.cancelled")
    assert (cancelled["timestamp"], cancelled["order_id"]) == ("2026-03-09T09:00:00Z", "SO-2")
    # The plan goes on, with the calendar that it had for a while.
    assert order["subscription"]["status"] == "active"
    assert order["subscription"]["extra_calendars"] == ["extended"]
    assert (await api.get(f"{account}/summary")).json()["plans"][0]["status"] == "active"


async def test_a_catalogue_that_is_not_published_is_said_once(
    api: Api, published_url: str, tmp_path: Path
) -> None:
    lines = [
        line
        for number in range(5)
        for line in (
            {**ACCOUNT, "account_id": f"c-{number}"},
            {**PURCHASE, "account_id": f"c-{number}", "offer": "acme.gold"},
            {**TICKET, "account_id": f"c-{number}", "catalog": "acme-2"},
        )
    ]
    done = import_lines(write(tmp_path / "past.jsonl", *lines), published_url)
    assert done.returncode == 1
    [said] = done.stderr.splitlines()
    assert "not published: acme, acme-2" in said
    assert "nothing was imported" in said
    assert (await api.get("/v1/accounts/c-0")).status_code == 404


def past(accounts: int) -> Iterator[str]:
    """Yield the lines of tickets of some accounts, in turn."""
    for number in count():
        line = {**TICKET, "account_id": f"c-{number % accounts}", "ticket_id": f"HD-{number}"}
        yield json.dumps(line) + "\n"


def test_what_is_in_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    peaks = []
    for lines in (2_000, 20_000):
        file = tmp_path / f"{lines}.jsonl"
        with file.open("w") as written:
            written.writelines(islice(past(lines // 4), lines))
        tracemalloc.start()
        with open_spool() as spool:
            check_lines(file, spool)
            assert spool.count() == (lines, lines // 4)
            assert next(iter(spool.accounts())) == "c-0"
            assert len(list(spool.lines("c-0"))) == 4
            peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 200_000


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "past.jsonl"
    file.write_bytes(b"\xff\xfe\n")
    with open_spool() as spool, pytest.raises(CommandError, match="utf-8"):
        check_lines(file, spool)
