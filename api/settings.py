"""The settings of the service: one typed object, read from FILMKIN_* in `main.py` alone."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any

from limits import parse_many
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from store.location import DEFAULT

Network = IPv4Network | IPv6Network


def _listed(value: Any) -> Any:
    """The parts of a comma-separated text."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _network(value: Any) -> Any:
    return ip_network(value) if isinstance(value, str) else value


def _limit(value: str) -> str:
    if len(parse_many(value)) != 1:  # raises ValueError for what is none
        raise ValueError("one limit, as 10/second")
    return value


Limit = Annotated[str, BeforeValidator(_limit)]
Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
Networks = Annotated[
    tuple[Annotated[Network, BeforeValidator(_network)], ...], NoDecode, BeforeValidator(_listed)
]
# Not to be guessed, whoever tries for long.
_SECRET_CHARACTERS = 32
_KEY_CHARACTERS = 16


def _sendable(key: SecretStr) -> SecretStr:
    if not (key.get_secret_value().isascii() and key.get_secret_value().isprintable()):
        raise ValueError("a key goes in a header: ASCII letters, digits and signs alone")
    return key


Key = Annotated[SecretStr, Field(min_length=_KEY_CHARACTERS), AfterValidator(_sendable)]
Keys = Annotated[
    tuple[Key, ...],
    NoDecode,
    BeforeValidator(_listed),
]


class Settings(BaseSettings):
    """Every setting, with its unit in its description."""

    model_config = SettingsConfigDict(
        env_prefix="FILMKIN_",
        frozen=True,
        hide_input_in_errors=True,  # a secret that is refused would stand in the log
    )

    database: Path = Field(
        Path("duckdb/films.duckdb"), description="the link that the batch publishes a build under"
    )
    poll_seconds: float = Field(
        0.5, gt=0, description="seconds between two looks for a newly published build"
    )
    connections: int = Field(
        8, ge=1, description="questions that the database answers at a time, in a thread each"
    )
    database_seconds: float = Field(
        2.0, gt=0, description="seconds that the database may take for one question"
    )
    database_memory: str = Field(
        "512MB",
        pattern=r"^[0-9]+(KB|MB|GB|KiB|MiB|GiB)$",
        description="memory that the database may take, the blocks that it keeps included",
    )
    export_seconds: float = Field(
        300.0, gt=0, description="seconds that a client may take to read a whole result"
    )
    cache_seconds: int = Field(
        60, ge=0, description="seconds that an answer may be kept before it is asked for again"
    )
    cors_origins: Listed = Field(
        (), description="origins whose pages may read the API, by comma; `*` for all"
    )
    trusted_proxies: Networks = Field(
        (),
        description="networks whose X-Forwarded-For and X-Forwarded-Proto are believed, by comma",
    )
    secret: SecretStr | None = Field(
        None,
        min_length=_SECRET_CHARACTERS,
        description="signs the cookie that says who a person is: 32 characters at least;"
        " without one, nobody rates films",
    )
    api_keys: Keys = Field(
        (),
        description="keys of programs that read and write anyone's ratings, by comma:"
        " 16 characters each at least, of ASCII",
    )
    store: str = Field(
        DEFAULT,
        description="where ratings are kept: a database's URL in SQLAlchemy's form",
    )
    access_log: bool = Field(True, description="one line of JSON a request, on standard output")
    rate_limits: bool = Field(True, description="off switches the limits below off")
    limit_search: Limit = Field("10/second", description="searches of one client")
    limit_suggest: Limit = Field(
        "20/second", description="suggestions asked for by one client, as it types"
    )
    limit_film: Limit = Field("20/second", description="films asked for by one client")
    limit_similar: Limit = Field(
        "10/second", description="questions for similar films by one client"
    )
    limit_predict: Limit = Field("10/second", description="predictions asked for by one client")
    limit_person: Limit = Field("10/second", description="people asked for by one client")
    limit_user: Limit = Field(
        "10/second", description="ratings and recommendations asked for by one client"
    )
    limit_rate: Limit = Field("20/second", description="ratings stored and forgotten by one client")
    limit_identity: Limit = Field("10/minute", description="new user ids for one client")
    limit_export: Limit = Field("6/minute", description="whole results read by one client")
    limit_storage: str = Field(
        "memory://", description="where the counts are kept; redis://HOST shares them over workers"
    )
