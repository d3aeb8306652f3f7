"""The tables joined: every key in each language that pages are written in."""

from collections.abc import Mapping
from typing import Literal

from app.api.pages.word_tables.plans import PLANS
from app.api.pages.word_tables.statements import STATEMENTS
from app.api.pages.word_tables.summaries import SUMMARIES
from app.api.pages.word_tables.terms import TERMS
from app.api.pages.word_tables.timelines import TIMELINES
from app.api.pages.word_tables.times import TIMES

LANGUAGES: tuple[Literal["en", "ru", "de"], ...] = ("en", "ru", "de")  # in the tables' order

_JOINING: Mapping[str, tuple[str, str, str]] = {
    "and": (" and ", " и ", " und "),
    "days_to": ("{first} to {last}", "{first} – {last}", "{first} bis {last}"),
    "days_and": ("{first} and {last}", "{first} и {last}", "{first} und {last}"),
}
TABLES = (PLANS, TIMES, TERMS, STATEMENTS, TIMELINES, SUMMARIES, _JOINING)
WORDS = {key: words for table in TABLES for key, words in table.items()}
