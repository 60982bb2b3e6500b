"""The rules of aggregators, as the TOML files in this folder have them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, Literal, TypeAlias

from dateline.text import toml

NAMES = ("apple-news", "feedly", "flipboard", "google", "msn", "smartnews")
"""The aggregators that have rules: each is a file `NAME.toml`."""

Paths: TypeAlias = Mapping[str, tuple[str, ...]]
"""Paths in each kind of document (`dateline.serve.doctor.aggregators.documents`)."""
_KINDS = ("rss", "atom", "sitemap")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSource:
    """The page on which an aggregator states a rule, and the day it was read.

    `note` says what of it could not be read, or which copies there are.
    """

    url: str
    read: date
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregatorRule:
    """A rule of an aggregator, and how it is checked.

    `check` is a name of `dateline.serve.doctor.aggregators.checks`. `of` is what it is about: the
    feed, each of its items, the newest of them, the sitemap of news, or each of its addresses.
    A rule without paths for a kind of document does not apply to it. With `when`, it applies only
    where a value at those paths matches the pattern. `setting` is what to type in Dateline.
    """

    name: str
    level: Literal["required", "recommended"]
    source: RuleSource
    check: str
    wants: str
    remedy: str
    setting: str = ""
    of: Literal["feed", "items", "newest", "sitemap", "urls"] = "feed"
    paths: Paths = field(default_factory=dict)
    pattern: str = ""
    least: int | None = None
    most: int | None = None
    when: Paths = field(default_factory=dict)
    when_pattern: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregator:
    """An aggregator: its rules, what staff must do there, and what they should know first."""

    name: str
    title: str
    register: str
    notice: str = ""
    rules: tuple[AggregatorRule, ...]


@cache
def load(name: str) -> Aggregator:
    """Return the aggregator of this name, one of `NAMES`."""
    folder = resources.files("dateline.serve.doctor.aggregators")
    table = toml.parse(folder.joinpath(f"{name}.toml").read_text("utf-8"))
    sources = {key: RuleSource(**one) for key, one in table["source"].items()}
    return Aggregator(
        name=name,
        title=table["title"],
        register=table["register"],
        notice=table.get("notice", ""),
        rules=tuple(_rule(one, sources) for one in table["rule"]),
    )


def _rule(table: Mapping[str, Any], sources: Mapping[str, RuleSource]) -> AggregatorRule:
    given = dict(table)
    when = given.pop("when", {})
    paths = _paths({kind: given.pop(kind) for kind in _KINDS if kind in given})
    return AggregatorRule(
        source=sources[given.pop("source")],
        remedy=given.pop("do"),
        setting=given.pop("dateline", ""),
        least=given.pop("min", None),
        most=given.pop("max", None),
        paths=paths,
        when=_paths({kind: when[kind] for kind in _KINDS if kind in when}),
        when_pattern=when.get("pattern", ""),
        **given,
    )


def _paths(given: Mapping[str, list[str]]) -> Paths:
    return {kind: tuple(paths) for kind, paths in given.items()}
