"""A git repository as the source of entries, by the installed program `git`.

The repository is a bare copy in `state/`: nothing is checked out, no hook and no filter runs, and
submodules are not followed. Three refs say what was fetched, is being written, and is in the
folder. Credentials are git's own affair: keys of ssh, a credential helper, `~/.netrc`.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path

from dateline.errors import SourceError
from dateline.model import SourceSettings
from dateline.publish.sources.fetching import (
    MOST_BYTES,
    VERSION,
    SourceItem,
    is_wanted,
    listed,
    note_too_large,
)
from dateline.system.writing import replace_file
from dateline.text.expressions import regex

_NEW, _BEGUN, _DONE = "refs/dateline/new", "refs/dateline/begun", "refs/dateline/done"
_PATIENCE = 600.0  # seconds: a first fetch may be large
_ASK = 30.0  # seconds for the source to name its newest commit
_SILENT = ("-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=30")
_OWN = ("-c", "core.hooksPath=/dev/null", "-c", "gc.autoDetach=false", *_SILENT)
_FILES = frozenset({"100644", "100755", "100664"})
_LINK = "120000"
_WRITTEN = _FILES | {_LINK}
_AUTHORS = "authors.sqlite"
_LONGEST = 200  # characters of a name
_PLACES = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"})
_USER = regex(r"(?<=://)[^/@\s]+@")
# What a `git fetch` says first where nothing is wrong with the copy here.
_OF_REMOTE = regex(
    r"unable to (?:access|connect)|could not resolve|could not read from remote|hung up"
    r"|early EOF|RPC failed|unexpected disconnect|authentication failed|terminal prompts disabled"
    r"|timed out|connection (?:reset|refused|closed)|not appear to be a git|remote ref",
    re.IGNORECASE,
)
# How long an attempt took: with it, each would be logged as another reason.
_TOOK = regex(r" after \d+ (?:ms|milliseconds)\b")
_HISTORY = 30_000_000  # changes of files that are looked through for their authors
_SOON = 200  # commits of which the author of a file is asked one by one
_TABLE = "CREATE TABLE IF NOT EXISTS author (path TEXT PRIMARY KEY, name TEXT) WITHOUT ROWID"


class GitSource:
    """One branch of a repository, and one folder in it."""

    def __init__(self, source: SourceSettings, place: Path, environment: Mapping[str, str]) -> None:
        self._source = source
        self._place = place
        self._repository = place / "repository"
        self._has_failed = False  # what needs nothing but the repository
        self._url = source.url.removeprefix("git+")
        scheme = self._url.partition(":")[0]
        inherited = {name: environment[name] for name in environment if name not in _PLACES}
        self._environment = {
            **inherited,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ALLOW_PROTOCOL": scheme,
            "GIT_SSH_COMMAND": environment.get("GIT_SSH_COMMAND", "ssh -o BatchMode=yes"),
            "LC_ALL": "C",
        }

    @property
    def has_record(self) -> bool:
        """True if a commit is known to be in the folder."""
        return bool(self._commit(_DONE))

    def fetch(self) -> bool:
        """Ask for the newest commit of the branch, and fetch it if it is another."""
        wanted = f"refs/heads/{self._source.branch}" if self._source.branch else "HEAD"
        answer = self._git("ls-remote", "--quiet", "--", self._url, wanted, limit=_ASK)
        refs = (line.partition("\t") for line in answer.decode("utf-8", "replace").split("\n"))
        newest = next((commit for commit, _, name in refs if name == wanted), "")
        if not newest:
            raise SourceError(f"it has no branch {self._source.branch or 'that is checked out'}")
        if not self._repository.exists():
            self._git("init", "--bare", "--quiet", "--template=", str(self._repository))
        if newest == self._commit(_DONE) and not self._commit(_BEGUN):
            return False
        if newest != self._commit(_NEW):
            self._fetch(wanted)
        return True

    def changes(self, *, from_nothing: bool) -> tuple[Sequence[str], Sequence[SourceItem]]:
        """Return what differs between the commit in the folder and the newest."""
        begun = self._commit(_BEGUN)  # a killed process wrote some of it
        new = begun or self._commit(_NEW)
        before = "" if from_nothing else self._commit(_DONE)
        gone, items = [], []
        for mode, version, path in self._differences(before, new):
            if mode in _WRITTEN:
                items.append(SourceItem(path=path, version=version, is_link=mode == _LINK))
            else:
                gone.append(path)
        self._note_authors(before, new, [item.path for item in items], gone)
        large = self._large(items)
        for item, size in large.items():
            note_too_large(item.path, size)
        gone += [item.path for item in large]  # the file that it replaces
        if not begun:  # what is begun goes before any later commit
            self._git("update-ref", _BEGUN, new, is_here=True)
        return gone, [item for item in items if item not in large]

    def items(self, paths: Collection[str] | None) -> Sequence[SourceItem]:
        """Return files of the commit in the folder."""
        if not (commit := self._commit(_DONE)):
            raise self._damaged()
        items = [
            SourceItem(path=path, version=version, is_link=mode == _LINK)
            for mode, version, path in self._differences("", commit)
            if mode in _WRITTEN and (paths is None or path in paths)
        ]
        large = self._large(items)
        return [item for item in items if item not in large]

    def contents(self, items: Sequence[SourceItem]) -> Iterator[tuple[SourceItem, bytes]]:
        """Yield files with their bytes, one after the other."""
        command = self._command("cat-file", "--batch", is_here=True)
        with subprocess.Popen(  # noqa: S603 - the arguments are our own
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self._environment,
        ) as process:
            for item in items:
                data = _one(process, item.version)
                if data is None:
                    raise self._damaged()
                yield item, data

    def done(self) -> None:
        """Record that the folder has the commit that was begun."""
        begun = self._commit(_BEGUN)
        replace_file(self._place / VERSION, begun.encode("ascii"), is_synced=True)
        self._git("update-ref", _DONE, begun, is_here=True)
        self._git("update-ref", "-d", _BEGUN, is_here=True)

    # ---- Damage

    def discard_damaged(self) -> bool:
        """Delete a damaged repository, or one in which a killed git has left a lock.

        Return whether it was one. The refs are lost with it, so all files are written again.
        """
        if not self._has_failed or not self._repository.exists() or self._is_sound():
            return False
        self._has_failed = False
        try:
            if self._repository.is_dir():
                shutil.rmtree(self._repository)
            else:
                self._repository.unlink()
        except OSError as error:
            raise SourceError(
                f"its copy {self._repository} is damaged, and cannot be deleted: {error.strerror}"
            ) from error
        return True

    def _is_sound(self) -> bool:
        """Return whether all objects can be read; nobody else works in the repository."""
        if any(self._repository.rglob("*.lock")):
            return False
        try:
            self._git("fsck", "--full", "--no-dangling", "--no-progress", is_here=True)
        except SourceError:
            return False
        return True

    def _damaged(self) -> SourceError:
        self._has_failed = True
        return SourceError("its copy in state/ is damaged")

    # ---- Commits

    def _fetch(self, wanted: str) -> None:
        self._git(
            "fetch", "--quiet", "--force", "--no-tags", "--no-recurse-submodules",
            "--no-write-fetch-head", "--", self._url, f"+{wanted}:{_NEW}",
            is_here=True, limit=_PATIENCE,
        )  # fmt: skip

    def _commit(self, ref: str) -> str:
        """Return the commit that a ref names, or an empty text."""
        if not self._repository.exists():
            return ""
        words = ("for-each-ref", "--format=%(objectname)", ref)
        return self._git(*words, is_here=True).decode("ascii").strip()

    def _differences(self, before: str, new: str) -> Iterator[tuple[str, str, str]]:
        """Yield mode, version and path of each file that differs; one that is gone has mode 0.

        A file with the name of a folder is left out: a damaged or hostile tree can have one.
        """
        tree = self._tree(new, self._source.folder)
        folders = self._folders(tree)
        for mode, version, path in self._raw_differences(before, tree):
            if is_wanted(path) and not (mode in _WRITTEN and path in folders):
                yield mode, version, path

    def _raw_differences(self, before: str, tree: str) -> Iterator[tuple[str, str, str]]:
        if not before:
            for line in self._listed("ls-tree", "-r", "-z", tree):
                head, _, path = line.partition("\t")
                mode, _, version = head.split(" ")
                yield mode, version, path
            return
        words = ("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev")
        parts = iter(self._listed(*words, self._tree(before, self._source.folder), tree))
        for head, path in zip(parts, parts, strict=False):
            _, mode, _, version, _ = head.removeprefix(":").split(" ")
            yield mode, version, path

    def _folders(self, tree: str) -> set[str]:
        """Return the paths of all folders in a tree."""
        return {*self._listed("ls-tree", "-r", "-d", "-z", "--name-only", tree)}

    def _tree(self, commit: str, folder: str) -> str:
        """Return the id of the tree of a folder in a commit."""
        if not folder:
            words = ("rev-parse", "--verify", f"{commit}^{{tree}}")
            return self._git(*words, is_here=True).decode("ascii").strip()
        found = self._git("ls-tree", "-d", "-z", commit, "--", folder, is_here=True)
        _, kind, name = (found.partition(b"\t")[0].decode("ascii") or "- - -").split(" ")
        if kind != "tree":
            raise SourceError(f"its newest commit has no folder {folder}")
        return name

    def _large(self, items: Sequence[SourceItem]) -> dict[SourceItem, int]:
        """Return the files that are too large, with their sizes."""
        sizes = zip(items, self._sizes(items), strict=True)
        return {item: size for item, size in sizes if size > MOST_BYTES}

    def _sizes(self, items: Sequence[SourceItem]) -> list[int]:
        asked = "".join(f"{item.version}\n" for item in items).encode("ascii")
        words = ("cat-file", "--batch-check=%(objectsize)")
        answer = self._git(*words, is_here=True, data=asked).decode("ascii").split("\n")
        sizes = answer[: len(items)]
        if not all(map(str.isdecimal, sizes)):
            raise self._damaged()
        return [*map(int, sizes)]

    # ---- Authors

    def _note_authors(
        self, before: str, new: str, changed: Sequence[str], gone: Sequence[str]
    ) -> None:
        """Record who changed each file last, in the commits since `before` or in all.

        A record that is lost or damaged is made again.
        """
        path = self._place / _AUTHORS
        try:
            if path.exists():
                self._write_authors(before, new, changed, gone)
                return
        except sqlite3.DatabaseError:
            path.unlink()
        every = [found for mode, _, found in self._differences("", new) if mode in _WRITTEN]
        try:
            self._write_authors("", new, every, ())
        except sqlite3.Error as error:
            raise SourceError(f"{path} cannot be written: {error}") from error

    def _write_authors(
        self, before: str, new: str, changed: Sequence[str], gone: Sequence[str]
    ) -> None:
        found = self._authors(before, new, {*changed})
        with closing(sqlite3.connect(self._place / _AUTHORS)) as table, table:
            table.execute(_TABLE)
            if not before:
                table.execute("DELETE FROM author")
            rows = ((os.fsencode(path).hex(), name) for path, name in found.items())
            table.executemany("INSERT OR REPLACE INTO author VALUES (?, ?)", rows)
            paths = ((os.fsencode(path).hex(),) for path in gone)
            table.executemany("DELETE FROM author WHERE path = ?", paths)

    def _authors(self, before: str, new: str, changed: set[str]) -> dict[str, str]:
        """Return the author of the newest commit that changed each of these files."""
        found: dict[str, str] = {}
        if not changed:
            return found
        folder = f"{self._source.folder}/" if self._source.folder else ""
        words = ["log", "-z", "--no-renames", "--name-only", "--format=%x01%aN", new]
        words += [f"^{before}"] if before else []
        if len(changed) <= _SOON:  # git looks at no others then, of which there may be too many
            words += ["--", *(folder + path for path in sorted(changed))]
        elif folder:
            words += ["--", folder]
        name = ""
        with suppress(SourceError):  # one of these commits has far too many files
            for part in self._listed(*words, most=_HISTORY):
                is_next = part.startswith("\x01")
                name = part[1:] if is_next else name
                own = part.strip("\n").removeprefix(folder)
                if own in changed and not is_next:
                    found.setdefault(own, _plain(name))
        for path in [*changed - found.keys()][:_SOON]:  # a branch that was set back
            words = ["log", "-1", "--format=%aN", new, "--", folder + path]
            found[path] = _plain(os.fsdecode(self._git(*words, is_here=True)))
        return found

    # ---- The program

    def _listed(self, *words: str, most: int = 0) -> Iterator[str]:
        """Yield what git lists of commits and trees. Raises `SourceError`."""
        try:
            yield from listed(self._command(*words, is_here=True), self._environment, most)
        except subprocess.CalledProcessError:
            raise self._damaged() from None

    def _command(self, *words: str, is_here: bool) -> list[str]:
        here = [f"--git-dir={self._repository}", "--literal-pathspecs"] if is_here else []
        return ["git", *_OWN, *here, *words]

    def _git(
        self, *words: str, is_here: bool = False, data: bytes = b"", limit: float = _PATIENCE
    ) -> bytes:
        """Run git, and return its output. Raises `SourceError` with git's own reason."""
        try:
            done = subprocess.run(  # noqa: S603 - the arguments are our own
                self._command(*words, is_here=is_here),
                input=data,
                capture_output=True,
                timeout=limit,
                env=self._environment,
                check=False,
            )
        except FileNotFoundError:
            raise SourceError("the program git is not installed") from None
        except subprocess.TimeoutExpired:
            raise SourceError(f"git was not done within {limit:.0f} seconds") from None
        if done.returncode:
            reason = _reason(done.stderr)
            self._has_failed |= is_here and not _OF_REMOTE.search(reason)
            raise SourceError(reason)
        return done.stdout


