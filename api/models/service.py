"""What the service says of itself."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field


class Health(BaseModel):
    status: str = Field(examples=["ready"])


class Readiness(Health):
    ratings: Literal["ready", "unavailable", "off"] = Field(
        description="whether people can rate films: off without a secret, unavailable while the"
        " store cannot be reached"
    )


class AboutBuild(BaseModel):
    """The build that is served."""

    build_id: str = Field(examples=["a87964dcb41f"])
    created: datetime
    code_version: str = Field(description="fingerprint of the code that made it")
    films: int = Field(examples=[47497])


class About(BaseModel):
    """Which API, which code, which data."""

    api_version: str = Field(examples=["0.1.0"])
    code_version: str = Field(description="fingerprint of the code that serves")
    ratings: bool = Field(description="whether people can rate films here")
    build: AboutBuild | None = Field(description="null while there is none")
