"""The three-part page: modifications, tickets in progress, resolved tickets."""

import csv
import io
import itertools
from typing import Any

import pytest

from tests.api.conftest import Api, Clock
from tests.domain.catalog_examples import read_document
from tests.support.entries import PARTS, hold_past_the_end, parts
from tests.support.statement import read, require_tied

POINTS = {"catalog": "xcart-points"}


def available(statement: Any, unit: str = "point") -> tuple[int | None, int | None]:
    return statement["opening"][unit]["available"], statement["closing"][unit]["available"]


async def test_P7_the_points_story_on_the_three_part_page(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.300")
    before = await read(api, account)
    assert available(before) == (0, 300)
    [bought] = before["modifications"]
    assert (bought["kind"], bought["source"], bought["order_id"]) == ("grant", "purchase", "SO-1")
    assert bought["change"] == parts(granted=300, available=300)
    assert (before["in_progress"], before["resolved"]) == ([], [])

    clock.advance(days=1)
    await api.open(account, "HD-1", category="level-2")
    clock.advance(days=1)
    revision = {"amount": 65, "reason": "Further investigation"}
    await api.post(f"{account}/tickets/HD-1/charge/revision", revision)
    during = await read(api, account)
    assert available(during) == (0, 235)
    [captured] = during["in_progress"]
    assert (captured["ticket_id"], captured["subject"]) == ("HD-1", "Checkout fails")
    assert (captured["amount"], captured["used"], captured["category"]) == (65, 0, "level-2")
    assert captured["change"] == parts(available=-65, held=65)
    assert (len(during["modifications"]), during["resolved"]) == (1, [])

    clock.advance(days=1)
    await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "vendor_defect"})
    after = await read(api, account)
    assert available(after) == (0, 300)
    assert (len(after["modifications"]), after["in_progress"], after["resolved"]) == (1, [], [])
    # Of the last day alone: 65 were captured before it, and came back in it.
    last_day = await read(api, account, from_="2026-11-27T00:00:00Z")
    assert available(last_day) == (235, 300)
    [returned] = last_day["resolved"]
    assert (returned["amount"], returned["outcome"]) == (0, "vendor_defect")
    assert returned["change"] == parts(available=65, held=-65)
    for statement in (before, during, after, last_day):
        require_tied(statement)


async def test_P6_a_solved_ticket_is_deducted_for_good_and_may_be_reconsidered(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.120")
    await api.open(account, "HD-1", category="level-3")
    await api.open(account, "HD-2", category="level-1")
    await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "solved"})
    clock.advance(days=1)
    statement = await read(api, account)
    # 120 = 70 left, 10 captured, 40 deducted.
    assert available(statement) == (0, 70)
    assert [line["amount"] for line in statement["in_progress"]] == [10]
    [resolved] = statement["resolved"]
    assert (resolved["ticket_id"], resolved["amount"], resolved["outcome"]) == (
        "HD-1",
        40,
        "solved",
    )
    await api.post(f"{account}/tickets/HD-1/dispute", {"reason": "It was a question"})
    decision = {"refund_amount": 30, "reason": "Agreed", "actor": "ines"}
    await api.post(f"{account}/tickets/HD-1/dispute/decision", decision)
    statement = await read(api, account)
    assert [line["amount"] for line in statement["resolved"]] == [10]
    assert available(statement) == (0, 100)
    require_tied(statement)


