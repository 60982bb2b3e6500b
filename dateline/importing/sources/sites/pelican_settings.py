"""Settings files in Python, which are read and never run."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dateline.importing.sources.sites import site_files

_LARGEST = 200_000  # bytes
_LONGEST = 10_000  # characters of a concatenated text
_MOST_WORK = 5_000_000  # values and characters that are put together for one site
_DEEPEST = 5  # files that import one another
_JOINS: Mapping[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.Gt: operator.gt,
    ast.In: lambda one, other: one in other,
    ast.NotIn: lambda one, other: one not in other,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
# The environment in which the site is built is unknown: its variables have no value.
_ENVIRONMENT = frozenset({"os.environ.get", "os.getenv", "environ.get", "getenv"})


class _UnknownError(Exception):
    """An expression whose value cannot be known without running it."""


@dataclass(slots=True, kw_only=True)
class _Site:
    """The folder of a site, beyond which nothing is read, and the work that is left for it.

    A few lines can double a value again and again, or import one another without end.
    """

    root: Path
    left: int = _MOST_WORK

    def spend(self, work: int) -> None:
        """Note work. Raises `_UnknownError` where none is left."""
        self.left -= work
        if self.left < 0:
            raise _UnknownError


class _Names(dict[str, Any]):
    """The names of one file with their values; `site` is what the file belongs to."""

    def __init__(self, site: _Site) -> None:
        super().__init__()
        self.site = site


def assigned(path: Path, root: Path) -> dict[str, Any]:
    """Return the names in a file whose values can be known, with those that it imports.

    Only files below `root` are read. Texts, lists and files beyond a limit count as unknown.
    """
    return _assigned(path, _Site(root=root), 0)


def _assigned(path: Path, site: _Site, depth: int) -> _Names:
    found = _Names(site)
    try:
        data = site_files.read(path, site.root, _LARGEST) if depth < _DEEPEST else b""
        site.spend(len(data))
        _run(ast.parse(data).body, found, path, depth)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError, _UnknownError):
        pass
    return found


def _run(body: list[ast.stmt], found: _Names, path: Path, depth: int) -> None:
    for statement in body:
        if isinstance(statement, ast.ImportFrom):
            _import(statement, found, path, depth)
        elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
            _assign(statement, found)
        elif isinstance(statement, ast.If):
            try:
                branch = statement.body if _value(statement.test, found) else statement.orelse
            except (RecursionError, _UnknownError):
                branch = statement.orelse
            _run(branch, found, path, depth)
        elif isinstance(statement, ast.Try | ast.With):
            _run(statement.body, found, path, depth)


def _import(statement: ast.ImportFrom, found: _Names, path: Path, depth: int) -> None:
    """Add the names that a file next to this one defines: all, or those that are imported."""
    place = path.parent / f"{(statement.module or '').replace('.', '/')}.py"
    others = _assigned(place, found.site, depth + 1)
    found.site.spend(len(statement.names) + len(others))
    for alias in statement.names:
        if alias.name == "*":
            found |= others
        elif alias.name in others:
            found[alias.asname or alias.name] = others[alias.name]


def _assign(statement: ast.Assign | ast.AnnAssign | ast.AugAssign, found: _Names) -> None:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    for target in targets:
        if not isinstance(target, ast.Name) or statement.value is None:
            continue
        try:
            value = _value(statement.value, found)
            if isinstance(statement, ast.AugAssign):
                before = found.get(target.id)
                found.site.spend(_weight(before, found.site.left))
                value = _joined(type(statement.op), before, value)
            found[target.id] = value
        except (RecursionError, _UnknownError):
            found.pop(target.id, None)


def _value(node: ast.expr, found: _Names) -> Any:
    """Return the value of an expression. Raises `_UnknownError`."""
    made: tuple[Any] | None
    try:
        made = (ast.literal_eval(node),)
    except (ValueError, TypeError, RecursionError, MemoryError, SyntaxError):
        made = _parts(node, found)
    if made is None:
        made = _decided(node, found)
    found.site.spend(_weight(made[0], found.site.left))
    return made[0]


def _weight(value: Any, most: int) -> int:
    """Return the number of values and characters in a value, or a little more than `most`."""
    weight, waiting = 0, [value]
    while waiting and weight <= most:
        one = waiting.pop()
        weight += 1
        if isinstance(one, str | bytes):
            weight += len(one)
        elif isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple | set):
            waiting += one
    return weight


def _parts(node: ast.expr, found: _Names) -> tuple[Any] | None:
    """Return the value of a name, a collection or an operation, as a tuple of one."""
    match node:
        case ast.Name(id=name) if name in found:
            return (found[name],)
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return ([_value(part, found) for part in parts],)
        case ast.Dict(keys=keys, values=values):
            pairs = [(key, value) for key, value in zip(keys, values, strict=True) if key]
            return ({str(_value(key, found)): _value(value, found) for key, value in pairs},)
        case ast.JoinedStr(values=parts):
            inner = (one.value if isinstance(one, ast.FormattedValue) else one for one in parts)
            return ("".join(str(_value(one, found)) for one in inner),)
        case ast.BinOp(left=left, op=op, right=right):
            return (_joined(type(op), _value(left, found), _value(right, found)),)
    return None


def _decided(node: ast.expr, found: _Names) -> tuple[Any]:
    """Return the value of a comparison, a condition or a call, as a tuple of one."""
    match node:
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return (_joined(type(op), _value(left, found), _value(right, found)),)
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return (not _value(inner, found),)
        case ast.BoolOp(op=op, values=parts):
            return (_either(parts, found, is_and=isinstance(op, ast.And)),)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return (_value(body if _value(test, found) else orelse, found),)
        case ast.Call(func=function, args=arguments):
            return (_called(ast.unparse(function), arguments, found),)
    raise _UnknownError


def _either(parts: list[ast.expr], found: _Names, *, is_and: bool) -> Any:
    value: Any = None
    for part in parts:
        value = _value(part, found)
        if bool(value) is not is_and:
            break
    return value


def _joined(kind: type[ast.AST], left: Any, right: Any) -> Any:
    try:
        value = _JOINS[kind](left, right)
    except (KeyError, TypeError, ValueError) as error:
        raise _UnknownError from error
    if isinstance(value, str) and len(value) > _LONGEST:
        raise _UnknownError
    return value


def _called(function: str, arguments: list[ast.expr], found: _Names) -> Any:
    if function in _ENVIRONMENT:
        return _value(arguments[1], found) if len(arguments) > 1 else None
    if function in {"str", "bool"} and len(arguments) == 1:
        value = _value(arguments[0], found)
        return str(value) if function == "str" else bool(value)
    raise _UnknownError
