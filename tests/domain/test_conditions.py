"""Conditions of counting and rates: which tickets and times they are for, what includes what."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from app.domain.catalog.channels import Channel
from app.domain.catalog.conditions import TimeConditions, WorkedTicket
from app.domain.catalog.counting import Counting, Rounding
from app.domain.values import replace

CHANNELS: tuple[Channel, ...] = ("email", "phone")
CATEGORIES = st.sampled_from((None, "visit", "remote"))
CALENDARS = ("office", "night")
TICKETS = st.builds(
    WorkedTicket,
    st.booleans(),
    st.sampled_from((None, 1, 2)),
    CATEGORIES,
    st.sampled_from(CHANNELS),
)
TIMES = st.sampled_from(
    ((None, None), *((each, None) for each in CALENDARS), *((None, each) for each in CALENDARS))
)
CONDITIONS = st.builds(
    lambda urgent, category, severities, channels, times: TimeConditions(
        urgent=urgent,
        category=category,
        severities=severities,
        channels=channels,
        inside=times[0],
        outside=times[1],
    ),
    st.booleans(),
    CATEGORIES,
    st.frozensets(st.integers(1, 2)),
    st.frozensets(st.sampled_from(CHANNELS)),
    TIMES,
)


@given(CONDITIONS, CONDITIONS, TICKETS, st.frozensets(st.sampled_from(CALENDARS)))
def test_what_includes_another_holds_wherever_that_does(
    one: TimeConditions, other: TimeConditions, ticket: WorkedTicket, are_open: frozenset[str]
) -> None:
    def applies(each: TimeConditions) -> bool:
        return each.is_for(ticket) and each.holds(are_open.__contains__)

    assert one.includes(one)
    if one.includes(other):
        assert applies(one) or not applies(other)
    if one.includes(other) and other.includes(one):
        assert one == other


@given(CONDITIONS, TICKETS)
def test_without_a_time_only_what_holds_at_any_time_does(
    one: TimeConditions, ticket: WorkedTicket
) -> None:
    assert one.holds(None) == (one.calendar is None)
    always = replace(one, inside=None, outside=None)
    assert always.is_for(ticket) == one.is_for(ticket)


def test_the_first_rounding_that_is_for_a_ticket_is_its_own() -> None:
    counting = Counting(
        least=15,
        step=15,
        over="work",
        factors=(),
        roundings=(
            Rounding(category="visit", least=240),
            Rounding(channels=frozenset({"phone"}), step=5),
            Rounding(category="visit", least=999),
        ),
    )
    visit, call = WorkedTicket(category="visit", channel="phone"), WorkedTicket(channel="phone")
    assert [counting.of(each).round_up(Fraction(22)) for each in (visit, call, WorkedTicket())] == [
        240,
        25,
        30,
    ]
