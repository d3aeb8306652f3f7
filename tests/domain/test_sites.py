"""A store has one canonical URL, however it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.coverage.sites import InvalidSite, canonical_site


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://shop.example", "shop.example"),
        ("http://shop.example/", "shop.example"),
        ("shop.example", "shop.example"),
        ("  HTTPS://Shop.Example  ", "shop.example"),
        ("https://shop.example.", "shop.example"),
        ("https://www.shop.example", "shop.example"),
        ("https://www.example", "www.example"),
        ("https://shop.example:443/eu/", "shop.example/eu"),
        ("http://shop.example:80", "shop.example"),
        ("https://shop.example:8443/eu", "shop.example:8443/eu"),
        ("localhost:8080", "localhost:8080"),
        ("https://ines:secret@shop.example/eu?lang=de#top", "shop.example/eu"),
        ("https://shop.example/EU/Store", "shop.example/EU/Store"),
        ("https://shop.example/a/./b/../c/", "shop.example/a/c"),
        ("https://shop.example/../..", "shop.example"),
        ("https://shop.example/%7Eines/%e4%b8%ad", "shop.example/~ines/%E4%B8%AD"),
        ("https://shop.example/中", "shop.example/%E4%B8%AD"),
        ("https://shop.example/a%2fb", "shop.example/a%2Fb"),
        ("https://shop.example/a b", "shop.example/a%20b"),
        ("https://shop.example/go?to=https://other.example", "shop.example/go"),
        ("shop.example/go/https://other.example", "shop.example/go/https://other.example"),
        ("https://münchen.example", "xn--mnchen-3ya.example"),
        ("https://MÜNCHEN.example", "xn--mnchen-3ya.example"),
        ("https://XN--MNCHEN-3YA.example", "xn--mnchen-3ya.example"),
        ("https://straße.example", "xn--strae-oqa.example"),
        ("https://shop。example", "shop.example"),
        ("https://192.0.2.7/eu", "192.0.2.7/eu"),
        ("https://[2001:DB8:0:0::1]:8443/", "[2001:db8::1]:8443"),
    ],
)
def test_S2_every_way_to_write_a_url_is_one_site(url: str, site: str) -> None:
    assert canonical_site(url, ignore_www=True) == site


def test_S2_www_is_the_same_store_or_not_as_the_seller_chooses() -> None:
    assert canonical_site("https://www.shop.example/eu", ignore_www=False) == "www.shop.example/eu"
    assert canonical_site("https://www.shop.example/eu", ignore_www=True) == "shop.example/eu"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "   ",
        "https://",
        "https:///eu",
        "//shop.example",
        "ftp://shop.example",
        "javascript://shop.example",
        "mailto:ines@shop.example",
        "https://shop.example:port",
        "https://shop.example:99999",
        "https://shop..example",
        "https://.example",
        "https://-shop.example",
        "https://shop-.example",
        "https://shop.example\\@evil.example",
        "https://sh op.example",
        "https://shop.example/a\nb",
        "https://[::1",
        "https://[fe80::1%25eth0]",
        "https://[nothing]",
        "https://shop%2eexample",
        "https://xn--.example\ud800",
        f"https://{'a' * 64}.example",
        f"https://{'a.' * 130}example",
        f"https://shop.example/{'a' * 2000}",
    ],
)
def test_what_is_not_the_url_of_a_store(url: str) -> None:
    with pytest.raises(InvalidSite) as refused:
        canonical_site(url, ignore_www=True)
    assert refused.value.faults[0].pointer == "/site"


@given(url=st.text(max_size=60), www=st.booleans())
def test_what_is_canonical_stays_as_it_is(url: str, www: bool) -> None:
    try:
        site = canonical_site(url, ignore_www=www)
    except InvalidSite:
        return
    assert canonical_site(site, ignore_www=www) == site
    assert canonical_site(f"HTTP://{site}/", ignore_www=www) == site


_label = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
_segment = st.text(min_size=1, max_size=8).filter(
    lambda text: not set(text) & set("/\\?#\t\r\n\0") and text.isprintable()
)


@given(
    labels=st.lists(_label, min_size=2, max_size=4),
    segments=st.lists(_segment, max_size=3),
    port=st.none() | st.integers(1, 65_535),
)
def test_scheme_case_user_query_and_closing_slash_tell_no_stores_apart(
    labels: list[str], segments: list[str], port: int | None
) -> None:
    host = ".".join(labels) + ("" if port is None else f":{port}")
    path = "".join(f"/{segment}" for segment in segments)
    try:
        site = canonical_site(f"https://{host}{path}", ignore_www=True)
    except InvalidSite:
        return
    for same in (
        f"http://{host.upper()}{path}",
        f"https://ines@{host}{path}/",
        f"https://{host}{path}?a=b#c",
        f"{host}{path}",
    ):
        assert canonical_site(same, ignore_www=True) == site
