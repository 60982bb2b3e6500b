"""The Jinja environment, in which a theme's templates override Dateline's.

Where a theme has a `base.html`, Dateline's templates extend it too; Dateline's own is always
`dateline/base.html`, so that the one can extend the other. A theme's `parts.html` that was written
for an older release gets the macros that it lacks.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path
from traceback import walk_tb
from types import CodeType, FunctionType, TracebackType

import jinja2
from jinja2 import nodes, runtime
from jinja2.bccache import Bucket, BytecodeCache
from jinja2.environment import TemplateModule
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from dateline.errors import TemplateError
from dateline.model import Theme
from dateline.system.writing import replace_file

_OURS = "dateline"
_PARTS = "parts.html"
_REFERENCES = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)


def rendered(theme: Theme, template: str, values: Mapping[str, object]) -> str:
    """Render a template with these values.

    Raises `TemplateError` for any error where the theme has templates.
    """
    if not theme.templates:
        return environment(theme).get_template(template).render(values)
    try:
        return environment(theme).get_template(template).render(values)
    except Exception as error:  # a template can raise anything
        raise _template_error(error, template, theme) from error


@lru_cache(maxsize=8)
def environment(theme: Theme) -> jinja2.Environment:
    """Return the environment of a theme; with templates of its own, it is sandboxed."""
    ours = jinja2.PackageLoader(_OURS, "render/pages/templates")
    own = dict(theme.templates)
    if _PARTS in own:
        own[_PARTS] += _lacking(own[_PARTS])
    loader = jinja2.ChoiceLoader(
        [
            jinja2.FunctionLoader(lambda name: (own[name], name, None) if name in own else None),
            ours,
            jinja2.PrefixLoader({_OURS: ours}),
        ]
    )
    kind = ImmutableSandboxedEnvironment if own else jinja2.Environment
    made = kind(
        loader=loader,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,  # else each page stats the file of its template
        bytecode_cache=None if own else _CompiledTemplates(),
    )
    made.context_class = _Context
    made.template_class = _Template
    return made


class _CompiledTemplates(BytecodeCache):
    """Dateline's own templates as compiled before, beside the compiled form of this module.

    To compile them takes as long as to publish an entry. Like a module's, the compiled form is
    trusted as much as the source, and made again after any change; where the folder cannot be
    written, each process compiles the templates that it needs.
    """

    def load_bytecode(self, bucket: Bucket) -> None:
        """Load a compiled template, if there is one of the same source."""
        path = self._path(bucket)
        if path:
            with suppress(OSError), path.open("rb") as file:
                bucket.load_bytecode(file)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template where Python may keep compiled modules."""
        path = self._path(bucket)
        if path and not sys.dont_write_bytecode:
            with suppress(OSError):
                replace_file(path, bucket.bytecode_to_string())

    def get_source_checksum(self, source: str) -> str:
        """Return a digest of the source, and of what else the compiled form depends on."""
        this = Path(__file__).stat()
        made_by = f"{jinja2.__version__} {this.st_mtime_ns} {this.st_size}"
        return super().get_source_checksum(f"{made_by}\n{source}")

    def _path(self, bucket: Bucket) -> Path | None:
        compiled = Path(__spec__.cached) if __spec__.cached else None
        return compiled and compiled.with_name(f"{compiled.stem}.{bucket.key}.jinja")


class _Context(runtime.Context):
    """The values of a page, whose functions are called directly.

    None of them takes a context, for which Jinja searches every function at every call.
    """

    def call(self, called: Callable[..., object], /, *given: object, **named: object) -> object:
        kind = type(called)
        if kind not in _PLAIN:
            return super().call(called, *given, **named)
        named.pop("_loop_vars", None)
        named.pop("_block_vars", None)
        if kind is runtime.Macro:
            return called(self.eval_ctx, *given, **named)
        return called(*given, **named)


_PLAIN = frozenset({FunctionType, partial, runtime.Macro})


class _Template(jinja2.Template):
    """A template whose macros are made once for the pages that share a value `macros`."""

    @classmethod
    def from_code(
        cls,
        environment: jinja2.Environment,
        code: CodeType,
        globals: MutableMapping[str, object],  # noqa: A002 - as in Jinja
        uptodate: Callable[[], bool] | None = None,
    ) -> jinja2.Template:
        made = super().from_code(environment, code, globals, uptodate)
        made.root_render_func.__globals__["escape"] = _escaped
        return made

    def make_module(
        self,
        vars: dict[str, object] | None = None,  # noqa: A002 - as in Jinja
        shared: bool = False,  # noqa: FBT001, FBT002
        locals: Mapping[str, object] | None = None,  # noqa: A002
    ) -> TemplateModule:
        known = (vars or {}).get("macros")
        if not isinstance(known, MutableMapping) or not self.name:
            return super().make_module(vars, shared, locals)
        if self.name not in known:
            known[self.name] = super().make_module(vars, shared, locals)
        module: TemplateModule = known[self.name]
        return module


