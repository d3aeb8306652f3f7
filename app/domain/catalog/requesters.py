"""Requesters of a plan: people whom the customer named, known addresses, or whole domains."""

from app.domain.values import Value


class Requesters(Value):
    """Who may ask: at least one of these is given.

    `named_at_most` are how many people a customer may name, by how many of the offer it has:
    pairs of a number, up to which it holds, and the people; beyond the last, `further` adds so
    many people for each so many more, begun. `registered`: any address or contact of the
    account. `domains`: addresses of its domains, too.
    """

    named_at_most: tuple[tuple[int | None, int], ...] = ()
    further: tuple[int, int] | None = None
    registered: bool = False
    domains: bool = False

    def count_named(self, quantity: int) -> int | None:
        """Return how many people a customer with so many may name; None: it names nobody."""
        for up_to, people in self.named_at_most:
            if up_to is None or quantity <= up_to:
                return people
        if not self.named_at_most:
            return None
        up_to, people = self.named_at_most[-1]
        if self.further is None or up_to is None:
            return people
        each, more = self.further
        return people + more * -(-(quantity - up_to) // each)


class Asker(Value):
    """Who asks, as the account knows them.

    `named`: their place among those whom the customer named, from 1; None: not named.
    `registered`: an address or a contact of the account. `of_domain`: of one of its domains.
    """

    requester: str | None
    registered: bool = False
    named: int | None = None
    of_domain: bool = False
