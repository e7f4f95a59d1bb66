"""The ASGI door: `uvicorn main:app --no-proxy-headers --no-access-log`."""

import sys

from api.app import create_app
from api.logs import configure_logs
from api.settings import Settings

# DuckDB's driver looks for pandas at the first parameter, for values that nobody hands it here.
# Where there is none to be found, that saves a second and a half, and 100 MB a worker.
sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]  # Python's way to say: not there

configure_logs()
app = create_app(Settings())
