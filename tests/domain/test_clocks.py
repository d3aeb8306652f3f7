"""Clocks by hand: each case works its arithmetic out in a comment.

Times are of the week of Monday 23 November 2026, when Berlin is at UTC+1.
"""

from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction

import pytest

from app.domain.promises.clock_events import ClockEvent, EventType
from app.domain.promises.clocks import read_state, run_clocks
from app.domain.promises.deadlines import Deadline
from app.domain.promises.promises import BusinessDays, Metric, Promise
from app.domain.promises.stopwatches import Policy
from app.domain.time.calendars import Calendar, Shift
from app.domain.values import replace
from tests.domain.clock_examples import (
    BERLIN,
    CALENDARS,
    CORPORATE,
    ENTERPRISE,
    EXPRESS,
    GOLD,
    HOTRUSH,
    HOUR,
    ONE_BUSINESS_DAY,
    PROFESSIONAL,
    clause,
    promise,
    run,
    run_one,
    week_in,
)

berlin = week_in(BERLIN)
livecart = week_in(timezone(timedelta(hours=2)))
engineers = week_in(timezone(timedelta(hours=3)))


def event(kind: EventType, when: datetime, order: int = 0) -> ClockEvent:
    return ClockEvent(kind, when, order)


def pause(when: datetime, waiting_on: str = "customer") -> ClockEvent:
    return ClockEvent("pause", when, waiting_on=waiting_on)


def reclassify(when: datetime, severity: int, policy: Policy = "carry_elapsed") -> ClockEvent:
    return ClockEvent("severity", when, severity=severity, policy=policy)


def instants(deadline: Deadline) -> tuple[datetime | None, datetime | None]:
    return deadline.due_at, deadline.breaches_after


