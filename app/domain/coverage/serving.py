"""Serving: whether a plan serves a request's channel, topic and urgency, and when it does again."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Literal

from app.domain.catalog.catalogs import Catalog
from app.domain.catalog.channels import Channel, ChannelTerms
from app.domain.catalog.plans import Plan
from app.domain.catalog.rate_cards import BUG_CATEGORY
from app.domain.catalog.requesters import Asker
from app.domain.coverage.requests import Request
from app.domain.time.civil_time import read_zone, write_civil
from app.domain.values import Value, field

# In the order in which they are looked at: of two pools, the one refused by the later came further.
PoolCode = Literal[
    "term_ended",
    "not_started",
    "suspended",
    "site_not_covered",
    "requester_unknown",
    "requester_not_named",
    "channel_not_included",
    "topic_not_included",
    "urgent_not_included",
    "outside_channel_hours",
    "too_many_open",
    "urgent_limit_reached",
    "monthly_limit_reached",
    "exhausted",
    "cap_reached",
]


class OpeningHours(Value):
    """When the calendars of a catalogue are open: at an instant, and next after it."""

    is_open: Callable[[Catalog, str, datetime], bool]
    next_opening: Callable[[Catalog, str, datetime], datetime]


class Rejection(Value):
    """Why a pool does not pay: a code, a sentence, and the facts, as plain JSON values."""

    code: PoolCode
    detail: str
    members: Mapping[str, object] = field(default_factory=dict)


SUSPENDED = Rejection("suspended", "The subscription is suspended.")


def refuse_request(
    plan: Plan,
    terms: Catalog,
    request: Request,
    *,
    at: datetime | None,
    hours: OpeningHours | None,
    cover: Iterable[str] = (),
) -> Rejection | None:
    """Return why a plan does not serve the request's channel, topic or urgency; None if it does.

    Without `at`, opening hours are not looked at: whether a plan would serve it at all. `cover`
    are the calendars bought on top, in whose open time its channels are open too.
    """
    channel = request.channel or plan.channels[0]
    if channel not in plan.channels:
        return Rejection("channel_not_included", f"The plan {plan.name} has no {channel} support.")
    channel_terms = terms.channels.get(channel)
    if channel_terms is not None and channel_terms.urgent_only and not request.urgent:
        detail = f"{channel_terms.name} is for urgent requests only."
        return Rejection("channel_not_included", detail)
    if request.category != BUG_CATEGORY:
        refused = _refuse_topic(plan, terms, channel_terms, request.topic, at=at)
        if refused is not None:
            return refused
    if request.urgent and not plan.urgent:
        detail = f"The plan {plan.name} does not serve urgent requests."
        return Rejection("urgent_not_included", detail)
    if channel_terms is None or at is None or hours is None:
        return None
    if _is_open(channel_terms, terms, at=at, hours=hours, cover=cover):
        return None
    return _closed(plan, terms, request, channel_terms, at=at, hours=hours, cover=tuple(cover))


def refuse_requester(
    plan: Plan, request: Request, asker: Asker | None, *, quantity: int
) -> Rejection | None:
    """Return why a plan does not serve whoever asks; None where it does, or is not asked.

    A bug report is anybody's. `quantity` is how many of its offer the customer has.
    """
    rule = plan.requesters
    if rule is None or asker is None or request.category == BUG_CATEGORY:
        return None
    if (asker.registered and rule.registered) or (rule.domains and asker.of_domain):
        return None
    most = rule.count_named(quantity)
    if most is not None and asker.named is not None and asker.named <= most:
        return None
    members: dict[str, object] = {"requester": asker.requester}
    if asker.requester is None:
        return Rejection(
            "requester_unknown", f"On {plan.name} it has to be said who asks.", members
        )
    if most is None or not asker.registered:
        detail = f"{asker.requester} is not known as one who may ask on {plan.name}."
        return Rejection("requester_unknown", detail, members)
    members |= {"named_at_most": most}
    detail = f"{asker.requester} is not among the {most} people who may be named on {plan.name}."
    return Rejection("requester_not_named", detail, members)


def serving_channels(
    plan: Plan,
    terms: Catalog,
    request: Request,
    *,
    at: datetime,
    hours: OpeningHours,
    cover: Iterable[str] = (),
) -> list[Channel]:
    """Return the plan's channels that serve such a request at `at`."""
    return [
        channel
        for channel in plan.channels
        if refuse_request(plan, terms, request.by(channel), at=None, hours=None) is None
        and _is_open(terms.channels[channel], terms, at=at, hours=hours, cover=cover)
    ]