def _escaped(value: object, /) -> str:
    """Escape a value. What is HTML already stays; Jinja would make another of it each time."""
    return value if type(value) is Markup else escape(value)


def broken(theme: Theme) -> Iterator[tuple[str, int, str]]:
    """Yield the faults in a theme's templates that show without rendering.

    Each is the name of the template, the line, and the end of a sentence.
    """
    made = environment(theme)
    for name, text in theme.templates:
        try:
            parsed = made.parse(text, name, name)
            made.compile(text, name, name)
        except jinja2.TemplateSyntaxError as error:
            yield name, error.lineno, (error.message or "it cannot be read").rstrip(".")
            continue
        for node in parsed.find_all(_REFERENCES):
            reason = _bad_reference(node, name, made)
            if reason:
                yield name, node.lineno, reason


# ---- Macros of `parts.html`


@lru_cache(maxsize=1)
def _macros() -> Mapping[str, tuple[str, ...]]:
    """Return the parameters of each macro of Dateline's `parts.html`."""
    ours = jinja2.PackageLoader(_OURS, "render/pages/templates")
    made = jinja2.Environment(autoescape=True)
    source, _, _ = ours.get_source(made, _PARTS)
    return {one.name: _parameters(one) for one in made.parse(source).find_all(nodes.Macro)}


def _parameters(macro: nodes.Macro) -> tuple[str, ...]:
    return tuple(one.name for one in macro.args)


def _lacking(text: str) -> str:
    """Return the lines that add Dateline's macros that a theme's `parts.html` lacks."""
    try:
        parsed = jinja2.Environment(autoescape=True).parse(text)
    except jinja2.TemplateSyntaxError:  # reported by `broken`
        return ""
    own = {one.name for one in parsed.find_all(nodes.Macro)}
    names = [name for name in _macros() if name not in own]
    taken = "".join(f"{{% set {name} = dateline_parts.{name} %}}" for name in names)
    return f'{{% import "{_OURS}/{_PARTS}" as dateline_parts with context %}}{taken}'


def _outdated(error: TypeError, theme: Theme) -> tuple[str, int, str] | None:
    """Return the macro of a theme's `parts.html` that Dateline's templates cannot use.

    It is the one that the error names.
    """
    text = dict(theme.templates).get(_PARTS, "")
    for macro in jinja2.Environment(autoescape=True).parse(text).find_all(nodes.Macro):
        wanted = _macros().get(macro.name, ())
        if f"'{macro.name}'" in str(error) and {*wanted} - {*_parameters(macro)}:
            reason = (
                f"the macro {macro.name} must take {', '.join(wanted)}, as in "
                f'"{_OURS}/{_PARTS}" of this release: change it, or take it out'
            )
            return _PARTS, macro.lineno, reason
    return None


def _bad_reference(node: nodes.Node, name: str, made: jinja2.Environment) -> str:
    """Return what is wrong with a reference to another template, or an empty text."""
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
        return ""  # reported for that template
    return _lost_macro(node, wanted, made) if isinstance(node, nodes.FromImport) else ""


def _lost_macro(node: nodes.FromImport, wanted: str, made: jinja2.Environment) -> str:
    """Return which macro is taken from `parts.html` that it does not have, or an empty text."""
    if wanted.removeprefix(f"{_OURS}/") != _PARTS or made.loader is None:
        return ""
    source, _, _ = made.loader.get_source(made, wanted)
    known = {*_macros(), *(one.name for one in made.parse(source).find_all(nodes.Macro))}
    taken = (one if isinstance(one, str) else one[0] for one in node.names)
    lost = [name for name in taken if name not in known]
    return f'{wanted} has no macro "{lost[0]}"; it has {", ".join(sorted(known))}' if lost else ""


def _template_error(error: Exception, template: str, theme: Theme) -> TemplateError:
    """Return an error as ours, at the innermost line of the theme's own templates, if any."""
    if isinstance(error, TypeError) and (old := _outdated(error, theme)):
        return TemplateError(*old)
    own = {name for name, _ in theme.templates}
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
