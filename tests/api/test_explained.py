"""Every deadline can be explained: as data, and as a picture."""

from tests.api.conftest import Api, Clock


async def test_N4_a_deadline_is_explained_as_data_and_as_a_picture(api: Api, clock: Clock) -> None:
    clock.move_to("2026-11-20T16:30:00+02:00")  # a Friday, an hour before support closes
    account = await api.make_account()
    await api.buy(account, "livecart.express-1y")
    await api.open(account)
    path = f"{account}/tickets/HD-1/deadlines"
    explained = (await api.get(path, params={"explain": "true"})).json()
    (deadline,) = explained["deadlines"]
    assert (deadline["due_at"], deadline["breaches_after"]) == (
        "2026-11-21T14:30:00Z",
        "2026-11-21T14:30:00Z",
    )
    explanation = deadline["explanation"]
    assert explanation["segments"][0]["from"] == "2026-11-20T14:30:00Z"
    assert explanation["segments"][-1]["to"] >= deadline["due_at"]
    assert all(isinstance(each["counted"], bool) for each in explanation["segments"])
    picture = await api.get(path, headers={"Accept": "image/svg+xml"})
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert picture.text.startswith("<svg")
