"""Builds as the service opens, follows, changes and refuses them."""

import asyncio
import gc
import json
import os
import threading
import weakref
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import duckdb
import psutil
import pytest

from api.app import create_app
from api.db import similarity
from api.db.connection import Connection
from api.db.database import Database
from api.settings import Settings
from filmkin.neighbours import InvertedIndex
from tests.service import WARS, eventually, problem, served, until
from tests.world import film, films_credits_and_details, provenance, publish
from workflow import load


def test_without_a_build_it_says_so_and_serves_once_there_is_one(tmp_path: Path) -> None:
    with served(tmp_path / "films.duckdb") as client:
        status, detail, _ = problem(client.get("/film/10"))
        assert (status, "No film database" in detail) == (503, True)
        assert client.get("/").status_code == 200
        publish(tmp_path, WARS)
        eventually(client, "/film/10", 200)


def test_a_new_build_is_served_and_a_corrupt_one_is_not(tmp_path: Path) -> None:
    link = publish(tmp_path, WARS, build_id="one")
    with served(link) as client:
        assert client.get("/film/99").status_code == 404
        publish(tmp_path, [*WARS, film(99, "New")], build_id="two")
        eventually(client, "/film/99", 200)
        bad = tmp_path / "builds" / "films-bad.duckdb"
        bad.write_bytes(b"not a database" * 1000)
        link.unlink()
        link.symlink_to(bad)
        threading.Event().wait(0.2)
        assert client.get("/film/99").status_code == 200


