"""Compiled templates that all newsrooms of a process share.

Flask has an environment for each application, so each test of the newsroom would compile its
pages again: a third of the time that such a test takes.
"""

from __future__ import annotations

from types import CodeType
from typing import Any

import flask
from flask.sansio.app import App
from flask.templating import Environment
from jinja2.bccache import Bucket, BytecodeCache


class CompiledTemplates(BytecodeCache):
    """Compiled templates by name, file and source, in memory."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take a template that was compiled before."""
        bucket.code = self._compiled.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template."""
        self._compiled[bucket.key, bucket.checksum] = bucket.code


_COMPILED = CompiledTemplates()


class SharingEnvironment(Environment):
    """An environment of an application that shares compiled templates."""

    def __init__(self, app: App, **options: Any) -> None:
        super().__init__(app, bytecode_cache=_COMPILED, **options)


def share() -> None:
    """Share compiled templates from now on."""
    flask.Flask.jinja_environment = SharingEnvironment
