"""Cases with numbers, worked out by hand. Lots are named by how much they grant."""

from typing import Any

import pytest

from tests.api.conftest import Api, Clock
from tests.ledger.hands import act, available, grant, hold, refund, resolve

# The clock of these tests stands at 2026-11-24T08:00Z.
SOON = "2026-12-01T00:00:00Z"
LATER = "2027-01-01T00:00:00Z"
LAST = "2027-02-01T00:00:00Z"


@pytest.fixture
async def account(api: Api) -> str:
    return await api.make_account()


async def test_what_is_not_used_goes_back_to_the_lots_that_burn_last(
    api: Api, account: str
) -> None:
    for ends in (SOON, LATER, LAST):
        await grant(api, account, 100, ends)
    await hold(api, account, 250)
    assert await available(api, account) == [0, 0, 50]
    await resolve(api, account, amount=80)
    assert await available(api, account) == [20, 100, 100]


@pytest.mark.parametrize(("settled", "left"), [(5, [0, 20]), (0, [5, 20]), (8, [0, 17])])
async def test_a_hold_over_two_lots_settles_the_first_before_the_second(
    api: Api, account: str, settled: int, left: list[int]
) -> None:
    await grant(api, account, 5, SOON)
    await grant(api, account, 20, LATER)
    await hold(api, account, 8)  # 5 and 3
    await resolve(api, account, amount=settled)
    assert await available(api, account) == left


async def test_N1_a_hold_is_revised_and_then_settled_whole(api: Api, account: str) -> None:
    await grant(api, account, 15, None)
    await hold(api, account, 8)
    revised = await act(api, account, "charge/revision", amount=11, reason="it grows")
    assert (revised["charge"]["status"], revised["charge"]["held"]) == ("held", 11)
    resolved = await resolve(api, account)
    assert (resolved["charge"]["status"], resolved["charge"]["used"]) == ("settled", 11)
    assert await available(api, account) == [4]  # 15 - 11


@pytest.mark.parametrize("first", [0, 1])
async def test_the_lot_that_ends_sooner_burns_first_whichever_was_bought_first(
    api: Api, account: str, first: int
) -> None:
    orders = [("shop.wide-30d", 10), ("shop.wide-365d", 4)]  # 10 × 10 and 4 × 25: 100 each
    for number in (first, 1 - first):
        offer, quantity = orders[number]
        bought = await api.buy(account, offer, f"SO-{number}", quantity=quantity)
        assert bought["lots"][0]["granted"] == 100
    await hold(api, account, 60)
    await resolve(api, account)
    left = [40, 100]  # of 30 days, of 365 days
    assert await available(api, account) == [left[first], left[1 - first]]


async def test_free_units_burn_before_paid_ones_that_end_with_them(api: Api, account: str) -> None:
    bought = await api.buy(account, "shop.wide-30d")
    await grant(api, account, 10, bought["lots"][0]["expires_at"])
    await hold(api, account, 12)
    assert await available(api, account) == [8, 0]


async def test_more_than_the_hold_is_settled_while_units_remain(api: Api, account: str) -> None:
    await grant(api, account, 5, SOON)
    await grant(api, account, 20, LATER)
    await hold(api, account, 3)
    resolved = await resolve(api, account, amount=9)  # 3 held and 2 free of the 5, 4 of the 20
    assert resolved["charge"]["used"] == 9
    assert await available(api, account) == [0, 16]


async def test_more_than_there_is_moves_nothing_and_says_what_is_missing(
    api: Api, account: str
) -> None:
    await grant(api, account, 10, LATER)
    await hold(api, account, 8)
    for action, body in (
        ("resolution", {"outcome": "solved", "amount": 25}),
        ("charge/revision", {"amount": 25, "reason": "it grows"}),
    ):
        reply = await api.post(f"{account}/tickets/HD-1/{action}", body)
        problem = reply.json()
        assert (reply.status_code, problem["code"]) == (402, "insufficient_units")
        # 2 are free and 8 are the ticket's own: of 25, 15 are missing.
        assert (problem["required"], problem["available"], problem["shortfall"]) == (25, 10, 15)
        assert [line["code"] for line in problem["trace"]] == ["exhausted"]
        # Of the plan's offers, those that grant 15 at once.
        assert [offer["offer"] for offer in problem["offers"]] == ["shop.wide-365d"]
    assert await available(api, account) == [2]


