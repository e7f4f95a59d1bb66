"""What the service does beside answering: health, headers, caching, limits, logs."""

import json
import logging
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from limits.errors import StorageError
from limits.strategies import MovingWindowRateLimiter
from prometheus_client.parser import text_string_to_metric_families
from pydantic import ValidationError

from api import sending
from api.client import client_of, counted_as
from api.limits import Limits
from api.settings import Settings
from api.version import code_version
from tests.service import WARS, eventually, problem, served
from tests.world import film, publish


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(tmp_path_factory.mktemp("service"), WARS)


@pytest.fixture(scope="module")
def client(link: Path) -> Iterator[TestClient]:
    with served(link) as client:
        yield client


def test_without_a_build_every_answer_says_so_and_it_serves_once_there_is_one(
    tmp_path: Path,
) -> None:
    with served(tmp_path / "films.duckdb") as client:
        for path in (
            "/film/10",
            "/film/10/similar/0.5",
            "/person/1",
            "/films?ids=1",
            "/film/search",
        ):
            status, detail, _ = problem(client.get(path))
            assert (status, "No film database" in detail) == (503, True)
        assert problem(client.post("/film/search/facets", json={}))[0] == 503
        assert problem(client.get("/health/ready"))[0] == 503
        assert client.get("/health/live").json() == {"status": "live"}
        assert client.get("/about").json()["build"] is None
        assert "filmkin_films 0.0" in client.get("/metrics").text
        publish(tmp_path, WARS)
        eventually(client, "/health/ready", 200)
        assert client.get("/film/10").status_code == 200


def test_a_build_that_cannot_be_read_is_the_reason_why_it_is_not_ready(tmp_path: Path) -> None:
    bad = tmp_path / "films-bad.duckdb"
    bad.write_bytes(b"no database" * 1000)
    (tmp_path / "films.duckdb").symlink_to(bad)
    with served(tmp_path / "films.duckdb") as client:
        status, detail, _ = problem(client.get("/health/ready"))
    assert (status, "films-bad.duckdb" in detail) == (503, True)


def test_about_names_api_code_and_build(client: TestClient) -> None:
    about = client.get("/about").json()
    assert about["api_version"] == client.get("/openapi.json").json()["info"]["version"]
    assert about["code_version"] == code_version()
    assert about["build"] == {
        "build_id": "test", "created": "2026-01-01T00:00:00Z", "code_version": "test", "films": len(WARS)
    }  # fmt: skip


def test_an_answer_is_not_sent_again_to_who_has_it(tmp_path: Path) -> None:
    link = publish(tmp_path, WARS, build_id="one")
    with served(link, cache_seconds=7) as client:
        for path in (
            "/film/10",
            "/film/search?title=wars",
            "/film/10/similar/0.1",
            "/films?ids=10",
        ):
            first = client.get(path)
            tag = first.headers["ETag"]
            assert first.headers["Cache-Control"] == "public, max-age=7"
            again = client.get(path, headers={"If-None-Match": f'"x", {tag}'})
            assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
            assert again.headers["Vary"] == "Accept, Accept-Encoding"
            lines = [("If-None-Match", '"x"'), ("If-None-Match", tag)]
            assert client.get(path, headers=lines).status_code == 304
            strong = client.get(path, headers={"If-None-Match": tag.removeprefix("W/")})
            assert strong.status_code == 304
            assert client.get(path, headers={"If-None-Match": "*"}).status_code == 304
            assert client.get(path, headers={"If-None-Match": '"other"'}).json() == first.json()
        for path, status in (("/film/1", 404), ("/film/search?limit=0", 422)):
            assert client.get(path, headers={"If-None-Match": tag}).status_code == status
        table = client.get("/film/search?format=csv", headers={"If-None-Match": tag})
        assert (table.status_code, table.headers["ETag"] != tag) == (200, True)
        again = client.get(
            "/film/search", headers={"Accept": "text/csv", "If-None-Match": table.headers["ETag"]}
        )
        assert (again.status_code, again.content) == (304, b"")
        for tag in ("*", table.headers["ETag"]):
            wrong = client.get("/film/search?format=csv&title=(", headers={"If-None-Match": tag})
            assert wrong.status_code == 422
        publish(tmp_path, [*WARS, film(99, "New")], build_id="two")
        eventually(client, "/film/99", 200)
        fresh = client.get("/film/10", headers={"If-None-Match": tag})
        assert (fresh.status_code, fresh.headers["ETag"] != tag) == (200, True)


def test_an_error_is_not_kept(client: TestClient) -> None:
    answer = client.get("/film/1")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/film/10", "/film/search?limit=3", "/film/1", "/about"])
