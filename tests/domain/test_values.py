"""Values: what they equal, that they never change, and what of them a log may show."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.domain.events.deliveries import Webhook
from app.domain.promises.deadlines import Deadline
from app.domain.values import State, Value, as_dict, field_names, replace
from app.services.events.attempts import Attempt

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
ID = UUID(int=7)


class Inner(Value):
    amount: int


class Outer(Value, kw_only=True):
    inner: Inner
    several: tuple[Inner, ...] = ()


class Running(State):
    amount: int = 0


def test_a_value_never_changes_and_a_state_does() -> None:
    value, state = Inner(1), Running()
    with pytest.raises(AttributeError):
        setattr(value, "amount", 2)  # noqa: B010  a type checker refuses it
    state.amount = 2
    assert (value.amount, state.amount) == (1, 2)
    assert replace(value, amount=3) == Inner(3) != value
    assert {value, Inner(1)} == {value}


def test_values_within_a_value_are_written_with_it() -> None:
    outer = Outer(inner=Inner(1), several=(Inner(2), Inner(3)))
    assert as_dict(outer) == {"inner": {"amount": 1}, "several": [{"amount": 2}, {"amount": 3}]}
    assert field_names(Outer) == ("inner", "several")


def test_deadlines_are_alike_that_show_the_same() -> None:
    one = Deadline("resolution", "guaranteed", "running", due_at=NOW)
    assert one == replace(one)
    assert hash(one) == hash(replace(one))
    assert one != replace(one, status="met")
    assert one != "running"


def test_no_secret_is_in_what_a_log_may_show() -> None:
    webhook = Webhook(
        ID, "https://hooks.example.com", None, (), None, False, "whsec_new", "whsec_old",
        NOW, NOW, NOW, NOW, None, None, None, 0,
    )  # fmt: skip
    attempt = Attempt(ID, 1, 0, "c-1", ID, webhook.url, "{}", ("whsec_new",))
    assert "whsec" not in f"{webhook!r} {attempt!r} {webhook} {attempt}"