def author_of(place: Path, path: str) -> str:
    """Return the author of the newest change of a file, an empty text if it is not known."""
    table = place / _AUTHORS
    if not table.exists():
        return ""
    query = "SELECT name FROM author WHERE path = ?"
    try:
        with closing(sqlite3.connect(table)) as rows:
            found = rows.execute(query, (os.fsencode(path).hex(),)).fetchone()
    except sqlite3.DatabaseError:  # the next commit makes the record again
        return ""
    return str(found[0]) if found else ""


def _one(process: subprocess.Popen[bytes], version: str) -> bytes | None:
    """Ask a running `git cat-file --batch` for one object; None if it cannot be read."""
    assert process.stdin and process.stdout  # noqa: S101, PT018 - they are pipes
    try:
        process.stdin.write(f"{version}\n".encode("ascii"))
        process.stdin.flush()
        head = process.stdout.readline().split()
        size = int(head[2])
        data = process.stdout.read(size + 1)
    except (OSError, IndexError, ValueError):
        return None
    return data[:-1] if len(data) == size + 1 else None


def _plain(name: str) -> str:
    """Return the name of an author without anything that cannot be shown."""
    return "".join(one for one in name.strip() if one.isprintable())[:_LONGEST]


def _reason(output: bytes) -> str:
    """Return the reason that git gives, in one line, without the names in addresses."""
    lines = [line.strip() for line in output.decode("utf-8", "replace").splitlines()]
    said = [line for line in lines if line.startswith(("fatal: ", "error: "))] or lines or [""]
    text = _USER.sub("", _TOOK.sub("", said[0]).removeprefix("fatal: ").removeprefix("error: "))
    shown = "".join(one for one in text if one.isprintable())[:_LONGEST].rstrip(".")
    return shown or "git ended without a reason"
