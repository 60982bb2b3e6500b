"""How is a text of a configuration filled in? `%{name}` stands for a value."""

from __future__ import annotations

from importlib import resources
from string import Template


class _Text(Template):
    delimiter = "%"


def filled(name: str, /, **values: object) -> str:
    """Give the text called `name` with these values in it."""
    text = resources.files("dateline.serve.proxy").joinpath("templates", name).read_text("utf-8")
    return _Text(text).substitute(values)
