"""The seeds' promises and calendars, and short words to run clocks with."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from fractions import Fraction
from zoneinfo import ZoneInfo

from app.domain.promises.clock_events import ClockEvent
from app.domain.promises.clocks import run_clocks
from app.domain.promises.deadlines import Deadline
from app.domain.promises.promises import BusinessDays, Clause, Metric, Promise, Strength
from app.domain.time.calendars import WEEKDAYS, Calendar, Shift
from app.domain.values import replace

HOUR = timedelta(hours=1)
NINE_TO_FIVE = (Shift(540, 1020),)

# Seed 000: 9:30 to 17:30 at GMT+2, Monday to Friday.
LIVECART = Calendar("+02:00", ((Shift(570, 1050),),) * 5 + ((),) * 2)
# Seed 002: engineers 6:00 to 01:00 Monday to Friday, 10:00 to 18:00 at weekends, GMT+3.
ENGINEERS = Calendar("+03:00", ((Shift(360, 1500),),) * 5 + ((Shift(600, 1080),),) * 2)
# Seed 004: 9 to 17 in Berlin, without holidays.
CORPORATE = Calendar(
    "Europe/Berlin",
    (NINE_TO_FIVE,) * 5 + ((),) * 2,
    holidays=(
        (date(2026, 12, 25), "Erster Weihnachtstag"),
        (date(2026, 12, 26), "Zweiter Weihnachtstag"),
        (date(2027, 1, 1), "Neujahr"),
    ),
    holidays_until=date(2027, 12, 31),
)
CALENDARS = {"livecart": LIVECART, "engineers": ENGINEERS, "corporate": CORPORATE}

BERLIN = ZoneInfo("Europe/Berlin")


def clause(
    within: timedelta | BusinessDays,
    calendar: str | None = None,
    *,
    guard: str | None = None,
    strength: Strength = "guaranteed",
) -> Clause:
    return Clause(within, calendar, guard, strength)


def promise(
    metric: Metric,
    *clauses: Clause,
    strength: Strength = "guaranteed",
    severities: Iterable[int] = (),
    pauses: Iterable[str] = (),
    urgent: bool | None = None,
    warn_at: Fraction | None = None,
    warn_before: timedelta | None = None,
) -> Promise:
    return Promise(
        metric,
        strength,
        clauses,
        severities=frozenset(severities),
        urgent=urgent,
        pauses=frozenset(pauses),
        warn_at=warn_at,
        warn_before=warn_before,
    )


EXPRESS = promise(
    "first_response",
    clause(24 * HOUR),
    clause(4 * HOUR, "livecart", guard="livecart"),
    clause(HOUR, "livecart", guard="livecart", strength="typical"),
)
ONE_BUSINESS_DAY = promise("first_response", clause(BusinessDays(1), "engineers"), urgent=False)
HOTRUSH = promise("first_response", clause(2 * HOUR, "engineers"), urgent=True)


def _business(hours: int) -> Clause:
    return clause(hours * HOUR, "corporate")


def _days(days: int) -> Clause:
    return clause(BusinessDays(days), "corporate")


def _matrix(*rows: tuple[Clause, Clause]) -> tuple[Promise, ...]:
    """Severities 1 to 3, and 4, which is the same in both paid plans."""
    promises = [promise("first_response", _business(24), severities={4})]
    promises.append(promise("resolution", strength="best_effort", severities={4}))
    for severity, (first, resolution) in enumerate(rows, start=1):
        promises.append(promise("first_response", first, severities={severity}))
        promises.append(
            promise(
                "resolution",
                replace(resolution, strength="target"),
                strength="target",
                severities={severity},
                pauses={"customer"},
            )
        )
    return tuple(promises)


ENTERPRISE = _matrix(
    (_business(8), _business(32)), (_business(16), _days(7)), (_business(24), _days(14))
)
GOLD = _matrix((_business(8), _business(16)), (_business(8), _days(3)), (_business(8), _days(7)))
PROFESSIONAL = (
    promise("first_response", strength="none", severities={1, 2, 3}),
    promise("resolution", strength="none", severities={1, 2, 3}),
    promise(
        "first_response",
        clause(24 * HOUR, "corporate", strength="best_effort"),
        strength="best_effort",
        severities={4},
    ),
    promise("resolution", strength="best_effort", severities={4}),
)


def run(
    promises: Promise | tuple[Promise, ...],
    opened_at: datetime,
    *events: ClockEvent,
    severity: int | None = None,
    urgent: bool = False,
    now: datetime | None = None,
) -> tuple[Deadline, ...]:
    """Run the clocks to `now`; without it, to the last event or the opening."""
    return run_clocks(
        promises=promises if isinstance(promises, tuple) else (promises,),
        calendars=CALENDARS,
        opened_at=opened_at,
        severity=severity,
        urgent=urgent,
        events=events,
        now=now or max([opened_at, *(event.at for event in events)]),
    )


def run_one(
    promises: Promise | tuple[Promise, ...],
    opened_at: datetime,
    *events: ClockEvent,
    metric: Metric | None = None,
    severity: int | None = None,
    urgent: bool = False,
    now: datetime | None = None,
) -> Deadline:
    """Run the clocks and return the only deadline, or that of `metric`."""
    deadlines = run(promises, opened_at, *events, severity=severity, urgent=urgent, now=now)
    (found,) = [each for each in deadlines if metric in (None, each.metric)]
    return found


def week_in(zone: tzinfo) -> Callable[[str], datetime]:
    """Return a reader of times in the week of Monday 23 November 2026: "tue 10:00".

    "next mon 09:00" is a week later. What it returns is UTC.
    """

    def read(text: str) -> datetime:
        *later, day, clock = text.split()
        days = WEEKDAYS.index(day) + 7 * later.count("next")
        hour, minute = map(int, clock.split(":"))
        local = datetime(2026, 11, 23, hour, minute, tzinfo=zone) + timedelta(days=days)
        return local.astimezone(UTC)

    return read
