"""What was added to our own logs since the last look?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dateline.serve.readership import log_lines
from dateline.serve.readership.log_lines import LoggedRequest


class Following:
    """Follows the logs in a folder: those that are named `since` or later, a file a day."""

    def __init__(self, folder: Path, since: str = "") -> None:
        self._folder = folder
        self._since = since
        self._read: dict[Path, int] = {}

    def news(self) -> Iterator[LoggedRequest | None]:
        """Give each whole line that is new, None for one that cannot be read.

        A file that is shorter than before is another one. Raises `OSError`.
        """
        for path in sorted(self._folder.glob("*.jsonl")):
            if path.name < self._since:
                continue
            begin = self._read.get(path, 0)
            if path.stat().st_size < begin:
                begin = 0
            with path.open("rb") as file:
                file.seek(begin)
                for line in log_lines.each(file):
                    if line.endswith(b"\n"):
                        begin = file.tell()
                        yield log_lines.read(line)
            self._read[path] = begin
