"""Coverage-guided fuzzers, one for each door: `make fuzz`, or `make fuzz DOOR=dates SECONDS=60`.

Atheris (https://github.com/google/atheris) over libFuzzer begins with the seeds of a door and with
what it found before, in `.cache/fuzz/DOOR/corpus/`. An input that breaks a promise is a file in
`.cache/fuzz/DOOR/`; `make fuzz DOOR=dates INPUT=FILE` tries it again. Put it into
`tests/data/fuzz/DOOR/` with the fix: `make test` tries each of them from then on. With `--record`
a run is kept in the repository, with the number of inputs of each door (`bench.runs`).
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic, process_time

import atheris  # type: ignore[import-untyped]  # make fuzz brings it, into .cache/

from bench import runs
from fuzz.inputs import DOORS, Door, kept
from support.paths import ROOT

CACHE = ROOT / ".cache/fuzz"
LONGEST = 10.0  # seconds of the processor, for code with coverage counters on a busy machine
EXECUTED = re.compile(r"stat::number_of_executed_units:\s*(\d+)")
MEMORY = 3 << 30  # bytes of address space; libFuzzer itself stops at 800 MB in use
SAMPLE = 20  # seeds of a door
OPTIONS = (
    "-max_len=20000",
    "-len_control=0",
    "-timeout=120",  # for a hang; the machine may be busy
    "-rss_limit_mb=800",
    "-print_final_stats=1",
)


def main() -> int:
    """Fuzz one door in this process, or several doors, and those of a run to keep, in their own."""
    parser = argparse.ArgumentParser(prog="fuzz", description="Feed random inputs to each door.")
    parser.add_argument("door", choices=["all", *DOORS])
    parser.add_argument("--seconds", type=int, default=60, help="for each door")
    parser.add_argument("--input", type=Path, help="a file that is tried, and nothing else")
    parser.add_argument(
        "--sample", action="store_true",
        help=f"begin with about {SAMPLE} of the seeds and of what was fixed, and keep nothing",
    )  # fmt: skip
    parser.add_argument(
        "--record", type=Path, nargs="?", const=runs.RUNS, metavar="FOLDER",
        help="keep the run [default: in docs/runs/]",
    )  # fmt: skip
    chosen = parser.parse_args()
    if chosen.door != "all" and not chosen.record:
        fuzz(chosen.door, chosen.seconds, chosen.input, is_sample=chosen.sample)
        return 0
    doors = DOORS if chosen.door == "all" else (chosen.door,)
    begun = monotonic()
    more = ["--sample"] * chosen.sample
    found = {name: _alone(name, chosen.seconds, more) for name in doors}
    failed = [name for name, (code, _) in found.items() if code]
    if chosen.record:
        inputs = {name: count for name, (_, count) in found.items()}
        figures = {"hours": (monotonic() - begun) / 3600, "inputs": sum(inputs.values())}
        runs.record(
            "fuzz", seeds="–", figures=figures, broken=failed, folder=chosen.record, doors=inputs
        )
    sys.stdout.write(f"Doors that broke a promise: {', '.join(failed) or 'none'}\n")
    return len(failed)


def _alone(name: str, seconds: int, more: Sequence[str]) -> tuple[int, int]:
    """Fuzz one door in a process of its own; return its exit status, and how many inputs it had."""
    sys.stdout.write(f"\n== {name}\n")
    sys.stdout.flush()
    command = [sys.executable, "-m", "fuzz", name, "--seconds", str(seconds), *more]
    inputs = 0
    with (
        TemporaryDirectory(prefix="fuzz-") as folder,  # libFuzzer ends without `atexit`
        subprocess.Popen(
            command,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env={**os.environ, "TMPDIR": folder},
        ) as process,
    ):
        for line in process.stderr or ():
            sys.stderr.write(line)
            inputs = int(found[1]) if (found := EXECUTED.match(line)) else inputs
    return process.returncode, inputs


def fuzz(name: str, seconds: int, again: Path | None, *, is_sample: bool = False) -> None:
    """Feed inputs to one door; the process ends with an error at the first that fails."""
    own = CACHE / name
    if is_sample:
        own /= "sample"
        shutil.rmtree(own, ignore_errors=True)
    for folder in ("corpus", "seeds"):
        (own / folder).mkdir(parents=True, exist_ok=True)
    with atheris.instrument_imports(include=["dateline"]):
        from fuzz.inputs import door  # noqa: PLC0415

        found = door(name)
    seeds = [*found.seeds(), *(path.read_bytes() for path in kept(name))]
    if is_sample:
        seeds = seeds[:: len(seeds) // SAMPLE + 1]
    for number, data in enumerate(seeds):
        (own / f"seeds/{number}").write_bytes(data)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    places = [again] if again else [own / "corpus", own / "seeds"]
    atheris.Setup(
        [
            "fuzz",
            *OPTIONS,
            f"-max_total_time={seconds}",
            f"-artifact_prefix={own}/",
            *map(str, places),
        ],
        _timed(found),
        custom_mutator=_mutator(found),
    )
    atheris.Fuzz()


def _timed(found: Door) -> Callable[[bytes], None]:
    def tried(data: bytes) -> None:
        begun = process_time()
        found.tried(data)
        took = process_time() - begun
        assert took < LONGEST, f"This took {took:.1f} seconds."

    return tried


def _mutator(found: Door) -> Callable[[bytes, int, int], bytes]:
    """Return what changes an input a little: as libFuzzer does, or as people and programs do."""

    def changed(data: bytes, longest: int, seed: int) -> bytes:
        chance = Random(seed)  # noqa: S311 - repeatable, not secret
        moves: list[Callable[[], bytes]] = [
            lambda: atheris.Mutate(data, longest),
            lambda: _put(data, chance.choice(found.WORDS), chance),
            lambda: _put(data, _piece(data, chance) * chance.choice([1, 2, 50, 5_000]), chance),
            lambda: data.replace(chance.choice(found.WORDS), chance.choice(found.WORDS)),
            lambda: data[: chance.randint(0, len(data))],
        ]
        return chance.choices(moves, [50, 35, 8, 4, 3])[0]()[:longest]

    return changed


def _piece(data: bytes, chance: Random) -> bytes:
    start = chance.randint(0, len(data))
    return data[start : start + chance.choice([1, 2, 4, 16, 200])]


def _put(data: bytes, what: bytes, chance: Random) -> bytes:
    """Insert `what` at some place, and remove a few bytes there."""
    start = chance.randint(0, len(data))
    return data[:start] + what + data[start + chance.choice([0, 0, 1, 4, 16]) :]


if __name__ == "__main__":
    sys.exit(main())
