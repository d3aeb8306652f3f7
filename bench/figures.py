"""What a part of the benchmark finds: figures, and goals that they are held to."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Figure:
    """How fast one thing was, done by one of those compared.

    `unit` is of `value`: `µs`, `ms` and `s` are better low, `/s` is better high. `times` is how
    many times as much as the reference's this is, whose own is 1. `cpu_us` is what a request cost
    the server's processes together: least troubled by what else the machine does.
    """

    what: str
    who: str
    value: float
    unit: str
    p50_ms: float | None = None
    p99_ms: float | None = None
    cpu_us: float | None = None
    times: float | None = None


@dataclass(frozen=True, slots=True)
class Goal:
    """A limit that a value is to keep to: at most, unless `at_least`."""

    what: str
    value: float
    limit: float
    unit: str
    at_least: bool = False

    @property
    def reached(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    @property
    def times_as_good(self) -> float:
        """How many times as good as it has to be; below 1 it is not reached."""
        return self.value / self.limit if self.at_least else self.limit / self.value


@dataclass(slots=True)
class Part:
    """One part's findings; `sizes` says on how much of what."""

    name: str
    title: str
    sizes: dict[str, int | str] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)


def render_amount(value: float, unit: str) -> str:
    """Return a value for people, with three digits or so."""
    digits = 0 if value >= 1_000 else 1 if value >= 100 else 2
    return f"{value:,.{digits}f}{'' if unit.startswith('/') else ' '}{unit}"
