"""Channels: how a catalogue serves what comes by ticket, mail, chat, phone or video."""

from typing import Literal

from app.domain.values import Value

Channel = Literal["ticket", "email", "chat", "phone", "video"]


class ChannelTerms(Value):
    """How a catalogue serves one channel.

    `incident_minutes`: an incident pays for that many minutes, and each further step begun is
    another incident. `limit_minutes`: a session's end; no further incident. `hours` names the
    calendar outside which a session is refused; None: no closing hours. `urgent_only` serves
    urgent requests alone. `refuses_topics` are topics this channel does not serve. `on_request`
    sessions are arranged, not walked into. `at_once` is how many sessions may run together.
    `served_in` names the calendar in which it is usually answered, and refuses nothing.
    `asks_for` is what a customer is asked to give in order to use it.
    """

    channel: Channel
    name: str
    description: str
    incident_minutes: int | None = None
    limit_minutes: int | None = None
    hours: str | None = None
    urgent_only: bool = False
    refuses_topics: frozenset[str] = frozenset()
    on_request: bool = False
    best_effort: bool = False
    at_once: int | None = None
    served_in: str | None = None
    asks_for: tuple[str, ...] = ()
    seller_choice: tuple[str, ...] = ()
