"""The ASGI door: `uvicorn main:app --no-proxy-headers`."""

from api.app import create_app
from api.settings import Settings

app = create_app(Settings())
