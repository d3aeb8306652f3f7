"""A statement that names an account does so in every (sub)select, by its parameter."""

import pytest
from sqlalchemy import bindparam, select

from app.db.engine.compiled import Statement
from app.db.tables import entries, tickets, webhooks
from tests.statements.collecting import (
    Named,
    collect_statements,
    find_locked_together,
    find_unnamed,
    names_an_account,
)

NAMING = [each for each in collect_statements() if names_an_account(each.statement)]


@pytest.mark.parametrize("named", NAMING, ids=lambda named: named.name)
def test_N10_a_statement_names_the_account_by_its_parameter_in_every_select(named: Named) -> None:
    assert find_unnamed(named.statement) == []


@pytest.mark.parametrize("named", collect_statements(), ids=lambda named: named.name)
def test_a_statement_locks_the_rows_of_one_key(named: Named) -> None:
    """Rows of several may be on several nodes: they are locked one by one, in their order."""
    assert find_locked_together(named.statement) == []


def test_rows_of_several_that_are_locked_together_show() -> None:
    several = select(webhooks).where(webhooks.c.disabled_at.is_(None)).with_for_update()
    assert find_locked_together(Statement(several)) == ["webhooks"]


def test_there_are_statements_to_look_at() -> None:
    assert len(NAMING) > 100


def test_a_nested_select_that_follows_another_table_shows() -> None:
    nested = select(entries.c.sequence).where(entries.c.account_id == tickets.c.account_id)
    whole = select(nested.correlate(tickets).scalar_subquery()).where(
        tickets.c.account_id == bindparam("account_id")
    )
    assert find_unnamed(Statement(whole)) == ["entries"]
