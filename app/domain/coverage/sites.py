"""A site: one store of a customer, by its canonical URL."""

import re
from ipaddress import IPv6Address
from urllib.parse import quote, urlsplit

import idna

from app.domain.access.refusals import Fault, InvalidPayload

MAX_URL = 2_000
_MAX_HOST = 253
_DEFAULT_PORTS = {"http": 80, "https": 443}
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://", re.ASCII)
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})", re.ASCII)
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class InvalidSite(InvalidPayload):
    """The site is not the URL of a store."""

    code = "invalid_site"
    title = "The site is not a URL"


def canonical_site(url: str, *, ignore_www: bool) -> str:
    """Return the one way to write a store's URL: `shop.example/eu`.

    Scheme, user, a default port, query and fragment do not tell stores apart; nor do the case
    of the host, a closing slash, dots and needless escapes in the path (RFC 3986 §6.2.2);
    international names are in their ASCII form (UTS 46). `ignore_www` takes `www.` off. The
    case of the path is kept. What is canonical stays as it is. Refuses `invalid_site`.
    """
    text = url.strip()
    named = _SCHEME.match(text) is not None
    text = text if named else "https://" + text
    if len(text) > MAX_URL or any(each in "\\\t\r\n\0" for each in text):
        raise _invalid(url)
    try:
        parts = urlsplit(text)
        host = _canonical_host(parts.hostname or "")
        port = parts.port
        path = _canonical_path(parts.path)
    except ValueError:  # of an address, a name or a port
        raise _invalid(url) from None
    if parts.scheme.lower() not in _DEFAULT_PORTS or ("@" in parts.netloc and not named):
        raise _invalid(url)  # an e-mail address, for one
    if ignore_www and host.startswith("www.") and host.count(".") > 1:
        host = host.removeprefix("www.")
    if port is not None and port not in _DEFAULT_PORTS.values():
        host = f"{host}:{port}"
    return host + path


def list_spellings(url: str) -> list[str]:
    """Return the ways in which a store's URL may be written: with and without `www.`.

    Whether that tells stores apart is a catalogue's to say.
    """
    return sorted({canonical_site(url, ignore_www=ignore_www) for ignore_www in (False, True)})


def list_stores(url: str) -> list[str]:
    """Return the stores that a page may be of, in every spelling: itself, and those above it."""
    found = set()
    for each in list_spellings(url):
        segments = each.split("/")
        found |= {"/".join(segments[:count]) for count in range(1, len(segments) + 1)}
    return sorted(found)


def covers(store: str, site: str | None) -> bool:
    """Say whether a page is one of a store's: the store itself, or a path under it."""
    return site is not None and (site == store or site.startswith(f"{store}/"))


def _canonical_host(host: str) -> str:
    """Return a host in lower case and ASCII; ValueError where it is none."""
    if ":" in host and "%" not in host:
        return f"[{IPv6Address(host).compressed}]"
    if not host.isascii():
        host = idna.encode(host, uts46=True).decode("ascii")
    host = host.removesuffix(".").lower()
    if len(host) > _MAX_HOST or not all(_LABEL.fullmatch(each) for each in host.split(".")):
        raise ValueError(host)
    return host


def _canonical_path(path: str) -> str:
    """Return a path without dots, needless escapes and closing slashes; "" for the root."""
    escaped = quote(path, safe="%/:@!$&'()*+,;=-._~", errors="strict")
    plain = _ESCAPE.sub(_unescape, escaped)
    kept: list[str] = []
    for segment in plain.split("/")[1:]:
        if segment == "..":
            kept[-1:] = []
        elif segment != ".":
            kept.append(segment)
    return "/".join(["", *kept]).rstrip("/")


def _unescape(escape: re.Match[str]) -> str:
    plain = chr(int(escape[1], 16))
    return plain if plain in _PLAIN else escape[0].upper()


def _invalid(url: str) -> InvalidSite:
    shown = "".join(each if each.isprintable() else "�" for each in url[:80])
    detail = f"{shown!r} is not the URL of a store, such as https://shop.example/eu."
    return InvalidSite([Fault("/site", detail, InvalidSite.code)])