def test_a_build_with_one_byte_wrong_among_its_vectors_is_not_served(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    link = publish(tmp_path, WARS)
    bad = publish(tmp_path / "bad", [film(99, "New")]).resolve()
    with duckdb.connect(str(bad)) as database:  # vectors enough to fill blocks of their own
        database.execute("INSERT INTO film_features SELECT 99, range, random() FROM range(500000)")
    with duckdb.connect(str(bad)) as database:
        blocks = database.execute(
            "SELECT DISTINCT block_id FROM pragma_storage_info('film_features') WHERE column_name = 'weight' ORDER BY ALL"
        ).fetchall()
    with bad.open("r+b") as file:
        file.seek(3 * 4096 + blocks[1][0] * (1 << 18) + 1000)  # blocks follow three headers
        file.write(b"wrong")
    with served(link) as client:
        link.unlink()
        link.symlink_to(bad)
        until(lambda: f"the build {bad.name} cannot be read" in caplog.text)
        assert client.get("/film/10").status_code == 200
        assert client.get("/film/99").status_code == 404


@pytest.mark.parametrize(
    "damage",
    [
        "INSERT INTO neighbours VALUES (2000000000, 0.5, [1], [0.5])",
        "CREATE TABLE turned AS FROM films ORDER BY film_id DESC; DELETE FROM films; INSERT INTO films FROM turned",
        "UPDATE people SET film_rows = [1000]",
        "DELETE FROM build",
    ],
)
def test_a_build_whose_tables_contradict_each_other_is_refused_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    link = publish(tmp_path, WARS)
    bad = publish(tmp_path / "bad", [*WARS, film(99, "New")]).resolve()
    with duckdb.connect(str(bad)) as database:
        database.execute(damage)
    with served(link) as client:
        link.unlink()
        link.symlink_to(bad)
        until(lambda: f"the build {bad.name} cannot be read" in caplog.text)
        threading.Event().wait(0.2)
        assert client.get("/film/10").status_code == 200
    assert caplog.text.count("cannot be read") == 1
    assert "looking for a new build failed" not in caplog.text
    with served(link) as client:
        status, detail, _ = problem(client.get("/film/10"))
        assert (status, bad.name in detail) == (503, True)


async def failing(_: Database) -> None:
    raise OSError("broken")


def test_a_look_for_a_build_that_fails_is_logged_and_not_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with served(publish(tmp_path, WARS, build_id="one")) as client:
        with monkeypatch.context() as broken:
            broken.setattr(Database, "refresh", failing)
            threading.Event().wait(0.2)
        assert "looking for a new build failed" in caplog.text
        publish(tmp_path, [*WARS, film(99, "New")], build_id="two")
        eventually(client, "/film/99", 200)


def test_a_build_that_is_not_checked_is_not_served(tmp_path: Path) -> None:
    publish(tmp_path, WARS, build_id="one")
    half = load.build_file(tmp_path / "builds", "half")
    load.create_films(half, *films_credits_and_details(tmp_path), provenance("half"))
    link = tmp_path / "half.duckdb"
    link.symlink_to(load.unchecked_file(half))
    with served(link) as client:
        assert client.get("/film/10").status_code == 503


def test_a_request_finishes_on_the_build_that_it_began_with(tmp_path: Path) -> None:
    link = publish(tmp_path, [film(1, "Old")], build_id="one")

    async def asked() -> list[str]:
        database = Database(Settings(database=link))
        await database.refresh()
        with database.build.read() as old:
            publish(tmp_path, [film(1, "New")], build_id="two")
            await database.refresh()
            with database.build.read() as new:
                assert new is not old
                found = [(await build.documents([1]))[1] for build in (old, new)]
                found += [await build.connections.ask(title_of_film_1) for build in (old, new)]
        database.close()
        return found

    found = asyncio.run(asked())
    assert [json.loads(text)["title"] for text in found[:2]] == ["Old", "New"]
    assert found[2:] == ["Old", "New"]


def test_who_gives_up_waiting_leaves_the_connection_to_its_thread(tmp_path: Path) -> None:
    link = publish(tmp_path, WARS)
    begun, ended = threading.Event(), threading.Event()

    def slow(_: Connection) -> None:
        begun.set()
        ended.wait(10)

    async def asked() -> tuple[int, list[int]]:
        database = Database(Settings(database=link, connections=1))
        await database.refresh()
        connections = database.build.connections
        waiting = asyncio.create_task(connections.ask(slow))
        await asyncio.to_thread(begun.wait, 10)
        for _ in range(3):
            waiting.cancel()
            await asyncio.sleep(0)
        lent = connections.used
        database.close()  # while the thread is at work
        ended.set()
        while connections.used:
            await asyncio.sleep(0.01)
        return lent, [len(connections._idle)]

    assert asyncio.run(asked()) == (1, [0])
    assert str(link.resolve()) not in open_files()


def test_a_question_that_nobody_waits_for_any_more_harms_no_later_one(tmp_path: Path) -> None:
    link = publish(tmp_path, WARS)

    def slow(connection: Connection) -> int:
        sql = "SELECT sum(hash(range) % 7) FROM range(2_000_000)"
        return int(connection.execute(sql).fetchall()[0][0])

    async def asked() -> list[int]:
        database = Database(Settings(database=link, connections=1, database_seconds=2))
        await database.refresh()
        connections = database.build.connections
        given_up = asyncio.create_task(connections.ask(slow))
        await asyncio.sleep(0.01)
        given_up.cancel()
        await asyncio.sleep(2.1)  # its time is up, had it gone on
        found = [await connections.ask(slow) for _ in range(3)]
        database.close()
        return found

    assert len(set(asyncio.run(asked()))) == 1


def test_what_takes_long_leaves_a_connection_to_the_rest(tmp_path: Path) -> None:
    link = publish(tmp_path, WARS)
    ended = threading.Event()

    def slow(_: Connection) -> bool:
        return ended.wait(10)

    async def asked() -> tuple[int, str, list[bool]]:
        database = Database(Settings(database=link, connections=2, database_seconds=20))
        await database.refresh()
        connections = database.build.connections
        long = [asyncio.create_task(connections.ask_at_length(slow)) for _ in range(3)]
        await asyncio.sleep(0.1)
        used, title = connections.used, await connections.ask(title_of_film_1)
        ended.set()
        every = await asyncio.gather(*long)
        database.close()
        return used, title, every

    assert asyncio.run(asked()) == (1, WARS[0]["title"], [True] * 3)


def test_an_export_keeps_its_build_open_until_it_is_sent(tmp_path: Path) -> None:
    link = publish(tmp_path, [film(1, "Old")], build_id="one")

    async def asked() -> list[bytes]:
        app = create_app(Settings(database=link, rate_limits=False, access_log=False))
        database: Database = app.state.database
        sent: list[bytes] = []

        async def send(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                publish(tmp_path, [film(1, "New")], build_id="two")
                await database.refresh()
            else:
                sent.append(message["body"])

        async def receive() -> dict[str, Any]:
            await asyncio.sleep(0)
            return {"type": "http.request", "body": b"", "more_body": False}

        scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/film/search", "raw_path": b"/film/search",
                 "query_string": b"format=jsonl", "headers": [], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
                 "scheme": "http", "root_path": "", "http_version": "1.1", "asgi": {"spec_version": "2.4"}}  # fmt: skip
        async with app.router.lifespan_context(app):
            old = str(link.resolve())
            await app(scope, receive, send)
            assert old not in open_files()
        return sent

    told = b"".join(asyncio.run(asked()))
    assert json.loads(told)["title"] == "Old"


def title_of_film_1(connection: Connection) -> str:
    return str(connection.execute("SELECT title FROM films").fetchall()[0][0])


def test_a_build_comes_with_its_vectors_and_goes_with_its_file(tmp_path: Path) -> None:
    kin = [film(1, "Oak"), film(2, "Oak")]
    strangers = [film(1, "Oak"), film(2, "Elm", genres=["War"], rating=None, year=None)]
    link = publish(tmp_path, kin, build_id="one")
    file = str(link.resolve())

    async def asked() -> tuple[list[int], weakref.ref[InvertedIndex]]:
        database = Database(Settings(database=link))
        await database.refresh()
        with database.build.read() as old:
            vectors = weakref.ref(old.vectors)
            publish(tmp_path, strangers, build_id="two")
            await database.refresh()
            found = [
                await similarity.similar(b, 1, 0.0, 0, 10, explain=False)
                for b in (old, database.build)
            ]
            assert file in open_files()
        assert file not in open_files()
        del old
        gc.collect()
        assert vectors() is None
        database.close()
        return [each.total for each in found], vectors

    totals, _ = asyncio.run(asked())
    assert totals == [1, 0]
    assert str(link.resolve()) not in open_files()


def open_files() -> set[str]:
    return {file.path for file in psutil.Process().open_files()}


def test_a_build_that_is_pruned_serves_on_until_there_is_another(tmp_path: Path) -> None:
    link = publish(tmp_path, WARS, build_id="one")
    with served(link) as client:
        link.resolve().unlink()
        assert client.get("/film/10").status_code == 200
        publish(tmp_path, [*WARS, film(99, "New")], build_id="two")
        eventually(client, "/film/99", 200)


@pytest.mark.parametrize(
    ("sql", "refusal"),
    [
        ("SELECT * FROM read_text('{file}')", "disabled by configuration"),
        ("COPY films TO '{file}.csv'", "disabled by configuration"),
        ("ATTACH '{file}.duckdb'", "disabled by configuration"),
        ("INSTALL httpfs", "disabled"),
        ("SET enable_external_access = true", "configuration has been locked|Cannot"),
        ("SET threads = 1", "configuration has been locked"),
        ("PRAGMA memory_limit='1TB'", "configuration has been locked"),
        ("LOAD '{file}'", "disabled|not"),
        ("DELETE FROM films", "read-only"),
    ],
)
def test_a_connection_can_read_this_database_and_do_nothing_else(
    tmp_path: Path, sql: str, refusal: str
) -> None:
    file = tmp_path / "secret.txt"
    file.write_text("secret")

    async def asked() -> None:
        database = Database(Settings(database=publish(tmp_path / "served", WARS)))
        await database.refresh()
        with pytest.raises(duckdb.Error, match=refusal):
            await database.build.connections.ask(run, sql.format(file=file))
        database.close()

    asyncio.run(asked())
    assert sorted(os.listdir(tmp_path)) == ["secret.txt", "served"]


def run(connection: Connection, sql: str) -> None:
    connection.execute(sql)
