"""Whatever a disk has lost when the power went, the promises hold, and the next run finishes.

More losses, and all steps: `make power-loss STATES=1000 SEED=7`.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from power.day import Recorded, days
from power.losses import Crashes
from power.promises import check
from support.often import one_of_each

pytestmark = [pytest.mark.outside, pytest.mark.long]

SEED = "1"
STATES = 3  # of each step
# To record a step takes half a minute on a slow machine.
STEPS = ("begin", "correct", "withdraw", "take down", "import", "move", "migrate", "save")
# Steps of which readers need not see anything; each of the others changes a document.
UNSEEN = {"rename", "rebuild", "migrate", "save"}


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which steps of a day are recorded."""
    folder = tmp_path_factory.mktemp("day")
    assert [*days(folder, STEPS)] == [*STEPS]
    return folder


@pytest.mark.parametrize("name", one_of_each(STEPS, 3))
def test_a_loss_of_power_is_recovered_from(name: str, day: Path) -> None:
    """Documents are whole at once, and nothing that was published is lost, or there again."""
    recorded = Recorded.of(day, name)
    assert len(recorded.recording.operations) > 100

    for crash in islice(Crashes(recorded.recording, f"{SEED} {name}"), STATES):
        check(recorded, crash)


def test_each_step_changes_what_readers_see(day: Path) -> None:
    """Else the losses of a step would show nothing."""
    same = {
        name
        for name in STEPS
        for step in [Recorded.of(day, name).step]
        if step.old.feeds == step.ends[0].feeds
    }

    assert same <= UNSEEN
