"""The service itself."""

from fastapi import APIRouter

router = APIRouter(tags=["service"])


@router.get("/")
async def running() -> str:
    """Says that the server is running."""
    return "Server is running."