async def test_units_held_when_their_lot_ends_can_still_be_settled(
    api: Api, account: str, clock: Clock
) -> None:
    await grant(api, account, 15, SOON)
    await hold(api, account, 8)
    clock.move_to("2026-12-02T00:00:00+00:00")
    units = await api.units(account, "point")
    assert (units["held"], units["available"], units["expired"]) == (8, 0, 7)
    resolved = await resolve(api, account, amount=4)
    (returned,) = resolved["charge"]["returns"]
    assert (returned["amount"], returned["to"], returned["expires_at"]) == (4, "expired", None)
    units = await api.units(account, "point")
    assert (units["used"], units["available"], units["expired"]) == (4, 0, 11)


async def test_what_comes_back_after_the_end_is_granted_again_where_the_seller_says_so(
    api: Api, account: str, clock: Clock
) -> None:
    desk = {"catalog": "desk", "unit": "incident"}
    await grant(api, account, 15, SOON, **desk)
    await hold(api, account, 8, catalog="desk", category=None)
    clock.move_to("2026-12-02T00:00:00+00:00")
    resolved = await resolve(api, account, amount=4)
    (returned,) = resolved["charge"]["returns"]
    assert (returned["amount"], returned["to"]) == (4, "grace")
    assert returned["why"] == "The lot has ended; returned units may be used for 10 days more."
    (lot,) = (await api.get(f"{account}/balance")).json()["lots"]
    assert (lot["source"], lot["available"], lot["valid_from"], lot["expires_at"]) == (
        "grace",
        4,
        "2026-12-02T00:00:00Z",
        "2026-12-12T00:00:00Z",
    )
    assert (lot["id"], lot["origin_lot_id"]) == (returned["grace_lot_id"], returned["lot_id"])
    units = await api.units(account)
    # The 4 that came back have expired in their own lot, with the 7 that were never held.
    assert (units["granted"], units["used"], units["available"], units["expired"]) == (19, 4, 4, 11)


@pytest.mark.parametrize(
    ("catalog", "cause", "again"),
    [
        ("shop", "goodwill", 0),
        ("shop", "error", 0),
        ("shop", "vendor_defect", 6),
        ("desk", "goodwill", 6),
        ("desk", "vendor_defect", 6),
    ],
)
async def test_a_refund_to_a_lot_whose_term_is_over(
    api: Api, clock: Clock, catalog: str, cause: str, again: int
) -> None:
    account = await api.make_account()
    unit = "point" if catalog == "shop" else "incident"
    await grant(api, account, 10, SOON, catalog=catalog, unit=unit)
    category = "work" if catalog == "shop" else None
    await hold(api, account, 6, catalog=catalog, category=category)
    await resolve(api, account)
    clock.move_to("2026-12-02T00:00:00+00:00")
    refunded = await refund(api, account, cause=cause)
    assert refunded["charge"]["status"] == "refunded"
    (returned,) = refunded["charge"]["returns"]
    assert (returned["amount"], returned["to"]) == (6, "grace" if again else "expired")
    units = await api.units(account, unit)
    assert (units["available"], units["expired"]) == (again, 10)


async def test_a_defect_of_the_sellers_own_gives_everything_back(
    api: Api, account: str, clock: Clock
) -> None:
    await grant(api, account, 10, SOON)
    await hold(api, account, 6)
    clock.move_to("2026-12-02T00:00:00+00:00")
    resolved = await resolve(api, account, outcome="vendor_defect")
    assert resolved["charge"]["status"] == "returned"
    (returned,) = resolved["charge"]["returns"]
    assert (returned["to"], returned["expires_at"]) == ("grace", "2026-12-09T00:00:00Z")


