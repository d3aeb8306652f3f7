"""Surroundings of a part: the names that a document defines, read before its parts are."""

from collections.abc import Mapping

from babel.numbers import list_currencies

from app.documents.form.basis.problems import MOST_GUESSES, hint
from app.domain.access.pointers import shorten
from app.domain.catalog.rate_cards import BUG_CATEGORY
from app.domain.values import State, field

LONGEST_LIST = 200
MOST_OFFERS = 2000


class Surroundings(State):
    """The names of one document, whether or not what they name is sound.

    `names` has them by kind: calendar, topic, plan, channel, severity. `currency` is None
    where the document's own is not sound. `paid_channels` are those that are paid in
    incidents, by code with their names. `joining` are the plans whose months may be joined.
    `works_without_plan`: the time of work without a plan has a price, or a way to be counted.
    """

    names: Mapping[str, frozenset[str]]
    currency: str | None = None
    plan_units: Mapping[str, object] = field(default_factory=dict)
    paid_channels: Mapping[str, str] = field(default_factory=dict)
    joining: frozenset[str] = frozenset()
    works_without_plan: bool = False
    guesses_left: int = MOST_GUESSES
    unit_minutes: int | None = None

    def explain_unknown(self, kind: str, name: str) -> str:
        """Return what is said of a name that the document does not define.

        What was meant is guessed; beside very many faults, guessing is not worth its time.
        """
        self.guesses_left -= 1
        near = hint(name, sorted(self.names.get(kind, ()))) if self.guesses_left >= 0 else ""
        return f'The document has no {kind.replace("_", " ")} "{shorten(name)}".{near}'


def read_surroundings(document: Mapping[str, object]) -> Surroundings:
    """Return what a document defines; it may be anything at all."""
    plans, channels = _tables(document, "plans"), _tables(document, "channels")
    calendars = frozenset(_tables(document, "calendars"))
    roles = {role for region in _tables(document, "regions").values() for role in region}
    currency, policies = document.get("currency"), document.get("policies")
    timed = ("rates", "counting")
    return Surroundings(
        names={
            "calendar": calendars | roles,
            "own_calendar": calendars,
            "region": frozenset(_tables(document, "regions")),
            "holiday_set": frozenset(_tables(document, "holidays")),
            "promise_set": frozenset(_tables(document, "promise_sets")),
            "topic": frozenset(_tables(document, "topics")),
            "severity": frozenset(_tables(document, "severities")),
            "channel": frozenset(channels),
            "category": frozenset(_tables(document, "rate_card")) | {BUG_CATEGORY},
            "plan": frozenset(plans),
            "offer": frozenset(_tables(document, "offers", most=MOST_OFFERS)),
        },
        currency=currency if isinstance(currency, str) and is_currency(currency) else None,
        plan_units={code: plan.get("unit") for code, plan in plans.items()},
        joining=frozenset(code for code, plan in plans.items() if "joins_months" in plan),
        works_without_plan=isinstance(policies, Mapping) and any(map(policies.get, timed)),
        unit_minutes=_read_unit_minutes(document.get("time_unit")),
        paid_channels={
            code: str(channel.get("name"))
            for code, channel in channels.items()
            if channel.get("incident_minutes") is not None
        },
    )


def _read_unit_minutes(time_unit: object) -> int | None:
    minutes = time_unit.get("minutes") if isinstance(time_unit, Mapping) else None
    is_sound = isinstance(minutes, int) and not isinstance(minutes, bool) and minutes > 0
    return minutes if is_sound else None


def is_currency(code: str) -> bool:
    """Say whether a code is one of ISO 4217."""
    return code in list_currencies()


def _tables(
    document: Mapping[str, object], name: str, *, most: int = LONGEST_LIST
) -> dict[str, Mapping[str, object]]:
    found = document.get(name)
    if not isinstance(found, Mapping):
        return {}
    first = list(found.items())[:most]
    return {str(code): table if isinstance(table, Mapping) else {} for code, table in first}
