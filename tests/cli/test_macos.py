"""Serving where the system lacks what only Linux has, as macOS does."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from support.publication import Newsroom, entry_file
from support.serving import serve, until

# Runs in each process before anything else: the names and files of Linux are absent.
ABSENT = """
import os, signal, socket, sys, sysconfig, types

os.environ["_PYTHON_SYSCONFIGDATA_NAME"] = sysconfig._get_sysconfigdata_name()
sys.platform = "darwin"
# The standard library imports it there; macOS has its settings for proxies in it.
sys.modules["_scproxy"] = settings = types.ModuleType("_scproxy")
settings._get_proxies = settings._get_proxy_settings = dict
LINUX = {
    os: "sched_getaffinity pidfd_open memfd_create posix_fadvise O_PATH O_TMPFILE fdatasync",
    signal: "SIGPWR SIGSTKFLT SIGRTMIN SIGRTMAX SIGPOLL sigtimedwait sigwaitinfo",
    socket: "SO_PEERCRED SO_BINDTODEVICE SO_INCOMING_CPU TCP_DEFER_ACCEPT SOCK_CLOEXEC",
}
for module, names in LINUX.items():
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)


def refuse(event, values):
    if event in ("open", "os.listdir", "os.scandir") and str(values[0]).startswith("/proc"):
        raise FileNotFoundError(2, "No such file or directory", str(values[0]))
    if event == "ctypes.dlsym" and values[1] in ("syncfs", "prctl", "inotify_init1"):
        raise AttributeError(values[1])
    if event == "socket.bind" and values[1] in ("", b""):
        raise OSError(22, "Invalid argument")  # only Linux chooses a name


with open(__file__ + f".{os.getpid()}", "w"):
    pass  # counts the processes without
sys.addaudithook(refuse)
"""


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "darwin", reason="nothing is absent")
def test_serve_publishes_and_answers_without_what_only_linux_has(
    newsroom: Newsroom, tmp_path: Path
) -> None:
    """Without /proc, syncfs, prctl, inotify and Linux's own signals and options of sockets."""
    before = tmp_path / "before"
    before.mkdir()
    (before / "sitecustomize.py").write_text(ABSENT)
    newsroom.drop("good.toml", entry_file("Harbour opens"))
    paths = os.pathsep.join([str(before), os.environ.get("PYTHONPATH", "")])

    with serve(newsroom.folder, PYTHONPATH=paths, WATCHFILES_FORCE_POLLING="true") as served:
        assert until(lambda: "Harbour opens" in served.get("news.rss").text)
        newsroom.drop("next.toml", entry_file("Harbour closes"))
        assert until(lambda: "Harbour closes" in served.get("news.rss").text)

        printed = served.printed()
        assert len([*before.glob("*.py.*")]) >= 3  # the publisher and the web workers, too
        served.process.terminate()
        assert served.process.wait(20) == 0, served.printed()
    assert "Traceback" not in printed
