"""Reads the document that a seller wrote into a catalogue, or names everything wrong with it.

The document is plain data, the same from TOML and from JSON: objects, lists, strings, whole
numbers, true and false. Dates and durations are strings.
"""

from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from app.documents.building.catalogs import build_catalog
from app.documents.example_checks import check_examples
from app.documents.expansion import Found, Steps, check_extensions, expand_plans, put_back
from app.documents.faults import make_writable, read_faults
from app.documents.form.basis.problems import Problem, problem
from app.documents.form.basis.surroundings import Surroundings, read_surroundings
from app.documents.form.calendars import CalendarDocument
from app.documents.form.catalog import CatalogDocument
from app.documents.joining import build_calendar, check_joining
from app.documents.sets import check_sets
from app.domain.access.pointers import leads_somewhere, point, shorten
from app.domain.access.refusals import Fault, InvalidPayload
from app.domain.catalog.catalogs import Catalog
from app.domain.time.calendars import Calendar
from app.domain.values import Value

MOST_FAULTS = 500
RESERVED_CODE = "schema"


class Publication(Value):
    """A sound document, and the values that it describes."""

    document: CatalogDocument
    catalog: Catalog


class InvalidCatalog(InvalidPayload):
    """The document is not a catalogue; `faults` names each place that is wrong, 500 at most."""

    code = "invalid_catalog"
    title = "The catalogue is not valid"
    most_listed = MOST_FAULTS


def parse_catalog(document: Mapping[str, object]) -> Catalog:
    """Return the catalogue that a document describes; equal documents give equal catalogues.

    Raises `InvalidCatalog` with every fault at once, in the order of the document.
    """
    return build_catalog(_read(document))


def check_catalog(document: Mapping[str, object]) -> Publication:
    """Return what a document comes to, with its own examples verified.

    Raises `InvalidCatalog` as `parse_catalog` does, also for examples that come out otherwise.
    """
    read = _read(document)
    catalog = build_catalog(read)
    found = [_find(each) for each in check_examples(read, catalog)]
    if found:
        raise _refuse(document, found)
    return Publication(read, catalog)


def _read(document: Mapping[str, object]) -> CatalogDocument:
    written_out = expand_plans(document)
    around = read_surroundings(written_out)
    found: list[Found] = []
    read: CatalogDocument | None = None
    problems = [
        *_check_whole(written_out, around),
        *_check_choices(written_out),
        *check_extensions(document),
    ]
    try:
        read = CatalogDocument.model_validate(written_out, context=around)
    except ValidationError as error:
        found = read_faults(error, CatalogDocument)
    else:
        problems += check_sets(read)
    taken = {steps for steps, _ in found}
    found += [
        _find(each)
        for each in problems
        if not any(each.steps[:length] in taken for length in range(1, len(each.steps) + 1))
    ]
    found = put_back(document, found)
    if found or read is None:
        raise _refuse(document, found)
    return read


def parse_calendar(document: object, *, pointer: str, faults: list[Fault]) -> Calendar | None:
    """Return the calendar that a document describes; None if anything is wrong with it.

    It stands by itself, and names no other. Every fault is added to `faults`, at its pointer
    below `pointer`.
    """
    found: list[Fault] = []
    try:
        read = CalendarDocument.model_validate(document, context=Surroundings(names={}))
    except ValidationError as error:
        found = [fault for _, fault in read_faults(error, CalendarDocument)]
    else:
        found = [
            Fault(point("", *each.steps[1:]), each.detail, each.code)
            for each in check_joining({"": read})
        ]
        if not found:
            return build_calendar(read)
    faults += [
        make_writable(Fault(pointer + each.pointer, each.detail, each.code)) for each in found
    ]
    return None


def _find(each: Problem) -> Found:
    return each.steps, Fault(point("", *each.steps), each.detail, each.code)


def _refuse(document: Mapping[str, object], found: list[Found]) -> InvalidCatalog:
    found.sort(key=lambda each: _place(document, each[0]))
    shown = [make_writable(fault) for _, fault in found[:MOST_FAULTS]]
    return InvalidCatalog(shown, _summarise(shown, len(found)))


def _check_whole(document: Mapping[str, object], around: Surroundings) -> Iterator[Problem]:
    """Return what the document lacks, or contradicts, as a whole; sound or not in its parts."""
    if "timezone" in document and "utc_offset" in document:
        detail = "A zone is a timezone or a fixed offset: not both."
        yield problem("conflicting_fields", detail, "timezone")
    elif "timezone" not in document and "utc_offset" not in document:
        yield problem("required", 'The field "timezone" must be given.', "timezone")
    if not around.names["plan"] and isinstance(document.get("plans"), Mapping):
        yield problem("required", "A catalogue has at least one plan.", "plans")
    if document.get("code") == RESERVED_CODE:
        detail = f"/v1/catalogs/{RESERVED_CODE} is the schema of documents: choose another code."
        yield problem("reserved_code", detail, "code")
    counts_points = "point" in around.plan_units.values()
    card = document.get("rate_card")
    rows = card.values() if isinstance(card, Mapping) else ()
    in_points = any(not isinstance(row, Mapping) or "unit" not in row for row in rows)
    if in_points and not counts_points:
        detail = (
            "A row of the rate card that names no unit prices in points, and no plan counts them."
        )
        yield problem("unit_mismatch", detail, "rate_card")
    if counts_points and not card:
        detail = "A plan counts points, and there is no rate card to price tickets with."
        yield problem("required", detail, "rate_card")


def _check_choices(document: object, *steps: str | int) -> Iterator[Problem]:
    """Return every path of a `seller_choice` that leads nowhere in its table."""
    if isinstance(document, Mapping):
        chosen = document.get("seller_choice")
        for position, path in enumerate(chosen if isinstance(chosen, list) else ()):
            if isinstance(path, str) and not leads_somewhere(document, path.split("/")):
                detail = f"There is no {shorten(path)} here for the seller to have chosen."
                yield problem("unknown_field", detail, *steps, "seller_choice", position)
        for name, value in document.items():
            if isinstance(value, dict | list):
                yield from _check_choices(value, *steps, str(name))
    elif isinstance(document, list):
        for position, value in enumerate(document):
            if isinstance(value, dict):
                yield from _check_choices(value, *steps, position)


def _place(document: object, steps: Steps) -> tuple[int, ...]:
    """Return where in the document something is: what is not there comes last in its table."""
    place: list[int] = []
    for step in steps:
        if isinstance(document, Mapping):
            names = list(document)
            place.append(names.index(step) if step in document else len(names))
            document = document.get(step)
        elif isinstance(document, list | tuple) and isinstance(step, int):
            place.append(step)
            document = document[step] if step < len(document) else None
        else:
            break
    return tuple(place)


def _summarise(faults: list[Fault], count: int) -> str:
    counted = "one fault" if count == 1 else f"{count:,} faults"
    return f"The document has {counted}; the first, at {faults[0].pointer}: {faults[0].detail}"
