"""How is a page rendered, with the newsroom's own templates before Dateline's?

`base.html` is the newsroom's where it has one, in Dateline's templates too; Dateline's own is
always `dateline/base.html`, so that the one can extend the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from traceback import walk_tb
from types import TracebackType

import jinja2
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from dateline.errors import TemplateError
from dateline.model import Theme

_OURS = "dateline"
_REFERENCES = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)


def rendered(look: Theme, template: str, values: Mapping[str, object]) -> str:
    """Give what a template says of these values.

    Raises `TemplateError` where the newsroom has templates of its own, whatever is wrong.
    """
    if not look.templates:
        return environment(look).get_template(template).render(values)
    try:
        return environment(look).get_template(template).render(values)
    except Exception as error:  # a template can do anything wrong
        raise _told(error, template, look) from error


@lru_cache(maxsize=8)
def environment(look: Theme) -> jinja2.Environment:
    """Give what finds and renders templates; the newsroom's own can only read values."""
    ours = jinja2.PackageLoader(_OURS, "render/pages/templates")
    own = dict(look.templates)
    loader = jinja2.ChoiceLoader(
        [
            jinja2.FunctionLoader(lambda name: (own[name], name, None) if name in own else None),
            ours,
            jinja2.PrefixLoader({_OURS: ours}),
        ]
    )
    kind = ImmutableSandboxedEnvironment if own else jinja2.Environment
    return kind(
        loader=loader,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,  # else each page looks whether its template's file is another
    )


def broken(look: Theme) -> Iterator[tuple[str, int, str]]:
    """Give what is wrong with the newsroom's own templates before any of them is rendered.

    The name of each, the line, and what is wrong with it as the end of a sentence.
    """
    made = environment(look)
    for name, text in look.templates:
        try:
            parsed = made.parse(text, name, name)
            made.compile(text, name, name)
        except jinja2.TemplateSyntaxError as error:
            yield name, error.lineno, (error.message or "it cannot be read").rstrip(".")
            continue
        for node in parsed.find_all(_REFERENCES):
            reason = _misled(node, name, made)
            if reason:
                yield name, node.lineno, reason


def _misled(node: nodes.Node, name: str, made: jinja2.Environment) -> str:
    """Say what is wrong with the name of another template in this one, or nothing."""
    named = getattr(node, "template", None)
    if not isinstance(named, nodes.Const) or getattr(node, "ignore_missing", False):
        return ""
    wanted = named.value
    if wanted == name:
        return f'it leads to itself; Dateline\'s own is "{_OURS}/{name}"'
    try:
        made.get_template(wanted)
    except jinja2.TemplateNotFound:
        return f'there is no template "{wanted}"'
    except jinja2.TemplateSyntaxError:
        return ""  # told where it is
    return ""


def _told(error: Exception, template: str, look: Theme) -> TemplateError:
    """Say what went wrong, in the newsroom's own template where any of them had a part in it."""
    own = {name for name, _ in look.templates}
    places = list(_places(error.__traceback__))
    place = next((one for one in reversed(places) if one[0] in own), None)
    name, line = place or (template, 0)
    reason = str(error) or type(error).__name__
    if isinstance(error, RecursionError):
        reason = "templates lead to each other in a circle"
    elif isinstance(error, jinja2.TemplateNotFound):
        reason = f'there is no template "{error.name}"'
    return TemplateError(name, line, reason.rstrip("."))


def _places(trace: TracebackType | None) -> Iterator[tuple[str, int]]:
    for frame, line in walk_tb(trace):
        yield frame.f_code.co_filename, line
