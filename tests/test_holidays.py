"""Holidays suggested into a catalogue's file, to be reviewed."""

import tomllib
from pathlib import Path
from shutil import copy

from typer.testing import CliRunner

from app.cli.commands import cli

CATALOGS = Path(__file__).parents[1] / "app" / "catalogs"


def suggest(file: Path, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["catalog", "holidays", str(file), *arguments])
    return done.exit_code, done.output + str(done.exception or "")


def test_a_states_holidays_are_added_and_the_sellers_own_rows_stay(tmp_path: Path) -> None:
    file = Path(copy(CATALOGS / "corporate.toml", tmp_path))
    text = file.read_text()
    file.write_text(
        text.replace('{ date = "2030-10-03", name = "German Unity Day" }', '"2030-10-03"')
    )
    code, said = suggest(
        file, "business", "--country=DE", "--subdivision=BY", "--from=2030", "--to=2031"
    )
    assert code == 0, said
    calendar = tomllib.loads(file.read_text())["calendars"]["business"]
    assert calendar["holidays_until"] == "2031-12-31"
    rows = calendar["holidays"]
    assert "2030-10-03" in rows
    assert {"date": "2030-01-06", "name": "Epiphany"} in rows
    assert {"date": "2031-12-25", "name": "Christmas Day"} in rows
    assert {"date": "2026-04-06", "name": "Easter Monday"} in rows
    # Bavaria adds Epiphany, Corpus Christi and All Saints' Day to 2030; 2031 has 12 in all.
    assert "15 added to business" in said
    # The rest of the file, its comments too, is as the seller wrote it.
    assert "# German national holidays, to be reviewed each year." in file.read_text()
    again = suggest(
        file, "business", "--country=DE", "--subdivision=BY", "--from=2030", "--to=2031"
    )
    assert "0 added to business" in again[1]


def test_a_set_of_holidays_is_filled_whatever_else_is_wrong_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "draft.toml"
    file.write_text('code = "Not a code"\n\n[holidays.german]\ndays = ["2030-10-03"]\n')
    code, said = suggest(file, "german", "--country=DE", "--from=2030", "--to=2030")
    assert code == 0, said
    document = tomllib.loads(file.read_text())
    assert document["code"] == "Not a code"
    assert document["holidays"]["german"]["until"] == "2030-12-31"
    assert len(document["holidays"]["german"]["days"]) == 9


def test_comments_between_rows_stay_with_the_rows_they_are_of(tmp_path: Path) -> None:
    file = tmp_path / "draft.toml"
    file.write_text(
        """[holidays.german]
days = [
  # Moved by hand.
  { date = "2030-05-02", name = "Day #1 of May, late" }, # see the mail
  "2030-12-24"
  # The office decides on New Year's Eve each autumn.
]
until = "2030-12-31" # reviewed
"""
    )
    code, said = suggest(file, "german", "--country=DE", "--from=2030", "--to=2030")
    assert code == 0, said
    text = file.read_text()
    first = """  # Moved by hand.
  { date = "2030-05-02", name = "Day #1 of May, late" }, # see the mail
"""
    assert first in text
    last = """  "2030-12-24",
  { date = "2030-12-25", name = "Christmas Day" },
  { date = "2030-12-26", name = "Second Day of Christmas" },
  # The office decides on New Year's Eve each autumn.
]
until = "2030-12-31" # reviewed
"""
    assert text.endswith(last), text
    assert text.index('"2030-05-01"') < text.index("# Moved by hand.")
    # Two on a line are parted, and nothing is lost.
    file.write_text('[holidays.german]\ndays = ["2030-05-02", "2030-12-24"] # both by hand\n')
    code, said = suggest(file, "german", "--country=DE", "--from=2030", "--to=2030")
    assert code == 0, said
    assert {"2030-05-02", "2030-12-24"} < {
        each if isinstance(each, str) else each["date"]
        for each in tomllib.loads(file.read_text())["holidays"]["german"]["days"]
    } | {""}


def test_comments_stay_where_they_are_whatever_stands_beside_them(tmp_path: Path) -> None:
    file = tmp_path / "draft.toml"
    file.write_text(
        """[holidays.own]
days = [ # The office's own days
    # --- 2030 ---
    "2030-01-02", "2030-05-02", # both by hand, "2030-05-03" not

    # From noon on,
    { date = "2030-12-24", name = "Day #2" } , # half, and
    "2030-12-31"
    # half, too
    ,
    # Twice:
    "2030-12-31", # a Tuesday


    # --- 2031 ---
] # reviewed
until = "2030-12-31"
"""
    )
    code, said = suggest(file, "own", "--country=US", "--from=2030", "--to=2030")
    assert code == 0, said
    text = file.read_text()
    assert tomllib.loads(text)["holidays"]["own"]["until"] == "2030-12-31"
    lines = [line for line in text.splitlines() if "name" not in line or "#" in line]
    assert "\n".join(lines) == (
        """[holidays.own]
days = [ # The office's own days
    # --- 2030 ---
    "2030-01-02", # both by hand, "2030-05-03" not
    "2030-05-02", # both by hand, "2030-05-03" not

    # From noon on,
    { date = "2030-12-24", name = "Day #2" }, # half, and
    "2030-12-31",
    # half, too
    # Twice:
    "2030-12-31", # a Tuesday

    # --- 2031 ---
] # reviewed
until = "2030-12-31\""""
    )
    assert '    { date = "2030-01-01", name = "New Year\'s Day" },\n    # --- 2030 ---' in text
    assert text.index("Memorial Day") > text.index('"2030-05-02"')
    # Once more, nothing is added, and nothing changes.
    assert "0 added" in suggest(file, "own", "--country=US", "--from=2030", "--to=2030")[1]
    assert file.read_text() == text


def test_tables_are_not_a_list_to_add_to(tmp_path: Path) -> None:
    file = tmp_path / "draft.toml"
    file.write_text('[[holidays.own.days]]\ndate = "2030-01-02"\nname = "Bridge"\n')
    before = file.read_text()
    code, said = suggest(file, "own", "--country=US", "--from=2030", "--to=2030")
    assert (code, file.read_text()) == (1, before)
    assert "write the holidays as one list" in said


def test_what_is_not_known_is_said_and_nothing_is_written(tmp_path: Path) -> None:
    file = Path(copy(CATALOGS / "corporate.toml", tmp_path))
    before = file.read_text()
    for arguments, said in (
        (("business", "--country=ZZ", "--from=2030", "--to=2031"), "No holidays are known"),
        (("nights", "--country=DE", "--from=2030", "--to=2031"), "no calendar 'nights'"),
        (("business", "--country=DE", "--from=2031", "--to=2030"), "years in order"),
    ):
        code, output = suggest(file, *arguments)
        assert code == 1
        assert said in output
    assert file.read_text() == before
