"""The ASGI door: `uvicorn main:app --no-proxy-headers --no-access-log`."""
# ruff: noqa: E402  what is imported last reads what is said first

import gc
import os
import sys

gc.disable()  # nothing of what is imported will be thrown away

# DuckDB's driver looks for pandas at the first parameter, FastAPI for models of an old Pydantic,
# which nobody hands them here. Where there is none to be found, that saves a second and a half,
# and 100 MB a worker.
for absent in ("pandas", "pydantic.v1"):
    sys.modules.setdefault(absent, None)  # type: ignore[arg-type]  # Python's way to say: not there

# numpy would start threads for linear algebra, of which there is none here.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from api.app import create_app
from api.logs import configure_logs
from api.settings import Settings

configure_logs()
app = create_app(Settings())

gc.enable()
