"""Measures the time from a dropped file to a reader's 200 response that contains its item.

Starts `publisher.py serve` for a publication in a temporary folder, drops files one at a time, and
requests `/news.json` every few milliseconds, as one reader on one connection. The time starts at
the `close()` of the file, so it includes the 0.3 seconds that a file needs to settle. The promise:
under one second, or three for an entry with a picture of 24 megapixels.
    python -m bench.dropped --files 50 --entries 1000
    python -m bench.dropped --megapixels 24
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
import tempfile
from datetime import UTC, datetime
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path
from time import monotonic, sleep

from PIL import Image

from bench.newsroom import drop, serving, wait

PROMISED, PROMISED_WITH_PICTURE = 1.0, 3.0  # seconds


def main() -> int:
    """Measure, print, and return 1 if one file took longer than promised."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--files", type=int, default=20, help="how many are dropped")
    options.add_argument("--entries", type=int, default=0, help="how many are there before")
    options.add_argument("--megapixels", type=int, default=0, help="of a photograph in each")
    chosen = options.parse_args()
    promised = PROMISED_WITH_PICTURE if chosen.megapixels else PROMISED
    with tempfile.TemporaryDirectory() as folder:
        took = measure(
            Path(folder), files=chosen.files, entries=chosen.entries, megapixels=chosen.megapixels
        )
    p95 = took[math.ceil(0.95 * len(took)) - 1]
    sys.stdout.write(
        f"{len(took)} files among {chosen.entries} entries: "
        f"median {statistics.median(took):.3f} s, "
        f"p95 {p95:.3f} s, max {took[-1]:.3f} s (promised: {promised:.0f} s)\n"
    )
    return int(took[-1] >= promised)


def measure(folder: Path, *, files: int, entries: int, megapixels: int = 0) -> list[float]:
    """Return how long each file took, in seconds, shortest first."""
    with serving(folder, entries) as reader:
        return sorted(
            one(folder, reader, f"Dropped {number}", photograph(megapixels, number))
            for number in range(files)
        )


def one(folder: Path, reader: HTTPConnection, title: str, picture: bytes = b"") -> float:
    """Drop a file, and the picture that it shows; return the seconds until the reader has it."""
    name = f"{title}.jpg" if picture else ""
    if picture:
        (folder / "entries" / name).write_bytes(picture)
    drop(folder, title, f"{datetime.now(UTC):%F}", name)
    begun = monotonic()
    wait(reader, f'"{title}"'.encode())
    took = monotonic() - begun
    sleep(1)  # a second change within one second waits for the next
    return took


def photograph(megapixels: int, number: int) -> bytes:
    """Return a JPEG as a camera writes it, another for each number; nothing for no pixels."""
    if not megapixels:
        return b""
    width, height = round(math.sqrt(megapixels * 1.5e6)), round(math.sqrt(megapixels / 1.5e-6))
    rough = Image.effect_noise((width // 12, height // 12), 50 + number)
    out = BytesIO()
    grey = rough.resize((width, height), Image.Resampling.BICUBIC)
    shade = Image.linear_gradient("L").resize((width, height))
    Image.merge("RGB", [grey, Image.blend(grey, shade, 0.4), shade]).save(out, "JPEG", quality=90)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
