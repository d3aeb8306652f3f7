"""Moved ledgers: running totals of one account that become those of another."""

from collections.abc import Iterable

from app.domain.ledger.verification import TallyRow
from app.domain.values import Value


class TallyMove(Value):
    """A tally's id in either account, and what the other has of that kind of units already."""

    from_id: int
    to_id: int
    granted: int = 0
    held: int = 0
    used: int = 0
    revoked: int = 0


def map_tallies(
    moved: Iterable[TallyRow], there: Iterable[TallyRow], *, last: int
) -> list[TallyMove]:
    """Return what each moved tally becomes: the other account's of its kind, or a new one.

    `last` is the other's last tally; new ones are counted on from it.
    """
    known = {_kind_of(each): each for each in there}
    moves = []
    for each in sorted(moved, key=lambda tally: tally.tally_id):
        same = known.get(_kind_of(each))
        if same is None:
            last += 1
            moves.append(TallyMove(each.tally_id, last))
        else:
            moves.append(
                TallyMove(
                    each.tally_id, same.tally_id, same.granted, same.held, same.used, same.revoked
                )
            )
    return moves


def _kind_of(tally: TallyRow) -> tuple[str, str | None, str, bool]:
    return tally.catalog, tally.site, tally.unit, tally.counted
