"""What an operator sees of a run and starts it with: summary, progress, scheduler, timer, cron."""

import configparser
import json
import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
import urllib.parse
from pathlib import Path

import httpx
import psutil
import pytest

from tests.batch import ROOT, TASK_FAILED, Batch
from tests.programs import Program
from tests.readme_tables import README
from tests.world import write_tsv
from workflow.sources import IMDB

RATINGS = [
    {"tconst": "tt0000001", "averageRating": "7.1", "numVotes": 10},
    {"tconst": "tt0000002", "averageRating": "11", "numVotes": 10},
]
STAGE = ("--name", "title.ratings")


@pytest.fixture
def batch(tmp_path: Path) -> Batch:
    """One whose sources are tiny."""
    source = tmp_path / "imdb"
    for table in IMDB.values():
        write_tsv(source, table.name, RATINGS if table.name == "title.ratings" else [])
    return Batch(tmp_path / "root", str(source))


def test_a_run_ends_with_what_was_done(batch: Batch) -> None:
    log = batch.run(*STAGE, task="StageDataset")
    table = log.partition("What was done in ")[2]
    assert re.search(r"task +seconds +rows in +rows out +rejected +where\n", table)
    staged = re.search(r"StageDataset title.ratings +[\d.]+ +2 +1 +1 +(\S+)\n", table)
    assert staged
    assert (batch.root / staged[1]).is_dir()
    assert re.search(
        r"SourceDataset title.ratings.tsv.gz +[\d.]+ +datasets/title.ratings.tsv.gz\n", table
    )


def test_what_several_workers_did_is_in_one_summary(batch: Batch) -> None:
    log = batch.run(*STAGE, "--workers", "3", task="StageDataset")
    table = log.partition("What was done in ")[2]
    done = re.findall(r"^  (\w+)", table.partition("=====")[0], re.MULTILINE)
    assert sorted(done) == sorted(
        ["task", *["SourceDataset"] * len(IMDB), "OneNight", "StageDataset"]
    )


def test_a_run_that_fails_says_so_where_the_result_would_be(batch: Batch) -> None:
    (Path(batch.source) / "title.ratings.tsv.gz").write_bytes(b"no gzip")
    log = batch.run(*STAGE, task="StageDataset", expect=TASK_FAILED)
    table = log.partition("What was done in ")[2]
    assert re.search(
        r"SourceDataset title.ratings.tsv.gz +[\d.]+ +CorruptFileError: .*not gzip", table
    )
    assert "StageDataset title.ratings" not in table.partition("Luigi Execution Summary")[0]


def test_a_run_with_nothing_to_do_says_so(batch: Batch) -> None:
    batch.run(*STAGE, task="StageDataset")
    log = batch.run(*STAGE, task="StageDataset")
    assert f"No task did anything in {batch.root}." in log


BAR = r"\r[Stage 3:=====>      (1 + 2) / 8]\r"


@pytest.mark.parametrize("is_terminal", [True, False])
def test_the_progress_of_spark_is_shown_on_a_terminal_only(
    tmp_path: Path, is_terminal: bool
) -> None:
    program = f"import sys; sys.stderr.write('{BAR}' * 3)"
    runs = f"from workflow.processes import run_program; import os; run_program([{sys.executable!r}, '-c', {program!r}], os.environ)"
    ours, theirs = pty.openpty()
    with (tmp_path / "log").open("wb") as log:
        subprocess.run(
            [sys.executable, "-c", runs],
            cwd=ROOT,
            stderr=theirs if is_terminal else log,
            check=True,
        )
    os.close(theirs)
    shown = os.read(ours, 10_000) if is_terminal else (tmp_path / "log").read_bytes()
    os.close(ours)
    assert shown.count(b"[Stage 3:=====>      (1 + 2) / 8]") == (3 if is_terminal else 0)