def test_head_is_get_without_its_body(client: TestClient, path: str) -> None:
    full, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (full.status_code, b"")
    for name in ("content-type", "content-length", "etag", "x-total-count"):
        assert head.headers.get(name) == full.headers.get(name)


def test_head_of_a_whole_result_makes_none_of_it(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = client.get("/film/search?format=jsonl")
    monkeypatch.setattr(sending, "read_documents", None)
    head = client.head("/film/search?format=jsonl")
    assert (full.status_code, head.status_code, head.content) == (200, 200, b"")
    for name in ("content-type", "etag", "x-total-count"):
        assert head.headers[name] == full.headers[name]


def test_a_large_answer_is_compressed_for_who_takes_it(client: TestClient) -> None:
    plain = client.get("/film/search", headers={"Accept-Encoding": "identity"})
    packed = client.get("/film/search", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert int(packed.headers["Content-Length"]) < int(plain.headers["Content-Length"])
    assert packed.json() == plain.json()


def test_pages_of_other_origins_may_read_it_where_a_setting_says_so(link: Path) -> None:
    asked = {"Origin": "https://films.example", "Access-Control-Request-Method": "POST"}
    with served(link) as client:
        assert "Access-Control-Allow-Origin" not in client.get("/film/10", headers=asked).headers
    with served(link, cors_origins="https://films.example, https://other.example") as client:
        answer = client.get("/film/10", headers=asked)
        assert answer.headers["Access-Control-Allow-Origin"] == "https://films.example"
        assert "X-Total-Count" in answer.headers["Access-Control-Expose-Headers"]
        before = client.options("/film/search", headers=asked)
        assert (before.status_code, "POST" in before.headers["Access-Control-Allow-Methods"]) == (
            200,
            True,
        )
        stranger = client.get("/film/10", headers={"Origin": "https://bad.example"})
        assert "Access-Control-Allow-Origin" not in stranger.headers


@pytest.mark.parametrize("path", ["/film/10", "/film/1", "/docs", "/nothing"])
def test_every_answer_says_what_a_browser_may_not_do(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert ("script-src" in policy) == (path == "/docs")


def test_metrics_count_by_route_and_tell_of_the_build(link: Path) -> None:
    with served(link) as client:
        for path in ("/film/10", "/film/11", "/film/1", "/nothing"):
            client.get(path)
        text = client.get("/metrics").text
    samples = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }

    def requests(route: str, status: str) -> float | None:
        labels = {"method": "GET", "route": route, "status": status}
        return samples.get(("filmkin_requests_total", tuple(sorted(labels.items()))))

    assert requests("/film/{film_id}", "200") == 2
    assert requests("/film/{film_id}", "404") == 1
    assert requests("", "404") == 1
    assert samples[("filmkin_request_seconds_count", (("route", "/film/{film_id}"),))] == 3
    assert samples[("filmkin_films", ())] == len(WARS)
    assert samples[("filmkin_build_age_seconds", ())] > 0
    assert samples[("filmkin_connections_used", ())] == 0


@pytest.mark.parametrize(
    ("given", "taken"),
    [("abc-1.2_3", True), ("x" * 64, True), ("x" * 65, False), ('a"b', False), ("a b", False), ("", False)],
)  # fmt: skip
def test_the_log_has_one_line_of_json_a_request_under_its_id(
    client: TestClient, caplog: pytest.LogCaptureFixture, given: str, taken: bool
) -> None:
    with caplog.at_level(logging.INFO, "api.access"):
        answer = client.get(
            "/film/10%0a%22?q=%0a", headers={"X-Request-ID": given, "X-Forwarded-For": "6.6.6.6"}
        )
    request_id = answer.headers["X-Request-ID"]
    assert (request_id == given) == taken
    assert answer.headers.get_list("X-Request-ID") == [request_id]
    (line,) = [record.message for record in caplog.records if record.name == "api.access"]
    assert "\n" not in line
    told = json.loads(line)
    assert told["request_id"] == request_id
    assert told["status"] == answer.status_code == 422
    assert told["path"] == '/film/10\n"'
    assert told["client"] == "testclient"
    assert told["bytes"] == len(answer.content)


def scope_of(peer: str | None, *forwarded: str) -> dict[str, Any]:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    return {"client": (peer, 1) if peer else None, "headers": headers}


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "client"),
    [
        ((), "1.1.1.1", ["9.9.9.9"], "1.1.1.1"),
        (("10.0.0.0/8",), "1.1.1.1", ["9.9.9.9"], "1.1.1.1"),
        (("10.0.0.0/8",), "10.0.0.1", [], "10.0.0.1"),
        (("10.0.0.0/8",), "10.0.0.1", ["9.9.9.9"], "9.9.9.9"),
        (("10.0.0.0/8",), "10.0.0.1", ["6.6.6.6, 9.9.9.9"], "9.9.9.9"),
        (("10.0.0.0/8",), "10.0.0.1", ["6.6.6.6", "9.9.9.9, 10.0.0.2"], "9.9.9.9"),
        (("10.0.0.0/8",), "10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        (("10.0.0.0/8",), "10.0.0.1", ["9.9.9.9, nonsense"], "10.0.0.1"),
        (("10.0.0.0/8",), "10.0.0.1", ["6.6.6.6, x, 10.0.0.2"], "10.0.0.2"),
        (("10.0.0.0/8",), "::ffff:10.0.0.1", ["9.9.9.9"], "9.9.9.9"),
        (("fd00::/8",), "fd00::1", ["2001:db8::5"], "2001:db8::5"),
        (("10.0.0.0/8",), None, ["9.9.9.9"], "unknown"),
    ],
)
def test_a_client_is_the_right_most_address_that_is_no_trusted_proxy(
    trusted: tuple[str, ...], peer: str | None, forwarded: list[str], client: str
) -> None:
    networks = tuple(ip_network(network) for network in trusted)
    assert client_of(scope_of(peer, *forwarded), networks) == client


@pytest.mark.parametrize(
    ("client", "counted"),
    [
        ("1.2.3.4", "1.2.3.4"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_a_host_with_many_addresses_is_one_client(client: str, counted: str) -> None:
    assert counted_as(client) == counted


def test_behind_a_trusted_proxy_clients_have_limits_of_their_own(link: Path) -> None:
    # Starlette's test client has no address: "testclient" stands for it.
    with served(
        link, rate_limits=True, limit_film="1/minute", trusted_proxies="127.0.0.0/8"
    ) as client:
        inside = TestClient(client.app, client=("127.0.0.1", 1))
        statuses = [
            inside.get("/film/10", headers={"X-Forwarded-For": chain}).status_code
            for chain in ("1.1.1.1", "1.1.1.1", "2.2.2.2", "6.6.6.6, 1.1.1.1", "3.3.3.3, 127.0.0.2")
        ]
    assert statuses == [200, 429, 200, 429, 200]


def test_every_answer_says_where_a_client_stands(link: Path) -> None:
    with served(link, rate_limits=True, limit_film="2/minute") as client:
        for left, path, status in ((1, "/film/10", 200), (0, "/film/1", 404), (0, "/film/10", 429)):
            answer = client.get(path)
            assert answer.status_code == status
            assert answer.headers["RateLimit-Limit"] == "2"
            assert answer.headers["RateLimit-Remaining"] == str(left)
            assert 1 <= int(answer.headers["RateLimit-Reset"]) <= 61
            assert answer.headers["RateLimit-Policy"] == "2;w=60"
        assert answer.headers["Retry-After"] == answer.headers["RateLimit-Reset"]


def test_whole_results_have_a_limit_of_their_own(link: Path) -> None:
    with served(link, rate_limits=True, limit_export="1/minute", limit_search="9/minute") as client:
        answers = [client.get("/film/search?format=csv") for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 429]
        assert {answer.headers["RateLimit-Limit"] for answer in answers} == {"1"}
        assert client.get("/film/search").status_code == 200


def test_when_the_store_of_the_limits_fails_each_worker_counts_alone(
    link: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shared = {"rate_limits": True, "limit_film": "2/minute", "limit_storage": "redis://127.0.0.1:1"}
    with served(link, **shared) as client:
        statuses = [client.get("/film/10").status_code for _ in range(4)]
    assert statuses == [200, 200, 429, 429]
    assert caplog.text.count("the store of the limits fails") == 1


def test_a_store_that_is_back_counts_again(monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    limits = Limits(Settings(limit_film="9/minute", limit_storage="redis://127.0.0.1:1"))
    asked: list[bool] = []

    def hit(self: MovingWindowRateLimiter, *_: object) -> bool:
        if self is limits._counter:
            asked.append(True)
            raise StorageError(OSError("gone"))
        return True

    monkeypatch.setattr(MovingWindowRateLimiter, "hit", hit)
    monkeypatch.setattr("api.limits._RETRY_SECONDS", 0.0)
    for _ in range(2):
        assert asyncio.run(limits.count("film", "1.1.1.1")).allowed
    assert len(asked) == 2


@pytest.mark.parametrize(
    "setting",
    [
        {"limit_film": "often"},
        {"limit_film": "1/second;9/hour"},
        {"trusted_proxies": "10.0.0.1/8"},
        {"database_memory": "much"},
    ],
)
def test_a_setting_that_means_nothing_is_refused(setting: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings(**setting)
