"""Checks of a feed by the documented rules of aggregators, which are data beside this code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from dateline.model.formats import FORMATS
from dateline.serve.doctor.aggregators.checks import CHECKS, large_enough, moment_of, within
from dateline.serve.doctor.aggregators.crawling import may_fetch
from dateline.serve.doctor.aggregators.documents import (
    JudgedDocument,
    news_sitemap,
    nodes,
    robots,
    size_of,
    title_of,
)
from dateline.serve.doctor.aggregators.rules import Aggregator, AggregatorRule, load
from dateline.serve.doctor.finding import Finding, bad, improvable, ok
from dateline.system.http import Ask, Reply

_SHOWN = 60  # characters of a title
_NOT_SO = "This is not so."


def examine(
    first: Reply, kind: str, names: Sequence[str], now: datetime, ask: Ask
) -> Iterator[Finding]:
    """Check the feed in a reply by the rules of each aggregator; `kind` is its format."""
    if kind not in {"rss", "atom"}:
        title = FORMATS[kind].title
        yield bad("format", f"It is {title}. Give the address of the feed in RSS or Atom.")
        return
    try:
        feed = JudgedDocument.of(first, kind)
    except ValueError as error:
        yield bad("feed", f"It cannot be judged: {error}.")
        return
    judge = _Judge(feed=feed, now=now, ask=ask)
    for name in names:
        yield from judge.findings(load(name))


@dataclass(kw_only=True)
class _Judge:
    """A feed with all that rules need to be judged; what they fetch is fetched once."""

    feed: JudgedDocument
    now: datetime
    ask: Ask

    def findings(self, aggregator: Aggregator) -> Iterator[Finding]:
        """Yield a finding for each rule that is not met, and one that sums up."""
        if aggregator.notice:
            yield improvable(aggregator.name, aggregator.notice)
        met = {"required": 0, "recommended": 0}
        known = dict(met)
        for rule in filter(self._concerns, aggregator.rules):
            outcome = self._outcome(rule)
            known[rule.level] += 1
            met[rule.level] += outcome is None
            if outcome is not None:
                finding = bad if outcome and rule.level == "required" else improvable
                text = _sentence(rule, outcome, is_own=self._is_own)
                yield finding(aggregator.name, text).by(rule.name, rule.source.url)
        counts = [f"{met[level]} of {known[level]} {level}" for level in met if known[level]]
        sums_up = f"{aggregator.title}: {' and '.join(counts)} rules are met."
        yield ok(aggregator.name, f"{sums_up} {aggregator.register}")

    def _concerns(self, rule: AggregatorRule) -> bool:
        """Return whether a rule is about this kind of feed, or about a sitemap that exists."""
        document = self._document(rule)
        return document is not None and (not rule.paths or document.kind in rule.paths)

    def _document(self, rule: AggregatorRule) -> JudgedDocument | None:
        return self._sitemap if rule.of in {"sitemap", "urls"} else self.feed

    def _outcome(self, rule: AggregatorRule) -> str | None:
        """Return None if a rule is met, what is wrong, or an empty text where nobody knows."""
        if rule.check in {"robots", "found"}:
            return {"robots": self._robots, "found": self._found}[rule.check](rule)
        document = self._document(rule) or self.feed
        if rule.of in {"feed", "sitemap"}:
            return _single(self._is_met(rule, document, document.scope))
        items = self._newest(rule) if rule.of == "newest" else document.items
        failing: list[tuple[Element, bool | None]] = []
        for item in items:
            if self._applies(rule, document, item):
                is_met = self._is_met(rule, document, item)
                failing += [] if is_met else [(item, is_met)]
        return _of_many(failing, len(items)) if failing else None

    def _newest(self, rule: AggregatorRule) -> Sequence[Element]:
        """Return the item with the latest date, whatever the order of the feed; none if empty."""
        paths = rule.paths.get(self.feed.kind, ())
        dated = [
            (moment, item)
            for item in self.feed.items
            for path in paths
            for value in self.feed.values(item, path)
            if (moment := moment_of(value))
        ]
        return [max(dated, key=lambda one: one[0])[1]] if dated else self.feed.items[:1]

    def _is_met(
        self, rule: AggregatorRule, document: JudgedDocument, scope: Element
    ) -> bool | None:
        paths = rule.paths.get(document.kind, ())
        if rule.check == "count":
            return within(rule, len(document.items))
        if rule.check == "size":
            return within(rule, document.size if rule.of == "feed" else size_of(scope))
        if rule.check == "picture":
            return large_enough(rule, [node for path in paths for node in nodes(scope, path)])
        values = [value for path in paths for value in document.values(scope, path)]
        if rule.check == "host":
            host = urlsplit(document.reply.address).hostname or ""
            return all(_is_at(value, host) for value in values)
        return CHECKS[rule.check](rule, values, self.now)

    def _applies(self, rule: AggregatorRule, document: JudgedDocument, scope: Element) -> bool:
        paths: Sequence[str] = rule.when.get(document.kind, ())
        values = (value for path in paths for value in document.values(scope, path))
        return not paths or any(re.search(rule.when_pattern, value) for value in values)

    def _robots(self, rule: AggregatorRule) -> str | None:
        """Check that `robots.txt` lets a crawler fetch the feed (RFC 9309)."""
        if self._robots_text is None:
            return ""
        is_allowed = may_fetch(self._robots_text, rule.pattern, self.feed.reply.address)
        return None if is_allowed else _NOT_SO

    def _found(self, _rule: AggregatorRule) -> str | None:
        return None if self._sitemap else _NOT_SO

    @cached_property
    def _is_own(self) -> bool:
        """True if Dateline made the feed: then its settings are named."""
        paths = ("generator", "atom:generator")
        named = (name for path in paths for name in self.feed.values(self.feed.scope, path))
        return any(name.startswith("Dateline") for name in named)

    @cached_property
    def _robots_text(self) -> str | None:
        return robots(self.feed.reply.address, self.ask)

    @cached_property
    def _sitemap(self) -> JudgedDocument | None:
        return news_sitemap(self.feed.reply.address, self.ask)


def _single(is_met: bool | None) -> str | None:  # noqa: FBT001 - the result of a check
    return None if is_met else "" if is_met is None else _NOT_SO


def _of_many(failing: Sequence[tuple[Element, bool | None]], total: int) -> str:
    """Return how many items do not meet a rule, and the first; empty if nobody knows of any."""
    wrong = [item for item, is_met in failing if is_met is False]
    if not wrong:
        return ""
    title = " ".join(title_of(wrong[0]).split())
    shown = title if len(title) <= _SHOWN else f"{title[: _SHOWN - 1]}…"
    return f"This is not so for {len(wrong)} of {total}, such as “{shown}”."


def _sentence(rule: AggregatorRule, outcome: str, *, is_own: bool) -> str:
    stated = outcome or "The feed does not tell whether it is met."
    what_to_do = rule.setting if is_own and rule.setting else rule.remedy
    return f"{rule.level.capitalize()}: {rule.wants} {stated} {what_to_do}"


def _is_at(address: str, host: str) -> bool:
    """Return whether an address is at a host, or at one below or above it."""
    try:
        found = urlsplit(address).hostname or ""
    except ValueError:
        return False
    return found == host or found.endswith(f".{host}") or host.endswith(f".{found}")
