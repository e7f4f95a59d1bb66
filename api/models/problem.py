"""Errors as they are sent."""

from pydantic import BaseModel, Field


class FieldProblem(BaseModel):
    """What is wrong with one part of a request."""

    field: str = Field(examples=["min_rating"])
    detail: str = Field(examples=["Input should be less than or equal to 10"])


class Problem(BaseModel):
    """An error, as RFC 9457 writes it."""

    type: str = Field(default="about:blank", examples=["about:blank"])
    title: str = Field(examples=["Unprocessable Entity"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["min_rating: Input should be less than or equal to 10"])
    errors: list[FieldProblem] | None = Field(
        default=None, description="the failing fields, where a request is wrong"
    )
