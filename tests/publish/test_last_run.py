"""The outcome of the last run, which a run leaves for the newsroom's process."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dateline import publish
from dateline.config import Config
from dateline.errors import Problem, State
from dateline.messages import CATALOGUE
from dateline.messages.values import Day, Phrase
from dateline.model import Report
from dateline.publish import history
from dateline.publish.notify import last_run
from dateline.system.condition import Code, Condition
from support.publication import CONFIG, NOW, Newsroom, entry_file
from support.staff import configure

UNSAID = "zaubernuss"
ODD = entry_file(**{UNSAID: '"blue"'})

texts = st.text(max_size=8)
names = texts | st.just("scan\udc80.toml")  # a name that is no text
days = st.builds(Day, st.none() | st.integers(1, 31), st.integers(1, 12), st.none() | st.just(2026))
values = st.recursive(
    texts | st.integers() | days,
    lambda inner: st.builds(
        Phrase, texts, st.lists(st.tuples(texts, inner), max_size=2).map(tuple)
    ),
    max_leaves=3,
)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
problems = st.builds(
    Problem,
    code=st.sampled_from(
        [code for code in CATALOGUE if CATALOGUE[code].state in {"hold", "wait", "warn"}]
    ),
    file=names,
    line=st.none() | st.integers(1, 99),
    field=st.none() | texts,
    found=values,
    wanted=values,
    language=st.sampled_from(["en", "fr"]),
)
conditions = st.builds(Condition, code=st.sampled_from(Code), about=texts, detail=texts)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """Return the configuration of a publication with a newsroom and a state folder."""
    room = Newsroom(tmp_path_factory.mktemp("last"))
    configure(room)
    room.config.state.mkdir()
    return room.config


def file_of(config: Config) -> Path:
    """Return the file with the outcome."""
    return config.state / "last-run.json"


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Return reports with what an outcome keeps."""
    found = draw(st.lists(problems, max_size=2))
    return Report(
        problems=tuple(found),
        states={},
        missing=tuple(draw(st.lists(names, max_size=2))),
        since={(one.file, one.code): draw(moments) for one in found},
        conditions=tuple(draw(st.lists(conditions, max_size=1))),
    )


@settings(max_examples=30)
@given(report=reports(), moment=moments)
def test_an_outcome_is_read_as_it_was_written(
    config: Config, report: Report, moment: datetime
) -> None:
    """Problems keep the types of their parameters, and moments are exact."""
    last_run.keep(config, report, moment)

    assert last_run.load(config) == last_run.RunOutcome(report=report, moment=moment)


def test_an_outcome_contains_only_what_staff_should_act_on(config: Config) -> None:
    """Notes about files that are fine would make it as large as the publication."""
    wrong = Problem(code="date-missing", file="a.toml")
    (fine,) = [code for code in CATALOGUE if CATALOGUE[code].state == State.ACCEPT][:1]
    since = {("a.toml", "date-missing"): NOW, ("b.toml", fine): NOW}
    report = Report(
        problems=(wrong, Problem(code=fine, file="b.toml")), states={"a.toml": "hold"}, since=since
    )

    last_run.keep(config, report, NOW)
    found = last_run.load(config)

    assert found is not None
    assert found.report == Report(
        problems=(wrong,), states={}, since={("a.toml", "date-missing"): NOW}
    )


def break_json(path: Path) -> None:
    """Cut the file off."""
    path.write_bytes(path.read_bytes()[:-9])


def age(path: Path) -> None:
    """Make it the file of another release."""
    path.write_text(json.dumps(json.loads(path.read_text()) | {"release": "0.0.1"}))


def strip_zone(path: Path) -> None:
    """Take the zone from its moment."""
    path.write_text(json.dumps(json.loads(path.read_text()) | {"moment": "2026-11-25T10:00:00"}))


@pytest.mark.parametrize(
    "change",
    [
        Path.unlink,
        break_json,
        age,
        strip_zone,
        lambda path: path.write_text("[]"),
        lambda path: path.write_text('{"release": 1}'),
        lambda path: path.write_bytes(b"\xff"),
    ],
)
def test_a_file_that_cannot_be_used_is_no_outcome(
    config: Config, change: Callable[[Path], object]
) -> None:
    """The next run writes another one."""
    last_run.keep(config, Report(states={}), NOW)

    change(file_of(config))

    assert last_run.load(config) is None
    last_run.keep(config, Report(states={}), NOW)
    assert last_run.load(config) is not None


def test_each_outcome_has_another_version(config: Config) -> None:
    """Even if it says the same."""
    versions = []
    for _ in range(3):
        last_run.keep(config, Report(states={}), NOW)
        versions.append(last_run.version(config))
    last_run.forget(config)

    assert versions[0] != versions[1] != versions[2]
    assert last_run.version(config) is None


def test_a_run_writes_its_outcome_for_a_newsroom_alone(newsroom: Newsroom) -> None:
    """Without one there is no file; a file that is there is kept up to date.

    Other commands do not know of `serve --newsroom`.
    """
    newsroom.drop("bad.toml", ODD)
    newsroom.build()
    without = file_of(newsroom.config).exists()
    configure(newsroom)
    newsroom.build()
    first = last_run.load(newsroom.config)
    mode = file_of(newsroom.config).stat().st_mode & 0o777
    (newsroom.folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    newsroom.drop("bad.toml")
    newsroom.build()
    second = last_run.load(newsroom.config)

    assert (without, mode) == (False, 0o600)
    assert first is not None
    assert second is not None
    assert [one.file for one in first.report.problems] == ["bad.toml"]
    assert second.report.problems == ()
    assert second.moment == first.moment + timedelta(minutes=1)


def test_an_outcome_that_cannot_be_written_is_missing(newsroom: Newsroom) -> None:
    """The run succeeds, and no older outcome is shown in its place."""
    configure(newsroom)
    newsroom.build()
    (newsroom.config.state / ".last-run.json.new").mkdir()
    newsroom.drop("good.toml")

    newsroom.build()

    assert len(newsroom.items()) == 1
    assert last_run.load(newsroom.config) is None


@pytest.mark.long
def test_a_takedown_leaves_nothing_in_it(newsroom: Newsroom) -> None:
    """A problem may quote the entry; the takedown deletes it first, in case it fails itself."""
    configure(newsroom)
    newsroom.drop("secret.toml")
    newsroom.build()
    newsroom.drop("secret.toml", ODD)
    newsroom.build()
    before = file_of(newsroom.config).read_text("utf-8")
    (newsroom.folder / "entries/secret.toml").unlink()
    id_ = history.id_of(newsroom.config, "secret.toml")
    request = publish.RunRequest(now=newsroom.now, clock=newsroom.now, takedown=id_)
    broken = dataclasses.replace(newsroom.config, feeds_folder=newsroom.folder / "config.toml")

    with pytest.raises(Exception, match=r".+"):
        publish.build(broken, request)
    failed = file_of(newsroom.config).exists()
    publish.build(newsroom.config, request)

    assert UNSAID in before
    assert not failed
    assert UNSAID not in file_of(newsroom.config).read_text("utf-8")
