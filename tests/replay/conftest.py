"""The service in this process, as the API's own tests have it."""

from tests.api.conftest import _published, api, app, clock, published_url

__all__ = ["_published", "api", "app", "clock", "published_url"]
