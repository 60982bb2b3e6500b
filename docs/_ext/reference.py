"""Parts of the reference that are made from the code when the documentation is built.

A page has a comment such as `<!-- made from the code: commands -->`, and the text takes its place.
Links to pages of the repository outside this folder lead to the pages of the site with their text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from inspect import cleandoc
from pathlib import Path
from typing import Any

import click

from dateline.cli import main
from dateline.config.schema import TABLES, Tables
from dateline.serve.doctor.aggregators.rules import NAMES, load

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
MARK = re.compile(r"^<!-- made from the code: (\w+) -->$", re.MULTILINE)
LINK = re.compile(r"\[([^\]\n]*)\]\(((?:\.\./)+)([\w./-]+)(#[\w-]*)?\)")
KEY = re.compile(r"(?:# )?(\w+) = ")
TYPES = {"string": "text", "integer": "whole number", "boolean": "`true` or `false`"}


def setup(app: Any) -> dict[str, bool]:  # Sphinx is not installed where types are checked
    """Have Sphinx pass every page through `complete`."""
    app.connect("source-read", _complete_source)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _complete_source(_app: Any, page: str, source: list[str]) -> None:
    source[0] = complete(source[0], page)


def complete(text: str, page: str) -> str:
    """Return the text of a page (`design/moments`, say) for the site.

    Its marks give way to the parts that are made from the code, and its links to files outside
    `docs/` lead to the page of the site with their text; without such a page, the words stay.
    """
    text = MARK.sub(lambda mark: PARTS[mark[1]](), text)
    return LINK.sub(lambda link: _inside(link, page.count("/")), text)


def _inside(link: re.Match[str], depth: int) -> str:
    words, up, name, anchor = link.groups(default="")
    if up.count("/") <= depth:
        return link[0]
    own = name.lower()
    return f"[{words}]({up[3:]}{own}{anchor})" if (DOCS / own).is_file() else words


# ---- The command


def commands() -> str:
    """Return the reference of all commands, from their help."""
    return "\n".join(_group(click.Context(main, info_name="dateline"), main))


def _group(context: click.Context, group: click.Group) -> Iterator[str]:
    for name in group.list_commands(context):
        if command := group.get_command(context, name):
            yield from _command(click.Context(command, info_name=name, parent=context), command)


def _command(context: click.Context, command: click.Command) -> Iterator[str]:
    yield f"### {context.command_path}\n"
    if isinstance(command, click.Group):
        yield from _group(context, command)
        return
    usage = [context.command_path, *command.collect_usage_pieces(context)]
    yield f"```text\n{' '.join(usage)}\n```\n"
    yield f"{_plain(cleandoc(command.help or ''))}\n"
    if options := [*_options(context, command)]:
        yield "\n".join(["| option | meaning |", "| --- | --- |", *options, ""])
    if command.epilog:
        yield f"```text\n{cleandoc(command.epilog).lstrip(chr(8)).strip()}\n```\n"


def _options(context: click.Context, command: click.Command) -> Iterator[str]:
    for option in command.get_params(context):
        record = option.get_help_record(context) if isinstance(option, click.Option) else None
        if record and "--help" not in option.opts:
            yield f"| `{_cell(record[0])}` | {_cell(_plain(record[1]))} |"


# ---- The configuration


def configuration() -> str:
    """Return the reference of `config.toml`, from its tables and the comments of the sample."""
    schema = Tables.model_json_schema()
    meanings = _comments((ROOT / "config.toml").read_text("utf-8"))
    lines: list[str] = []
    for name, table in TABLES.items():
        head = f"[[{name}]]" if name in {"cdn", "feed", "newsroom.person"} else f"[{name}]"
        _, _, about = (table.__doc__ or "").partition(": ")
        lines += [f"### `{head}`\n", f"{about[:1].upper()}{about[1:]}\n"]
        lines += ["| key | value | default | meaning |", "| --- | --- | --- | --- |"]
        shape = schema["$defs"][table.__name__]
        required = shape.get("required", ())
        for key, value in shape["properties"].items():
            if _is_table(value):  # with a section of its own
                continue
            default = "required" if key in required else _default(value.get("default"))
            meaning = meanings.get((name, key), "")
            lines.append(f"| `{key}` | {_type(value)} | {default} | {_cell(_plain(meaning))} |")
        lines.append("")
    return "\n".join(lines)


def _is_table(value: Mapping[str, Any]) -> bool:
    is_list_of_tables = "$ref" in value.get("items", ())
    return "$ref" in value or "additionalProperties" in value or is_list_of_tables


def _type(value: Mapping[str, Any]) -> str:
    if "anyOf" in value:
        return next(_type(one) for one in value["anyOf"] if one.get("type") != "null")
    if "enum" in value:
        return " or ".join(f'`"{one}"`' for one in value["enum"])
    if value.get("type") == "array":
        return f"list of {_type(value['items'])}".replace("list of text", "list of texts")
    limits = [f"{value[key]:,}" for key in ("minimum", "maximum") if key in value]
    return " ".join([TYPES.get(value.get("type", ""), "text"), " to ".join(limits)]).strip()


def _default(value: object) -> str:
    return "none" if value in (None, []) else f"`{json.dumps(value)}`"


def _comments(text: str) -> dict[tuple[str, str], str]:
    """Return the comment above each key, by table and key; keys in a row share one."""
    found: dict[tuple[str, str], str] = {}
    table, said, used = "", [""], False
    for line in text.splitlines():
        if head := re.match(r"(?:# )?\[+([\w.]+)\]+$", line):
            table, said, used = head[1], [], False
        elif (key := KEY.match(line)) and key[1] in _keys(table):
            found.setdefault((table, key[1]), " ".join(said))
            used = True
        elif line.startswith("#") or not line:
            said = [] if used or not line else said
            used = False
            said += [_comment(line)] if line else []
    return found


def _keys(table: str) -> frozenset[str]:
    return frozenset(TABLES[table].model_fields) if table in TABLES else frozenset()


def _comment(line: str) -> str:
    """Return the text of a comment; one that is set in is code."""
    text = line.removeprefix("#").removeprefix(" ")
    return f"`{text.strip()}`" if text.startswith("  ") else text


# ---- Text


def _plain(text: str) -> str:
    """Return text of the program as Markdown that shows every character as it is."""
    pieces = re.split(r"(`[^`]*`)", text)
    escaped = [re.sub(r"([\\<>*_\[\]])", r"\\\1", one) for one in pieces[::2]]
    pieces[::2] = escaped
    return re.sub(r"\bdocs/(\w+\.md)\b", r"[\1](\1)", "".join(pieces))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


# ---- The library


def library() -> str:
    """Return the reference of the public Python names, for autodoc to fill in."""
    return (
        "```{eval-rst}\n.. autofunction:: dateline.open\n\n"
        ".. autoclass:: dateline.site.Site()\n   :members:\n```"
    )


# ---- The rules of aggregators


def aggregators() -> str:
    """Return the rules of every aggregator, each with the page that states it."""
    lines: list[str] = []
    for one in map(load, NAMES):
        lines += [f"### Rules of {one.title}\n", "| rule | level | what it asks for | source |"]
        lines += ["| --- | --- | --- | --- |"]
        for rule in one.rules:
            source = f"[{rule.source.read}]({rule.source.url})"
            row = f"| `{rule.name}` | {rule.level} | {_cell(_plain(rule.wants))} | {source} |"
            lines.append(row)
        notes = {rule.source.url: rule.source.note for rule in one.rules if rule.source.note}
        lines += ["", *(f"- <{url}>: {_plain(note)}" for url, note in notes.items()), ""]
    return "\n".join(lines)


PARTS: Mapping[str, Callable[[], str]] = {
    "aggregators": aggregators,
    "commands": commands,
    "configuration": configuration,
    "library": library,
}