async def test_refunds_take_back_what_was_used_last(api: Api, account: str) -> None:
    for amount, ends in ((2, SOON), (3, LATER), (4, LAST)):
        await grant(api, account, amount, ends)
    await hold(api, account, 7)  # 2, 3 and 2
    await resolve(api, account)
    part = await refund(api, account, amount=3)
    assert (part["charge"]["status"], part["charge"]["used"]) == ("partly_refunded", 4)
    assert await available(api, account) == [0, 1, 4]
    whole = await refund(api, account)
    assert (whole["charge"]["status"], whole["charge"]["used"]) == ("refunded", 0)
    assert await available(api, account) == [2, 3, 4]


async def test_a_reopened_ticket_returns_its_later_uses_first(api: Api, account: str) -> None:
    await grant(api, account, 10, LATER)
    await hold(api, account, 4)
    await resolve(api, account)  # 4 of the ten
    await grant(api, account, 5, SOON)
    await act(api, account, "reopening", reason="again")
    await act(api, account, "charge/revision", amount=7, reason="it grows")
    await resolve(api, account)  # and 3 of the five
    await act(api, account, "reopening", reason="again")
    await act(api, account, "charge/revision", amount=11, reason="it grows")
    await resolve(api, account)  # and 2 of the five, then 2 more of the ten
    await refund(api, account, amount=5)  # those 2, the 2 of the five, and 1 of the 3
    assert await available(api, account) == [6, 3]


async def test_the_same_refund_twice_is_refused_and_with_a_reference_answered(
    api: Api, account: str
) -> None:
    await grant(api, account, 10, LATER)
    await hold(api, account, 6)
    await resolve(api, account)
    body = {"amount": 2, "reason": "sorry", "actor": "Maria"}
    path = f"{account}/tickets/HD-1/refund"
    assert (await api.post(path, body)).status_code == 200
    again = await api.post(path, body)
    assert (again.status_code, again.json()["code"]) == (409, "already_refunded")
    for _ in range(3):
        assert (await api.post(path, body | {"reference": "R-1"})).status_code == 200
    assert await available(api, account) == [8]  # 10 - 6 + 2 + 2
    other = await api.post(path, body | {"reference": "R-1", "amount": 1})
    assert (other.status_code, other.json()["code"]) == (409, "already_exists")


async def test_a_charge_of_the_past_takes_only_what_was_free_ever_since(
    api: Api, account: str, clock: Clock
) -> None:
    await grant(api, account, 10, LATER)
    clock.move_to("2026-11-26T08:00:00+00:00")
    await hold(api, account, 7)
    clock.move_to("2026-11-27T08:00:00+00:00")
    await resolve(api, account, outcome="withdrawn")
    # All 10 are free now; but on the 26th only 3 were.
    yesterday = "2026-11-25T08:00:00Z"
    body = {"ticket_id": "HD-2", "subject": "Late", "catalog": "shop", "category": "work"}
    late = body | {"amount": 4, "at": yesterday}
    refused = await api.post(f"{account}/tickets", late)
    assert (refused.status_code, refused.json()["available"]) == (402, 3)
    opened = await api.post(f"{account}/tickets", late | {"amount": 3})
    assert opened.status_code == 201
    on_the_26th = await api.units(account, "point", at="2026-11-26T09:00:00Z")
    assert (on_the_26th["held"], on_the_26th["available"]) == (10, 0)


async def test_what_happens_at_one_instant_counts_together(
    api: Api, account: str, clock: Clock
) -> None:
    await grant(api, account, 10, LATER)
    await hold(api, account, 5)
    clock.advance(hours=2)
    await hold(api, account, 5, "HD-2")
    await resolve(api, account, outcome="withdrawn")  # at the same instant: 5 remain free
    late = await hold(api, account, 5, "HD-3", at="2026-11-24T09:00:00Z")
    assert late["charge"]["held"] == 5
    assert (await api.units(account, "point"))["available"] == 0