class TestThePromisesOfTheSeeds:
    @pytest.mark.parametrize(
        ("opened", "due", "breaches", "typical", "target"),
        [
            # Inside hours: 4 business hours are used up first.
            ("tue 10:00", "tue 14:00", "tue 14:00", "tue 11:00", "4 business hours, 24 hours"),
            # 1 h is left of Friday, so 4 business hours end on Monday 12:30: 24 hours are first.
            ("fri 16:30", "sat 16:30", "sat 16:30", "fri 17:30", "24 hours, 4 business hours"),
            # Outside hours only the 24 hours bind, and nothing is typical.
            ("tue 20:00", "wed 20:00", "wed 20:00", None, "24 hours"),
            # 4 business hours are used up at the close, and could be kept until Monday 9:30;
            # the 24 hours end before that, on Saturday 13:30.
            ("fri 13:30", "fri 17:30", "sat 13:30", "fri 14:30", "4 business hours, 24 hours"),
        ],
    )
    def test_L3_express_owes_24_hours_and_4_business_hours(
        self, opened: str, due: str, breaches: str, typical: str | None, target: str
    ) -> None:
        deadline = run_one(EXPRESS, livecart(opened))
        assert instants(deadline) == (livecart(due), livecart(breaches))
        assert deadline.typical_at == (livecart(typical) if typical else None)
        assert deadline.target == target
        assert (deadline.status, deadline.strength) == ("running", "guaranteed")

    def test_L3_standard_and_priority_owe_plain_hours(self) -> None:
        for hours in (48, 24):
            deadline = run_one(
                promise("first_response", clause(hours * HOUR)), livecart("sat 03:00")
            )
            assert deadline.due_at == livecart("sat 03:00") + hours * HOUR
            assert deadline.target == f"{hours} hours"

    def test_L3_later_replies_are_promised_nothing(self) -> None:
        opened = livecart("tue 10:00")
        deadlines = run(
            EXPRESS,
            opened,
            event("agent_reply", opened + HOUR),
            event("customer_reply", opened + 2 * HOUR),
        )
        assert [(each.metric, each.status) for each in deadlines] == [("first_response", "met")]

    def test_L3_between_due_and_breach_nothing_is_left_and_nothing_is_broken(self) -> None:
        deadline = run_one(EXPRESS, livecart("fri 13:30"), now=livecart("sat 13:30"))
        assert (deadline.status, deadline.remaining_seconds) == ("running", 0)
        late = run_one(
            EXPRESS, livecart("fri 13:30"), now=livecart("sat 13:30") + timedelta(microseconds=1)
        )
        assert (late.status, late.breached_at) == ("breached", livecart("sat 13:30"))
        assert late.breach_cause == "time"

    def test_P5_S5_one_business_day_for_mail_on_friday_evening(self) -> None:
        # Friday 06:00-01:00 has 19 h; from 20:00 there are 5, so 14/19 of a day are left for
        # Monday: 06:00 + 14 h. The Saturday's and Sunday's hours are of no business day.
        deadline = run_one(ONE_BUSINESS_DAY, engineers("fri 20:00"))
        assert instants(deadline) == (engineers("next mon 20:00"), engineers("next mon 20:00"))
        assert deadline.target == "1 business day"
        # 5 h of Friday and 14 h of Monday lie between, with Saturday's and Sunday's 8 each.
        assert deadline.remaining_seconds == (5 + 14 + 16) * 3600

    def test_P5_S5_one_business_day_for_mail_on_saturday(self) -> None:
        # The whole of Monday's shift, up to 01:00 of Tuesday; the next business time is at 6.
        deadline = run_one(ONE_BUSINESS_DAY, engineers("sat 12:00"))
        assert instants(deadline) == (engineers("next tue 01:00"), engineers("next tue 06:00"))

    def test_S5_a_hotrush_request_is_answered_within_two_hours_of_engineers_time(self) -> None:
        # Saturday 17:30-18:00 gives half an hour, Sunday from 10:00 the rest.
        deadline = run_one((ONE_BUSINESS_DAY, HOTRUSH), engineers("sat 17:30"), urgent=True)
        assert deadline.due_at == engineers("sun 11:30")
        assert deadline.target == "2 business hours"

    @pytest.mark.parametrize(
        ("plan", "severity", "metric", "due"),
        [
            # Opened Tuesday 10:00; every working day has 8 h.
            (ENTERPRISE, 1, "first_response", "wed 10:00"),  # 8 h
            (ENTERPRISE, 1, "resolution", "next mon 10:00"),  # 32 h
            (ENTERPRISE, 2, "first_response", "thu 10:00"),  # 16 h
            (ENTERPRISE, 2, "resolution", "next thu 10:00"),  # 7 days
            (ENTERPRISE, 3, "first_response", "fri 10:00"),  # 24 h
            (ENTERPRISE, 3, "resolution", "next next next mon 10:00"),  # 14 days
            (ENTERPRISE, 4, "first_response", "fri 10:00"),  # 24 h
            (GOLD, 1, "first_response", "wed 10:00"),  # 8 h
            (GOLD, 1, "resolution", "thu 10:00"),  # 16 h
            (GOLD, 2, "resolution", "fri 10:00"),  # 3 days
            (GOLD, 3, "first_response", "wed 10:00"),  # 8 h
            (GOLD, 3, "resolution", "next thu 10:00"),  # 7 days
        ],
    )
    def test_E3_the_matrix_of_severities(
        self,
        plan: tuple[Promise, ...],
        severity: int,
        metric: Metric,
        due: str,
    ) -> None:
        deadline = run_one(plan, berlin("tue 10:00"), metric=metric, severity=severity)
        assert deadline.due_at == berlin(due)
        assert deadline.breaches_after == berlin(due)
        assert deadline.strength == ("target" if metric == "resolution" else "guaranteed")

    def test_E3_severity_4_is_resolved_on_best_effort_without_a_time(self) -> None:
        deadline = run_one(
            ENTERPRISE,
            berlin("tue 10:00"),
            metric="resolution",
            severity=4,
            now=berlin("fri 10:00"),
        )
        assert (deadline.strength, deadline.status) == ("best_effort", "running")
        assert (deadline.due_at, deadline.target, deadline.remaining_seconds) == (None, None, None)

    def test_E3_professionals_24_hours_are_best_effort_and_never_breach(self) -> None:
        opened = berlin("tue 10:00")
        deadline = run_one(
            PROFESSIONAL, opened, metric="first_response", severity=4, now=berlin("next tue 10:00")
        )
        assert instants(deadline) == (berlin("fri 10:00"), None)
        assert (deadline.strength, deadline.status) == ("best_effort", "running")
        assert deadline.target == "24 business hours"
        assert deadline.remaining_seconds == 0
        answered = run_one(
            PROFESSIONAL,
            opened,
            event("agent_reply", berlin("next tue 10:00")),
            metric="first_response",
            severity=4,
        )
        assert (answered.status, answered.breached_at) == ("late", None)
        assert answered.met_at == berlin("next tue 10:00")

    def test_E3_best_effort_done_at_its_due_is_met(self) -> None:
        for done, status in (("fri 10:00", "met"), ("fri 10:01", "late")):
            answered = run_one(
                PROFESSIONAL,
                berlin("tue 10:00"),
                event("agent_reply", berlin(done)),
                metric="first_response",
                severity=4,
            )
            assert answered.status == status

    def test_E3_a_resolution_is_a_target_that_is_missed_and_not_broken(self) -> None:
        opened, due = berlin("tue 10:00"), berlin("thu 10:00")
        running = run_one(GOLD, opened, metric="resolution", severity=1, now=due)
        assert (running.status, running.missed_at) == ("running", None)
        missed = run_one(
            GOLD, opened, metric="resolution", severity=1, now=due + timedelta(microseconds=1)
        )
        assert (missed.strength, missed.status) == ("target", "missed")
        assert (missed.missed_at, missed.breached_at, missed.broken_at) == (due, None, due)
        solved = run_one(
            GOLD,
            opened,
            event("resolution", berlin("fri 10:00")),
            metric="resolution",
            severity=1,
        )
        assert (solved.status, solved.missed_at) == ("missed", due)
        assert solved.met_at == berlin("fri 10:00")

    def test_a_change_that_puts_a_target_in_the_past_misses_it(self) -> None:
        change = ClockEvent("severity", berlin("next mon 12:00"), severity=1)
        deadline = run_one(GOLD, berlin("tue 10:00"), change, metric="resolution", severity=3)
        assert (deadline.status, deadline.breach_cause) == ("missed", "reclassification")
        assert (deadline.missed_at, deadline.breached_at) == (berlin("next mon 12:00"), None)

    def test_E3_what_is_not_offered_is_listed_without_instants(self) -> None:
        opened = berlin("tue 10:00")
        deadlines = run(PROFESSIONAL, opened, event("agent_reply", opened + HOUR), severity=1)
        assert [each.metric for each in deadlines] == ["first_response", "resolution"]
        for deadline in deadlines:
            assert (deadline.strength, deadline.status) == ("none", "none")
            assert (deadline.due_at, deadline.met_at, deadline.target) == (None, None, None)

    def test_E3_seven_business_days_are_56_business_hours(self) -> None:
        for opened in ("tue 10:00", "fri 17:30", "sun 12:00"):
            days = run_one(
                promise("resolution", clause(BusinessDays(7), "corporate")), berlin(opened)
            )
            hours = run_one(promise("resolution", clause(56 * HOUR, "corporate")), berlin(opened))
            assert instants(days) == instants(hours)
            assert days.remaining_seconds == hours.remaining_seconds == 56 * 3600

    def test_S4_a_resolution_guaranteed_without_a_time_runs_until_met(self) -> None:
        guaranteed = promise("resolution", pauses={"customer"})
        opened = engineers("mon 10:00")
        running = run_one(guaranteed, opened, now=engineers("next next mon 10:00"))
        assert (running.status, running.strength) == ("running", "guaranteed")
        assert (instants(running), running.remaining_seconds) == ((None, None), None)
        met = run_one(guaranteed, opened, event("resolution", engineers("tue 10:00")))
        assert (met.status, met.met_at) == ("met", engineers("tue 10:00"))


