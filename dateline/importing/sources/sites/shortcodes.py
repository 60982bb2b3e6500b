"""Commands of site generators in a text (shortcodes, template tags).

A command with one possible meaning is replaced by it: a link to a page, a picture, the address
of a film, code. All others are left out and named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from dateline.entries.pasted import html_to_markdown
from dateline.text.expressions import regex

PAGE = "x-dateline-page:"  # begins an address that names a file of the site
_PAIRS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Hugo": (("{{<", ">}}"), ("{{%", "%}}")),
    "Jekyll": (("{{", "}}"), ("{%", "%}")),
    "Eleventy": (("{{", "}}"), ("{%", "%}"), ("{#", "#}")),
    "Pelican": (("{%", "%}"),),
}
_CLOSING = {opening: end for pairs in _PAIRS.values() for opening, end in pairs}
_CODE = frozenset({"highlight", "code"})
_UNSEEN = frozenset({"capture", "comment"})  # what they hold is not shown there, if at all
_ASIDE = _UNSEEN | {"raw", "verbatim"}
_LINKS = frozenset({"ref", "relref", "link", "post_url"})
_FILMS = {
    "youtube": "https://www.youtube.com/watch?v={0}",
    "vimeo": "https://vimeo.com/{0}",
    "gist": "https://gist.github.com/{0}/{1}",
}
_ARGUMENT = regex(r"""(?:([\w-]+)=)?(?:"([^"]*)"|'([^']*)'|`([^`]*)`|([^\s"'`=]+))""")
_LITERAL = regex(r"""(["'])([^"'{}]*)\1(\s*\|\s*(?:relative_url|absolute_url|url|prepend:.*))?""")
_COMMENT = regex(r"\{\{[<%]\s*+(?P<end>/?)\s*+comment\s*+[>%]\}\}")
# Of kramdown: {: .wide title="A pier"}, {:toc}, {:/comment}
_ATTRIBUTES = regex(
    r"""(?<!\\)\{::?/?(?:[^\S\n]*+(?:[\w-]++=(?:"[^"\n]*+"|'[^'\n]*+'|[\w-]++)"""
    r"""|[.#]?[\w-]++(?!=)))*+[^\S\n]*+/?\}"""
)
_CONTENTS = regex(
    r"^ {0,3}(?:[*+-]|1\.)[ \t]++[^\n]*+\n[ \t]*+\{:[ \t]*+toc\b[^}\n]*+\}", re.MULTILINE
)
_PLACE = regex(r"[{|](filename|static|attach|tag|category|author|index|page)[}|]")
_TO_PAGE = regex(
    rf"\[(?P<words>[^\[\]]*+)\]\(\s*+<?{PAGE}(?P<name>[^\s()<>\"']++)>?(?P<rest>[^()\n]*+)\)"
    rf"|{PAGE}(?P<alone>[^\s()<>\"']*[^\s()<>\"'.,;:!?])"
)


class Command(NamedTuple):
    """One command; `words` is the text between its delimiters."""

    opening: str
    words: str

    @property
    def name(self) -> str:
        """First word of the command."""
        return next(iter(self.words.strip("-/ \n\t").split()), "")

    @property
    def is_end(self) -> bool:
        """True if it closes another one: `{{< /highlight >}}`, `{% endhighlight %}`."""
        return self.words.strip().startswith("/") or self.name.startswith("end")


