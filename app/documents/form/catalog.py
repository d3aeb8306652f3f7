"""The whole document of a catalogue, as a seller writes it in TOML or JSON."""

from collections.abc import Callable, Iterable
from typing import Annotated, TypeVar

from pydantic import AfterValidator

from app.documents.form.basis.parts import AtMost, ChosenPart, Languages, Texts
from app.documents.form.basis.problems import Problem, refuse, refuse_all
from app.documents.form.basis.surroundings import LONGEST_LIST, MOST_OFFERS
from app.documents.form.basis.values import Code, CurrencyCode, Name, Text, ZoneName
from app.documents.form.branding import BrandingDocument, NamesDocument, TimeUnitDocument
from app.documents.form.calendars import CalendarDocument, HolidaySetDocument
from app.documents.form.examples import Examples
from app.documents.form.matrix import PromiseSetDocument
from app.documents.form.offers import FirstLicenceDocument, OfferDocument
from app.documents.form.plans import PlanDocument, check_ranks
from app.documents.form.policies import Contacts, Discounts, PoliciesDocument
from app.documents.form.regions import RegionDocument
from app.documents.form.scope import (
    Category,
    ChannelDocument,
    Level,
    RateDocument,
    SeverityDocument,
    TopicDocument,
)
from app.documents.joining import check_joining
from app.domain.catalog.channels import Channel

MOST_CALENDARS = 50
MOST_PLANS = 50
_Tables = TypeVar("_Tables")
_CHANNELS: tuple[Channel, ...] = ("ticket", "email", "chat", "phone", "video")


def _read_channel(code: str) -> str:
    if code not in _CHANNELS:
        detail = f"There is no such channel; there are {', '.join(_CHANNELS)}."
        raise refuse("unknown_channel", detail)
    return code


def _all(check: Callable[[_Tables], Iterable[Problem]]) -> AfterValidator:
    """Refuse whatever a check finds in tables that are each sound."""

    def run(tables: _Tables) -> _Tables:
        refuse_all(check(tables))
        return tables

    return AfterValidator(run)


class CatalogDocument(ChosenPart):
    """A seller's published terms: plans, offers, rate card, promises and calendars."""

    code: Code
    """The catalogue's code, which begins the codes of its offers."""
    title: Name
    """The name of these terms, as people read it."""
    description: Text
    """What the seller sells, in a sentence."""
    timezone: ZoneName | None = None
    """The IANA name of the zone in which months and weeks turn; this or an offset is needed."""
    utc_offset: ZoneName | None = None
    """A fixed offset from UTC in place of a zone, where the seller keeps no summer time."""
    currency: CurrencyCode
    """The one currency of all prices, by its ISO 4217 code."""
    languages: Languages = ()
    """The languages in which support is given, as BCP 47 tags."""
    notes: Texts = ()
    """What else the seller's page says, in the seller's words."""
    services: Texts = ()
    """The services that the plans bring, as the seller lists them."""
    access_data: Texts = ()
    """The access to a customer's systems that the seller needs."""
    time_unit: TimeUnitDocument | None = None
    """The unit in which time is sold and counted; amounts of minutes are then written in it."""
    names: NamesDocument | None = None
    """What the seller calls units and stores, for one and for several."""
    branding: BrandingDocument | None = None
    """The look of the pages that people read, and the language of their words."""
    calendars: Annotated[
        dict[Code, CalendarDocument], _all(check_joining), AtMost(MOST_CALENDARS)
    ] = {}
    """The calendars in which support is open, by their codes."""
    regions: Annotated[dict[Code, RegionDocument], AtMost(MOST_CALENDARS)] = {}
    """The customers' regions: by which calendar each role goes there that clauses name."""
    holidays: Annotated[dict[Code, HolidaySetDocument], AtMost(MOST_CALENDARS)] = {}
    """Sets of holidays that calendars share, by name."""
    topics: Annotated[dict[Code, TopicDocument], AtMost(LONGEST_LIST)] = {}
    """The subjects of support, in scope and out of it, by code."""
    severities: Annotated[dict[Level, SeverityDocument], AtMost(LONGEST_LIST)] = {}
    """The levels of severity, 1 to 5 at most, as the seller defines them."""
    channels: Annotated[
        dict[Annotated[Code, AfterValidator(_read_channel)], ChannelDocument],
        AtMost(LONGEST_LIST),
    ] = {}
    """How each channel is served: ticket, email, chat, phone, video."""
    promise_sets: Annotated[dict[Code, PromiseSetDocument], AtMost(MOST_PLANS)] = {}
    """Sets of promises that plans share, by name."""
    plans: Annotated[dict[Code, PlanDocument], _all(check_ranks), AtMost(MOST_PLANS, least=1)]
    """The levels of support, by the plan's code; there is at least one."""
    offers: Annotated[dict[Code, OfferDocument], AtMost(MOST_OFFERS)] = {}
    """The offers that a shop sells, by their own codes."""
    first_licence: FirstLicenceDocument | None = None
    """What the first software licence of a customer brings, if anything."""
    rate_card: Annotated[dict[Category, RateDocument], AtMost(LONGEST_LIST)] = {}
    """What a ticket costs by its category, where plans count points."""
    discounts: Discounts = ()
    """What is taken off the price for a long contract, or for many that are bought at once."""
    contacts: Contacts = ()
    """The departments that a customer can turn to, in order."""
    examples: Examples = ()
    """Cases with their answers, verified whenever the document is checked or published."""
    policies: PoliciesDocument
    """What the seller does in the cases that the plans leave open."""
