"""Plans that extend others, written out before they are read; and faults back in their places."""

from collections.abc import Iterable, Iterator, Mapping

from app.documents.form.basis.problems import Problem, problem
from app.domain.access.pointers import point
from app.domain.access.refusals import Fault

Steps = tuple[str | int, ...]
Found = tuple[Steps, Fault]


def expand_plans(document: Mapping[str, object]) -> Mapping[str, object]:
    """Return the document with each plan's fields filled in from the one that it extends."""
    plans = document.get("plans")
    if not isinstance(plans, Mapping) or not any(_base_of(plan) for plan in plans.values()):
        return document
    written = {code: _write_out(str(code), plans) for code in plans}
    return {**document, "plans": written}


def check_extensions(document: Mapping[str, object]) -> Iterator[Problem]:
    """Return each plan that extends itself, at once or by way of others."""
    found = document.get("plans")
    plans: Mapping[str, object] = found if isinstance(found, Mapping) else {}
    for code in plans:
        if len(set(line := _line_of(str(code), plans))) < len(line):
            detail = "The plan would extend itself."
            yield problem("plan_cycle", detail, "plans", str(code), "extends")


def put_back(document: Mapping[str, object], found: Iterable[Found]) -> list[Found]:
    """Return faults where the seller wrote what is wrong.

    What a plan has from another is at fault there; what is wrong with it in this plan alone is
    said of its `extends`.
    """
    faults = list(found)
    places = {steps for steps, _ in faults}
    # What a plan lacks is not known while it is not known what it extends.
    faults = [
        (steps, fault)
        for steps, fault in faults
        if fault.code != "required" or (*steps[:2], "extends") not in places
    ]
    kept: dict[tuple[Steps, str], Found] = {}
    for steps, fault in faults:
        home = _home_of(document, steps)
        if home == steps or home not in places:
            where = steps if home == steps else (*steps[:2], "extends")
            told = Fault(point("", *where), fault.detail, fault.code)
            kept.setdefault((where, fault.code if where != steps else fault.detail), (where, told))
    return list(kept.values())


def _home_of(document: Mapping[str, object], steps: Steps) -> Steps:
    """Return where a place stands in the document as it is written."""
    plans = document.get("plans")
    if steps[:1] != ("plans",) or len(steps) < 3 or not isinstance(plans, Mapping):
        return steps
    line = _line_of(str(steps[1]), plans)
    for code in dict.fromkeys(line):
        plan = plans.get(code)
        if isinstance(plan, Mapping) and steps[2] in plan:
            return ("plans", code, *steps[2:])
    return steps


def _write_out(code: str, plans: Mapping[str, object]) -> object:
    own = plans[code]
    if not _base_of(own):
        return own
    written: dict[str, object] = {}
    for each in dict.fromkeys(_line_of(code, plans)):
        plan = plans.get(each)
        if isinstance(plan, Mapping):
            written = {**plan, **written}
    return written


def _line_of(code: str, plans: Mapping[str, object]) -> list[str]:
    """Return a plan, the one it extends, and so on; the last is there twice in a circle."""
    line = [code]
    while (base := _base_of(plans.get(line[-1]))) is not None and base in plans:
        line.append(base)
        if line.count(base) > 1:
            break
    return line


def _base_of(plan: object) -> str | None:
    base = plan.get("extends") if isinstance(plan, Mapping) else None
    return base if isinstance(base, str) else None