async def test_a_balance_says_what_was_and_what_will_be(
    api: Api, account: str, clock: Clock
) -> None:
    await grant(api, account, 5, SOON)
    await grant(api, account, 20, LATER)
    clock.move_to("2026-11-25T08:00:00+00:00")
    await hold(api, account, 8)
    seen = {}
    for at in ("2026-11-24T07:00:00Z", "2026-11-24T08:00:00Z", SOON, LATER):
        units = (await api.get(f"{account}/balance", params={"at": at})).json()["units"]
        seen[at] = (
            {name: units["point"][name] for name in ("available", "held", "expired")}
            if (units)
            else None
        )
    assert seen == {
        "2026-11-24T07:00:00Z": None,  # before the first grant there was nothing
        "2026-11-24T08:00:00Z": {"available": 25, "held": 0, "expired": 0},
        SOON: {"available": 17, "held": 8, "expired": 0},  # of the 5, all are held
        LATER: {"available": 0, "held": 8, "expired": 17},
    }


async def test_the_balance_at_a_sequence_never_changes(
    api: Api, account: str, clock: Clock
) -> None:
    await grant(api, account, 5, SOON)
    asked = [{"sequence": 1}, {"sequence": 1, "at": "2030-01-01T00:00:00Z"}, {"sequence": 0}]
    first = [(await api.get(f"{account}/balance", params=each)).json() for each in asked]
    assert first[0]["as_of"] == "2026-11-24T08:00:00Z"
    clock.move_to("2026-12-24T08:00:00+00:00")
    await grant(api, account, 3, None, catalog="desk", unit="incident")
    await grant(api, account, 9, None, at="2026-11-24T07:00:00Z")
    await hold(api, account, 4)
    again = [(await api.get(f"{account}/balance", params=each)).json() for each in asked]
    assert again == first


async def test_what_is_reported_late_does_not_bring_an_end_forward(
    api: Api, account: str, clock: Clock
) -> None:
    bought = await api.buy(account, "shop.wide-30d")
    end = bought["lots"][0]["expires_at"]
    await hold(api, account, 4)
    clock.move_to("2026-11-26T08:00:00+00:00")
    cancelling = {"refund": "none", "reason": "regret", "actor": "Maria"}
    await api.post(f"{account}/purchases/SO-1/cancellation", cancelling)  # the lot ends now
    await resolve(api, account, at="2026-11-25T08:00:00Z")
    for at, ends in (("2026-11-25T09:00:00Z", end), ("2026-11-26T09:00:00Z", None)):
        lots = (await api.get(f"{account}/balance", params={"at": at})).json()["lots"]
        assert [lot["expires_at"] for lot in lots] == ([] if ends is None else [ends])


async def test_an_unlimited_lot_counts_what_is_used_of_it(api: Api, account: str) -> None:
    await api.buy(account, "shop.open-1m")
    await hold(api, account, 700, plan="open")
    await resolve(api, account, amount=900)
    units = await api.units(account, "point")
    assert units == {
        "granted": None,
        "available": None,
        "held": 0,
        "used": 900,
        "expired": 0,
        "revoked": 0,
        "upcoming": 0,
        "unlimited": True,
    }
    await refund(api, account, amount=200)
    assert (await api.units(account, "point"))["used"] == 700


async def test_a_split_charges_each_part_and_the_first_keeps_its_own(
    api: Api, account: str
) -> None:
    await grant(api, account, 10, LATER)
    await hold(api, account, 4)
    path = f"{account}/tickets/HD-1/split"
    parts = {
        "tickets": [
            {"ticket_id": "HD-2", "subject": "Second"},  # inherits the 4
            {"ticket_id": "HD-3", "subject": "Third", "amount": 2},
        ]
    }
    split = await api.post(path, parts)
    assert [ticket["charge"]["held"] for ticket in split.json()["tickets"]] == [4, 4, 2]
    again = await api.post(path, parts)
    assert again.status_code == 200
    assert await available(api, account) == [0]
    other = {"tickets": [{"ticket_id": "HD-2", "subject": "Second", "amount": 1}]}
    assert (await api.post(path, other)).status_code == 409


