"""Event data: the particulars of an event, of which its document and what is stored are made.

They are ids, units and times, and nothing of a person: an erasure has nothing to blank in them.
`sequence` is the account's, with what happened in it.
"""

from app.domain.values import Value


def _name_as_json(field: str) -> str:
    """Return a field's name in JSON: that which Python has without `_`."""
    return field.rstrip("_")


class EventData(Value, kw_only=True, rename=_name_as_json):
    """The particulars of one event; each type of event has a class of its own.

    As JSON they are an object of its fields; instants are in UTC and written with `Z`.
    """
