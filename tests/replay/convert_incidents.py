"""The incident log as lines that `surety import` reads.

The log has neither purchases nor replies: each caller is taken to have as many incidents of one
plan as it needs. A state becomes an event: awaiting somebody is a pause, Active after that a
resumption, Resolved a resolution (so is Closed, where the log skips Resolved), Active or New
after that a reopening; another priority is another severity. Rows are taken by the time of the
event, then by `seq`: a few of the publishers' are out of order.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LOG = Path(__file__).parents[1] / "data" / "incident_log.csv"
CATALOG, PLAN = "corporate", "gold"
WAITING_ON = {
    "Awaiting User Info": "customer",
    "Awaiting Vendor": "vendor",
    "Awaiting Problem": "vendor",
    "Awaiting Evidence": "vendor",
}
Row = dict[str, str]


def read_incidents() -> dict[str, list[Row]]:
    """Return the log's rows by incident, each in the order in which they happened."""
    incidents: dict[str, list[Row]] = defaultdict(list)
    with LOG.open(newline="") as file:
        for row in csv.DictReader(file):
            incidents[row["incident"]].append(row)
    for rows in incidents.values():
        rows.sort(key=lambda row: (row["at"], int(row["seq"])))
    return incidents


def convert() -> Iterator[dict[str, Any]]:
    """Yield the lines: accounts and what they have, then each incident and its events."""
    incidents = read_incidents()
    needed: dict[str, int] = defaultdict(int)
    for rows in incidents.values():
        needed[account_of(rows)] += 1
    for account, amount in needed.items():
        yield {"type": "account", "account_id": account, "name": f"Caller {account}"}
        yield {
            "type": "grant",
            "account_id": account,
            "reference": "replay",
            "catalog": CATALOG,
            "plan": PLAN,
            "unit": "incident",
            "amount": amount,
            "expires_at": "2018-01-01T00:00:00Z",
            "at": "2016-01-01T00:00:00Z",
            "reason": "the plan that callers are taken to have",
            "actor": "replay",
        }
    for incident, rows in sorted(incidents.items(), key=lambda item: opened_at(item[1])):
        yield from convert_incident(incident, rows)


def convert_incident(incident: str, rows: list[Row]) -> Iterator[dict[str, Any]]:
    """Yield a ticket and its events."""
    ids = {"account_id": account_of(rows), "ticket_id": incident}
    severity = int(rows[0]["priority"])
    yield {
        "type": "ticket",
        **ids,
        "subject": rows[0]["category"] or "Incident",
        "severity": severity,
        "at": opened_at(rows),
    }
    for event in events_of(rows):
        yield {**ids, **event}


def events_of(rows: list[Row]) -> Iterator[dict[str, Any]]:
    """Yield what the states of an incident's rows make happen, in order."""
    severity, waiting, resolved = int(rows[0]["priority"]), None, False
    for row in rows:
        at = {"at": max(row["at"], opened_at(rows))}
        if int(row["priority"]) != severity and not resolved:
            severity = int(row["priority"])
            yield {"type": "severity", "severity": severity, "reason": "another priority", **at}
        state = row["state"]
        if state in ("Resolved", "Closed"):
            if not resolved:
                yield {"type": "resolution", "outcome": "solved", **at}
            resolved, waiting = True, None
            continue
        if resolved:
            yield {"type": "reopening", "reason": state, **at}
            resolved = False
        if state in WAITING_ON and WAITING_ON[state] != waiting:
            waiting = WAITING_ON[state]
            yield {"type": "pause", "waiting_on": waiting, **at}
        elif state in ("Active", "New") and waiting is not None:
            waiting = None
            yield {"type": "resumption", **at}


def account_of(rows: list[Row]) -> str:
    """Return the account of an incident's caller."""
    return f"caller-{rows[0]['caller']}"


def opened_at(rows: list[Row]) -> str:
    """Return when an incident was opened: as published, or at its first event if that is before."""
    return min(rows[0]["opened_at"], rows[0]["at"])


if __name__ == "__main__":
    for line in convert():
        print(json.dumps(line))