def test_the_scheduler_shows_the_graph_and_remembers_what_ran(batch: Batch, tmp_path: Path) -> None:
    place = tmp_path / "scheduler"
    place.mkdir()
    for name in ("luigi.cfg", "workflow"):  # its settings, and a history of its own
        (place / name).symlink_to(ROOT / name)
    command = [sys.executable, "-m", "workflow.scheduler", "--address", "127.0.0.1", "--port", "0"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    scheduler = Program("scheduler", command, place, environment)
    try:
        port = scheduler.until("its port", lambda: port_of(scheduler.pid))
        at = ("--scheduler-host", "127.0.0.1", "--scheduler-port", str(port))
        arguments = [word for word in batch.command(*STAGE, *at, task="StageDataset") if word != "--local-scheduler"]  # fmt: skip
        subprocess.run(arguments, cwd=ROOT, capture_output=True, check=True)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            page = client.get("/static/visualiser/index.html")
            assert page.status_code == 200
            tasks = client.get(
                "/api/task_list",
                params={"data": json.dumps({"status": "DONE", "upstream_status": ""})},
            )
            names = {task["name"]: key for key, task in tasks.json()["response"].items()}
            asked = urllib.parse.quote(json.dumps({"task_id": names["StageDataset"]}))
            graph = client.get(f"/api/dep_graph?data={asked}").json()["response"]
            assert names["OneNight"] in graph[names["StageDataset"]]["deps"]
            history = client.get("/history/by_name/StageDataset").text
            assert "DONE" in history
            assert "title.ratings" in history
    finally:
        scheduler.kill()


def port_of(pid: int) -> int | None:
    """The port that a process listens on."""
    found = psutil.Process(pid).net_connections("tcp")
    return next((one.laddr.port for one in found if one.status == psutil.CONN_LISTEN), None)


def block(name: str) -> list[str]:
    """The fenced texts of a part of the README."""
    text = README.read_text(encoding="utf-8")
    part = text.partition(f"<!-- {name} -->")[2].partition(f"<!-- /{name} -->")[0]
    return re.findall(r"```\w*\n(.*?)```", part, re.DOTALL)


def units() -> dict[str, str]:
    """File name -> content of the README's systemd units."""
    return {text.splitlines()[0].rsplit("/", 1)[1]: text for text in block("systemd")}


def test_the_units_of_the_readme_are_units(tmp_path: Path) -> None:
    assert set(units()) == {"filmkin.service", "filmkin.timer"}
    for name, text in units().items():
        (tmp_path / name).write_text(text)
        configparser.ConfigParser(interpolation=None).read_string(text)
    if shutil.which("systemd-analyze"):
        verify = [
            "systemd-analyze",
            "verify",
            "--man=no",
            *(str(tmp_path / name) for name in units()),
        ]
        told = subprocess.run(verify, capture_output=True, text=True, check=False).stderr
        assert [line for line in told.splitlines() if line.startswith(str(tmp_path))] == []


def night_of(command: str, tmp_path: Path) -> str:
    """The command of a night as the README has it, from a folder that is not there."""
    command = command.replace("/srv/filmkin", shlex.quote(str(ROOT)))
    command = command.replace("SOURCE=imdb", f"SOURCE={tmp_path}/nowhere ROOT={tmp_path}/root")
    return command.replace("night.log", f"{tmp_path}/night.log")


def test_a_night_that_fails_is_told_by_systemd_and_cron(tmp_path: Path) -> None:
    """The commands of the README, run as those would run them."""
    service = configparser.ConfigParser(interpolation=None)
    service.read_string(units()["filmkin.service"])
    assert service["Service"]["WorkingDirectory"] == "/srv/filmkin"
    assert service["Service"]["Restart"] == "on-failure"
    command = night_of(service["Service"]["ExecStart"], tmp_path)
    failed = subprocess.run(
        shlex.split(command), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert failed.returncode != 0
    assert f"DownloadError: {tmp_path}/nowhere/title.basics.tsv.gz: No such file" in failed.stderr

    (cron,) = block("cron")
    *when, command = cron.split(maxsplit=5)
    assert when == ["0", "5", "*", "*", "*"]
    mail = subprocess.run(["/bin/sh", "-c", night_of(command, tmp_path)], cwd="/", capture_output=True, text=True, check=False)  # fmt: skip
    assert f"DownloadError: {tmp_path}/nowhere/title.basics.tsv.gz: No such file" in mail.stdout
