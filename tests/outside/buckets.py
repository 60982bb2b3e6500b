"""A SeaweedFS server that speaks S3, and a proxy that notes requests and may drop conditions."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from urllib.parse import urlsplit

from obstore.store import S3Store

from dateline.documents.objects.signing import Credentials, signed
from outside.programs import BROUGHT, output

WRITER = Credentials(key="WRITERKEY", secret="writer-secret-90c1")  # noqa: S106
READER = Credentials(key="READERKEY", secret="reader-secret-77aa")  # noqa: S106
REGION = "us-east-1"
_CONDITIONS = ("if-match", "if-none-match")
_PATIENCE = 60


def variables(own: Credentials = WRITER) -> dict[str, str]:
    """Return the variables of the environment that carry credentials."""
    return {"AWS_ACCESS_KEY_ID": own.key, "AWS_SECRET_ACCESS_KEY": own.secret}


def bucket_at(endpoint: str, prefix: str) -> S3Store:
    """Return the newsroom's bucket below a prefix, for a test to write and read."""
    return S3Store(
        "newsroom",
        prefix=prefix,
        config={
            "endpoint": endpoint,
            "access_key_id": WRITER.key,
            "secret_access_key": WRITER.secret,
            "region": REGION,
        },
        client_options={"allow_http": True},
    )


@contextmanager
def server(folder: Path, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Run SeaweedFS with its files in `folder`, and yield the address of its S3 server.

    Its ports are free ones, or that of S3 the given one. The others must differ from those of any
    other SeaweedFS, also in other namespaces: its parts talk over sockets in `/tmp` of these names.
    """
    assert output(["true"]) == ""  # a test fails here if a program is missing
    (folder / "data").mkdir(exist_ok=True)
    identities = [
        _identity("writer", WRITER, ["Admin", "Read", "Write", "List"]),
        _identity("reader", READER, ["Read", "List"]),
    ]
    (folder / "s3.json").write_text(json.dumps({"identities": identities}))
    names = ["master", "volume", "filer", "s3"]
    ports = _free_ports(host, 2 * len(names))
    if port:
        ports[2 * names.index("s3")] = port
    words = [f"-{name}.port={ports[2 * at]}" for at, name in enumerate(names)]
    words += [f"-{name}.port.grpc={ports[2 * at + 1]}" for at, name in enumerate(names)]
    command = [
        f"{BROUGHT}/seaweedfs/bin/weed", "-logtostderr=true", "server", f"-dir={folder}/data",
        f"-ip={host}", f"-ip.bind={host}", "-filer", "-s3", f"-s3.config={folder}/s3.json",
        "-volume.max=64", "-master.volumeSizeLimitMB=64", "-s3.port.iceberg=0", "-s3.port.lance=0",
        f"-filer.localSocket={folder}/filer", f"-s3.localSocket={folder}/s3", *words,
    ]  # fmt: skip
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stderr=log) as process:
        try:
            address = f"http://{host}:{ports[2 * names.index('s3')]}"
            _wait(address, process)
            yield address
        finally:
            process.kill()  # asked to end, it waits for its other parts


def _identity(name: str, own: Credentials, actions: list[str]) -> dict[str, object]:
    keys = {"accessKey": own.key, "secretKey": own.secret}
    return {"name": name, "credentials": [keys], "actions": actions}


def _free_ports(host: str, number: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind((host, 0))
        return [one.getsockname()[1] for one in sockets]


def _wait(server: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers a request that writes: its parts start one after another."""
    end = monotonic() + _PATIENCE
    address = f"{server}/ready/file"
    while monotonic() < end and process.poll() is None:
        fields = signed("PUT", address, {}, b"1", WRITER, REGION, datetime.now(UTC))
        try:
            if _sent(server, "PUT", "/ready/file", fields, b"1").status == http.client.OK:
                return
        except OSError:
            pass
        sleep(0.2)
    raise TimeoutError("SeaweedFS does not answer")


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    fields: list[tuple[str, str]]
    data: bytes


def _sent(server: str, method: str, path: str, fields: Mapping[str, str], data: bytes) -> _Answer:
    """Send a request to the server at an address."""
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=_PATIENCE)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in fields.items():
            connection.putheader(name, value)
        if "content-length" not in {name.lower() for name in fields}:
            connection.putheader("Content-Length", str(len(data)))
        connection.endheaders(data)
        answer = connection.getresponse()
        return _Answer(answer.status, answer.getheaders(), answer.read())
    finally:
        connection.close()


@dataclass
class Proxy:
    """A proxy in front of a store; `log` has each request's method, path and fields.

    With `drops`, it takes conditions off, and signs the request again. It answers writes with
    503 from the one on that has the number `fails`.
    """

    port: int = 0
    drops: bool = False
    fails: int = 0
    log: list[tuple[str, str, Mapping[str, str]]] = field(default_factory=list)

    @property
    def endpoint(self) -> str:
        """The address of the proxy."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def writes(self) -> list[tuple[str, str]]:
        """The requests that write or delete, without those that test the store."""
        rows = [(method, path) for method, path, _ in self.log if ".dateline-check" not in path]
        return [(method, path) for method, path in rows if method in {"PUT", "POST", "DELETE"}]


@contextmanager
def proxy(endpoint: str) -> Iterator[Proxy]:
    """Run a proxy in front of the store at an address."""
    found = Proxy()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _forward(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            fields = {name.lower(): value for name, value in self.headers.items()}
            fields.pop("connection", None)
            found.log.append((self.command, self.path, dict(fields)))
            if found.fails and len(found.writes) >= found.fails:
                return self._reply(_Answer(503, [], b""))
            if found.drops and any(name in fields for name in _CONDITIONS):
                fields = _without_conditions(f"{found.endpoint}{self.path}", fields, data)
            return self._reply(_sent(endpoint, self.command, self.path, fields, data))

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _forward  # noqa: N815

        def _reply(self, answer: _Answer) -> None:
            self.send_response_only(answer.status)
            for name, value in answer.fields:
                if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                    self.send_header(name, value)
            lengths = [value for name, value in answer.fields if name.lower() == "content-length"]
            is_head = self.command == "HEAD" and lengths
            self.send_header("Content-Length", lengths[0] if is_head else str(len(answer.data)))
            self.end_headers()
            self.wfile.write(answer.data)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        listening.daemon_threads = True
        found.port = listening.server_address[1]
        thread = Thread(target=listening.serve_forever)
        thread.start()
        try:
            yield found
        finally:
            listening.shutdown()
            thread.join()


def _without_conditions(address: str, fields: Mapping[str, str], data: bytes) -> dict[str, str]:
    signing = {"authorization", "x-amz-date", "x-amz-content-sha256", "host", *_CONDITIONS}
    left = {name: value for name, value in fields.items() if name not in signing}
    return signed("PUT", address, left, data, WRITER, REGION, datetime.now(UTC))