@dataclass(slots=True, kw_only=True)
class Commands:
    """Replaces the commands of one generator.

    `url` is the site's address, `values` are the fields of `site` and `page` that templates read.
    `left` has the commands that were left out so far, as written.
    """

    kind: str
    url: str
    values: Mapping[str, Any] = field(default_factory=dict)
    left: dict[str, None] = field(default_factory=dict)

    def expand(self, text: str) -> str:
        """Return a text without commands."""
        if self.kind == "Pelican":
            text = _PLACE.sub(self._placed, text)
        if self.kind == "Hugo":
            text = _without_comments(text)
        pairs = _PAIRS[self.kind]
        if any(opening in text for opening, _ in pairs):
            text = "".join(self._pieces(iter(list(_split(text, pairs)))))
        if self.kind == "Jekyll" and "{:" in text:
            text = html_to_markdown.outside_code(text, _without_attributes)
        return text

    def _placed(self, found: re.Match[str]) -> str:
        return {"static": "", "attach": "", "index": self.url}.get(found[1], f"{PAGE}{found[1]}:")

    def _pieces(self, parts: Iterator[str | Command]) -> Iterator[str]:
        for part in parts:
            if isinstance(part, str):
                yield part
            elif part.words.strip().startswith("/*"):  # a command that Hugo shows
                shown = part.words.strip().removeprefix("/*").removesuffix("*/")
                yield f"{part.opening}{shown}{_CLOSING[part.opening]}"
            elif part.is_end:
                continue
            elif part.opening == "{%" and part.name in _ASIDE:
                inside = "".join(_until(parts, f"end{part.name}"))
                yield "" if part.name in _UNSEEN else inside
            elif part.name in _CODE:
                end = f"end{part.name}" if part.opening == "{%" else f"/{part.name}"
                yield _fenced(_arguments(part.words)[1:2], "".join(_until(parts, end)))
            elif part.opening != "{#":
                yield self._meant(part)

    def _meant(self, command: Command) -> str:
        arguments = _arguments(command.words)
        named = dict(argument for argument in arguments if argument[0])
        bare = [value for name, value in arguments if not name][1:]
        name = command.name
        if name in _LINKS and bare:
            return f"{PAGE}{name}:{bare[0].replace(' ', '%20')}"
        if name == "figure" and "src" in named:
            words = named.get("alt") or named.get("caption") or named.get("title", "")
            return f"![{words}]({named['src']})"
        if name in _FILMS and (values := bare or [named.get("id", "")]):
            address = _FILMS[name].format(*values, "", "")
            return f"[{address.rstrip('/')}]({address.rstrip('/')})"
        if (
            command.opening == "{{"
            and (known := self._known(command.words.strip(" -"))) is not None
        ):
            return known
        self.left[f"{command.opening} {name} {_CLOSING[command.opening]}"] = None
        return ""

    def _known(self, words: str) -> str | None:
        """Return the value of an expression that depends on the settings or fields alone."""
        if words in {"site.url", "site.baseurl"}:
            return self.url.rstrip("/") if words == "site.url" else ""
        if literal := _LITERAL.fullmatch(words):
            return f"{self.url}{literal[2].lstrip('/')}" if literal[3] else literal[2]
        value: Any = self.values
        for name in words.lower().split("."):
            value = value.get(name) if isinstance(value, dict) else None
        return str(value) if isinstance(value, str | int) and "\n" not in str(value) else None


def resolved(text: str, address_of: Callable[[str], str | None]) -> tuple[str, bool]:
    """Replace links to files of the site by addresses; return whether all pages were found.

    `address_of` returns the address of a page by the name of its file. A link to a page that
    is not found keeps only its words.
    """
    lost: list[str] = []

    def linked(found: re.Match[str]) -> str:
        name = (found["name"] or found["alone"]).partition(":")[2]
        address = address_of(name)
        if address is None:
            lost.append(name)
            return found["words"] or ""
        return address if found["alone"] else f"[{found['words']}]({address}{found['rest']})"

    return _TO_PAGE.sub(linked, text), not lost


def _without_comments(text: str) -> str:
    """Return a text without what Hugo's shortcode `comment` holds; one without an end stays."""
    kept, done, begun = [], 0, -1
    for found in _COMMENT.finditer(text):
        if found["end"] and begun >= 0:
            kept.append(text[done:begun])
            done, begun = found.end(), -1
        elif not found["end"] and begun < 0:
            begun = found.start()
    return "".join((*kept, text[done:]))


def _without_attributes(text: str) -> str:
    """Return a text without the comments and attributes of kramdown, which readers never saw."""
    before, *comments = _CONTENTS.sub("", text).split("{::comment}")
    shown = (one.partition("{:/")[2].partition("}")[2] if "{:/" in one else one for one in comments)
    return _ATTRIBUTES.sub("", "".join((before, *shown)))


def _split(text: str, pairs: tuple[tuple[str, str], ...]) -> Iterator[str | Command]:
    """Split a text into texts and commands; a command that is never closed is text."""
    opens = re.compile("|".join(re.escape(opening) for opening, _ in pairs))
    ends = dict(pairs)
    unclosed: set[str] = set()
    done = 0
    while found := opens.search(text, done):
        opening = found[0]
        end = -1 if opening in unclosed else text.find(ends[opening], found.end())
        yield text[done : found.start()]
        if end < 0:
            unclosed.add(opening)
            yield opening
            done = found.end()
        else:
            yield Command(opening, text[found.end() : end])
            done = end + len(ends[opening])
    yield text[done:]


def _until(parts: Iterator[str | Command], end: str) -> Iterator[str]:
    """Yield the parts before a command, as written."""
    for part in parts:
        if isinstance(part, str):
            yield part
        elif "".join(part.words.strip("- \n\t").split()[:1]) in {end, end.replace("/", "/ ")}:
            return
        else:
            yield f"{part.opening}{part.words}{_CLOSING[part.opening]}"


def _arguments(words: str) -> list[tuple[str, str]]:
    return [
        (found[1] or "", next((part for part in found.groups()[1:] if part is not None), ""))
        for found in _ARGUMENT.finditer(words.strip("- \n\t"))
    ]


def _fenced(language: list[tuple[str, str]], code: str) -> str:
    name = language[0][1] if language and not language[0][0] else ""
    return f"\n```{name}\n{code.strip(chr(10))}\n```\n"