class TestFirstResponse:
    # 4 business hours and 24 hours from Tuesday 10:00: due at 14:00.
    opened = livecart("tue 10:00")

    def test_the_first_reply_meets_it_and_later_ones_change_nothing(self) -> None:
        deadline = run_one(
            EXPRESS,
            self.opened,
            event("agent_reply", livecart("tue 13:00")),
            event("agent_reply", livecart("wed 13:00")),
        )
        assert (deadline.status, deadline.met_at) == ("met", livecart("tue 13:00"))
        assert deadline.due_at == livecart("tue 14:00")
        assert (deadline.remaining_seconds, deadline.used_seconds) == (None, 3 * 3600)

    def test_a_reply_at_the_last_instant_keeps_it(self) -> None:
        kept = run_one(EXPRESS, self.opened, event("agent_reply", livecart("tue 14:00")))
        assert (kept.status, kept.breached_at) == ("met", None)

    def test_a_late_reply_leaves_both_facts(self) -> None:
        deadline = run_one(EXPRESS, self.opened, event("agent_reply", livecart("tue 15:00")))
        assert deadline.status == "breached"
        assert deadline.breached_at == livecart("tue 14:00")
        assert deadline.met_at == livecart("tue 15:00")

    def test_a_resolution_meets_it(self) -> None:
        deadline = run_one(EXPRESS, self.opened, event("resolution", livecart("tue 12:00")))
        assert (deadline.status, deadline.met_at) == ("met", livecart("tue 12:00"))

    def test_a_withdrawal_cancels_it(self) -> None:
        deadline = run_one(EXPRESS, self.opened, event("withdrawal", livecart("tue 12:00")))
        assert (deadline.status, deadline.met_at) == ("cancelled", None)
        assert instants(deadline) == (None, None)

    def test_a_withdrawal_does_not_undo_a_breach(self) -> None:
        deadline = run_one(EXPRESS, self.opened, event("withdrawal", livecart("wed 12:00")))
        assert (deadline.status, deadline.met_at) == ("breached", None)

    def test_waiting_for_the_customer_does_not_pause_it_unless_promised(self) -> None:
        waiting = pause(livecart("tue 11:00"))
        assert run_one(EXPRESS, self.opened, waiting).due_at == livecart("tue 14:00")
        pausing = replace(EXPRESS, pauses=frozenset({"customer"}))
        deadline = run_one(pausing, self.opened, waiting, now=livecart("tue 12:00"))
        assert (deadline.status, instants(deadline)) == ("paused", (None, None))
        assert deadline.remaining_seconds == 3 * 3600

    def test_a_guard_outside_hours_leaves_a_guarantee_without_a_time(self) -> None:
        guarded = promise("first_response", clause(4 * HOUR, "livecart", guard="livecart"))
        deadline = run_one(guarded, livecart("tue 20:00"), now=livecart("fri 20:00"))
        assert (deadline.strength, deadline.status) == ("guaranteed", "running")
        assert instants(deadline) == (None, None)

    def test_best_effort_sets_a_target_where_nothing_guaranteed_applies(self) -> None:
        mixed = promise(
            "first_response",
            clause(4 * HOUR, "livecart", guard="livecart"),
            clause(48 * HOUR, strength="best_effort"),
        )
        inside, outside = (run_one(mixed, livecart(when)) for when in ("tue 10:00", "tue 20:00"))
        assert (inside.strength, inside.target) == ("guaranteed", "4 business hours")
        assert (outside.strength, outside.target) == ("best_effort", "48 hours")
        assert instants(outside) == (livecart("thu 20:00"), None)