def _is_open(
    channel: ChannelTerms,
    terms: Catalog,
    *,
    at: datetime,
    hours: OpeningHours,
    cover: Iterable[str],
) -> bool:
    """Say whether a channel is open: always, in its own hours, or in those of cover on top."""
    if channel.hours is None:
        return True
    return any(hours.is_open(terms, calendar, at) for calendar in (channel.hours, *cover))


def _closed(
    plan: Plan,
    terms: Catalog,
    request: Request,
    channel: ChannelTerms,
    *,
    at: datetime,
    hours: OpeningHours,
    cover: tuple[str, ...],
) -> Rejection:
    calendars = (channel.hours or "", *cover)
    opens_at = min(hours.next_opening(terms, calendar, at) for calendar in calendars)
    meanwhile = serving_channels(plan, terms, request, at=at, hours=hours, cover=cover)
    names = [terms.channels[each].name for each in meanwhile]
    takes = "takes" if len(names) == 1 else "take"
    served = f" {_join(names)} {takes} requests now." if names else ""
    zone = terms.calendars[calendars[0]].zone
    return Rejection(
        "outside_channel_hours",
        f"{channel.name} is closed until {write_civil(opens_at, zone)}.{served}",
        {"opens_at": opens_at, "serving_now": meanwhile},
    )


def _refuse_topic(
    plan: Plan,
    terms: Catalog,
    channel: ChannelTerms | None,
    topic: str | None,
    *,
    at: datetime | None,
) -> Rejection | None:
    if topic is None:
        return None
    known = terms.topics.get(topic)
    name = topic if known is None else known.name
    if channel is not None and topic in channel.refuses_topics:
        return Rejection("topic_not_included", f"{channel.name} does not serve: {name}.")
    until = None if known is None or at is None else known.until
    if until is not None and at is not None and _day_of(at, terms) > until:
        detail = f"{name} was supported until {until}."
        return Rejection("topic_not_included", detail, {"supported_until": until.isoformat()})
    included = known is not None and known.included
    if plan.topics is not None:
        included = topic in plan.topics
    if included:
        return None
    if known is not None and not known.included:
        return _for_a_fee(terms, name=name, note=known.fee_note or known.note)
    return Rejection("topic_not_included", f"The plan {plan.name} does not include: {name}.")


def _day_of(at: datetime, terms: Catalog) -> date:
    return at.astimezone(read_zone(terms.zone)).date()


def _for_a_fee(terms: Catalog, *, name: str, note: str | None) -> Rejection:
    """Return the refusal of a topic that is out of scope: it is served for a fee, by whom asks."""
    there = [each for each in terms.contacts if each.email or each.phones]
    whom = [each for each in there if each.quotes] or there
    ask = f"; ask {_join([_write_contact(each.department, each.email) for each in whom], 'or')}"
    noted = f" {note}" if note else ""
    return Rejection(
        "topic_not_included",
        f"{name} is not included, but provided for an additional fee{ask if whom else ''}.{noted}",
        {
            "additional_fee": {
                "topic": name,
                "note": note,
                "contacts": [
                    {"department": each.department, "email": each.email, "phones": each.phones}
                    for each in whom
                ],
            }
        },
    )


def _write_contact(department: str, email: str | None) -> str:
    return f"{department} ({email})" if email else department


def _join(names: list[str], word: str = "and") -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {word} {names[-1]}"
