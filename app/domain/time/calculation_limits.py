"""Limits of work for one question: years of open time cost what there is to build.

A calendar with a shift every hour has 8,760 edges in a year, and a question may span thousands
of years. So what is built is counted, and a question that would take more is refused.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import ClassVar

from app.domain.access.refusals import Kind, Refusal
from app.domain.values import State


class CalculationTooLarge(Refusal):
    """The answer would take more dates and shifts to be worked out than one question may."""

    kind: ClassVar[Kind] = "invalid"
    code = "calculation_too_large"
    title = "The calculation is too large"


class _Work(State):
    limit: int
    done: int = 0


_work: ContextVar[_Work | None] = ContextVar("work", default=None)


@contextmanager
def limit_work(limit: int) -> Iterator[None]:
    """Refuse what takes more than `limit` dates and shifts to be worked out within the block."""
    token = _work.set(_Work(limit))
    try:
        yield
    finally:
        _work.reset(token)


def count_work(dates_and_shifts: int) -> None:
    """Count what is about to be built; refuses with `calculation_too_large`."""
    work = _work.get()
    if work is None:
        return
    work.done += dates_and_shifts
    if work.done > work.limit:
        raise CalculationTooLarge(
            f"This takes more than {work.limit:,} dates and shifts of the calendar to be worked"
            " out. Ask for a nearer time, or with fewer shifts.",
            limit=work.limit,
        )