class TestPauses:
    """16 business hours from Monday 09:00 are used up on Tuesday 17:00."""

    resolution = promise("resolution", clause(16 * HOUR, "corporate"), pauses={"customer"})
    opened = berlin("mon 09:00")

    def test_a_pause_moves_the_deadline_by_its_open_time(self) -> None:
        # 11:00 to 15:00 is 4 h: Tuesday's 8 h and 4 of Monday's are used by Tuesday 17:00.
        deadline = run_one(
            self.resolution,
            self.opened,
            pause(berlin("mon 11:00")),
            event("resumption", berlin("mon 15:00")),
        )
        assert instants(deadline) == (berlin("wed 13:00"), berlin("wed 13:00"))

    def test_a_pause_overnight_counts_only_its_open_hours(self) -> None:
        # Monday 16:00 to Tuesday 10:00 is 1 + 1 open hours.
        deadline = run_one(
            self.resolution,
            self.opened,
            pause(berlin("mon 16:00")),
            event("resumption", berlin("tue 10:00")),
        )
        assert deadline.due_at == berlin("wed 11:00")

    def test_a_paused_hour_wholly_outside_business_hours_moves_nothing(self) -> None:
        deadline = run_one(
            self.resolution,
            self.opened,
            pause(berlin("mon 20:00")),
            event("resumption", berlin("mon 21:00")),
        )
        assert instants(deadline) == (berlin("tue 17:00"), berlin("wed 09:00"))

    def test_a_pause_moves_elapsed_time_by_all_of_it_and_days_by_their_share(self) -> None:
        events = (pause(berlin("mon 16:00")), event("resumption", berlin("tue 10:00")))
        hours = promise("resolution", clause(48 * HOUR), pauses={"customer"})
        assert run_one(hours, self.opened, *events).due_at == berlin("thu 03:00")
        # 2 of 8 open hours are a quarter of a day: 2 1/4 days end on Wednesday 11:00.
        days = promise("resolution", clause(BusinessDays(2), "corporate"), pauses={"customer"})
        assert run_one(days, self.opened, *events).due_at == berlin("wed 11:00")

    def test_a_paused_clock_has_no_due_time_and_a_frozen_remainder(self) -> None:
        # 2 h are used by 11:00, so 14 h remain, whenever one asks.
        for now in ("mon 11:00", "mon 18:00", "next fri 12:00"):
            deadline = run_one(
                self.resolution, self.opened, pause(berlin("mon 11:00")), now=berlin(now)
            )
            assert deadline.status == "paused"
            assert (instants(deadline), deadline.typical_at) == ((None, None), None)
            assert (deadline.remaining_seconds, deadline.used_seconds) == (14 * 3600, 2 * 3600)

    def test_the_remainder_is_in_the_winning_clauses_own_time(self) -> None:
        # Opened Friday 16:30: 24 hours win over 4 business hours. Paused an hour later.
        express = replace(EXPRESS, pauses=frozenset({"customer"}))
        deadline = run_one(express, livecart("fri 16:30"), pause(livecart("fri 17:30")))
        assert deadline.remaining_seconds == 23 * 3600

    def test_the_customers_reply_resumes(self) -> None:
        deadline = run_one(
            self.resolution,
            self.opened,
            pause(berlin("mon 11:00")),
            event("customer_reply", berlin("mon 13:00")),
        )
        assert (deadline.status, deadline.due_at) == ("running", berlin("wed 11:00"))

    def test_the_customers_reply_does_not_end_a_wait_for_the_vendor(self) -> None:
        both = replace(self.resolution, pauses=frozenset({"customer", "vendor"}))
        deadline = run_one(
            both,
            self.opened,
            pause(berlin("mon 11:00"), "vendor"),
            event("customer_reply", berlin("mon 13:00")),
        )
        assert deadline.status == "paused"

    def test_a_cause_that_the_promise_does_not_name_moves_nothing(self) -> None:
        deadline = run_one(self.resolution, self.opened, pause(berlin("mon 11:00"), "vendor"))
        assert (deadline.status, deadline.due_at) == ("running", berlin("tue 17:00"))

    def test_a_later_cause_takes_the_place_of_the_one_before(self) -> None:
        # Customer 11:00-12:00 pauses, vendor 12:00-14:00 does not: one hour.
        deadline = run_one(
            self.resolution,
            self.opened,
            pause(berlin("mon 11:00")),
            pause(berlin("mon 12:00"), "vendor"),
            event("resumption", berlin("mon 14:00")),
        )
        assert deadline.due_at == berlin("wed 10:00")
        # Where both causes pause, one wait follows the other without a gap: three hours.
        both = replace(self.resolution, pauses=frozenset({"customer", "vendor"}))
        deadline = run_one(
            both,
            self.opened,
            pause(berlin("mon 11:00")),
            pause(berlin("mon 12:00"), "vendor"),
            event("resumption", berlin("mon 14:00")),
        )
        assert deadline.due_at == berlin("wed 12:00")

    def test_a_ticket_can_be_created_paused(self) -> None:
        created = (self.resolution, self.opened, pause(self.opened))
        deadline = run_one(*created, now=berlin("tue 12:00"))
        assert (deadline.status, deadline.remaining_seconds) == ("paused", 16 * 3600)
        resumed = run_one(*created, event("resumption", berlin("tue 09:00")))
        assert resumed.due_at == berlin("wed 17:00")

    def test_a_paused_ticket_can_be_resolved(self) -> None:
        deadline = run_one(
            self.resolution,
            self.opened,
            pause(berlin("mon 11:00")),
            event("resolution", berlin("fri 12:00")),
        )
        assert (deadline.status, deadline.met_at) == ("met", berlin("fri 12:00"))
        assert deadline.used_seconds == 2 * 3600

    def test_a_pause_after_the_breach_takes_nothing_back(self) -> None:
        deadline = run_one(
            self.resolution, self.opened, pause(berlin("wed 10:00")), now=berlin("fri 10:00")
        )
        assert (deadline.status, deadline.breached_at) == ("breached", berlin("wed 09:00"))
        assert instants(deadline) == (berlin("tue 17:00"), berlin("wed 09:00"))

    def test_a_pause_between_due_and_breach_moves_both(self) -> None:
        # Tuesday 18:00 to Thursday 11:00 has 8 + 2 open hours; nothing was left, and nothing
        # is left after it.
        deadline = run_one(
            self.resolution,
            self.opened,
            pause(berlin("tue 18:00")),
            event("resumption", berlin("thu 11:00")),
        )
        assert instants(deadline) == (berlin("thu 11:00"), berlin("thu 11:00"))
        assert deadline.remaining_seconds == 0


