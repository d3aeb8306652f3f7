from pathlib import Path

import limits
import pytest

from app.settings import Settings, SettingsError, asyncpg_dsn, load_settings


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SURETY_{name.upper()}", raising=False)


@pytest.mark.parametrize(
    ("url", "dsn"),
    [
        ("postgres://h/d", "postgresql://h/d"),
        ("postgresql+asyncpg://u:p@h:6432/d", "postgresql://u:p@h:6432/d"),
        ("postgresql://u:p@ss:w%2Frd@h/d", "postgresql://u:p%40ss%3Aw%2Frd@h/d"),
        ("postgresql://u@/d?host=/run/pg", "postgresql://u@/d?host=%2Frun%2Fpg"),
        ("postgresql://%2Frun%2Fpg/d", "postgresql://%2Frun%2Fpg/d"),
        ("postgresql://[::1]:5432/d?sslmode=require", "postgresql://[::1]:5432/d?sslmode=require"),
        ("postgresql+asyncpg://h/d?ssl=require", "postgresql://h/d?sslmode=require"),
        ("postgresql://h/d?connect_timeout=5&channel_binding=prefer", "postgresql://h/d"),
        ("postgresql://a:1,b:2/d?target_session_attrs=read-write",
         "postgresql://a:1,b:2/d?target_session_attrs=read-write"),
    ],
)  # fmt: skip
def test_a_url_becomes_what_the_driver_takes(url: str, dsn: str) -> None:
    assert asyncpg_dsn(url) == dsn
    assert asyncpg_dsn(dsn) == dsn


@pytest.mark.parametrize("url", ["", "mysql://h/d", "host=h dbname=d", "postgresql:h"])
def test_another_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="postgresql://user:password@host"):
        asyncpg_dsn(url)


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURETY_DATABASE_URL", "postgresql+asyncpg://u:secret@h/d")
    monkeypatch.setenv("SURETY_DATA_DIR", "elsewhere")
    monkeypatch.setenv("SURETY_ADMIN_KEY", "")
    monkeypatch.setenv("SURETY_TEST_DATABASE_URL", "anything")
    settings = load_settings()
    assert settings.dsn == settings.worker_dsn == "postgresql://u:secret@h/d"
    assert settings.data_dir == Path.cwd() / "elsewhere"
    assert settings.admin_key is None
    assert "secret" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SURETY_PORT", "http", r"^SURETY_PORT: Input should be a valid integer"),
        ("SURETY_PROCESSES", "0", r"^SURETY_PROCESSES: .* greater than or equal to 1"),
        ("SURETY_DATABASE_URL", "mysql://x:secret@h", r"^SURETY_DATABASE_URL: should look like"),
        (
            "SURETY_WEBHOOK_ALLOWED_NETWORKS",
            "10.0.0.1/8",
            r"^SURETY_WEBHOOK_ALLOWED_NETWORKS: 10.0.0.1/8 has host bits set$",
        ),
        ("SURETY_LOG_LEVEL", "loud", r"^SURETY_LOG_LEVEL: Input should be 'critical',"),
        ("SURETY_DATABSE_URL", "x", r"is not a setting; did you mean SURETY_DATABASE_URL\?"),
        ("SURETY_RATE_LIMIT", "fast", r"^SURETY_RATE_LIMIT: should look like 600/minute"),
        ("SURETY_RATE_LIMIT", "0/minute", r"^SURETY_RATE_LIMIT: should look like 600/minute"),
        ("SURETY_CORS_ORIGINS", "https://a.example/shop", r"^SURETY_CORS_ORIGINS: .* no origin"),
        ("SURETY_CORS_ORIGINS", "https://a.example;b", r"^SURETY_CORS_ORIGINS: .* no origin"),
        ("SURETY_ADMIN_KEY", "a" * 31, r"^SURETY_ADMIN_KEY: .* at least 32"),
        (
            "SURETY_PUBLIC_URL",
            "support.example",
            r"^SURETY_PUBLIC_URL: Input should be a valid URL",
        ),
        ("SURETY_COLOUR", "x", r"is not a setting; `surety settings` lists them"),
    ],
)
def test_what_cannot_be_used_is_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=message) as raised:
        load_settings()
    assert "\n" not in str(raised.value)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("rate", ["600/minute", "50 per 10 seconds", "1/day", "20 per second"])
def test_rates_are_those_of_the_library_that_counts(rate: str) -> None:
    settings = Settings(rate_limit=rate, key_attempt_limit=rate)
    assert limits.parse(settings.rate_limit or "") == limits.parse(rate)


def test_origins_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().cors_origins == ()
    monkeypatch.setenv("SURETY_CORS_ORIGINS", "https://a.example, http://localhost:5173")
    assert load_settings().cors_origins == ("https://a.example", "http://localhost:5173")


def test_links_begin_where_the_service_is_reached_or_listens() -> None:
    assert Settings().base_url == "http://127.0.0.1:8000"
    assert Settings(host="::", port=80).base_url == "http://[::1]:80"
    assert Settings(host="::1").base_url == "http://[::1]:8000"
    for url in ("https://support.example", "https://support.example/"):
        assert Settings.model_validate({"public_url": url}).base_url == "https://support.example"
    under = Settings.model_validate({"public_url": "https://shop.example/surety/"})
    assert under.base_url == "https://shop.example/surety"
