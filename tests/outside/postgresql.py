"""PostgreSQL servers for a test alone, which sort text as people do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

PORT = 5432
PASSWORD = "kept-tides-4407"  # noqa: S105
_PATIENCE = 20
_POOL = """
[databases]
* = host={host} port={port}
[pgbouncer]
listen_addr = {host}
listen_port = {pooled}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {home}/users
pool_mode = transaction
default_pool_size = 20
server_login_retry = 1
logfile = {home}/log
pidfile = {home}/pid
"""
_INIT = (
    "--no-sync --auth=trust --username=postgres --encoding=UTF8 --locale=C.UTF-8 "
    "--locale-provider=icu --icu-locale=en"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseServer:
    """A server with its files and its Unix socket in the folder `home`.

    With a `host` it listens at that address, too, where whoever knows `PASSWORD` may connect.
    """

    home: str
    host: str = ""
    port: int = PORT

    @property
    def url(self) -> str:
        """Return its SQLAlchemy URL on the Unix socket, where nobody needs a password."""
        return self.url_of("postgres")

    def url_of(self, name: str) -> str:
        """Return the URL of the database of a name."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.home}&port={self.port}"

    def create(self) -> None:
        """Create an empty database, which sorts by the rules of English, not by code point."""
        self._control("initdb", f"--options={_INIT}")
        if self.host:
            path = Path(self.home, "data/pg_hba.conf")
            known = re.sub(r"(?m)^(host.*)trust$", r"\1scram-sha-256", path.read_text("utf-8"))
            path.write_text(f"{known}host all all samenet scram-sha-256\n", "utf-8")

    def keep(self, folder: Path) -> None:
        """Copy its files, once it has ended, into a folder that is not there yet."""
        subprocess.run(["cp", "-a", f"{self.home}/data", folder], check=True)

    def open(self, kept: Path) -> None:
        """Begin with a copy of the files that were kept in a folder."""
        subprocess.run(["cp", "-a", kept, f"{self.home}/data"], check=True)

    def copy(self, primary: DatabaseServer) -> None:
        """Copy another server, and follow it from then on."""
        words = ["-h", primary.home, "-p", f"{primary.port}", "-U", "postgres", "--no-sync"]
        self._run("pg_basebackup", *words, "-c", "fast", "-R", "-D", f"{self.home}/data")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-F -h '{self.host}' -p {self.port} -k {self.home}"
        self._control("start", f"--log={self.home}/log", f"--options={options}")

    def stop(self) -> None:
        """End it at once, without letting clients finish."""
        self._control("stop", "--mode=immediate")

    def promote(self) -> None:
        """Let it follow no longer, and take writes."""
        self._control("promote")

    def say(self, statement: str, name: str = "postgres") -> None:
        """Execute a statement in the database of a name."""
        words = ["-q", "-h", self.home, "-p", f"{self.port}", "-U", "postgres", "-d", name]
        subprocess.run(["psql", *words, "-c", statement], check=True, capture_output=True)

    def _control(self, *words: str) -> None:
        self._run("pg_ctl", "--silent", "--wait", f"--pgdata={self.home}/data", *words)

    def _run(self, program: str, *words: str) -> None:
        programs = max(Path("/usr/lib/postgresql").glob("*/bin"))
        owner = _owner()
        command = [f"{programs}/{program}", *words]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True, user=owner, group=owner)


@contextmanager
def server() -> Iterator[str]:
    """Run a new PostgreSQL on a Unix socket only, and yield its SQLAlchemy URL."""
    with database_server() as own:
        yield own.url


@contextmanager
def database_server(
    host: str = "", port: int = PORT, kept: Path | None = None
) -> Iterator[DatabaseServer]:
    """Run a new PostgreSQL, or one with the files that another has `kept`."""
    with private_folder() as home:
        own = DatabaseServer(home=home, host=host, port=port)
        if kept:
            own.open(kept)
        else:
            own.create()
        own.start()
        try:
            own.say(f"ALTER ROLE postgres PASSWORD '{PASSWORD}'")
            yield own
        finally:
            with suppress(subprocess.CalledProcessError):  # a test may have stopped it
                own.stop()


@contextmanager
def standby_of(primary: DatabaseServer, port: int) -> Iterator[DatabaseServer]:
    """Run a server that follows another, each of whose commits waits for it."""
    with private_folder() as home:
        own = DatabaseServer(home=home, host=primary.host, port=port)
        own.copy(primary)
        own.start()
        try:
            primary.say("ALTER SYSTEM SET synchronous_standby_names = '*'")
            primary.say("SELECT pg_reload_conf()")
            yield own
        finally:
            with suppress(subprocess.CalledProcessError):
                own.stop()


@contextmanager
def pooler(primary: DatabaseServer, port: int) -> Iterator[None]:
    """Run PgBouncer before a server that has a host, with pools of transactions."""
    with private_folder() as home:
        Path(home, "users").write_text(f'"postgres" "{PASSWORD}"\n', "ascii")
        own = {"home": home, "host": primary.host, "port": primary.port, "pooled": port}
        Path(home, "settings").write_text(_POOL.format(**own), "ascii")
        command = ["/usr/sbin/pgbouncer", "--quiet", f"{home}/settings"]
        owner = _owner()
        with subprocess.Popen(command, user=owner, group=owner) as process:
            try:
                _wait(process, f"host={primary.host} port={port} user=postgres dbname=postgres")
                yield
            finally:
                process.kill()


def _wait(process: subprocess.Popen[bytes], address: str) -> None:
    """Wait until PgBouncer lets a client ask the database."""
    command = ["psql", f"{address} password={PASSWORD}", "-qc", "SELECT 1"]
    end = monotonic() + _PATIENCE
    while subprocess.run(command, check=False, capture_output=True).returncode:
        if monotonic() > end or process.poll() is not None:
            raise TimeoutError("PgBouncer does not answer")
        sleep(0.1)


@contextmanager
def private_folder() -> Iterator[str]:
    """Make a folder for a server that refuses to run as root."""
    with tempfile.TemporaryDirectory() as home:
        if owner := _owner():
            shutil.chown(home, owner, owner)
        yield home


def _owner() -> str | None:
    return "postgres" if os.geteuid() == 0 else None