class TestReopening:
    resolution = promise("resolution", clause(16 * HOUR, "corporate"), pauses={"customer"})
    opened = berlin("mon 09:00")

    def test_it_continues_the_clock_and_the_closed_spell_is_a_stop(self) -> None:
        # 5 h used by Monday 14:00; closed until Wednesday 10:00; 11 h are left: 7 of
        # Wednesday, 4 of Thursday.
        deadline = run_one(
            self.resolution,
            self.opened,
            event("resolution", berlin("mon 14:00")),
            event("reopening", berlin("wed 10:00")),
        )
        assert (deadline.status, deadline.met_at) == ("running", None)
        assert deadline.due_at == berlin("thu 13:00")
        assert deadline.timing is not None
        assert [(stop.why, stop.detail) for stop in deadline.timing.stops] == [
            ("stopped", "resolution")
        ]

    def test_a_first_response_that_was_met_stays_met(self) -> None:
        deadline = run_one(
            EXPRESS,
            livecart("tue 10:00"),
            event("resolution", livecart("tue 11:00")),
            event("reopening", livecart("wed 11:00")),
            now=livecart("fri 10:00"),
        )
        assert (deadline.status, deadline.met_at) == ("met", livecart("tue 11:00"))

    def test_after_a_withdrawal_the_first_response_is_owed_again(self) -> None:
        # 1 h used; 3 of 4 business hours, and 23 of 24 hours, are left from Wednesday 11:00.
        deadline = run_one(
            EXPRESS,
            livecart("tue 10:00"),
            event("withdrawal", livecart("tue 11:00")),
            event("reopening", livecart("wed 11:00")),
        )
        assert (deadline.status, deadline.due_at) == ("running", livecart("wed 14:00"))

    def test_a_breached_resolution_stays_breached(self) -> None:
        deadline = run_one(
            self.resolution,
            self.opened,
            event("resolution", berlin("thu 10:00")),
            event("reopening", berlin("thu 12:00")),
        )
        assert (deadline.status, deadline.met_at) == ("breached", None)
        assert deadline.breached_at == berlin("wed 09:00")

    def test_a_new_severity_while_closed_is_taken_up_at_the_reopening(self) -> None:
        # 5 h are used by 14:00; of severity 1's 8 h, 3 are left from Wednesday 10:00.
        plan = (
            replace(self.resolution, severities=frozenset({4})),
            promise("resolution", clause(8 * HOUR, "corporate"), severities={1}),
        )
        deadline = run_one(
            plan,
            self.opened,
            event("resolution", berlin("mon 14:00")),
            reclassify(berlin("tue 09:00"), 1),
            event("reopening", berlin("wed 10:00")),
            severity=4,
        )
        assert deadline.due_at == berlin("wed 13:00")


class TestANewSeverity:
    """Severity 4 has 40 business hours, severity 1 has 8; opened Monday 09:00.

    A pause from 11:00 to 13:00, so that 5 h are used by the change on Monday 16:00.
    """

    plan = (
        promise("resolution", clause(40 * HOUR, "corporate"), severities={4}, pauses={"customer"}),
        promise("resolution", clause(8 * HOUR, "corporate"), severities={1}, pauses={"customer"}),
        promise("resolution", clause(4 * HOUR, "corporate"), severities={2}, pauses={"customer"}),
        promise("resolution", strength="none", severities={3}),
    )
    opened = berlin("mon 09:00")
    paused = (pause(berlin("mon 11:00")), event("resumption", berlin("mon 13:00")))
    changed = berlin("mon 16:00")

    def after(self, *changes: ClockEvent, now: datetime | None = None) -> Deadline:
        return run_one(self.plan, self.opened, *self.paused, *changes, severity=4, now=now)

    @pytest.mark.parametrize(
        ("policy", "due", "remaining"),
        [
            # 3 of 8 h are left: one of Monday, two of Tuesday.
            ("carry_elapsed", "tue 11:00", 3),
            # 8 h from Monday 16:00.
            ("restart_now", "tue 16:00", 8),
            # 35 of 40 h are left: 1 of Monday, 32 to Friday, 2 of the next Monday.
            ("frozen", "next mon 11:00", 35),
        ],
    )
    def test_re_targets_by_policy(self, policy: Policy, due: str, remaining: int) -> None:
        deadline = self.after(reclassify(self.changed, 1, policy))
        assert (deadline.status, deadline.due_at) == ("running", berlin(due))
        assert deadline.remaining_seconds == remaining * 3600

    def test_that_puts_it_past_its_target_breaches_by_reclassification(self) -> None:
        # Severity 2 has 4 h, and 5 are used; the fourth ended at 15:00.
        deadline = self.after(reclassify(self.changed, 2))
        assert (deadline.status, deadline.breach_cause) == ("breached", "reclassification")
        assert deadline.breached_at == self.changed
        assert deadline.due_at == berlin("mon 15:00")
        assert deadline.met_at is None
        met = self.after(reclassify(self.changed, 2), event("resolution", berlin("mon 16:30")))
        assert (met.status, met.met_at) == ("breached", berlin("mon 16:30"))

    def test_restarted_it_is_not_breached(self) -> None:
        deadline = self.after(reclassify(self.changed, 2, "restart_now"))
        assert (deadline.status, deadline.due_at) == ("running", berlin("tue 12:00"))

    def test_while_paused_counts_only_what_was_used_before_the_pause(self) -> None:
        # Paused again at 14:00 with 3 h used, and changed at 16:00: 1 of 4 h is left.
        paused = self.after(pause(berlin("mon 14:00")), reclassify(self.changed, 2))
        assert (paused.status, paused.remaining_seconds) == ("paused", 3600)
        # Paused at 16:00 with 5 h used: the change breaches although nothing runs.
        breached = self.after(pause(self.changed), reclassify(berlin("tue 10:00"), 2))
        assert (breached.status, breached.breached_at) == ("breached", berlin("tue 10:00"))

    def test_restarted_while_paused_stands_still_with_the_whole_target(self) -> None:
        waiting = pause(berlin("mon 14:00"))
        restarted = (waiting, reclassify(self.changed, 1, "restart_now"))
        paused = self.after(*restarted)
        assert (paused.status, paused.remaining_seconds) == ("paused", 8 * 3600)
        resumed = self.after(*restarted, event("resumption", berlin("tue 12:00")))
        assert resumed.due_at == berlin("wed 12:00")

    def test_leaves_what_is_met_and_what_is_breached(self) -> None:
        met = self.after(event("resolution", berlin("mon 15:00")), reclassify(self.changed, 2))
        assert (met.status, met.target) == ("met", "40 business hours")
        late = berlin("next tue 12:00")
        breached = self.after(reclassify(late, 1, "restart_now"))
        assert (breached.status, breached.breach_cause) == ("breached", "time")
        assert breached.target == "40 business hours"

    def test_to_one_that_is_not_offered_ends_the_promise_until_it_changes_back(self) -> None:
        away = reclassify(self.changed, 3)
        assert self.after(away).status == "none"
        # Paused on Tuesday from 09:00 to 13:00 meanwhile: 5 h used on Monday by 16:00, one
        # more to 17:00, 4 on Tuesday; of 40 h, 30 are left from Wednesday 09:00.
        back = self.after(
            away,
            pause(berlin("tue 09:00")),
            event("resumption", berlin("tue 13:00")),
            reclassify(berlin("wed 09:00"), 4),
        )
        assert (back.status, back.remaining_seconds) == ("running", 30 * 3600)

    def test_after_no_promise_only_the_waits_that_the_new_one_pauses_on_count(self) -> None:
        # For the vendor Monday 10:00 to 12:00 and again from 15:00: neither stops severity 4,
        # of whose 40 h 7 are used by 16:00.
        deadline = run_one(
            self.plan,
            self.opened,
            pause(berlin("mon 10:00"), "vendor"),
            event("resumption", berlin("mon 12:00")),
            pause(berlin("mon 15:00"), "vendor"),
            reclassify(self.changed, 4),
            severity=3,
        )
        assert (deadline.status, deadline.remaining_seconds) == ("running", 33 * 3600)

    def test_urgent_alone_can_change(self) -> None:
        plan = (ONE_BUSINESS_DAY, HOTRUSH)
        opened = engineers("tue 10:00")
        deadline = run_one(
            plan, opened, ClockEvent("severity", engineers("tue 11:00"), urgent=True)
        )
        assert (deadline.target, deadline.due_at) == ("2 business hours", engineers("tue 12:00"))

    def test_a_promise_that_begins_with_the_change_counts_from_the_opening(self) -> None:
        plan = (promise("resolution", clause(8 * HOUR, "corporate"), severities={1}),)
        assert run(plan, self.opened) == ()
        deadline = run_one(plan, self.opened, reclassify(berlin("mon 12:00"), 1))
        assert deadline.due_at == berlin("mon 17:00")


