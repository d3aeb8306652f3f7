"""Seed 004's matrix, whole: severity 1-4 × first response and resolution × three plans.

Tickets are opened on a Friday at 16:30 in Berlin (half an hour before support closes), once
before a Monday that is a holiday in Germany, and once before one that is a holiday elsewhere
only. Support is open Monday to Friday, 9:00 to 17:00; a business day is one eighth an hour.
"""

from typing import Any

import pytest

from tests.api.conftest import Api, Clock
from tests.support.severity_matrix import MATRIX

# Friday, 14 May 2027, 16:30 in Berlin (summer: UTC+2). Monday the 17th is Whit Monday. No
# other national holiday follows until October: Ascension was on the 6th, Corpus Christi on the
# 27th is none, and the 31st is a bank holiday in Britain only.
BEFORE_WHIT_MONDAY = "2027-05-14T16:30:00+02:00"
WHIT_MONDAY = {
    # Half an hour on Friday. Monday is closed. 7:30 from Tuesday 9:00: Tuesday 16:30.
    "8 hours": "2027-05-18T14:30:00Z",
    # 0:30 + 8 on Tuesday + 7:30 on Wednesday the 19th.
    "16 hours": "2027-05-19T14:30:00Z",
    # 0:30 + 8 + 8 + 7:30 on Thursday the 20th.
    "24 hours": "2027-05-20T14:30:00Z",
    # 0:30 + 8 + 8 + 8 + 7:30 on Friday the 21st.
    "32 hours": "2027-05-21T14:30:00Z",
    # 1/16 of a day on Friday, Tuesday, Wednesday, and 15/16 of Thursday the 20th: 7:30 hours.
    "3 days": "2027-05-20T14:30:00Z",
    # 1/16, Tuesday to Friday (4), Monday 24 and Tuesday 25 (2): 6 1/16; 15/16 of the 26th.
    "7 days": "2027-05-26T14:30:00Z",
    # 1/16, 18 to 21 May (4), 24 to 28 (5), 31 May to 3 June (4): 13 1/16; 15/16 of the 4th.
    "14 days": "2027-06-04T14:30:00Z",
}
# Friday, 27 August 2027, 16:30 in Berlin (UTC+2). Monday the 30th is the summer bank holiday
# in England; in Germany it is a Monday like any other. No German holiday until October.
BEFORE_BANK_HOLIDAY = "2027-08-27T16:30:00+02:00"
BANK_HOLIDAY = {
    # Half an hour on Friday, 7:30 on Monday.
    "8 hours": "2027-08-30T14:30:00Z",
    # 0:30 + 8 + 7:30 on Tuesday the 31st.
    "16 hours": "2027-08-31T14:30:00Z",
    # 0:30 + 8 + 8 + 7:30 on Wednesday, 1 September.
    "24 hours": "2027-09-01T14:30:00Z",
    # 0:30 + 8 + 8 + 8 + 7:30 on Thursday the 2nd.
    "32 hours": "2027-09-02T14:30:00Z",
    # 1/16 on Friday, Monday, Tuesday, and 15/16 of Wednesday the 1st.
    "3 days": "2027-09-01T14:30:00Z",
    # 1/16, Monday 30 to Friday 3 (5), Monday 6 (1): 6 1/16; 15/16 of Tuesday the 7th.
    "7 days": "2027-09-07T14:30:00Z",
    # 1/16, 30 August to 3 September (5), 6 to 10 (5), 13 to 15 (3): 13 1/16; 15/16 of the 16th.
    "14 days": "2027-09-16T14:30:00Z",
}
TARGETS = {
    "hours": "business hours",
    "days": "business days",
}


@pytest.mark.parametrize(
    ("opened_at", "dues"),
    [(BEFORE_WHIT_MONDAY, WHIT_MONDAY), (BEFORE_BANK_HOLIDAY, BANK_HOLIDAY)],
    ids=["a holiday in Germany", "a holiday elsewhere"],
)
async def test_E3_the_whole_matrix(
    api: Api, clock: Clock, opened_at: str, dues: dict[str, str]
) -> None:
    clock.move_to(opened_at)
    cells = 0
    for plan, by_severity in MATRIX.items():
        account = await api.make_account(f"c-{plan}")
        proof = {"status": "paid", "reference": "product-subscription-118"}
        await api.buy(account, f"corporate.{plan}", payment=proof)
        for severity, cell in enumerate(by_severity, 1):
            # More tickets than a month's incidents: each is opened and not kept.
            ticket = {"ticket_id": "HD-1", "subject": "It fails", "severity": severity}
            reply = await api.post(f"{account}/tickets?dry_run=true", ticket)
            assert reply.status_code == 201, reply.text
            deadlines = {each["metric"]: each for each in reply.json()["deadlines"]}
            assert list(deadlines) == ["first_response", "resolution"]
            for metric, promised in zip(("first_response", "resolution"), cell, strict=True):
                _check(deadlines[metric], promised, dues)
                cells += 1
            assert reply.json()["deadlines"] == await _preview(api, plan, severity, opened_at)
    assert cells == 24


