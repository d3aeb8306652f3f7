"""Names and texts: one meaning for a word, so that whoever looks for a rule finds it by `ls`."""

import ast
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.api.pages.word_tables.joined import TABLES, WORDS

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "app").rglob("*.py"))
DOCUMENT = json.loads((ROOT / "openapi" / "openapi.json").read_text(encoding="utf-8"))
TREES = {module: ast.parse(module.read_text(encoding="utf-8")) for module in MODULES}
# A module's first word is its subject, and no question.
QUESTIONS = {"how", "that", "what", "when", "where", "whether", "which", "who", "whose", "why"}
# Functions have the field's verbs: record, log, count, store, cache, query, return, render.
VERBS_NOT_USED = {"forget", "give", "know", "look", "note", "recall", "say", "show", "tell"}
CLASSES_NOT_USED = {"Desk", "Drawable", "Nested", "Post", "Reach", "Stretch", "Talk", "Watch"}
WORDS_NOT_USED = re.compile(r"\b(tells?|told|desks?|drawable|stretch(es)?)\b", re.IGNORECASE)
# What a description says has four words or more, and six where it is of a field or a parameter.
FEWEST_WORDS = 4
FEWEST_WORDS_OF_A_FIELD = 6
FIELD = re.compile(r"/(properties/[^/]+|parameters/\d+)$")
# It is read alone, and so names what it is about.
POINTING = re.compile(r"(It|Its|They|Their|Theirs|Them|Those|And|But|Null)\b")


def name_of(module: Path) -> str:
    return module.relative_to(ROOT).as_posix()


def walk_classes() -> Iterator[tuple[Path, ast.ClassDef]]:
    for module, tree in TREES.items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield module, node


def walk_functions() -> Iterator[tuple[Path, str]]:
    for module, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield module, node.name


def test_a_class_has_a_name_of_its_own() -> None:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for module, node in walk_classes():
        found[node.name].append(name_of(module))
    assert {name: places for name, places in found.items() if len(places) > 1} == {}
    assert found.keys() & CLASSES_NOT_USED == set()


def test_a_code_of_a_refusal_is_one_classes_own() -> None:
    """So that it has one title and one meaning, and the document does not go by chance."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for _, node in walk_classes():
        for line in node.body:
            match line:
                case ast.Assign(
                    targets=[ast.Name(id="code")], value=ast.Constant(value=str() as code)
                ):
                    found[code].append(node.name)
    assert len(found) > 100
    assert {code: names for code, names in found.items() if len(names) > 1} == {}


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_a_module_begins_with_its_subject(module: Path) -> None:
    text = ast.get_docstring(TREES[module])
    if text is None:
        assert not TREES[module].body
        return
    first = text.split("\n\n")[0]
    assert first.split()[0].lower() not in QUESTIONS
    assert WORDS_NOT_USED.search(first) is None


def test_functions_have_the_fields_verbs() -> None:
    used = {
        f"{name_of(module)}: {name}"
        for module, name in walk_functions()
        if name.lstrip("_").split("_")[0] in VERBS_NOT_USED
    }
    assert used == set()


def walk_texts(node: object, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield every description of the document, and where it stands; but not those of examples."""
    if isinstance(node, dict):
        for name, each in node.items():
            if name in ("example", "examples"):
                continue
            if name == "description" and isinstance(each, str):
                yield place, each
            else:
                yield from walk_texts(each, f"{place}/{name}")
    elif isinstance(node, list):
        for index, each in enumerate(node):
            yield from walk_texts(each, f"{place}/{index}")


def test_a_description_is_a_sentence() -> None:
    short = {
        place: text
        for place, text in walk_texts(DOCUMENT)
        if len(text.split()) < (FEWEST_WORDS_OF_A_FIELD if FIELD.search(place) else FEWEST_WORDS)
    }
    assert short == {}


def test_a_description_names_what_it_is_about() -> None:
    """For whoever reads it in Swagger UI, where no other stands beside it."""
    pointing = {place: text for place, text in walk_texts(DOCUMENT) if POINTING.match(text)}
    assert pointing == {}


def test_a_pages_words_stand_once_and_take_the_same_values_in_each_language() -> None:
    assert sum(map(len, TABLES)) == len(WORDS)
    for key, words in WORDS.items():
        assert len({frozenset(re.findall(r"{(\w+)}", each)) for each in words}) == 1, key


def test_what_tests_share_stands_in_support() -> None:
    importers = {
        name_of(module)
        for module in (ROOT / "tests").rglob("*.py")
        for line in module.read_text(encoding="utf-8").splitlines()
        if re.match(r"from tests\.([a-z_]+\.)*test_", line)
    }
    assert importers == set()
