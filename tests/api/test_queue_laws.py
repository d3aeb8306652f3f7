"""Whatever happens to tickets, the columns that lists read are what the fold of events gives.

The queue and the list of deadlines read what was written when clocks changed, and compare it with
the present; a ticket's own deadlines are folded from its events anew.
"""

from datetime import datetime
from typing import Any

from tests.support.random_customer import Stage, compare_histories

NEVER = "9999"
OF_CLOCK = ("status", "started_at", "due_at", "breaches_after", "met_at")


def _read_across(customer: Stage, path: str) -> list[Any]:
    """Return what a list across accounts has of the customer, on all of its pages."""
    found: list[Any] = []
    asked: dict[str, Any] = {"limit": 200}
    while True:
        page = customer.runner.run(customer.api.get(path, params=asked)).json()
        found += page["data"]
        if page["next_cursor"] is None:
            break
        asked["cursor"] = page["next_cursor"]
    return [each for each in found if f"/v1/accounts/{each['account_id']}" == customer.account]


def _compare(customer: Stage) -> None:
    folded = {
        ticket["ticket_id"]: customer.read(f"tickets/{ticket['ticket_id']}/deadlines")["deadlines"]
        for ticket in customer.list("tickets")
    }
    listed = _read_across(customer, "/v1/deadlines")
    assert sorted(map(_write_listed, listed), key=repr) == sorted(
        (line for name, clocks in folded.items() for line in _write_folded(name, clocks)), key=repr
    )
    for clock in listed:
        if clock["metric"] not in ("next_response", "next_update"):
            (same,) = (
                each for each in folded[clock["ticket_id"]] if each["metric"] == clock["metric"]
            )
            assert (clock["at_risk"], clock["warn_at"]) == (same["at_risk"], same["warn_at"])
    queued = {each["ticket_id"]: each for each in _read_across(customer, "/v1/queue")}
    opened = [each for each in customer.list("tickets") if each["status"] != "resolved"]
    assert set(queued) == {each["ticket_id"] for each in opened}
    for ticket in opened:
        _compare_queued(
            queued[ticket["ticket_id"]], folded[ticket["ticket_id"]], customer.clock.now
        )


def _compare_queued(item: Any, clocks: list[Any], now: datetime) -> None:
    owed = [
        each
        for each in clocks
        if each["status"] == "running"
        or (each["status"] in ("breached", "missed") and each["met_at"] is None)
    ]
    if not owed:
        assert item["next_deadline"] is None
        assert not item["at_risk"]
        return
    first = min(owed, key=lambda each: (each["breaches_after"] or NEVER, each["due_at"] or NEVER))
    # Of two that are broken at one instant, either is next.
    due = (first["breaches_after"], first["due_at"])
    alike = [each for each in owed if (each["breaches_after"], each["due_at"]) == due]
    names = ("metric", "strength", "status", "due_at", "breaches_after")
    assert item["next_deadline"] in [{name: each[name] for name in names} for each in alike]
    warned = any(
        each["status"] == "running"
        and each["warn_at"] is not None
        and datetime.fromisoformat(each["warn_at"]) <= now
        for each in owed
    )
    assert item["at_risk"] == (warned and item["next_deadline"]["status"] == "running")


def _write_listed(clock: Any) -> tuple[Any, ...]:
    return (
        clock["ticket_id"],
        clock["metric"],
        clock["strength"],
        clock["excused"],
        *(clock[name] for name in OF_CLOCK),
    )


def _write_folded(ticket_id: str, clocks: list[Any]) -> list[tuple[Any, ...]]:
    """Return what the list should have of a ticket: a line a metric, or one a wait."""
    return [
        (
            ticket_id,
            clock["metric"],
            clock["strength"],
            each["excused"] is not None,
            *(each[name] for name in OF_CLOCK),
        )
        for clock in clocks
        for each in clock["spells"] or [clock]
    ]


def test_what_lists_read_is_what_the_fold_gives(published_url: str) -> None:
    compare_histories(published_url, _compare, examples=4)
