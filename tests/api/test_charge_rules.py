"""What a charge comes to in the end: defects, duplicates, corrections, and its one status."""

from tests.api.conftest import Api, Clock
from tests.support.charge_rules import act, buy_hours


async def test_P6_a_software_bug_returns_all_points_after_a_settlement_too(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.60")
    await api.open(account, category="level-2")
    await act(api, account, "resolution", outcome="solved")
    await act(api, account, "reopening", reason="It happens again; it is a bug")
    solved = await act(api, account, "resolution", outcome="vendor_defect")
    assert solved["charge"]["status"] == "refunded"
    assert (solved["charge"]["used"], solved["charge"]["held"]) == (0, 0)
    assert [each["amount"] for each in solved["charge"]["returns"]] == [25]
    assert (await api.units(account, "point"))["available"] == 60


async def test_a_defect_returns_what_is_held_and_what_was_settled_before(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.60")
    await api.open(account, category="level-1")
    await act(api, account, "resolution", outcome="solved")
    await act(api, account, "reopening", reason="More is wrong")
    await act(api, account, "charge/revision", amount=35, reason="More work")
    solved = await act(api, account, "resolution", outcome="vendor_defect")
    assert sorted(each["amount"] for each in solved["charge"]["returns"]) == [10, 25]
    assert (await api.units(account, "point"))["available"] == 60


async def test_a_defect_of_the_sellers_own_bills_no_minutes_worked_on_it(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    await buy_hours(api, account, minutes=60)
    await api.open(account, severity=4)
    await act(api, account, "work", work_id="W-0", minutes=30, by="Ada")
    clock.advance(days=7)
    worked = await act(api, account, "work", work_id="W-1", minutes=70, by="Ada")
    assert worked["ticket"]["charge"]["overage"] == 40
    solved = await act(api, account, "resolution", outcome="vendor_defect")
    assert (solved["charge"]["used"], solved["charge"]["overage"]) == (0, 0)
    assert solved["charge"]["status"] == "refunded"
    assert (await api.units(account, "minute"))["available"] == 60
    # A correction afterwards takes nothing back a second time.
    corrected = await act(
        api, account, "work/W-1/correction", minutes=10, reason="Mistyped", actor="Ada"
    )
    assert corrected["ticket"]["charge"]["overage"] == 0
    assert (await api.units(account, "minute"))["available"] == 60


async def test_a_duplicate_that_is_solved_after_all_costs_what_it_gave_back(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.60")
    await api.open(account, category="level-2")
    returned = await act(api, account, "resolution", outcome="duplicate")
    assert (returned["charge"]["status"], returned["charge"]["used"]) == ("returned", 0)
    assert returned["charge"]["expected_again"] == 0
    reopened = await act(api, account, "reopening", reason="It is a question of its own")
    # Nothing is taken yet, and the reply says what is to come.
    charge = reopened["charge"]
    assert (charge["amount"], charge["expected_again"]) == (0, 25)
    solved = await act(api, account, "resolution", outcome="solved")
    assert (solved["charge"]["status"], solved["charge"]["used"]) == ("settled", 25)
    assert solved["charge"]["expected_again"] == 0


async def test_a_price_revised_after_the_reopening_is_what_a_duplicate_costs(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.60")
    await api.open(account, category="level-2")
    await act(api, account, "resolution", outcome="duplicate")
    await act(api, account, "reopening", reason="It is a question of its own")
    revised = await act(
        api, account, "charge/revision", category="level-0", reason="A general question"
    )
    assert revised["charge"]["expected_again"] == 0
    solved = await act(api, account, "resolution", outcome="solved")
    assert (solved["charge"]["status"], solved["charge"]["used"]) == ("returned", 0)


async def test_a_refund_stays_visible_through_corrections_of_work(api: Api) -> None:
    account = await api.make_account()
    await buy_hours(api, account, minutes=2400)
    await api.open(account, severity=4)
    await act(api, account, "work", work_id="W-1", minutes=60, by="Ada")
    await act(api, account, "resolution", outcome="solved")

    async def correct(minutes: int) -> tuple[str, int]:
        done = await act(
            api, account, "work/W-1/correction", minutes=minutes, reason="Mistyped", actor="Ada"
        )
        charge = done["ticket"]["charge"]
        return charge["status"], charge["used"]

    assert await correct(30) == ("partly_refunded", 30)
    refunded = await act(api, account, "refund", amount=10, reason="Goodwill", actor="Ada")
    assert (refunded["charge"]["status"], refunded["charge"]["used"]) == ("partly_refunded", 20)
    assert await correct(35) == ("partly_refunded", 25)
    assert (await correct(1))[0] == "refunded"
