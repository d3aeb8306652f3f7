"""An account that grew beside one that did not, to see whether an operation costs the same.

Both have ten live lots. One has a past of a hundred entries in each of thousands of lots; the
other ten lots, granted and never used. Requests go one at a time to one process, now to the one,
now to the other.
"""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from urllib.parse import urlencode

from app.db.engine.clocks import read_clock
from bench.client import Client
from bench.figures import Figure, Goal, Part
from bench.rig import Rig
from bench.seeding import ENTRIES_A_LOT, Past, tidy, write_past
from bench.timing import percentile, take_turns

_YEAR = timedelta(days=365)
_REQUESTS = 200
_STATEMENTS = 10
_MOST_TIMES = 1.3

Request = tuple[str, str, object]
"""Method, path and body."""
MakeRequest = Callable[[str, int], Request]
"""Gives the request for an account and a number."""


def run(rig: Rig) -> Part:
    """Measure balances, a statement, an opening and a settlement on both accounts."""
    lots = rig.options.entries // ENTRIES_A_LOT
    sizes: dict[str, int | str] = {"entries": lots * ENTRIES_A_LOT, "lots": lots, "live lots": 10}
    part = Part("growth", "An account that grew, and one with ten entries", sizes=sizes)
    now = read_clock()
    url = rig.make_database("growth")
    grown, small = _imagine_pasts(lots, now)
    for past in (grown, small):
        asyncio.run(write_past(url, past, rig.progress))
    asyncio.run(tidy(url))
    accounts = {f"{sizes['entries']:,} entries": "grown", "10 entries": "small"}
    with rig.serve(url) as service, Client(service.url) as client:
        for what, count, make_request in _list_operations(now):
            askers = {
                who: partial(_ask, client, make_request, account)
                for who, account in accounts.items()
            }
            _add(part, what, take_turns(askers, count))
    return part


def _imagine_pasts(lots: int, now: datetime) -> tuple[Past, Past]:
    step = timedelta(seconds=5 * _YEAR // timedelta(seconds=1) // (lots * 100))
    grown = Past(
        account_id="grown",
        all_lots=lots,
        entries_a_lot=ENTRIES_A_LOT,
        begins_at=now - lots * 100 * step,
        step=step,
        term=step * 1_050,  # ten and a half lots later
    )
    small = Past(
        account_id="small",
        all_lots=10,
        entries_a_lot=1,
        begins_at=now - 3 * _YEAR,
        step=timedelta(minutes=30),
        term=5 * _YEAR,
    )
    return grown, small


def _list_operations(now: datetime) -> Iterator[tuple[str, int, MakeRequest]]:
    """Yield what is measured, how often, and what gives its requests."""
    past = urlencode({"at": (now - 2 * _YEAR).isoformat()})
    month_begins = {"grown": now - 2 * _YEAR, "small": now - 3 * _YEAR}

    def read_month(account: str, _: int) -> Request:
        begins = month_begins[account].astimezone(UTC)
        asked = {"from": begins.isoformat(), "to": (begins + timedelta(days=30)).isoformat()}
        return "GET", f"/v1/accounts/{account}/statement?{urlencode(asked)}", None

    yield (
        "balance now",
        _REQUESTS,
        lambda account, _: ("GET", f"/v1/accounts/{account}/balance", None),
    )
    yield (
        "summary",
        _REQUESTS,
        lambda account, _: ("GET", f"/v1/accounts/{account}/summary", None),
    )
    yield (
        "balance two years ago",
        _REQUESTS,
        lambda account, _: ("GET", f"/v1/accounts/{account}/balance?{past}", None),
    )
    yield (
        "open a ticket",
        _REQUESTS,
        lambda account, number: (
            "POST",
            f"/v1/accounts/{account}/tickets",
            {"ticket_id": f"new-{number}", "subject": "Checkout fails"},
        ),
    )
    yield (
        "settle it",
        _REQUESTS,
        lambda account, number: (
            "POST",
            f"/v1/accounts/{account}/tickets/new-{number}/resolution",
            {"outcome": "solved"},
        ),
    )
    yield "statement of a month, and what is in it", _STATEMENTS, read_month


def _ask(client: Client, make_request: MakeRequest, account: str, number: int) -> float:
    return client.ask(*make_request(account, number))[0]


def _add(part: Part, what: str, took: dict[str, list[float]]) -> None:
    *_, reference = took.values()
    for who, times in took.items():
        middle = median(times)
        part.figures.append(
            Figure(
                what,
                who,
                middle,
                "ms",
                p50_ms=middle,
                p99_ms=percentile(times, 0.99),
                times=middle / median(reference),
            )
        )
    if not what.startswith("statement"):
        grown = next(iter(took.values()))
        part.goals.append(
            Goal(
                f"{what}: grown account as against a small one",
                median(grown) / median(reference),
                _MOST_TIMES,
                "×",
            )
        )
