"""Metrics beyond response and resolution: updates, a remedy, what is counted from the answer.

Times are elapsed hours after Monday 08:00 UTC.
"""

from datetime import UTC, datetime, timedelta

from app.domain.promises.clock_events import ClockEvent
from app.domain.promises.clocks import run_clocks
from app.domain.promises.deadlines import Deadline
from app.domain.promises.promises import Metric, Promise, StartsOn
from tests.domain.clock_examples import HOUR, clause, promise

OPENED = datetime(2026, 11, 2, 8, tzinfo=UTC)


def at(hours: float) -> datetime:
    return OPENED + timedelta(hours=hours)


def owed(
    metric: Metric,
    hours: int,
    *,
    starts_on: StartsOn = "opening",
    severities: set[int] | None = None,
) -> Promise:
    made = promise(metric, clause(hours * HOUR), severities=severities or set())
    return Promise(
        metric, made.strength, made.clauses, severities=made.severities, starts_on=starts_on
    )


def run(
    plan: tuple[Promise, ...], *events: ClockEvent, now: float, severity: int | None = None
) -> dict[str, Deadline]:
    found = run_clocks(
        promises=plan,
        calendars={},
        opened_at=OPENED,
        severity=severity,
        urgent=False,
        events=events,
        now=at(now),
    )
    return {each.metric: each for each in found}


def agent(hours: float) -> ClockEvent:
    return ClockEvent("agent_reply", at(hours))


class TestCadence:
    plan = (owed("next_update", 4, severities={2}), owed("next_update", 24, severities={3}))

    def test_nothing_is_owed_before_the_first_message(self) -> None:
        assert run(self.plan, now=9, severity=2)["next_update"].status == "none"

    def test_it_is_missed_once_and_met_twice(self) -> None:
        messages = [agent(hours) for hours in (1, 4, 9, 12)]
        shown = run(self.plan, *messages, now=13, severity=2)["next_update"]
        assert [each.status for each in shown.spells] == ["met", "breached", "met", "running"]
        assert shown.spells[1].breached_at == at(8)
        assert shown.due_at == at(16)

    def test_nothing_is_owed_while_the_customer_has_to_answer(self) -> None:
        events = (
            agent(1),
            ClockEvent("pause", at(2), waiting_on="customer"),
            ClockEvent("customer_reply", at(50)),
        )
        assert run(self.plan, *events[:2], now=49, severity=2)["next_update"].status == "paused"
        shown = run(self.plan, *events, now=51, severity=2)["next_update"]
        assert (shown.status, shown.due_at) == ("running", at(53))

    def test_a_new_severity_retargets_the_update_that_is_owed(self) -> None:
        change = ClockEvent("severity", at(2), severity=3)
        shown = run(self.plan, agent(1), change, now=3, severity=2)["next_update"]
        assert (shown.status, shown.due_at) == ("running", at(25))

    def test_a_resolution_ends_it_and_a_reopening_begins_another(self) -> None:
        events = (agent(1), ClockEvent("resolution", at(3)), ClockEvent("reopening", at(20)))
        assert run(self.plan, *events[:2], now=19, severity=2)["next_update"].status == "met"
        shown = run(self.plan, *events, now=21, severity=2)["next_update"]
        assert (shown.started_at, shown.due_at) == (at(20), at(24))


class TestRemedy:
    plan = (owed("remedy", 8), owed("resolution", 24))

    def test_a_remedy_in_time_and_a_resolution_late(self) -> None:
        events = (ClockEvent("remedy", at(6)), ClockEvent("resolution", at(30)))
        shown = run(self.plan, *events, now=31)
        assert (shown["remedy"].status, shown["remedy"].met_at) == ("met", at(6))
        assert (shown["resolution"].status, shown["resolution"].breached_at) == ("breached", at(24))

    def test_a_resolution_is_a_remedy(self) -> None:
        assert run(self.plan, ClockEvent("resolution", at(6)), now=7)["remedy"].status == "met"

    def test_what_was_only_resolved_is_to_be_remedied_again_once_reopened(self) -> None:
        closed = (ClockEvent("resolution", at(6)), ClockEvent("reopening", at(20)))
        shown = run(self.plan, *closed, now=21)["remedy"]
        assert (shown.status, shown.due_at) == ("running", at(22))
        given = (ClockEvent("remedy", at(5)), *closed)
        assert run(self.plan, *given, now=40)["remedy"].status == "met"


class TestFromTheAnswer:
    plan = (owed("resolution", 10, starts_on="answer"),)

    def test_it_is_counted_from_the_first_answer(self) -> None:
        assert run(self.plan, now=50)["resolution"].status == "none"
        shown = run(self.plan, agent(5), agent(7), now=8)["resolution"]
        assert (shown.started_at, shown.due_at) == (at(5), at(15))
        late = run(self.plan, agent(5), now=16)["resolution"]
        assert (late.status, late.breached_at) == ("breached", at(15))

    def test_what_stood_still_before_the_answer_moves_nothing(self) -> None:
        waited = (
            ClockEvent("pause", at(1), waiting_on="vendor"),
            agent(5),
            ClockEvent("resumption", at(6)),
        )
        pausing = (
            Promise(
                "resolution",
                "guaranteed",
                (clause(10 * HOUR),),
                pauses=frozenset({"vendor"}),
                starts_on="answer",
            ),
        )
        assert run(pausing, *waited, now=7)["resolution"].due_at == at(16)

    def test_a_resolution_without_an_answer_is_one(self) -> None:
        shown = run(self.plan, ClockEvent("resolution", at(30)), now=31)["resolution"]
        assert (shown.status, shown.used_seconds) == ("met", 0)

    def test_a_severity_may_count_from_elsewhere(self) -> None:
        plan = (
            owed("resolution", 10, starts_on="answer", severities={2}),
            owed("resolution", 20, severities={1}),
        )
        graver = ClockEvent("severity", at(6), severity=1)
        shown = run(plan, agent(5), graver, now=8, severity=2)["resolution"]
        assert (shown.started_at, shown.due_at) == (OPENED, at(20))
        lighter = ClockEvent("severity", at(6), severity=2)
        shown = run(plan, agent(5), lighter, now=8, severity=1)["resolution"]
        assert (shown.started_at, shown.due_at) == (at(5), at(15))
