"""How does the page look on which every message stands (`docs/messages.md`)?"""

from __future__ import annotations

from dateline.messages import CATALOGUE, LANGUAGES, around, text_of

_NAMES = {"en": "English", "fr": "français", "es": "español"}
_STATES = ("hold", "wait", "warn", "accept")


def page(language: str = "en") -> str:
    """Give the page in Markdown."""
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
    """Give the name of the page's file, which is the plain one for the first language."""
    return "messages.md" if language == LANGUAGES[0] else f"messages.{language}.md"


def _choice(language: str) -> str:
    others = (one for one in LANGUAGES if one != language)
    return " · ".join(f"[{_NAMES[one]}]({name(one)})" for one in others)


def _in_a_cell(text: str) -> str:
    return text[:1].upper() + text[1:].replace("{{", "{").replace("}}", "}").replace("|", "\\|")
