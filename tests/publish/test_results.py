"""Results of jobs, and assessments of batches, until the run has all of them."""

from __future__ import annotations

from dateline.documents.store import StagedFile
from dateline.entries.scan import FileStamp
from dateline.errors import Problem, State
from dateline.ledger.rows import DocumentRecord, FileRecord
from dateline.model import Role
from dateline.publish.assess.outcome import Assessment
from dateline.publish.produce.results import FewResults, JobResult, PackedResults, Recorded, Results
from dateline.text.urls import fingerprint

STAMP = FileStamp(7, 1)


def result(number: int, *, waits: bool = False, is_new: bool = True) -> JobResult:
    """Return the result for the page of an entry; one that waits has no files."""
    path = f"2026/11/entry-number-{number}.html"
    record = DocumentRecord(
        path=path,
        role=Role.PAGE,
        media_type="text/html",
        size=4000 + number,
        digest=fingerprint(f"digest {number}"),
        changed=1_764_000_000 + number,
        source="",
        links="",
        expires=None,
        live=False,
    )
    written = (f"4711-0a1b2c3d/4711/{number}", path)
    sheet = StagedFile(role=Role.PAGE, files=(written,), sizes={"gzip": number}, gone=("x.br",))
    return JobResult(
        record=record, sheet=None if waits else sheet, waits=waits, is_new=is_new and not waits
    )


def test_packed_results_come_back_as_they_were() -> None:
    """Whether they have files or wait, and as often as they are asked for."""
    made = [result(1), result(2, waits=True), result(3, is_new=False)]
    results = Results()

    results.add(PackedResults.of(made[:2]))
    results.add(PackedResults.of(made[2:]))

    assert [*results] == made
    assert [*results] == made
    assert results.count == len(made)


def test_few_results_stay_as_they_are() -> None:
    """Beside packed ones, and as often as they are asked for."""
    made = [result(1), result(2, waits=True)]
    results = Results()

    results.add(FewResults(made[1:]))
    assert not results.has_files
    results.add(FewResults(made[:1]))

    assert [*results] == [*results] == made[::-1]
    assert results.count == len(made)
    assert results.has_files


def test_packed_results_take_few_bytes() -> None:
    """A page of which a run keeps the result takes no more than 200 bytes until it goes live."""
    pages = 100

    packed = PackedResults.of([result(number) for number in range(pages)])

    assert len(packed.data) / pages < 200


def test_what_is_recorded_goes_live_unless_it_waits() -> None:
    """Documents that wait follow a second after the latest change of any of them."""
    recorded = Recorded()

    recorded.add([result(1), result(9, waits=True), result(3, is_new=False)])
    recorded.add([result(4, waits=True), result(5)])

    pages = {number: f"2026/11/entry-number-{number}.html" for number in (1, 3, 5)}
    assert recorded.paths == [*pages.values()]
    assert recorded.new == [pages[1], pages[5]]
    assert [one.files[0][1] for one in recorded.files] == [*pages.values()]
    assert recorded.again == 1_764_000_010


def test_a_file_that_is_read_again_has_its_latest_state() -> None:
    """A problem of an earlier batch is forgotten if the file has none in a later one."""
    held = FileRecord(
        stamp=STAMP,
        state=State.HOLD.value,
        beside={},
        problems=(Problem(code="title-missing", file="a.toml"),),
    )
    first = Assessment(
        files={"a.toml": held}, states={"a.toml": "hold", "b.toml": "live"}, newest=9
    )
    again = Assessment(states={"a.toml": "live"}, newest=7, published=("a.toml",))

    done = Assessment.together([first, again])

    assert done.files == {}
    assert done.states == {"a.toml": "live", "b.toml": "live"}
    assert (done.newest, done.published) == (9, ("a.toml",))
