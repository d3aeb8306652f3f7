"""Credits of a plan for broken promises, by the month or for each."""

import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from app.documents.form.basis.parts import Listed, Part
from app.documents.form.basis.problems import Problem, problem, refuse, refuse_all
from app.documents.form.basis.surroundings import Surroundings
from app.documents.form.basis.values import Read
from app.domain.promises.credit_rules import CreditShare, CreditStrength
from app.domain.promises.promises import Metric

MOST_CREDITS = 20
MOST_STEPS = 20
MOST_UNITS = 1_000_000
_PERCENT = re.compile(r"([1-9][0-9]?|100)%", re.ASCII)
_SHARE_SHAPE: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "pattern": f"^{_PERCENT.pattern}$"},
        {"type": "integer", "minimum": 1, "maximum": MOST_UNITS},
    ]
}


def _read_share(value: object) -> CreditShare:
    if isinstance(value, CreditShare):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_UNITS:
        return CreditShare(units=value)
    found = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        detail = 'A credit is a share of the month\'s price, "5%", or a number of units.'
        raise refuse("out_of_range", detail)
    return CreditShare(percent=int(found[1]))


def _read_steps(value: object) -> tuple[tuple[int, CreditShare], ...]:
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= MOST_STEPS:
        detail = f"Steps are a list of 1 to {MOST_STEPS}, each a pair like [3, '10%']."
        raise refuse("invalid_type", detail)
    steps: list[tuple[int, CreditShare]] = []
    for pair in value:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise refuse("invalid_type", "A step is a pair like [3, '10%'].")
        least, share = pair
        if not isinstance(least, int) or isinstance(least, bool) or least < 1:
            raise refuse("out_of_range", "A step begins at a number of breaches, 1 or more.")
        if steps and least <= steps[-1][0]:
            raise refuse("out_of_range", "Each step begins at more breaches than the one before.")
        steps.append((least, _read_share(share)))
    return tuple(steps)


ShareText = Annotated[CreditShare, Read(_read_share, _SHARE_SHAPE)]
Steps = Annotated[
    tuple[tuple[int, CreditShare], ...],
    Read(
        _read_steps,
        {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_STEPS,
            "items": {
                "type": "array",
                "prefixItems": [{"type": "integer", "minimum": 1}, _SHARE_SHAPE],
                "minItems": 2,
                "maxItems": 2,
            },
        },
    ),
]


class CreditDocument(Part):
    """What breaches within a month give: computed and reported, and granted by a person."""

    metric: Metric | None = None
    """The metric whose breaches count; if it is left out, those of all metrics together."""
    strength: CreditStrength = "guaranteed"
    """Whether guarantees that were broken count, or targets that were missed."""
    breaches_in_month: Steps | None = None
    """What is given from so many breaches within a month on, in steps: [[1, "5%"]]."""
    per_breach: ShareText | None = None
    """What every breach gives, in place of steps; all of a month's price at most."""

    def check(self, around: Surroundings) -> Iterator[Problem]:
        if (self.breaches_in_month is None) == (self.per_breach is None):
            detail = "A credit is given by breaches_in_month or per_breach: one of the two."
            yield problem("conflicting_fields", detail)


def _separate(credits_: tuple[CreditDocument, ...]) -> tuple[CreditDocument, ...]:
    ruled = [(each.metric, each.strength) for each in credits_]
    refuse_all(
        problem("duplicate", "Another credit is for these breaches already.", place, "metric")
        for place, (metric, strength) in enumerate(ruled)
        if any(
            strength == other and (metric == named or None in (metric, named))
            for named, other in ruled[:place]
        )
    )
    return credits_


Credits = Annotated[
    tuple[CreditDocument, ...],
    Field(max_length=MOST_CREDITS),
    Listed,
    AfterValidator(_separate),
]
