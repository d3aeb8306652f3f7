"""The service as in `tests/api`."""

from tests.api.conftest import _published, api, app, clock, published_url  # noqa: F401