def _check(
    deadline: dict[str, Any], promised: tuple[str, str | None] | None, dues: dict[str, str]
) -> None:
    strength, target = ("none", None) if promised is None else promised
    due_at = None if target is None else dues[target]
    expected = {
        "strength": strength,
        "status": "none" if promised is None else "running",
        "target": None if target is None else _in_words(target),
        "due_at": due_at,
        # Support is open at 16:30, so the first instant is the last too. Best effort has none.
        "breaches_after": None if strength == "best_effort" else due_at,
        "breached_at": None,
        "missed_at": None,
    }
    assert {name: deadline[name] for name in expected} == expected


def _in_words(target: str) -> str:
    number, _, unit = target.partition(" ")
    return f"{number} {TARGETS[unit]}"


async def _preview(api: Api, plan: str, severity: int, opened_at: str) -> list[dict[str, Any]]:
    """Return the same deadlines, asked without an account (law 11)."""
    question = {"catalog": "corporate", "plan": plan, "severity": severity}
    reply = await api.post("/v1/deadlines/preview", question | {"opened_at": opened_at})
    deadlines: list[dict[str, Any]] = reply.json()["deadlines"]
    for deadline in deadlines:
        del deadline["explanation"]
    return deadlines


async def test_E3_a_severity_has_to_be_named(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "corporate.gold")
    reply = await api.post(f"{account}/tickets", {"ticket_id": "HD-1", "subject": "It fails"})
    assert (reply.status_code, reply.json()["code"]) == (422, "severity_required")
    assert reply.json()["errors"][0]["pointer"] == "/severity"


async def test_E3_what_closes_between_is_breached_later_than_due(api: Api) -> None:
    # Enterprise, severity 2, asked on Friday at 9:00: 16 hours are Friday and, over Whit
    # Monday, Tuesday until 17:00. Support opens again on Wednesday at 9:00: kept until then.
    question = {"catalog": "corporate", "plan": "enterprise", "severity": 2}
    reply = await api.post(
        "/v1/deadlines/preview", question | {"opened_at": "2027-05-14T09:00:00+02:00"}
    )
    first = reply.json()["deadlines"][0]
    assert first["due_at"] == "2027-05-18T15:00:00Z"
    assert first["breaches_after"] == "2027-05-19T07:00:00Z"
    closed = [
        (segment["why"], segment["detail"])
        for segment in first["explanation"]["segments"]
        if not segment["counted"]
    ]
    assert ("holiday", "Pentecost Monday") in closed


# Long after every time of the matrix: 26 April 2027 is a Monday, 9:00 in Berlin.
FIVE_WEEKS_LATER = "2027-06-04T17:00:00+02:00"
OUTCOMES = {None: "none", "guaranteed": "breached", "target": "missed", "best_effort": "late"}


@pytest.mark.parametrize("plan", list(MATRIX))
async def test_E3_guarantees_are_broken_targets_missed_and_best_effort_is_late(
    api: Api, plan: str
) -> None:
    for severity, cell in enumerate(MATRIX[plan], 1):
        question = {"catalog": "corporate", "plan": plan, "severity": severity}
        solved = [{"type": "resolution", "at": FIVE_WEEKS_LATER}]
        reply = await api.post(
            "/v1/deadlines/preview",
            question | {"opened_at": "2027-04-26T09:00:00+02:00", "events": solved},
        )
        assert reply.status_code == 200, reply.text
        for deadline, promised in zip(reply.json()["deadlines"], cell, strict=True):
            strength, target = (None, None) if promised is None else promised
            # Without a time nothing is late: it is done.
            status = "met" if promised is not None and target is None else OUTCOMES[strength]
            assert deadline["status"] == status
            assert (deadline["breached_at"] is not None) == (status == "breached")
            assert (deadline["missed_at"] is not None) == (status == "missed")
            assert (deadline["met_at"] is not None) == (promised is not None)
