"""The settings of the service: one typed object, read from FILMKIN_* in `main.py` alone."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting, with its unit in its description."""

    model_config = SettingsConfigDict(env_prefix="FILMKIN_", frozen=True)

    database: Path = Field(
        Path("duckdb/films.duckdb"), description="the link that the batch publishes a build under"
    )
    poll_seconds: float = Field(
        1.0, gt=0, description="seconds between two looks for a newly published build"
    )
    connections: int = Field(
        40, ge=1, description="database connections kept at most; a request holds one"
    )
    database_seconds: float = Field(
        2.0, gt=0, description="seconds that the database may take for one request"
    )
    rate_limits: bool = Field(True, description="off switches the limits below off")
    limit_search: str = Field("10/second", description="searches of one client")
    limit_film: str = Field("20/second", description="films asked for by one client")
    limit_similar: str = Field("10/second", description="questions for similar films by one client")
    limit_storage: str = Field(
        "memory://", description="where the counts are kept; redis://HOST shares them over workers"
    )
