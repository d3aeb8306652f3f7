"""Monthly limits: how many tickets of a kind a plan takes within a calendar month."""

from app.domain.values import Value


class MonthlyLimit(Value):
    """`at_most` tickets a month of some severities (none named: any), urgent ones, or of all."""

    at_most: int
    severities: frozenset[int] = frozenset()
    urgent: bool = False

    def counts(self, *, urgent: bool, severity: int | None) -> bool:
        """Return whether such a ticket is one of those that it limits."""
        return urgent >= self.urgent and (not self.severities or severity in self.severities)
