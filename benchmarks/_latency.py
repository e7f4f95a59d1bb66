"""How long a client waits for each answer, asking one question after the other."""

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from http.client import HTTPConnection
from typing import NamedTuple
from urllib.parse import urlsplit

import numpy as np

_WARM_UP = 20  # questions that are asked first, and not counted


class Question(NamedTuple):
    """A request; `json` is its body, if any."""

    method: str
    path: str
    json: object | None = None


def latency(
    url: str, asked: Sequence[Question], headers: Mapping[str, str] | None = None
) -> Mapping[str, float]:
    """The milliseconds that the service at `url` takes for half of them, for 99 in 100, and for
    the one that took longest.
    """
    times = []
    where = urlsplit(url)
    # httpx would add two milliseconds of its own to each answer.
    with closing(HTTPConnection(str(where.hostname), where.port)) as client:
        for method, path, body in [*asked[:_WARM_UP], *asked]:
            text = None if body is None else json.dumps(body)
            begin = time.perf_counter()
            client.request(
                method, path, text, {"Content-Type": "application/json", **(headers or {})}
            )
            answer = client.getresponse()
            told = answer.read()
            times.append(1000 * (time.perf_counter() - begin))
            assert answer.status == 200, told
    measured = times[_WARM_UP:]
    found = {f"p{share}_ms": float(np.percentile(measured, share)) for share in (50, 99)}
    found["longest_ms"] = max(measured)
    return {name: round(milliseconds, 1) for name, milliseconds in found.items()}
