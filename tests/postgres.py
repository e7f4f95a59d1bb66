"""A real PostgreSQL, of Debian's package, on a port and in a folder of its own."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.programs import Program
from tests.server import free_port


def _programs() -> Path | None:
    """The folder of initdb and postgres; Debian's is not on the PATH."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return folders[-1].parent if folders else None


PROGRAMS = _programs()
WHY_NOT = "no PostgreSQL is installed (Debian: postgresql)"


class Postgres:
    """A server with one database."""

    def __init__(self, folder: Path) -> None:
        assert PROGRAMS
        self._programs = PROGRAMS
        self._folder = folder
        self._port = free_port()
        self._as_user = _as_another_user(folder)
        self._run("initdb", "-D", "data", "-A", "trust", "-U", "filmkin", "-E", "UTF8", "--no-sync")
        self.start()

    def start(self) -> None:
        port = ["-h", "127.0.0.1", "-p", str(self._port)]
        command = [
            *self._as_user,
            str(self._programs / "postgres"),
            "-D",
            "data",
            "-k",
            ".",
            "-F",
            *port,
        ]
        self._program = Program("postgres", command, self._folder, os.environ)
        self._program.said("(ready to accept connections)")

    def stop(self) -> None:
        """At once, without a goodbye to whom it serves."""
        os.kill(self._program.pid, signal.SIGQUIT)
        self._program.wait(seconds=30)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """All of it stands still until the block ends; what is connected stays so."""
        main = self._program.pid
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        pids = [main, *map(int, children)]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def empty_database(self) -> str:
        """The URL of the database, once nothing is in it."""
        where = f"filmkin@127.0.0.1:{self._port}/postgres"
        with psycopg.connect(f"postgresql://{where}", autocommit=True) as connection:
            connection.execute("SET lock_timeout = '30s'")
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        return f"postgresql+psycopg://{where}"

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as_user, str(self._programs / program), *arguments]
        subprocess.run(command, cwd=self._folder, check=True, capture_output=True)


def _as_another_user(folder: Path) -> list[str]:
    """PostgreSQL does not run as root; the folder is made that user's."""
    if os.getuid():
        return []
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    os.chown(folder, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


@contextmanager
def postgres() -> Iterator[Postgres]:
    """In a folder that another user can get to, as pytest's are not."""
    with tempfile.TemporaryDirectory(prefix="filmkin-postgres-") as folder:
        server = Postgres(Path(folder))
        try:
            yield server
        finally:
            server.stop()
