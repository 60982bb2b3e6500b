"""One publication, served by Dateline, and by nginx and Caddy in front of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, time

from bench.newsroom import PUBLICATION
from outside.fronting import proxy
from support.process_tree import children, descendants
from support.serving import Served, free_port, serve, until
from wire.model import OWN, Model

FRONTS = {"nginx": "nginx", "Caddy": "caddy"}
_CONFIG = """\
{publication}
[[feed]]
name = "news"
title = "News"
description = "News"
entries = 50
days = 0
[serve]
port = {port}
"""
_KINDS = {
    b"\0follow\0": "publisher",
    b"\0desk\0": "newsroom",
    b"\0dateline.serve.processes\0": "web",
}
_FIRST = 60  # entries at the beginning: more than a feed has
_PATIENCE = 120.0  # seconds, until all is served on a busy machine


@dataclass(slots=True, kw_only=True)
class Servers:
    """The servers, by name, and what staff do with the publication and with `serve`."""

    folder: Path
    own: Served
    fronts: Mapping[str, Served]
    running: AbstractContextManager[Served]
    dropped: dict[str, float] = field(default_factory=dict)  # title: when it may be out
    dates: dict[str, str] = field(default_factory=dict)
    reloads: int = 0
    restarts: int = 0

    @property
    def ports(self) -> dict[str, int]:
        """Return the port of each server."""
        return {OWN: self.own.port, **{name: one.port for name, one in self.fronts.items()}}

    def processes(self) -> dict[str, list[int]]:
        """Return the processes that run now, by what they are."""
        found = {"supervisor": [self.own.process.pid]}
        for one in children(self.own.process.pid):
            kind = next((kind for mark, kind in _KINDS.items() if mark in _words(one)), "search")
            found[kind] = [one, *descendants(one)]
        for name, front in self.fronts.items():
            found[name] = [front.process.pid, *descendants(front.process.pid)]
        return found

    # ---- What staff do

    def drop(self, model: Model, *, embargo: int = 0) -> str:
        """Drop an entry, which is due in so many seconds if it is under embargo."""
        title = f"Wire {len(self.dropped)}"
        now = datetime.now(UTC).replace(microsecond=0)
        due = now + timedelta(seconds=embargo)
        model.promises.known.add(title)
        if embargo:
            model.promises.due[title] = due.timestamp()
        self.dates[title] = f"{due:%FT%TZ}" if embargo else f"{now:%F}"
        self.dropped[title] = monotonic() + (due.timestamp() - time() if embargo else 0)
        self._write(title, "Text.")
        return title

    def edit(self, title: str) -> None:
        """Change the text of an entry, which changes documents and no date."""
        self._write(title, f"Text of {time()}.")

    def _write(self, title: str, body: str) -> None:
        date = self.dates[title]
        path = self.folder / f"entries/{title.lower().replace(' ', '-')}.toml"
        path.write_text(f'title = "{title}"\ndate = {date}\nbody = "{body}"\n', encoding="utf-8")

    # ---- What administrators do

    def reload(self) -> None:
        """Let `serve` take up another configuration: all of its workers are replaced."""
        self.reloads += 1
        before = self.processes().get("web", [])
        config = self.folder / "config.toml"
        text = config.read_text("utf-8").partition("log_days")[0]
        config.write_text(f"{text}log_days = {2 + self.reloads % 5}\n", encoding="utf-8")
        os.kill(self.own.process.pid, signal.SIGHUP)
        assert until(lambda: not {*before[1:]} & {*self.processes().get("web", [])}, _PATIENCE)

    def restart(self) -> None:
        """End `serve`, and start it again."""
        self.restarts += 1
        port = self.own.port
        self.running.__exit__(None, None, None)
        self.running = serve(self.folder, port=port, says_port=False)
        self.own = self.running.__enter__()

    def truncate_logs(self) -> None:
        """Keep the access logs small, as logrotate does with `copytruncate`."""
        for name in self.fronts:
            log = self.folder / f"{name}.log"
            if log.exists():
                os.truncate(log, 0)


@contextmanager
def servers(folder: Path, model: Model) -> Iterator[Servers]:
    """Serve a publication that has news already."""
    (folder / "entries").mkdir(parents=True)
    port = free_port()
    text = _CONFIG.format(publication=PUBLICATION, port=port)
    (folder / "config.toml").write_text(text, encoding="utf-8")
    for number in range(_FIRST):
        title = f"Old {number}"
        model.promises.known.add(title)
        day = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number)
        path = folder / f"entries/old-{number}.toml"
        path.write_text(f'title = "{title}"\ndate = {day:%F}\nbody = "Text."\n', "utf-8")
    running = serve(folder, port=port, says_port=False)
    own = running.__enter__()
    it = Servers(folder=folder, own=own, fronts={}, running=running)
    try:
        assert until(lambda: f"Old {_FIRST - 1}" in own.get("news.json").text, _PATIENCE)
        with _fronts(folder) as fronts:
            it.fronts = fronts
            yield it
    finally:
        it.running.__exit__(None, None, None)


@contextmanager
def _fronts(folder: Path) -> Iterator[Mapping[str, Served]]:
    config = folder / "config.toml"
    (nginx, first), (caddy, second) = FRONTS.items()
    with (
        proxy(first, config, folder / f"{nginx}.log") as one,
        proxy(second, config, folder / f"{caddy}.log") as other,
    ):
        yield {nginx: one, caddy: other}


def _words(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""