class TestAPlanChange:
    opened = berlin("mon 09:00")
    old = promise("resolution", clause(16 * HOUR, "corporate"))
    new = promise("resolution", clause(8 * HOUR, "corporate"))

    @pytest.mark.parametrize(
        ("policy", "due"),
        [
            ("carry_elapsed", "mon 17:00"),
            ("restart_now", "tue 12:00"),
            ("frozen", "tue 17:00"),
        ],
    )
    def test_re_targets_by_policy(self, policy: Policy, due: str) -> None:
        change = ClockEvent("plan", berlin("mon 12:00"), policy=policy, promises=(self.new,))
        assert run_one(self.old, self.opened, change).due_at == berlin(due)

    def test_can_bring_the_calendars_of_another_version(self) -> None:
        # From 9 to 18 instead of 17: 16 h end on Tuesday 16:00.
        longer = replace(CORPORATE, hours=((Shift(540, 1080),),) * 5 + ((),) * 2)
        change = ClockEvent(
            "plan", berlin("mon 12:00"), promises=(self.old,), calendars={"corporate": longer}
        )
        assert run_one(self.old, self.opened, change).due_at == berlin("tue 16:00")

    def test_to_a_plan_that_promises_nothing_ends_the_listing(self) -> None:
        change = ClockEvent("plan", berlin("mon 12:00"), promises=())
        assert run(self.old, self.opened, change) == ()


class TestNextResponse:
    plan = (
        EXPRESS,
        promise("next_response", clause(4 * HOUR, "livecart"), pauses={"vendor"}),
    )
    opened = livecart("tue 10:00")
    answered = event("agent_reply", livecart("tue 11:00"))

    def after(self, *events: ClockEvent, now: datetime | None = None) -> Deadline:
        return run_one(self.plan, self.opened, *events, metric="next_response", now=now)

    def test_is_listed_and_not_begun_until_the_customer_writes_again(self) -> None:
        for events in ((), (event("customer_reply", livecart("tue 10:30")),), (self.answered,)):
            deadline = self.after(*events)
            assert (deadline.status, deadline.strength) == ("none", "guaranteed")
            assert deadline.target == "4 business hours"
            assert (instants(deadline), deadline.spells) == ((None, None), ())

    def test_runs_from_the_customers_first_unanswered_message(self) -> None:
        deadline = self.after(
            self.answered,
            event("customer_reply", livecart("tue 12:00")),
            event("customer_reply", livecart("tue 13:00")),
        )
        assert (deadline.status, deadline.started_at) == ("running", livecart("tue 12:00"))
        assert deadline.due_at == livecart("tue 16:00")

    def test_keeps_count_of_every_spell(self) -> None:
        deadline = self.after(
            self.answered,
            event("customer_reply", livecart("wed 10:00")),
            event("agent_reply", livecart("wed 15:00")),  # an hour late
            event("customer_reply", livecart("thu 10:00")),
            event("agent_reply", livecart("thu 11:00")),
            event("customer_reply", livecart("fri 10:00")),
        )
        assert (deadline.status, deadline.due_at) == ("running", livecart("fri 14:00"))
        assert [spell.status for spell in deadline.spells] == ["breached", "met", "running"]
        assert deadline.spells[0].met_at == livecart("wed 15:00")
        assert deadline.spells[0].breached_at == livecart("wed 14:00")

    def test_a_resolution_meets_it_and_thanks_do_not_start_it(self) -> None:
        deadline = self.after(
            self.answered,
            event("customer_reply", livecart("tue 12:00")),
            event("resolution", livecart("tue 13:00")),
            event("customer_reply", livecart("tue 14:00")),
        )
        assert (deadline.status, deadline.met_at) == ("met", livecart("tue 13:00"))
        assert len(deadline.spells) == 1

    def test_what_the_customer_wrote_while_closed_waits_from_that_message(self) -> None:
        deadline = self.after(
            self.answered,
            event("resolution", livecart("tue 13:00")),
            event("customer_reply", livecart("tue 14:00")),
            event("reopening", livecart("tue 15:00")),
        )
        assert (deadline.status, deadline.started_at) == ("running", livecart("tue 14:00"))

    def test_what_was_answered_while_closed_does_not_wait_at_the_reopening(self) -> None:
        deadline = self.after(
            self.answered,
            event("resolution", livecart("tue 13:00")),
            event("customer_reply", livecart("tue 14:00")),
            event("agent_reply", livecart("tue 14:30")),
            event("reopening", livecart("tue 15:00")),
        )
        assert (deadline.status, deadline.spells) == ("none", ())

    def test_can_begin_paused(self) -> None:
        deadline = self.after(
            self.answered,
            pause(livecart("tue 11:30"), "vendor"),
            event("customer_reply", livecart("tue 12:00")),
            now=livecart("wed 12:00"),
        )
        assert (deadline.status, deadline.remaining_seconds) == ("paused", 4 * 3600)

    def test_its_guard_is_judged_when_the_wait_begins(self) -> None:
        plan = (EXPRESS, replace(EXPRESS, metric="next_response"))
        events = (self.answered, event("customer_reply", livecart("tue 20:00")))
        deadline = run_one(plan, self.opened, *events, metric="next_response")
        assert (deadline.target, deadline.due_at) == ("24 hours", livecart("wed 20:00"))


