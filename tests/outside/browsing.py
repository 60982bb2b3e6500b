"""A real browser, controlled step by step."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from outside.programs import BROUGHT, HERE, PATIENCE, missing, output

TELEPHONE, DESK = 390, 1280
# A width and a scheme for each language: to judge all pages takes a minute.
WINDOWS = {"en": (DESK, "light"), "fr": (TELEPHONE, "dark"), "ar": (TELEPHONE, "light")}
# Sees whatever an attack of `data/attacks/markup.toml` runs, as `hit`.
WATCH = """
window.hit = false;
for (const name of ["attacked", "alert", "confirm", "prompt", "print"])
  window[name] = () => { window.hit = true; try { top.hit = true; } catch {} };
window.addEventListener("error", () => {}, true);
"""
VNU = BROUGHT / "node_modules/vnu-jar/build/dist/vnu.jar"


@dataclass(frozen=True)
class Browser:
    """Chromium, controlled by `browse.mjs`, which describes the steps."""

    process: subprocess.Popen[str]

    def do(self, step: str, *words: object) -> Any:
        """Do a step, and return its result; the test fails if the step does."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps([step, *words]) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            pytest.fail(f"{step} {words}: {answer['error']}", pytrace=False)
        return answer["found"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a browser, and close it at the end."""
    if sentence := missing():
        pytest.fail(sentence, pytrace=False)
    with subprocess.Popen(
        ["node", HERE / "browse.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Browser(process)
        finally:
            assert process.stdin
            process.stdin.close()
            process.wait(PATIENCE)


def faults_of(*files: Path) -> list[str]:
    """Return the Nu HTML checker's messages on pages or styles, by the endings of their names."""
    said = output(
        ["java", "-jar", VNU, "--also-check-css", "--exit-zero-always", "--stdout", "--format",
         "json", *files]
    )  # fmt: skip
    return [f"{one['url']}: {one['message']}" for one in json.loads(said)["messages"]]


def is_own(address: str) -> bool:
    """Return whether an address is of this machine, or loads nothing."""
    return urlsplit(address).hostname == "127.0.0.1" or address.startswith(("data:", "about:"))
