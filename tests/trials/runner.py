"""The publication of a trial, and how a script is carried out in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from trials import settling
from trials.configuration import CONFIG, SINCE
from trials.faults import FAULTS
from trials.judge import Judge
from trials.machine import Controls, Machine, NothingThereError, compiled, running
from trials.model import Model
from trials.newsroom import ACTS, TOKEN
from trials.readers import free_port, reading
from trials.receivers import receiving
from trials.script import is_counted, kind_of
from trials.share import is_possible, sharing
from trials.trial import PATIENCE, ROOT, Trial

MEMORY = Path("/dev/shm")  # noqa: S108 - a disk would be most of the time
Line = dict[str, Any]


class BrokenPromise(Exception):  # noqa: N818 - it is what a trial looks for
    """A promise was broken: `sentences` say which, at the step number `step`."""

    def __init__(self, sentences: Sequence[str], step: int, output: str) -> None:
        super().__init__("\n".join(sentences))
        self.sentences = tuple(sentences)
        self.step = step
        self.output = output


@contextmanager
def newsroom(
    code: Path = ROOT, *, is_shared: bool = False, patience: float = PATIENCE
) -> Iterator[Trial]:
    """Yield the trial of a new publication, served by the code at `code`.

    With `is_shared`, its entries folder is a share, where that can be mounted. Readers must have
    what they must within `patience` seconds after the last fault.
    """
    with (
        TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None, prefix="trial-") as name,
        receiving() as receivers,
        ExitStack() as ends,
    ):
        folder = Path(name)
        room = folder / "room"
        (room / "entries").mkdir(parents=True)
        has_share = is_shared and is_possible()
        share = ends.enter_context(sharing(folder, room / "entries")) if has_share else None
        port, newsroom_port = free_port(), free_port()
        text = CONFIG.format(
            port=port,
            newsroom=newsroom_port,
            receivers=receivers.http_port,
            mail=receivers.mail_port,
            token=TOKEN,
        )
        text += SINCE if code == ROOT else ""
        (room / "config.toml").write_text(text, encoding="utf-8")
        (room / "config.toml").chmod(0o600)
        machine = Machine(room=room, library=compiled(folder), controls=Controls(folder), code=code)
        machine.controls.advance(86_400)
        model = Model(latest=machine.controls.now)
        judge = Judge(port=port, may_be_seen=model.may_be_seen, hides=model.hides)
        with running(machine), reading(judge, room / "feeds") as readers:
            yield Trial(
                machine=machine,
                receivers=receivers,
                model=model,
                judge=judge,
                readers=readers,
                newsroom_port=newsroom_port,
                share=share,
                patience=patience,
                begun=machine.controls.now,
            )


def carry_out(trial: Trial, script: Sequence[Line]) -> None:
    """Carry a script out. Raises `BrokenPromise` at the first step that breaks one."""
    settling.begin(trial)
    for step, line in enumerate(script):
        trial.model.tick(trial.now)
        act = ACTS.get(line["do"]) or FAULTS.get(line["do"])
        if act is not None:
            trial.say(f"{step}: {line}")
            with suppress(NothingThereError):
                trial.acts += line["do"] != "settle"
                act(trial, line)
                _count(trial, line)
        trial.model.tick(trial.now)
        _require_kept(trial, step)
    trial.settle()
    settling.finish(trial)
    _require_kept(trial, len(script))


def _count(trial: Trial, line: Line) -> None:
    """Count what was done."""
    if is_counted(line):
        trial.count("faults" if line["do"] in FAULTS else "steps")
        trial.kinds[kind_of(line)] += 1


def _require_kept(trial: Trial, step: int) -> None:
    if trial.judge.broken:
        output = trial.machine.output.read_text("utf-8", "replace")
        raise BrokenPromise(trial.judge.broken, step, "\n".join([*trial.log, output[-6000:]]))