class TestLateEvents:
    opened = livecart("tue 10:00")

    def test_a_reply_reported_late_undoes_the_breach_that_was_not_one(self) -> None:
        now = livecart("wed 10:00")
        assert run_one(EXPRESS, self.opened, now=now).status == "breached"
        late = ClockEvent("agent_reply", livecart("tue 13:30"), order=9)
        assert run_one(EXPRESS, self.opened, late, now=now).status == "met"

    def test_arrival_parts_events_of_one_instant(self) -> None:
        noon = livecart("tue 12:00")
        express = replace(EXPRESS, pauses=frozenset({"customer"}))
        paused = replace(pause(noon), order=2)
        resumed = event("resumption", noon, order=1)
        assert run_one(express, self.opened, paused, resumed).status == "paused"
        resumed = event("resumption", noon, order=3)
        assert run_one(express, self.opened, paused, resumed).status == "running"

    def test_what_is_still_to_come_has_not_happened(self) -> None:
        deadline = run_one(
            EXPRESS,
            self.opened,
            event("agent_reply", livecart("tue 13:00")),
            now=livecart("tue 12:00"),
        )
        assert deadline.status == "running"

    def test_what_came_before_the_opening_counts_as_at_it(self) -> None:
        deadline = run_one(EXPRESS, self.opened, event("agent_reply", livecart("mon 10:00")))
        assert (deadline.status, deadline.met_at) == ("met", self.opened)

    def test_what_is_repeated_changes_nothing(self) -> None:
        once = (
            pause(livecart("tue 11:00")),
            event("resumption", livecart("tue 12:00")),
            event("resolution", livecart("tue 12:30")),
            event("reopening", livecart("tue 13:00")),
        )
        plan = promise("resolution", clause(8 * HOUR, "livecart"), pauses={"customer"})
        twice = tuple(replace(each, order=order) for each in once for order in (1, 2))
        assert run(plan, self.opened, *once) == run(plan, self.opened, *twice)


class TestExcuses:
    opened = livecart("tue 10:00")

    def test_one_stands_beside_the_breach(self) -> None:
        given = livecart("thu 10:00")
        excuse = ClockEvent(
            "excuse", given, metric="first_response", reason="power cut", actor="anna"
        )
        deadline = run_one(EXPRESS, self.opened, excuse)
        assert (deadline.status, deadline.breached_at) == ("breached", livecart("tue 14:00"))
        assert deadline.excused is not None
        assert (deadline.excused.reason, deadline.excused.actor) == ("power cut", "anna")
        assert deadline.excused.at == given

    def test_for_the_next_response_it_stands_beside_the_last_breached_wait(self) -> None:
        plan = (EXPRESS, promise("next_response", clause(4 * HOUR, "livecart")))
        excuse = ClockEvent(
            "excuse", livecart("fri 11:00"), metric="next_response", reason="ill", actor="anna"
        )
        deadline = run_one(
            plan,
            self.opened,
            event("agent_reply", livecart("tue 11:00")),
            event("customer_reply", livecart("wed 10:00")),
            event("agent_reply", livecart("wed 15:00")),
            event("customer_reply", livecart("fri 10:00")),
            excuse,
            metric="next_response",
        )
        assert [spell.excused is not None for spell in deadline.spells] == [True, False]


