"""The settings: environment variables that begin with `SURETY_`, each described here.

`surety settings` prints them. A value that cannot be used, or a name that is not known, is a
`SettingsError` of one line that says which variable and what it takes.
"""

import difflib
import os
import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.domain.events.addresses import Network, read_networks

PREFIX = "SURETY_"

# Not ours to read: the tests' own, and what Kubernetes sets for a service named "surety".
_OTHERS = ("SURETY_TEST_", "SURETY_SERVICE_", "SURETY_PORT_")

# What libpq or SQLAlchemy understand in a URL and the driver would send on to the server.
_NOT_FOR_DRIVER = """
    async_fallback channel_binding connect_timeout fallback_application_name gssdelegation
    gssencmode hostaddr keepalives keepalives_count keepalives_idle keepalives_interval
    prepared_statement_cache_size prepared_statement_name_func require_auth requirepeer
    sslcertmode sslcompression sslsni tcp_user_timeout
""".split()  # noqa: SIM905  a list would be twenty lines


class SettingsError(Exception):
    """The environment says something that cannot be used: one line, with the remedy."""


def asyncpg_dsn(url: str) -> str:
    """Return the URL as `asyncpg.connect` takes it.

    Takes libpq's URLs (`postgres://`, `postgresql://…?host=/socket`) and SQLAlchemy's
    (`postgresql+asyncpg://`). A password may hold `@` and `:` unescaped. Parameters that only
    libpq or SQLAlchemy know are left out; `ssl`, which is SQLAlchemy's word, becomes `sslmode`.
    Raises ValueError for anything else.
    """
    scheme, separator, rest = url.strip().partition("://")
    if not separator or scheme.partition("+")[0] not in {"postgres", "postgresql"}:
        raise ValueError("should look like postgresql://user:password@host:5432/database")
    rest, _, query = rest.partition("?")
    authority, slash, database = rest.partition("/")
    userinfo, at, hosts = authority.rpartition("@")
    user, colon, password = userinfo.partition(":")
    parameters = {
        "sslmode" if name == "ssl" else name: value
        for name, value in parse_qsl(query)
        if name not in _NOT_FOR_DRIVER
    }
    return "".join(
        (
            f"postgresql://{_quoted(user)}{colon}{_quoted(password)}{at}{hosts}",
            f"{slash}{_quoted(database)}",
            f"?{urlencode(parameters)}" if parameters else "",
        )
    )


def describe_dsn(dsn: str) -> str:
    """Return which database a URL leads to, without who connects and how."""
    parts = urlsplit(dsn)
    hosts = parts.netloc.rpartition("@")[2] or dict(parse_qsl(parts.query)).get("host", "")
    return f"{hosts}{parts.path}"


def _quoted(part: str) -> str:
    return quote(unquote(part), safe="")


DatabaseUrl = Annotated[SecretStr, AfterValidator(lambda it: SecretStr(asyncpg_dsn(_shown(it))))]


def _shown(secret: SecretStr) -> str:
    return secret.get_secret_value()


_RATE = re.compile(r"[1-9]\d{0,8}(/| per )([1-9]\d{0,4} )?(second|minute|hour|day)s?")


def _require_rate(text: str) -> str:
    """Refuse what `limits` would not read, without the time that it takes to load."""
    if not _RATE.fullmatch(text):
        raise ValueError("should look like 600/minute")
    return text


_ORIGIN = re.compile(r"\*|https?://[A-Za-z0-9.:\[\]-]+")


def _split_origins(text: object) -> object:
    if not isinstance(text, str):
        return text
    origins = tuple(each for each in re.split(r"[,\s]+", text) if each)
    for each in origins:
        if not _ORIGIN.fullmatch(each):
            raise ValueError(f"{each[:80]!r} is no origin; one looks like https://shop.example")
    return origins


Rate = Annotated[str, AfterValidator(_require_rate)]
Origins = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_origins)]


