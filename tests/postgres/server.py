"""A PostgreSQL server of the tests' own: started by somebody who is not root, removed at the end."""

import itertools
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from jobs.settings import Connection

REQUIRED: Final = "TIEOUT_REQUIRE_POSTGRES"
USER: Final = "tieout"
# What makes a server that is thrown away fast; nothing here has to survive the machine.
_SETTINGS: Final = "-c fsync=off -c full_page_writes=off -c max_connections=50 -c listen_addresses=127.0.0.1"


@dataclass(frozen=True)
class Database:
    """A database of a test's own."""

    name: str
    port: int
    password: str = field(repr=False)

    @property
    def url(self) -> str:
        """The url as a connection says it."""
        return f"jdbc:postgresql://127.0.0.1:{self.port}/{self.name}"

    @property
    def user(self) -> str:
        """The user, who owns the server."""
        return USER

    @property
    def connection(self) -> Connection:
        """The settings that lead here; the password is in `DB_PASSWORD`, if a test sets it."""
        return Connection(url=self.url, user=self.user, password="${DB_PASSWORD}")

    def connect(self) -> "psycopg.Connection[Any]":
        """A connection that commits each statement."""
        said = make_conninfo(
            host="127.0.0.1", port=self.port, dbname=self.name, user=USER, password=self.password
        )
        return psycopg.connect(said, autocommit=True)

    def do(self, *statements: str) -> None:
        """Run statements, each committed."""
        with self.connect() as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self.connect() as connection:
            return connection.execute(query.encode()).fetchall()


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    password: str = field(repr=False)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @contextmanager
    def database(self) -> Iterator[Database]:
        """A new database, removed at the end with whoever is still in it."""
        postgres = Database("postgres", self.port, self.password)
        name = f"test_{next(self._numbers)}"
        postgres.do(f"CREATE DATABASE {name}")
        try:
            yield Database(name, self.port, self.password)
        finally:
            postgres.do(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def served() -> Iterator[Server]:
    """Start a server; skip where this machine has none, or fail where it must have one."""
    initdb = _program("initdb")
    if initdb is None:
        told = "PostgreSQL is not installed (initdb): its tests are left out; apt-get install postgresql"
        if os.environ.get(REQUIRED):
            pytest.fail(told)
        pytest.skip(told)
    folder = Path(tempfile.mkdtemp(prefix="tieout-postgres-", dir="/tmp"))
    server = Server(_free_port(), secrets.token_hex(12))
    data, control = folder / "data", initdb.with_name("pg_ctl")
    (folder / "password").write_text(server.password)
    as_other = _owned_by_another(folder)
    locale = ("--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", f"--pwfile={folder / 'password'}")
    options = f"{_SETTINGS} -p {server.port} -c unix_socket_directories={folder}"
    try:
        _run(*as_other, str(initdb), "-D", str(data), "-U", USER, "-A", "scram-sha-256", *locale)
        log = str(folder / "log")
        _run(*as_other, str(control), "-D", str(data), "-w", "-l", log, "-o", options, "start")
        try:
            yield server
        finally:
            _run(*as_other, str(control), "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _program(name: str) -> Path | None:
    # Debian keeps the server's programs off the path, a folder for each version.
    beside = [*Path("/usr/lib/postgresql").glob(f"*/bin/{name}")]
    if beside:
        return max(beside, key=lambda path: int(path.parts[-3]))
    found = shutil.which(name)
    return Path(found).resolve() if found else None


def _owned_by_another(folder: Path) -> list[str]:
    """What to put before a command, where root runs the tests: the server refuses to be root's."""
    if os.getuid() != 0:
        return []
    import pwd

    known = {entry.pw_name for entry in pwd.getpwall()}
    name = "postgres" if "postgres" in known else "nobody"
    for path in (folder, *folder.iterdir()):
        shutil.chown(path, name)
    return ["runuser", "-u", name, "--"]


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _run(*command: str) -> None:
    # No pipe: the server would keep it open.
    with tempfile.TemporaryFile() as told:
        done = subprocess.run(command, stdout=told, stderr=told, cwd="/", check=False)
        told.seek(0)
        assert done.returncode == 0, told.read().decode()
