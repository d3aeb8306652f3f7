"""The garbage collector while the tests are read, as a plugin of pytest.

Reading the suite makes over a million objects that stay until it ends. The collector would go
through them again and again as they come, and later within some test, for more than a second at
a time: longer than what a test allows a computation to take. So it rests until all are there, and
leaves them alone from then on.
"""

import gc


def pytest_configure() -> None:
    """Let nothing be collected while the tests are read."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Collect again from here on, all that is there set aside."""
    gc.freeze()
    gc.enable()
