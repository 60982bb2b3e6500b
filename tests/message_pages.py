"""Pages of all messages (`docs/messages*.md`), one for each language (`make words`)."""

from __future__ import annotations

import re

from dateline.messages import CATALOGUE, around, program, spoken_languages, text_of
from dateline.messages.catalogues import ENGLISH, endonym

# The working languages of the United Nations Secretariat come first.
_FIRST = ("en", "fr")
# What Markdown would not show as it is.
_MARKUP = re.compile(r"[\\*`|]|<(?=[\w/!])|\[(?=[^]]*\]\()")
_STATES = ("hold", "wait", "warn", "accept")


def page(language: str = "en") -> str:
    """Return the page in Markdown."""
    lines = [f"# {around('page-title', language)}", "", _choice(language), ""]
    lines.append(around("page-head", language))
    for state in _STATES:
        lines += ["", f"## {state.upper()}", "", around(f"page-{state}", language), ""]
        lines += [around("page-columns", language), "| --- | --- |"]
        lines += [
            f"| `{code}` | {_in_a_cell(text_of(code, language))} |"
            for code, message in sorted(CATALOGUE.items())
            if message.state == state and message.text
        ]
    return "\n".join(lines) + "\n"


def name(language: str) -> str:
    """Return the name of the page's file, which is the plain one for English."""
    return "messages.md" if language == ENGLISH else f"messages.{language}.md"


def _choice(language: str) -> str:
    ordered = sorted(spoken_languages(), key=lambda one: (one not in _FIRST, one))
    others = (one for one in ordered if one != language)
    return " · ".join(f"[{endonym(one)}]({name(one)})" for one in others)


def _in_a_cell(text: str) -> str:
    named = text.replace("{program}", program.name()).replace("{{", "{").replace("}}", "}")
    return _MARKUP.sub(
        r"\\\g<0>",
        named if named.startswith(("https:", "config.toml")) else named[:1].upper() + named[1:],
    )