async def test_a_split_is_done_as_a_whole_or_not_at_all(api: Api, account: str) -> None:
    await grant(api, account, 10, LATER)
    await hold(api, account, 4)
    parts = [{"ticket_id": f"HD-{n}", "subject": "More"} for n in (2, 3)]  # 4 each, 6 are there
    refused = await api.post(f"{account}/tickets/HD-1/split", {"tickets": parts})
    assert (refused.status_code, refused.json()["shortfall"]) == (402, 2)
    assert (await api.get(f"{account}/tickets/HD-2")).status_code == 404
    assert await available(api, account) == [6]


async def test_the_same_split_again_is_answered_though_the_first_ticket_changed(
    api: Api, account: str
) -> None:
    await grant(api, account, 10, LATER)
    await hold(api, account, 1)
    path = f"{account}/tickets/HD-1"
    parts = {"tickets": [{"ticket_id": "HD-2", "subject": "More"}]}
    assert (await api.post(f"{path}/split", parts)).status_code == 200
    await api.post(f"{path}/severity", {"severity": 1, "reason": "worse"})
    assert (await api.post(f"{path}/split", parts)).status_code == 200


async def test_a_disputed_charge_is_decided_once(api: Api, account: str) -> None:
    await grant(api, account, 10, LATER)
    await hold(api, account, 6)
    await resolve(api, account)
    await act(api, account, "dispute", reason="too much")
    decision: dict[str, Any] = {
        "refund_amount": 2,
        "reason": "half was ours",
        "actor": "Maria",
    }
    decided = await act(api, account, "dispute/decision", **decision)
    assert (decided["dispute"]["status"], decided["charge"]["used"]) == ("decided", 4)
    again = await api.post(f"{account}/tickets/HD-1/dispute/decision", decision)
    assert (again.status_code, again.json()["code"]) == (409, "no_dispute")
    assert await available(api, account) == [6]


async def test_a_resolution_is_not_before_the_last_reopening(
    api: Api, account: str, clock: Clock
) -> None:
    await grant(api, account, 10, LATER)
    await hold(api, account, 6)
    clock.advance(hours=1)
    await resolve(api, account)
    clock.advance(hours=2)
    await act(api, account, "reopening", reason="again")
    late = {"outcome": "solved", "at": "2026-11-24T10:30:00Z"}
    refused = await api.post(f"{account}/tickets/HD-1/resolution", late)
    assert (refused.status_code, refused.json()["code"]) == (409, "reopened_since")
    await resolve(api, account)
    early = {"reason": "again", "at": "2026-11-24T10:59:00Z"}
    refused = await api.post(f"{account}/tickets/HD-1/reopening", early)
    assert (refused.status_code, refused.json()["code"]) == (409, "ticket_not_resolved")


async def test_on_an_hours_plan_a_resolution_releases_what_work_did_not_use(
    api: Api, account: str
) -> None:
    hours = {"catalog": "agency", "plan": "starter", "unit": "minute"}
    await grant(api, account, 600, LATER, **hours)
    await hold(api, account, 240, catalog="agency", plan="starter", category=None)
    resolved = await resolve(api, account)
    assert (resolved["charge"]["status"], resolved["charge"]["used"]) == ("returned", 0)
    assert await available(api, account) == [600]


async def test_what_is_used_beyond_an_hours_plan_is_overage(
    api: Api, account: str, clock: Clock
) -> None:
    hours = {"catalog": "agency", "plan": "starter"}
    await grant(api, account, 60, LATER, **hours, unit="minute")  # 30 of them a week
    await hold(api, account, 0, "HD-0", **hours, category=None)
    await resolve(api, account, "HD-0", amount=30)
    clock.move_to("2026-12-01T08:00:00+00:00")
    await hold(api, account, 20, **hours, category=None)
    resolved = await resolve(api, account, amount=70)  # 20 held, 10 free, 40 beyond
    charge = resolved["charge"]
    assert (charge["status"], charge["used"], charge["overage"]) == ("overage", 30, 40)
    await act(api, account, "reopening", reason="again")
    same = await resolve(api, account, amount=70)
    assert (same["charge"]["used"], same["charge"]["overage"]) == (30, 40)
