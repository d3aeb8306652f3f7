"""The rate card: what a ticket of one category costs, or one under conditions."""

from typing import Literal

from app.domain.catalog.amounts import Unit
from app.domain.catalog.channels import Channel
from app.domain.values import Value

BUG_CATEGORY = "bug"


class Rate(Value):
    """One row of a rate card, in `unit`s, for the plans that count those.

    fixed: `base`. from: at least `base`. range: `base` to `upper`, opening at `base`.
    per_unit: `base` + n times `per_unit`, n being the request's `variable`. on_request: an amount
    must be given. A free row is fixed at 0. Of minutes these are what opening sets aside, and the
    time that is worked is what a ticket costs. `definition` and `examples` say what belongs to it.

    A row with conditions (`severities`, `urgent`, `channels`) is the price of what meets them:
    of the category `of`, or else of any request that names none that has a price of its own.
    """

    category: str
    name: str
    kind: Literal["fixed", "from", "range", "per_unit", "on_request"]
    base: int = 0
    upper: int | None = None
    per_unit: int = 0
    variable: str | None = None
    group: str | None = None
    definition: str | None = None
    examples: tuple[str, ...] = ()
    unit: Unit = "point"
    of: str | None = None
    severities: frozenset[int] = frozenset()
    urgent: bool | None = None
    channels: frozenset[Channel] = frozenset()

    @property
    def is_conditional(self) -> bool:
        return bool(self.severities or self.channels) or self.urgent is not None

    def applies(self, *, severity: int | None, urgent: bool, channel: Channel | None) -> bool:
        """Say whether a request meets its conditions."""
        return (
            (not self.severities or severity in self.severities)
            and self.urgent in (None, urgent)
            and (not self.channels or channel in self.channels)
        )
