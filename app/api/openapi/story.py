"""The examples of the document: one customer's story, from its first request to its last.

`examples/story.json` has the requests in their order, `examples/replies.json` what each was
answered, as a test records them from a service that was just started. So each operation can be
executed as the document shows it, in the story's order, and again.

A value that the service makes anew each time (an id, a token) has a name beginning with `@` in
the story, and in the document the value that `made` shows for it.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from app.domain.values import Value, field


class Made(Value):
    """A value that a reply of an operation makes: where it stands, and what is shown for it.

    `where` are the reply's members by which it is told from others of the operation; `last`: it is
    what follows the last slash.
    """

    by: tuple[str, ...]
    member: str
    shown: str
    where: Mapping[str, Any] = field(default_factory=dict)
    last: bool = False

    def find(self, operation: str, reply: object) -> str | None:
        """Return the value that a reply made, if it is one of this kind."""
        if operation not in self.by or not isinstance(reply, dict):
            return None
        if any(reply.get(name) != value for name, value in self.where.items()):
            return None
        found: object = reply
        for part in self.member.split("/")[1:]:
            found = found.get(part) if isinstance(found, dict) else None
        if not isinstance(found, str):
            return None
        return found.rpartition("/")[2] if self.last else found


class Step(Value):
    """One request of the story; `once` is the `Idempotency-Key` without which it is refused again.

    `example` names it among its operation's; where there is only one, it may have none.
    """

    operation: str
    example: str | None = None
    summary: str | None = None
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    accept: str | None = None
    once: str | None = None
    body: object = None

    @property
    def key(self) -> str:
        """Under which its replies are recorded."""
        return " ".join(filter(None, (self.operation, self.example, self.accept)))


class RecordedReply(Value):
    """What a step was answered the first time, or the second; of its headers, the names."""

    status: int
    media_type: str | None
    body: object
    headers: tuple[str, ...] = ()


@cache
def read_made() -> dict[str, Made]:
    """Return what the service makes in the story, by its name there."""
    return {
        name: Made(**each | {"by": tuple(each["by"])})
        for name, each in _read("story")["made"].items()
    }


@cache
def read_steps() -> tuple[Step, ...]:
    """Return the story's requests in their order."""
    return tuple(Step(**each) for each in _read("story")["steps"])


@cache
def read_refused() -> tuple[Step, ...]:
    """Return requests that are refused once the story has been told, each by its refusal's code."""
    return tuple(Step(**each) for each in _read("story")["refusals"])


@cache
def read_problems() -> dict[str, Any]:
    """Return the problems that those requests are answered with, by their code."""
    return {str(step.example): read_replies()[step.key][0].body for step in read_refused()}


@cache
def read_replies() -> dict[str, list[RecordedReply]]:
    """Return what each step was answered, by its key: the first time, and the second."""
    return {
        key: [RecordedReply(**each) for each in found] for key, found in _read("replies").items()
    }


def fill(value: object, values: Mapping[str, str]) -> object:
    """Return a part of a step with what was made in place of its names."""
    if isinstance(value, str):
        return values.get(value, value)
    if isinstance(value, dict):
        return {name: fill(each, values) for name, each in value.items()}
    return [fill(each, values) for each in value] if isinstance(value, list) else value


def add_examples(document: dict[str, Any]) -> None:
    """Give each operation the story's parameters, bodies and replies."""
    shown = {name: made.shown for name, made in read_made().items()}
    operations = {
        operation["operationId"]: operation
        for item in document["paths"].values()
        for operation in item.values()
    }
    steps: dict[str, list[Step]] = {}
    for step in read_steps():
        steps.setdefault(step.operation, []).append(step)
    for name, found in steps.items():
        _add_parameters(operations[name], found, shown)
        _add_bodies(operations[name], found, shown)
        _add_replies(operations[name], found)
    document["x-story"] = {
        "order": list(steps),
        "made": [_render(each) for each in read_made().values()],
    }


def _add_parameters(operation: dict[str, Any], steps: list[Step], shown: Mapping[str, str]) -> None:
    for parameter in operation.get("parameters", []):
        values = {
            step.example or "usual": fill(value, shown)
            for step in steps
            if (value := _value_of(parameter, step)) is not None
        }
        distinct = list(dict.fromkeys(map(str, values.values())))
        if len(distinct) == 1:
            parameter["example"] = next(iter(values.values()))
        elif distinct:
            parameter["examples"] = {name: {"value": value} for name, value in values.items()}


def _value_of(parameter: Mapping[str, Any], step: Step) -> object:
    match parameter["in"], parameter["name"]:
        case "path", name:
            return step.path.get(name)
        case "query", name:
            return step.query.get(name)
        case _, "Idempotency-Key":
            return step.once
    return None


def _add_bodies(operation: dict[str, Any], steps: list[Step], shown: Mapping[str, str]) -> None:
    examples = {
        step.example: {"summary": step.summary, "value": fill(step.body, shown)}
        for step in steps
        if step.body is not None and step.example is not None
    }
    if examples:
        operation["requestBody"]["content"]["application/json"]["examples"] = examples


def _add_replies(operation: dict[str, Any], steps: list[Step]) -> None:
    """Add what each step was answered, and what the first was answered when it was done again."""
    for number, step in enumerate(steps):
        # What is new in the story has no reply yet, when it is recorded.
        recorded = read_replies().get(step.key, [])
        for reply in recorded if number == 0 else recorded[:1]:
            response = operation["responses"][str(reply.status)]
            for name in reply.headers:
                response.setdefault("headers", {})[name] = {"$ref": f"#/components/headers/{name}"}
            content = response.get("content", {})
            if reply.media_type in content:
                examples = content[reply.media_type].setdefault("examples", {})
                examples[step.example or "usual"] = {
                    **({"summary": step.summary} if step.summary else {}),
                    "value": reply.body,
                }


def _render(made: Made) -> dict[str, Any]:
    return {
        "by": list(made.by),
        "where": dict(made.where),
        "member": made.member,
        "last": made.last,
        "shown": made.shown,
    }


def _read(name: str) -> dict[str, Any]:
    text = files("app.api.openapi").joinpath("examples", f"{name}.json").read_text("utf-8")
    read: dict[str, Any] = json.loads(text)
    return read
