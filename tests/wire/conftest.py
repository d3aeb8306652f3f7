"""The database with the five catalogues, as the API's tests have it."""

from tests.api.conftest import _published, published_url

__all__ = ["_published", "published_url"]
