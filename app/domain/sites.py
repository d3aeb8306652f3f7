"""A site: one store of a customer, by its canonical URL."""

from urllib.parse import urlsplit

from app.domain.refusals import Fault, InvalidPayload

MAX_URL = 2_000
_DEFAULT_PORTS = {"http": 80, "https": 443}


class InvalidSite(InvalidPayload):
    """The site is not the URL of a store."""

    code = "invalid_site"
    title = "The site is not a URL"


def canonical_site(url: str, *, ignore_www: bool) -> str:
    """Return the one way to write a store's URL: `shop.example/eu`.

    Scheme, user, a default port, query and fragment do not tell stores apart; case of the host
    does not, nor a closing slash; international names are in their ASCII form (RFC 5891).
    `ignore_www` takes `www.` off. The path is kept, as it is written. Refuses `invalid_site`.
    """
    text = url.strip()
    if "://" not in text:
        text = "https://" + text
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        port = parts.port
    except ValueError:
        raise _invalid(url) from None
    if parts.scheme.lower() not in _DEFAULT_PORTS or not host or len(text) > MAX_URL:
        raise _invalid(url)
    host = _ascii_host(host, url)
    if ignore_www and host.startswith("www.") and host.count(".") > 1:
        host = host.removeprefix("www.")
    if port is not None and port not in _DEFAULT_PORTS.values():
        host = f"{host}:{port}"
    return host + parts.path.rstrip("/")


def _ascii_host(host: str, url: str) -> str:
    host = host.rstrip(".").lower()
    if ":" in host:
        return f"[{host}]"
    try:
        ascii_host = host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError:
        raise _invalid(url) from None
    labels = ascii_host.split(".")
    if not all(label and len(label) <= 63 and _is_label(label) for label in labels):
        raise _invalid(url)
    return ascii_host


def _is_label(label: str) -> bool:
    return all(each.isalnum() or each in "-_" for each in label) and label[0] != "-"


def _invalid(url: str) -> InvalidSite:
    detail = f"{url[:80]!r} is not the URL of a store, such as https://shop.example/eu."
    return InvalidSite([Fault("/site", detail, InvalidSite.code)])
