"""Whatever happens to a customer, the summary says what everything else says of them."""

from typing import Any

from tests.support.random_customer import Stage, compare_histories


def compare(customer: Stage) -> None:
    """Compare the summary with balance, subscriptions, tickets, deadlines and sessions."""
    shown, balance = customer.read("summary"), customer.read("balance")
    now = balance["as_of"]
    assert (shown["sequence"], shown["as_of"]) == (balance["sequence"], now)
    assert shown["name"] == customer.read("")["name"]
    held = {each["id"]: each for each in customer.list("subscriptions")}
    current = {each for each, of in held.items() if of["ends_at"] is None or of["ends_at"] > now}
    assert {each["subscription_id"] for each in shown["plans"]} == current
    for plan in shown["plans"]:
        compare_plan(plan, held[plan["subscription_id"]], balance["lots"], now)
    opened = [each for each in customer.list("tickets") if each["status"] != "resolved"]
    clocks = {
        each["ticket_id"]: customer.read(f"tickets/{each['ticket_id']}/deadlines")["deadlines"]
        for each in opened
    }
    tickets = shown["tickets"]
    assert (tickets["open"], tickets["paused"]) == tuple(
        sum(each["status"] == status for each in opened) for status in ("open", "paused")
    )
    compare_counts(customer, tickets, opened, clocks, now)
    assert len(tickets["next"]) == min(len(opened), 3)
    for line in tickets["next"]:
        (ticket,) = (each for each in opened if each["ticket_id"] == line["ticket_id"])
        compare_ticket(line, ticket, clocks[line["ticket_id"]])
    # What is booked ends with its ticket.
    booked = [
        each["session_id"]
        for ticket in customer.list("tickets")
        for each in customer.list(f"tickets/{ticket['ticket_id']}/sessions")
        if each["status"] == "running"
        or (each["status"] == "booked" and each["ends_at"] > now and ticket["status"] != "resolved")
    ]
    assert {each["session_id"] for each in shown["sessions"]} <= set(booked)
    assert len(shown["sessions"]) == min(len(booked), 3)
    assert shown["disputes"] == len(
        [
            each
            for each in customer.runner.run(
                customer.api.get("/v1/disputes", params={"status": "open", "limit": 200})
            ).json()["data"]
            if f"/v1/accounts/{each['account_id']}" == customer.account
        ]
    )


def compare_counts(
    customer: Stage, tickets: Any, opened: list[Any], clocks: dict[str, list[Any]], now: str
) -> None:
    """Compare what is at risk and late with each ticket's own clocks, and with the queue."""
    found = {"at_risk": 0, "breached": 0, "missed": 0}
    for ticket in opened:
        owed = [
            each
            for each in clocks[ticket["ticket_id"]]
            if each["met_at"] is None
            and each["breaches_after"] is not None
            and (each["status"] == "running" or _is_lapsed(each))
        ]
        if ticket["status"] == "paused" or not owed:
            continue
        first = min(owed, key=lambda each: each["breaches_after"])
        if _is_lapsed(first):
            found[first["status"]] += 1
        elif any(_is_at_risk(each, now) for each in owed):
            found["at_risk"] += 1
    assert {name: tickets[name] for name in found} == found
    if customer.customers == 1:  # whose alone the queue is
        queue = customer.runner.run(customer.api.get("/v1/queue", params={"limit": 200})).json()
        assert {name: queue["counts"][name] for name in found} == found


def compare_plan(plan: Any, held: Any, lots: list[Any], now: str) -> None:
    names = ("catalog", "plan", "site", "starts_at", "ends_at", "status")
    assert {name: plan[name] for name in names} == {name: held[name] for name in names}
    usable = [
        lot
        for lot in lots
        if lot["subscription_id"] == plan["subscription_id"]
        and lot["valid_from"] <= now < (lot["expires_at"] or "9999")
    ]
    left = plan["remaining"]
    assert left["held"] == sum(lot["held"] for lot in usable)
    if left["unlimited"]:
        assert usable
        assert all(lot["granted"] is None for lot in usable)
    else:
        assert left["available"] == sum(lot["available"] for lot in usable)


def compare_ticket(line: Any, ticket: Any, clocks: list[Any]) -> None:
    assert (line["subject"], line["status"]) == (ticket["subject"], ticket["status"])
    charge = ticket["charge"]
    assert line["charge"]["held"] == charge["held"]
    owed = [each for each in clocks if each["status"] == "running" or _is_lapsed(each)]
    if line["next_deadline"] is None:
        assert not [each for each in owed if each["met_at"] is None]
    else:
        next_ = line["next_deadline"]
        assert (next_["metric"], next_["due_at"], next_["status"]) in [
            (each["metric"], each["due_at"], each["status"]) for each in owed
        ]


def _is_lapsed(clock: Any) -> bool:
    return clock["status"] in ("breached", "missed")


def _is_at_risk(clock: Any, now: str) -> bool:
    return clock["status"] == "running" and clock["warn_at"] is not None and clock["warn_at"] <= now


def test_the_summary_of_an_earlier_instant_is_the_one_that_was_given_then(
    published_url: str,
) -> None:
    """But for the customer's name, which is not known of the past."""
    given: dict[str, Any] = {}
    of = compared = 0

    def compare_past(customer: Stage) -> None:
        nonlocal of, compared
        if of != customer.customers:
            of = customer.customers
            given.clear()
        now = customer.read("summary")
        for at, then in given.items():
            if at < now["as_of"]:
                asked = customer.read(f"summary?at={at}")
                assert asked == then | {"name": now["name"]}, at
                compared += 1
        given[now["as_of"]] = now

    compare_histories(published_url, compare_past, examples=12)
    assert compared > 50


def test_N7_the_summary_says_what_everything_else_says(published_url: str) -> None:
    compare_histories(published_url, compare, examples=12)