def _require_networks(text: str) -> str:
    read_networks(text)
    return text


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="forbid")

    database_url: DatabaseUrl | None = Field(
        default=None,
        description="The Postgres (15 or later) to use, as a libpq or SQLAlchemy URL. "
        "None: Surety runs one of its own in SURETY_DATA_DIR.",
    )
    worker_database_url: DatabaseUrl | None = Field(
        default=None,
        description="The direct connection of the worker, of migrations and of every other "
        "command, where SURETY_DATABASE_URL leads through a pooler. None: SURETY_DATABASE_URL.",
    )
    read_database_url: DatabaseUrl | None = Field(
        default=None,
        description="A replica, which is a moment behind, that reads are answered from. Who "
        "sends back a `sequence` or an ETag is answered by SURETY_DATABASE_URL itself, and so is "
        "every write. None: all reads are.",
    )
    data_dir: Annotated[Path, AfterValidator(Path.absolute)] = Field(
        default=Path("data"),
        validate_default=True,
        description="The folder of the Postgres that Surety runs itself.",
    )
    host: str = Field(default="127.0.0.1", description="The address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="The port; 0 takes a free one.")
    public_url: AnyHttpUrl | None = Field(
        default=None,
        description="Where callers and their customers reach the service, such as "
        "https://support.example: what links to statements begin with. None: where it listens.",
    )
    processes: int = Field(default=1, ge=1, le=64, description="How many processes serve requests.")
    admin_key: SecretStr | None = Field(
        default=None,
        min_length=32,
        description="When set, this key is an admin key, of 32 random characters at least; for "
        "automation and the first start.",
    )
    log_level: Literal["critical", "error", "warning", "info", "debug"] = Field(
        default="info", description="How much to log: critical, error, warning, info, debug."
    )
    grace_seconds: int = Field(
        default=20,
        ge=1,
        le=3600,
        description="How long requests under way may take to end, once told to stop.",
    )
    worker_metrics_port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="Where `surety worker` shows its figures to Prometheus, at SURETY_HOST. "
        "None: nowhere; those of a worker beside a server are at /metrics.",
    )
    otlp_endpoint: AnyHttpUrl | None = Field(
        default=None,
        description="An OpenTelemetry collector's OTLP/HTTP address, such as "
        "http://127.0.0.1:4318. When set, traces of requests and jobs go there; OpenTelemetry's "
        "own OTEL_ variables name the service, sample, and send headers.",
    )
    pool_size: int = Field(
        default=16, ge=1, le=500, description="Database connections of each process, at most."
    )
    prepared_statements: bool = Field(
        default=True,
        description="Set to false behind a pooler that hands out connections by transaction "
        "and does not keep prepared statements.",
    )
    optimistic_writes: bool = Field(
        default=True,
        description="Whether what is written most is written without a lock, where nobody else "
        "writes to the account meanwhile. Set to false, every write locks its account's row first.",
    )
    statement_timeout_ms: int = Field(
        default=30_000, ge=100, description="How long one statement may run."
    )
    lock_timeout_ms: int = Field(
        default=5_000, ge=10, description="How long to wait for another's lock."
    )
    events_kept_days: int = Field(
        default=90,
        ge=31,
        description="For how many days after it was recorded an event is kept. At least 31, for "
        "what webhooks were sent can be sent again for 30.",
    )
    webhook_allowed_networks: Annotated[str, AfterValidator(_require_networks)] = Field(
        default="",
        description="Networks that webhooks may reach although they are not public, such as "
        "10.1.0.0/16,::1/128; to those, http:// will do. None: public addresses only.",
    )
    webhook_timeout_s: float = Field(
        default=15, ge=1, le=60, description="How long a webhook's receiver may take to answer."
    )
    rate_limit: Rate | None = Field(
        default=None,
        description="How many requests one key may make, such as 600/minute; each process counts "
        "its own. None: as many as it likes, for a key is a shop's or a helpdesk's, and what is "
        "more than the database can do is refused anyway.",
    )
    key_attempt_limit: Rate | None = Field(
        default="3000/minute",
        description="How many keys that are not valid one address may try, before its keys "
        "are looked up one at a time. Set FORWARDED_ALLOW_IPS where a proxy "
        "stands between, or it is the one address.",
    )
    cors_origins: Origins = Field(
        default=(),
        description="The origins whose pages may call the API from a browser, such as "
        "https://shop.example; several separated by commas, * for all. None: no page.",
    )

    embed_origins: Origins = Field(
        default=(),
        description="The origins whose pages may frame or fetch our pages (comparison, customer's "
        "card, timeline, statement), such as https://shop.example; several separated by commas, "
        "* for all. None: no page.",
    )

    @property
    def dsn(self) -> str | None:
        """`database_url` in clear, as the driver takes it."""
        return None if self.database_url is None else _shown(self.database_url)

    @property
    def base_url(self) -> str:
        """What links begin with, without a slash at the end; never what a request names."""
        if self.public_url is not None:
            return str(self.public_url).rstrip("/")
        return f"http://{place_of(self.host, self.port)}"

    @property
    def webhook_networks(self) -> tuple[Network, ...]:
        """`webhook_allowed_networks`, read."""
        return read_networks(self.webhook_allowed_networks)

    @property
    def read_dsn(self) -> str | None:
        """`read_database_url` in clear."""
        return None if self.read_database_url is None else _shown(self.read_database_url)

    @property
    def worker_dsn(self) -> str | None:
        """`worker_database_url` in clear, else `dsn`."""
        return self.dsn if self.worker_database_url is None else _shown(self.worker_database_url)


def place_of(host: str, port: int) -> str:
    """Return where a browser on this machine reaches what listens on an address."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def load_settings() -> Settings:
    """Read the settings from the environment. Raises SettingsError."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known and not name.startswith(_OTHERS):
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
            hint = f"did you mean {near[0]}?" if near else "`surety settings` lists them"
            raise SettingsError(f"{name} is not a setting; {hint}")
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("; ".join(_sentences(error))) from None


def _sentences(error: ValidationError) -> list[str]:
    return [
        f"{PREFIX}{str(fault['loc'][0]).upper()}: {fault['msg'].removeprefix('Value error, ')}"
        for fault in error.errors(include_url=False, include_input=False)
    ]
