"""The real server: started as the README says, by other processes, over the network."""

import os
import re
import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from benchmarks._load import Answer, Load
from tests.conformance import conformance
from tests.programs import Program
from tests.server import free_port, server
from tests.service import WARS, with_ratings
from tests.world import film, publish

REDIS = shutil.which("redis-server")


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(tmp_path_factory.mktemp("server"), WARS)


def statuses(url: str, count: int, **headers: str) -> list[int]:
    return [httpx.get(url, headers=headers).status_code for _ in range(count)]


def test_no_forwarded_address_buys_a_client_another_limit(link: Path, tmp_path: Path) -> None:
    """By the README's own start command: uvicorn would believe whoever asks from this machine."""
    with server(tmp_path, link, limit_film="3/minute") as running:
        found = [
            httpx.get(
                f"{running.url}/film/10",
                headers={"X-Forwarded-For": f"10.0.0.{n}", "Forwarded": f"for=10.0.0.{n}"},
            ).status_code
            for n in range(5)
        ]
    assert found == [200, 200, 200, 429, 429]


def test_behind_a_proxy_that_is_trusted_each_client_has_a_limit(link: Path, tmp_path: Path) -> None:
    with server(tmp_path, link, limit_film="1/minute", trusted_proxies="127.0.0.1") as running:
        url = f"{running.url}/film/10"
        assert statuses(url, 2, **{"X-Forwarded-For": "9.9.9.9"}) == [200, 429]
        assert statuses(url, 1, **{"X-Forwarded-For": "8.8.8.8"}) == [200]
        assert statuses(url, 1, **{"X-Forwarded-For": "7.7.7.7, 9.9.9.9"}) == [429]


@contextmanager
def redis(folder: Path, port: int) -> Iterator[Program]:
    assert REDIS
    command = [
        REDIS,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
    ]
    program = Program("redis", command, folder, os.environ)
    try:
        program.said("(Ready to accept connections)")
        yield program
    finally:
        program.kill()


@pytest.mark.skipif(REDIS is None, reason="no redis-server is installed (Debian: redis-server)")
def test_one_limit_holds_over_all_workers_and_outlives_its_store(
    link: Path, tmp_path: Path
) -> None:
    port = free_port()
    store = f"redis://127.0.0.1:{port}"
    with (
        redis(tmp_path / "redis", port) as running_redis,
        server(tmp_path, link, workers=2, limit_film="20/minute", limit_storage=store) as running,
    ):
        url = f"{running.url}/film/10"
        with ThreadPoolExecutor(8) as clients:
            answers = list(clients.map(lambda _: httpx.get(url), range(40)))
        found = [answer.status_code for answer in answers]
        assert (found.count(200), found.count(429)) == (20, 20)
        left = {int(a.headers["RateLimit-Remaining"]) for a in answers}
        assert left <= set(range(20))
        assert 0 in left
        assert all(
            1 <= int(a.headers["Retry-After"]) <= 60 for a in answers if a.status_code == 429
        )
        running_redis.kill()
        assert httpx.get(url).status_code == 200  # counted by its worker alone


def test_it_stops_in_order_and_frees_its_port(link: Path, tmp_path: Path) -> None:
    with server(tmp_path, link) as running:
        os.kill(running.pid, signal.SIGTERM)
        said = running.program.wait(seconds=20, expect=-signal.SIGTERM)
    assert "Application shutdown complete" in said
    with socket.socket() as one:
        one.bind(("127.0.0.1", running.port))


HEADS = ["/about", "/film/10", "/film/search", "/film/search?format=csv", "/nothing"]


def test_head_leaves_its_connection_in_step(link: Path, tmp_path: Path) -> None:
    with (
        server(tmp_path, link, rate_limits="off") as running,
        httpx.Client(base_url=running.url) as client,
    ):
        for path in HEADS:
            ports = set()
            for ask in (client.head, client.get, client.head):
                answer = ask(path)
                ports.add(answer.extensions["network_stream"].get_extra_info("client_addr"))
            assert len(ports) == 1, path
            assert answer.content == b""
        assert 'route="/about"' in client.get("/metrics").text
        log = running.program.log.read_text("utf-8")
    assert "Traceback" not in log


def test_idle_and_slow_clients_do_not_stop_the_rest(link: Path, tmp_path: Path) -> None:
    with server(tmp_path, link, rate_limits="off") as running:
        idle = [socket.create_connection(("127.0.0.1", running.port)) for _ in range(500)]
        slow = [socket.create_connection(("127.0.0.1", running.port)) for _ in range(50)]
        for one in slow:  # a body that never comes
            one.sendall(
                b"POST /film/search HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                b'Content-Length: 100\r\n\r\n{"title'
            )
        assert statuses(f"{running.url}/film/10", 20) == [200] * 20
        assert httpx.post(f"{running.url}/film/search", json={"title": "w.rs"}).status_code == 200
        slow[0].settimeout(30)
        assert b" 408 " in slow[0].recv(100)
        for one in (*idle, *slow):
            one.close()


def test_twenty_publishes_under_load_cost_no_request(tmp_path: Path) -> None:
    """Each answer is wholly of one build, and what the builds took is given back."""
    films = {
        name: [film(n, f"{name} {n}", persons=[f"P{n % 9}"]) for n in range(1, 301)]
        for name in ("one", "two")
    }
    link = publish(tmp_path, films["one"], build_id="one")
    publish(tmp_path, films["two"], build_id="two")
    builds = {name: tmp_path / "builds" / f"films-{name}.duckdb" for name in films}

    def check(answer: Answer) -> None:
        assert answer.status == 200, answer
        (told,) = re.findall(r'^W/"(one|two)-', answer.headers["etag"])
        titles = re.findall(r'"title":"(one|two) ', answer.body)
        assert titles, answer
        assert set(titles) == {told}, answer

    paths = [f"/film/{n}" for n in range(1, 301)] + [
        f"/film/{n}/similar/0.1" for n in range(1, 301)
    ]
    paths += ["/film/search?title=1.$&limit=20", "/film/search?persons=P3&limit=20"]
    with server(
        tmp_path, link, rate_limits="off", poll_seconds="0.05", access_log="off"
    ) as running:
        process = psutil.Process(running.pid)
        load = Load(running.port, paths, check, clients=16)
        load.run(seconds=2)
        files, memory = len(process.open_files()), process.memory_info().rss
        begun = load.count
        with load.running():
            for name in [*["one", "two"] * 10]:
                swap(link, builds[name])
                answer_of = f"{running.url}/film/1"
                while name not in httpx.get(answer_of).headers["etag"]:
                    time.sleep(0.01)
        assert load.failures == []
        assert load.count - begun > 500
        wait_until(lambda: len(process.open_files()) <= files, seconds=5)
        assert process.memory_info().rss - memory < 50e6


def swap(link: Path, build: Path) -> None:
    temporary = link.with_suffix(".new")
    temporary.symlink_to(build)
    temporary.replace(link)


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_the_document_is_kept_to_under_values_of_all_kinds(link: Path, tmp_path: Path) -> None:
    with server(tmp_path, link, rate_limits="off", **with_ratings(tmp_path)) as running:
        found = conformance(running, tmp_path, examples=10)
    assert found.is_kept, found.told[-6000:]
    assert found.cases >= 300
    assert found.server_errors == 0
    assert sum(found.statuses.values()) >= found.cases
