"""What Prometheus reads: requests, latencies, the build, the connections to it.

Several workers share their counts through files, where PROMETHEUS_MULTIPROC_DIR names a folder.
"""

import os
from datetime import UTC, datetime

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from api.db.database import Database
from filmkin.errors import UnavailableError

MEDIA_TYPE = CONTENT_TYPE_LATEST

# Seconds: finer where answers are expected to lie.
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


class Metrics:
    """The figures of one app."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "filmkin_requests",
            "Requests answered",
            ["method", "route", "status"],
            registry=registry,
        )
        self._seconds = Histogram(
            "filmkin_request_seconds",
            "Seconds from a request to the end of its answer",
            ["route"],
            buckets=_BUCKETS,
            registry=registry,
        )
        self._stored = Counter("filmkin_ratings_stored", "Ratings stored", registry=registry)
        self._forgotten = Counter(
            "filmkin_ratings_forgotten", "Ratings forgotten", registry=registry
        )
        self._age = _gauge("filmkin_build_age_seconds", "Seconds since it was begun", registry)
        self._films = _gauge("filmkin_films", "Films of the build that is served", registry)
        self._used = _gauge("filmkin_connections_used", "Database connections at work", registry)
        self._all = _gauge("filmkin_connections", "Database connections", registry)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request; `route` is the path of its route, empty where none was found."""
        self._requests.labels(method, route, status).inc()
        self._seconds.labels(route).observe(seconds)

    def stored(self, ratings: int) -> None:
        """Count ratings that were stored."""
        self._stored.inc(ratings)

    def forgotten(self, ratings: int) -> None:
        """Count ratings that were forgotten."""
        self._forgotten.inc(ratings)

    def look_at(self, database: Database) -> None:
        """Take the figures of what is served now."""
        try:
            build = database.build
        except UnavailableError:
            self._films.set(0)
            return
        self._age.set((datetime.now(UTC) - build.facts.created).total_seconds())
        self._films.set(len(build.index.film_ids))
        self._used.set(build.connections.used)
        self._all.set(build.connections.count)

    def text(self) -> bytes:
        """All figures in Prometheus' text format; with several workers, those of all."""
        if _FOLDER not in os.environ:
            return generate_latest(self._registry)
        shared = CollectorRegistry()
        MultiProcessCollector(shared)
        return generate_latest(shared)


def _counter(name: str, description: str, registry: CollectorRegistry) -> Counter:
    return Counter(name, description, registry=registry)


def _gauge(name: str, description: str, registry: CollectorRegistry) -> Gauge:
    return Gauge(name, description, registry=registry, multiprocess_mode="mostrecent")