async def test_P2_points_expire_two_years_after_the_day_of_purchase(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.60")
    await api.open(account, "HD-1", category="level-2")
    clock.move_to("2028-11-24T20:59:59Z")
    assert available(await read(api, account)) == (0, 35)
    clock.move_to("2028-11-24T21:00:00Z")
    statement = await read(api, account, from_="2028-11-24T00:00:00Z")
    assert available(statement) == (35, 0)
    [expiry] = statement["modifications"]
    assert (expiry["kind"], expiry["amount"], expiry["derived"]) == ("expiry", 35, True)
    assert expiry["effective_at"] == "2028-11-24T21:00:00Z"
    assert (expiry["order_id"], expiry["source"]) == ("SO-1", "purchase")
    # What is still held is in progress; what comes back of it then is lost, and, as this
    # seller has it, given again.
    assert [line["amount"] for line in statement["in_progress"]] == [25]
    clock.advance(hours=1)
    await api.post(f"{account}/tickets/HD-1/resolution", {"outcome": "solved", "amount": 20})
    statement = await read(api, account, from_="2028-11-24T21:30:00Z")
    expiry, again = statement["modifications"]
    assert (expiry["kind"], expiry["amount"], expiry["ticket_id"]) == ("expiry", 5, "HD-1")
    assert (again["kind"], again["amount"], again["source"]) == ("grant", 5, "grace")
    [resolved] = statement["resolved"]
    assert resolved["amount"] == 20
    assert resolved["change"] == parts(available=5, held=-25, used=20)
    require_tied(statement)


async def test_a_month_of_many_ties_with_its_neighbours(api: Api, clock: Clock) -> None:
    account = await hold_past_the_end(api, clock)
    clock.advance(days=100)
    edges = ["2026-11-01", "2026-12-01", "2026-12-24", "2027-01-03", "2027-01-24", "2027-03-01"]
    statements = [
        await read(api, account, from_=f"{start}T08:00:00Z", to=f"{end}T08:00:00Z")
        for start, end in itertools.pairwise(edges)
    ]
    for statement in statements:
        require_tied(statement)
    for earlier, later in itertools.pairwise(statements):
        assert earlier["closing"] == later["opening"]
    assert statements[0]["opening"]["incident"]["upcoming"] == 0
    assert statements[0]["closing"]["incident"]["upcoming"] == 22
    # 24 December 2026, 08:00: November's ends with one of its two held, December's begins.
    assert [(line["kind"], line["amount"]) for line in statements[2]["modifications"]] == [
        ("expiry", 1),
        ("start", 2),
    ]
    assert [line["ticket_id"] for line in statements[1]["in_progress"]] == ["HD-1"]


async def test_a_period_that_is_over_has_the_same_statement_for_ever(
    api: Api, clock: Clock
) -> None:
    account = await hold_past_the_end(api, clock)
    period = {"from_": "2026-12-01T00:00:00Z", "to": "2027-01-01T00:00:00Z", "sequence": 14}
    before = await read(api, account, **period)
    assert [line["ticket_id"] for line in before["in_progress"]] == ["HD-1"]
    clock.advance(days=1)
    late = {"catalog": "corporate", "channel": "email", "severity": 2}
    await api.open(account, "HD-4", at="2026-12-30T09:00:00Z", **late)
    again = await read(api, account, **period)
    assert again == before
    # Known now: somebody reported in January what had happened in December.
    known_now = await read(api, account, **period | {"sequence": 16})
    assert [line["ticket_id"] for line in known_now["in_progress"]] == ["HD-1", "HD-4"]
    require_tied(known_now)


async def test_of_a_sequence_a_statement_without_an_end_stays_the_same(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.60")
    clock.advance(days=1)
    bought = {"from_": "2026-11-01T00:00:00Z", "sequence": 1}
    later = {"from_": "2026-12-01T00:00:00Z", "sequence": 1}
    before = [await read(api, account, **asked) for asked in (bought, later)]
    assert before[0]["as_of"] == "2026-11-24T08:00:00Z"
    assert available(before[0]) == (0, 60)
    assert (before[1]["as_of"], available(before[1])) == ("2026-12-01T00:00:00Z", (60, 60))
    clock.advance(days=800)  # the points are over by then
    assert [await read(api, account, **asked) for asked in (bought, later)] == before


async def test_a_statement_of_one_catalogue(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.60", "SO-1")
    await api.buy(account, "livecart.standard-1y", "SO-2")
    await api.open(account, "HD-1", catalog="xcart-points", category="level-1")
    await api.open(account, "HD-2", catalog="livecart")
    statement = await read(api, account, **POINTS)
    assert list(statement["closing"]) == ["point"]
    assert [line["ticket_id"] for line in statement["in_progress"]] == ["HD-1"]
    assert [line["order_id"] for line in statement["modifications"]] == ["SO-1"]
    require_tied(statement)
    both = await read(api, account)
    assert list(both["closing"]) == ["incident", "point"]
    require_tied(both)


async def test_a_statement_as_a_table_adds_up_column_by_column(api: Api, clock: Clock) -> None:
    account = await hold_past_the_end(api, clock)
    reply = await api.get(f"{account}/statement", headers={"Accept": "text/csv"})
    assert reply.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(reply.text)))
    assert [rows[0]["part"], rows[-1]["part"]] == ["opening", "closing"]
    for name in PARTS:
        assert sum(int(row[name]) for row in rows[:-1]) == int(rows[-1][name])
    assert rows[1]["text"] == "Bought, order SO-1"


async def test_what_is_unlimited_has_no_number_as_in_a_balance(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y", "SO-1")
    clock.advance(days=1)
    await api.buy(account, "livecart.standard-1m", "SO-2")
    await api.open(account)
    clock.advance(days=40)
    ends = ("2026-11-24T08:00:01Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z")
    before, during, after = [await read(api, account, from_=ends[0], to=end) for end in ends]
    assert available(before, "incident") == (15, 15)
    assert available(during, "incident") == (15, None)
    closing = during["closing"]["incident"]
    assert (closing["granted"], closing["held"], closing["unlimited"]) == (None, 1, True)
    asked = {"at": ends[1], "catalog": "livecart"}
    assert (
        closing == (await api.get(f"{account}/balance", params=asked)).json()["units"]["incident"]
    )
    assert after["closing"]["incident"]["unlimited"] is False
    last = await read(api, account, from_=ends[1])
    assert last["opening"]["incident"] == closing
    for statement in (before, during, after, last):
        require_tied(statement)
    asked = {"from": ends[1], "to": "2026-12-02T00:00:00Z"}
    table = await api.get(f"{account}/statement", params=asked, headers={"Accept": "text/csv"})
    opening, *_, closing = csv.DictReader(io.StringIO(table.text))
    for row in (opening, closing):
        assert (row["text"], row["granted"], row["available"], row["held"]) == (
            "Unlimited incidents",
            "",
            "",
            "1",
        )
    page = await api.get(f"{account}/statement", params=asked, headers={"Accept": "text/html"})
    assert "<strong>Unlimited incidents</strong>" in page.text
    assert "unlimited before" in page.text


async def test_no_subject_is_run_by_a_spreadsheet(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.60")
    await api.open(account, category="level-1", subject='=HYPERLINK("http://evil.example")')
    reply = await api.get(f"{account}/statement", headers={"Accept": "text/csv"})
    [row] = [row for row in csv.DictReader(io.StringIO(reply.text)) if row["part"] == "in_progress"]
    assert row["text"] == '\'=HYPERLINK("http://evil.example")'
    assert row["available"] == "-10"


async def test_a_statement_as_a_page_shows_what_it_is_told_and_runs_nothing(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.60")
    await api.open(account, category="level-1", subject="<script>alert(1)</script>")
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    reply = await api.get(f"{account}/statement", headers=browser)
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in reply.text
    assert "<script" not in reply.text
    assert "50 points left" in reply.text
    assert reply.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert reply.headers["Cache-Control"] == "private, no-store"


async def test_a_link_shows_the_statement_without_a_key_until_it_expires(
    api: Api, clock: Clock
) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.60")
    reply = await api.post(f"{account}/statement-links", {"expires_in": "P14D"})
    assert reply.status_code == 201
    link = reply.json()
    assert link["expires_at"] == "2026-12-08T08:00:00Z"
    assert reply.headers["Cache-Control"] == "no-store"
    customer = api.holding(None)
    page = await customer.get(link["url"])
    assert (page.status_code, "60 points left" in page.text) == (200, True)
    data = await customer.get(link["url"], headers={"Accept": "application/json"})
    assert data.json() == await read(api, account)
    await api.open(account, category="level-1")
    assert "50 points left" in (await customer.get(link["url"])).text
    clock.move_to(link["expires_at"])
    gone = await customer.get(link["url"])
    assert (gone.status_code, gone.json()["code"]) == (404, "statement_unknown")


async def test_a_customer_reads_that_an_order_ended_and_not_what_was_said_of_it(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.60")
    gift = {"reference": "g-1", "catalog": "xcart-points", "unit": "point", "amount": 5}
    said = {"reason": "For the review", "actor": "m.ozols"}
    assert (await api.post(f"{account}/grants", gift | said)).status_code == 201
    ended = {"refund": "none", "reason": "Chargeback, watch this one", "actor": "m.ozols"}
    await api.post(f"{account}/purchases/SO-1/cancellation", ended)
    whole = await read(api, account)
    [revoked] = [each for each in whole["modifications"] if each["kind"] == "revoke"]
    assert (revoked["reason"], revoked["actor"]) == (ended["reason"], "m.ozols")
    customer = api.holding(None)
    for path, body in (("statement-links", {}), ("links", {"to": "statement"})):
        link = (await api.post(f"{account}/{path}", body | {"expires_in": "P1D"})).json()["url"]
        page = (await customer.get(link)).text
        assert "Order SO-1 cancelled" in page
        assert "For the review" in page
        data = (await customer.get(link, headers={"Accept": "application/json"})).text
        assert '"cause":"cancellation"' in data
        for text in (page, data):
            assert "Chargeback" not in text
            assert "m.ozols" not in text


async def test_a_link_is_bound_to_its_period_and_its_account(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.60")
    order = {"expires_in": "PT1H", "to": "2026-01-01T00:00:00Z", "catalog": "xcart-points"}
    link = (await api.post(f"{account}/statement-links", order)).json()
    reply = await api.holding(None).get(link["url"], headers={"Accept": "application/json"})
    assert (reply.json()["to"], reply.json()["catalog"]) == (order["to"], "xcart-points")
    assert reply.json()["modifications"] == []


async def test_a_forged_link_leads_nowhere(api: Api) -> None:
    account = await api.make_account()
    link = (await api.post(f"{account}/statement-links", {"expires_in": "P1D"})).json()
    token = link["url"].rpartition("/")[2]
    other = ("B" if token[0] == "A" else "A") + token[1:]
    customer = api.holding(None)
    assert (await customer.get(f"/v1/statements/{token}")).status_code == 200
    for forged in (other, token[:-2], token + "AA", "A" * 60, "é", "x", "%00", "A" * 199):
        reply = await customer.get(f"/v1/statements/{forged}")
        assert (reply.status_code, reply.json()["code"]) == (404, "statement_unknown"), forged


async def test_a_replayed_link_does_not_show_its_secret_again(api: Api) -> None:
    account = await api.make_account()
    key = {"Idempotency-Key": "link-1"}
    order = {"expires_in": "P1D"}
    first = await api.post(f"{account}/statement-links", order, headers=key)
    again = await api.post(f"{account}/statement-links", order, headers=key)
    assert "url" in first.json()
    assert again.json() == {"expires_at": first.json()["expires_at"]}


async def test_what_is_asked_has_to_make_sense(api: Api) -> None:
    account = await api.make_account()
    backwards = {"from": "2026-12-01T00:00:00Z", "to": "2026-11-01T00:00:00Z"}
    reply = await api.get(f"{account}/statement", params=backwards)
    assert (reply.status_code, reply.json()["code"]) == (422, "invalid_period")
    for order, code in (
        ({"expires_in": "PT0S"}, "invalid_link_term"),
        ({"expires_in": "-PT1H"}, "invalid_link_term"),
        ({"expires_in": "P367D"}, "invalid_link_term"),
        ({"expires_in": "P1Y"}, "invalid_request"),
        ({"expires_in": "tomorrow"}, "invalid_request"),
        ({"expires_in": "P1D"} | backwards, "invalid_period"),
    ):
        reply = await api.post(f"{account}/statement-links", order)
        assert (reply.status_code, reply.json()["code"]) == (422, code), order
    assert (await api.get("/v1/accounts/nobody/statement")).status_code == 404
    empty = await read(api, account)
    assert (empty["opening"], empty["closing"], empty["sequence"]) == ({}, {}, 0)
    await api.buy(account, "xcart-points.60")
    edges = {"from_": "1900-01-01T00:00:00Z", "to": "9999-12-31T23:59:59Z"}
    statement = await read(api, account, **edges)
    assert [line["kind"] for line in statement["modifications"]] == ["grant", "expiry"]


async def test_a_period_of_too_many_movements_is_refused(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.services.reports.statements.MOST_ENTRIES", 2)
    account = await api.make_account()
    await api.buy(account, "xcart-points.60")
    await api.open(account, "HD-1", category="level-1")
    assert len((await read(api, account))["in_progress"]) == 1
    await api.open(account, "HD-2", category="level-1")
    reply = await api.get(f"{account}/statement")
    assert (reply.status_code, reply.json()["code"]) == (422, "period_too_long")


async def auckland(api: Api) -> str:
    """Publish a seller in Auckland, whose terms end at a midnight; an account of theirs."""
    document = read_document("livecart") | {"code": "auckland", "title": "Kiwi support"}
    document["timezone"] = "Pacific/Auckland"
    del document["utc_offset"]
    assert (await api.put("/v1/catalogs/auckland", document)).status_code == 201
    return await api.make_account()


async def test_P7_dates_are_the_sellers_and_the_last_day_is_named(api: Api, clock: Clock) -> None:
    account = await auckland(api)
    # The first of March in Auckland, while UTC still has the last of February.
    clock.move_to("2025-02-28T11:00:00Z")
    await api.buy(account, "auckland.standard-1y", starts="2025-02-28T11:00:00Z")
    period = {"from": "2025-02-28T11:00:00Z", "to": "2025-03-31T11:00:00Z"}
    page = await api.get(f"{account}/statement", params=period, headers={"Accept": "text/html"})
    assert "1 Mar 2025" in page.text
    assert "28 Feb 2025" not in page.text
    # The term ends as 1 March 2026 begins: the last day is 28 February.
    assert "until 28 Feb 2026" in page.text
    # April begins at 11:00 UTC of 31 March: the period is March.
    assert "1 Mar 2025 to 31 Mar 2025" in page.text
    assert "Dates are in Pacific/Auckland" in page.text
    assert "Kiwi support: Standard" in page.text
    data = await read(api, account, from_=period["from"], to=period["to"])
    assert data["zone"] == "Pacific/Auckland"
    assert data["sellers"] == [
        {
            "catalog": "auckland",
            "title": "Kiwi support",
            "zone": "Pacific/Auckland",
            "plans": [{"plan": "standard", "name": "Standard"}],
        }
    ]


async def test_a_statement_of_several_sellers_has_each_line_in_its_own_zone(
    api: Api, clock: Clock
) -> None:
    account = await auckland(api)
    clock.move_to("2025-02-28T11:30:00Z")
    await api.buy(account, "auckland.standard-1y", "SO-1")
    await api.buy(account, "livecart.standard-1y", "SO-2")
    page = await api.get(f"{account}/statement", headers={"Accept": "text/html"})
    assert "1 Mar 2025" in page.text
    assert "28 Feb 2025" in page.text
    assert "Dates are in Pacific/Auckland, UTC+02:00" in page.text
    assert (await read(api, account))["zone"] is None


async def test_A1_hours_are_shown_as_hours(api: Api) -> None:
    account = await api.make_account()
    await agree_on_hours(api, account)
    page = await api.get(f"{account}/statement", headers={"Accept": "text/html"})
    assert "40 hours left" in page.text
    assert "2,400" not in page.text


async def agree_on_hours(api: Api, account: str) -> None:
    quote = {"offer": "agency.starter", "contract_months": 1}
    price = {"amount": 200000, "currency": "EUR"}
    reply = await api.post(f"{account}/quotes", quote | {"price": price})
    assert reply.status_code == 201, reply.text
    order = {"order_id": "SO-1", "quote_id": reply.json()["quote_id"]}
    reply = await api.post(f"{account}/purchases", order | {"payment": {"status": "paid"}})
    assert reply.status_code == 201, reply.text


async def test_P7_a_statement_in_the_language_asked_for(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.120")
    await api.open(account, "HD-1", category="level-2")
    page = await api.get(f"{account}/statement?language=ru", headers={"Accept": "text/html"})
    for words in ("осталось: 95 баллов", "Запросы в работе", "25 баллов", "Куплено, заказ SO-1"):
        assert words in page.text
    assert '<html lang="ru">' in page.text


@pytest.mark.parametrize(
    ("subject", "cell"),
    [
        ("x;=1+1;", "x;'=1+1;"),
        ("x\t=1+1", "x\t'=1+1"),
        ('x;"=1+1', "x;\"'=1+1"),
        ("x; +SUM(A1)", "x; '+SUM(A1)"),
        (" =1+1", " '=1+1"),
        ("-1", "'-1"),
        ("a=b; c-d", "a=b; c-d"),
    ],
)
async def test_no_cell_begins_a_formula_for_either_separator(
    api: Api, subject: str, cell: str
) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.60")
    await api.open(account, category="level-1", subject=subject)
    reply = await api.get(f"{account}/statement", headers={"Accept": "text/csv"})
    [row] = [row for row in csv.DictReader(io.StringIO(reply.text)) if row["part"] == "in_progress"]
    assert row["text"] == cell
    for separator in (",", ";", "\t"):
        cells = [
            each.strip(' "') for line in reply.text.splitlines() for each in line.split(separator)
        ]
        dangerous = [each for each in cells if each[:1] in ("=", "+", "@")]
        assert dangerous == []


async def test_a_table_has_a_byte_order_mark_if_a_charset_is_asked_for(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "xcart-points.60")
    await api.open(account, category="level-1", subject="Größe")
    for path in (
        "statement",
        "entries",
        "overage?from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z",
    ):
        marked = await api.get(
            f"{account}/{path}", headers={"Accept": "text/csv; charset=utf-8, text/html;q=0.5"}
        )
        plain = await api.get(f"{account}/{path}", headers={"Accept": "text/csv"})
        assert marked.content == b"\xef\xbb\xbf" + plain.content, path
        assert marked.headers["Content-Type"] == "text/csv; charset=utf-8"


async def test_a_link_leads_where_the_operator_says_and_not_where_the_request_does(
    api: Api,
) -> None:
    account = await api.make_account()
    reply = await api.post(
        f"{account}/statement-links",
        {"expires_in": "P1D"},
        headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"},
    )
    assert reply.status_code == 201, reply.text
    assert reply.json()["url"].startswith("http://127.0.0.1:8000/v1/statements/")


async def test_tickets_are_in_the_order_in_which_they_were_opened(api: Api, clock: Clock) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    for number in (9, 10, 11, 8):
        await api.open(account, f"HD-{number}")
        clock.advance(days=1)
    for number in (8, 10):
        await api.post(f"{account}/tickets/HD-{number}/resolution", {"outcome": "solved"})
    statement = (await api.get(f"{account}/statement")).json()
    listed = {
        part: [each["ticket_id"] for each in statement[part]]
        for part in ("in_progress", "resolved")
    }
    assert listed == {"in_progress": ["HD-9", "HD-11"], "resolved": ["HD-10", "HD-8"]}
