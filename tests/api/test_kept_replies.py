"""A reply is stored small, and comes back as it was."""

import json

from hypothesis import given
from hypothesis import strategies as st

from app.db.accounts.kept_replies import pack_reply, unpack_reply
from tests.api.conftest import Api


@given(st.binary(max_size=5_000))
def test_a_reply_comes_back_as_it_was(body: bytes) -> None:
    assert unpack_reply(pack_reply(body)) == body


def test_a_reply_that_another_version_stored_is_read() -> None:
    assert unpack_reply(b'{"ticket_id":"HD-1"}') == b'{"ticket_id":"HD-1"}'


async def test_a_tickets_reply_takes_a_quarter_of_what_it_says(api: Api) -> None:
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    opened = await api.open(account)
    body = json.dumps(opened, separators=(",", ":"), ensure_ascii=False).encode()
    assert len(pack_reply(body)) * 4 < len(body)
