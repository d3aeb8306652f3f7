"""What is kept in memory is kept up to a weight, however much there is to be kept."""

from app.db.engine.kept_values import KeptValues


def test_what_was_not_used_for_longest_goes() -> None:
    kept = KeptValues(most=100)
    for key in ("a", "b", "c"):
        kept.store(key, key.upper(), weight=30)
    assert kept.find("a") == "A"
    kept.store("d", "D", weight=30)
    assert [kept.find(key) for key in ("a", "b", "c", "d")] == ["A", None, "C", "D"]
    assert kept.weight == 90


def test_a_value_kept_again_weighs_once() -> None:
    kept = KeptValues(most=100)
    for weight in (60, 40, 70):
        kept.store("a", weight, weight=weight)
    assert (kept.find("a"), kept.weight) == (70, 70)


def test_the_last_one_stays_whatever_it_weighs() -> None:
    kept = KeptValues(most=100)
    kept.store("a", "A", weight=30)
    kept.store("b", "B", weight=500)
    assert (kept.find("a"), kept.find("b"), kept.weight) == (None, "B", 500)
    kept.store("c", "C", weight=30)
    assert (kept.find("b"), kept.find("c"), kept.weight) == (None, "C", 30)


async def test_ten_thousand_accounts_are_not_all_remembered() -> None:
    kept = KeptValues(most=1_000_000)
    for number in range(10_000):
        kept.store(("real account", f"c-{number}"), True, weight=300)
    assert kept.weight <= 1_000_000
    assert kept.find(("real account", "c-9999"))
    assert kept.find(("real account", "c-1")) is None