class TestAtRisk:
    """8 business hours from Monday 13:00 end on Tuesday 13:00."""

    opened = berlin("mon 13:00")

    def of(self, *, share: Fraction | None = None, before: timedelta | None = None) -> Promise:
        return promise(
            "resolution",
            clause(8 * HOUR, "corporate"),
            pauses={"customer"},
            warn_at=share,
            warn_before=before,
        )

    def test_after_a_share_of_the_budget_in_the_same_business_time(self) -> None:
        # Three quarters are 6 h: 4 of Monday, 2 of Tuesday.
        plan = self.of(share=Fraction(3, 4))
        deadline = run_one(plan, self.opened, now=berlin("tue 10:59"))
        assert (deadline.warn_at, deadline.at_risk) == (berlin("tue 11:00"), False)
        assert run_one(plan, self.opened, now=berlin("tue 11:00")).at_risk

    def test_some_business_time_before_the_due(self) -> None:
        # 5 h before Tuesday 13:00: 4 of Tuesday, 1 of Monday.
        deadline = run_one(self.of(before=5 * HOUR), self.opened)
        assert deadline.warn_at == berlin("mon 16:00")
        assert run_one(self.of(before=9 * HOUR), self.opened).warn_at == self.opened

    def test_a_pause_before_it_moves_it_and_one_after_it_does_not(self) -> None:
        plan = self.of(share=Fraction(1, 2))
        early = (pause(berlin("mon 14:00")), event("resumption", berlin("mon 16:00")))
        assert run_one(plan, self.opened, *early).warn_at == berlin("tue 11:00")
        late = (pause(berlin("tue 10:00")), event("resumption", berlin("tue 11:00")))
        assert run_one(plan, self.opened, *late).warn_at == berlin("mon 17:00")

    def test_in_business_days_too(self) -> None:
        plan = promise(
            "resolution",
            clause(BusinessDays(2), "corporate"),
            warn_at=Fraction(3, 4),
            warn_before=2 * HOUR,
        )
        # 1 1/2 days end on Tuesday 17:00; 2 h before Wednesday 13:00 is later.
        assert run_one(plan, self.opened).warn_at == berlin("tue 17:00")


def test_a_due_past_the_known_holidays_carries_a_warning() -> None:
    plan = promise("resolution", clause(BusinessDays(14), "corporate"))
    opened = datetime(2027, 12, 20, 9, tzinfo=UTC)
    (warning,) = run_one(plan, opened).warnings
    assert (warning.code, warning.calendar) == ("holidays_unknown", "corporate")
    assert warning.known_until == date(2027, 12, 31)
    # 14 business days before the end of Friday 31 December, the last that is known.
    on_the_last_day = run_one(plan, datetime(2027, 12, 13, 16, tzinfo=UTC))
    assert on_the_last_day.due_at == datetime(2027, 12, 31, 16, tzinfo=UTC)
    assert on_the_last_day.warnings == ()


def test_the_calendars_that_were_used_are_named() -> None:
    assert run_one(EXPRESS, livecart("tue 10:00")).calendars == ("livecart",)


def test_a_ticket_with_thousands_of_events_is_quick() -> None:
    always = {"always": Calendar("UTC", ((Shift(0, 1440),),) * 7)}
    plan = promise("resolution", clause(9000 * HOUR, "always"), pauses={"customer"})
    opened = datetime(2026, 1, 1, tzinfo=UTC)
    events = [
        event("resumption", opened + number * HOUR, number)
        if number % 2
        else replace(pause(opened + number * HOUR), order=number)
        for number in range(2000)
    ]
    (deadline,) = run_clocks(
        promises=(plan,),
        calendars=CALENDARS | always,
        opened_at=opened,
        severity=None,
        urgent=False,
        events=events,
        now=opened + 2000 * HOUR,
    )
    assert deadline.due_at == opened + (9000 + 1000) * HOUR


@pytest.mark.parametrize(
    ("kinds", "status", "waiting_on"),
    [
        ((), "open", None),
        (("pause",), "paused", "customer"),
        (("pause", "customer_reply"), "open", None),
        (("pause", "agent_reply"), "paused", "customer"),
        (("pause", "resolution"), "resolved", None),
        (("withdrawal", "pause"), "resolved", None),
        (("resolution", "reopening"), "open", None),
    ],
)
def test_the_state_of_a_ticket_is_the_same_fold(
    kinds: tuple[EventType, ...], status: str, waiting_on: str | None
) -> None:
    opened = berlin("mon 09:00")
    events = [
        ClockEvent(kind, opened + hour * HOUR, waiting_on="customer")
        for hour, kind in enumerate(kinds, start=1)
    ]
    state = read_state(
        opened_at=opened, severity=None, urgent=False, events=events, now=berlin("tue 09:00")
    )
    assert (state.status, state.waiting_on) == (status, waiting_on)


def test_a_state_has_what_the_ticket_was_changed_to_and_when_it_was_remedied_and_closed() -> None:
    opened = berlin("mon 09:00")
    events = [
        ClockEvent("severity", opened + HOUR, severity=2, urgent=True),
        event("remedy", opened + 2 * HOUR),
        event("agent_reply", opened + 2 * HOUR, 1),
        event("resolution", opened + 3 * HOUR),
    ]
    states = [
        read_state(
            opened_at=opened,
            severity=3,
            urgent=False,
            events=events[:count],
            now=berlin("tue 09:00"),
        )
        for count in (0, 1, 4)
    ]
    assert [(each.severity, each.urgent) for each in states] == [(3, False), (2, True), (2, True)]
    assert [each.unanswered for each in states] == [True, True, False]
    assert [each.remedied for each in states] == [False, False, True]
    assert [each.resolved_at for each in states] == [None, None, opened + 3 * HOUR]


@pytest.mark.parametrize(
    ("pauses", "status", "due", "left"),
    [
        # It stands still since 10:00, when an hour of the 24 was used.
        (("customer",), "paused", None, 23),
        # It does not: a day from the opening, of which 3 hours are over.
        ((), "running", "tue 09:00", 21),
    ],
)
def test_a_wait_goes_on_under_a_promise_that_stands_still_for_it(
    pauses: tuple[str, ...], status: str, due: str | None, left: int
) -> None:
    promises = (
        promise("resolution", strength="none", severities={3}),
        promise("resolution", clause(24 * HOUR), severities={1}, pauses=pauses),
    )
    opened = berlin("mon 09:00")
    found = run_one(
        promises,
        opened,
        pause(opened + HOUR),
        reclassify(opened + 2 * HOUR, 1),
        severity=3,
        now=opened + 3 * HOUR,
    )
    assert (found.status, found.due_at) == (status, None if due is None else berlin(due))
    assert found.remaining_seconds == left * 3_600
