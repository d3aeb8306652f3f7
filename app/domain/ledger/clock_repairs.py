"""The decision whether an account's clock may be set to the present."""

from datetime import datetime, timedelta

# As far as two machines' clocks may differ while entries are written.
TOLERANCE = timedelta(seconds=120)


class ClockNotAheadError(Exception):
    """The account's clock is not ahead of the present, so there is nothing to repair."""


def require_ahead(clock_at: datetime, *, now: datetime, sandbox: bool) -> None:
    """Raise `ClockNotAheadError` unless the account's last effective time is far in the future.

    A sandbox account's clock is its own, wherever it stands.
    """
    if sandbox:
        raise ClockNotAheadError("The account is a sandbox: its clock is its own.")
    if clock_at - now <= TOLERANCE:
        raise ClockNotAheadError("The account's clock is not ahead: there is nothing to repair.")
