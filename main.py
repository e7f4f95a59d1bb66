"""The ASGI door: `uvicorn main:app --no-proxy-headers --no-access-log`."""

from api.app import create_app
from api.logs import configure_logs
from api.settings import Settings

configure_logs()
app = create_app(Settings())
