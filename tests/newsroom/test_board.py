"""The newsroom's overview, and the actions that staff can take."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from markupsafe import Markup

from dateline import config as configuration
from dateline import publish
from dateline.errors import Problem
from dateline.ledger import Ledger, exclusive
from dateline.ledger.queries.notices.requests import subscription_digest
from dateline.ledger.queries.notices.subscriptions import FailedDelivery
from dateline.messages.catalogues import languages
from dateline.model import Report
from dateline.newsroom.language import ENGLISH, Words
from dateline.newsroom.views import STATES
from dateline.publish.history import history
from dateline.publish.notify import last_run
from dateline.serve.health import record
from dateline.serve.monitoring import incidents
from dateline.serve.monitoring.incidents import Incident
from dateline.system.condition import Code, Condition
from support.delivering import FEED, subscribe
from support.publication import Newsroom, entry_file
from support.staff import AT, WORD, Staff, configure, seen

RANGES = ("?weeks=4", "?weeks=52")
COOLING = "[intake]\ncooling = 600"
HOUR = timedelta(hours=1)
CATALOGUES = {
    language: {key: Words(language).text(key) for key in ENGLISH} for language in languages()
}


@pytest.fixture
def staff(newsroom: Newsroom) -> Staff:
    """Return a member of staff who is signed in."""
    return Staff.of(newsroom)


@pytest.fixture
def today(newsroom: Newsroom) -> Staff:
    """Return one at the machine's own time, at which `run_now` and forms start a run."""
    newsroom.now = datetime.now(UTC)
    return Staff.of(newsroom)


@pytest.fixture
def cooling(newsroom: Newsroom) -> Staff:
    """Return one where new entries can be stopped, at the machine's own time."""
    newsroom.now = datetime.now(UTC)
    return Staff.of(newsroom, COOLING)


@pytest.mark.long
def test_guards_come_first_and_then_faults(staff: Staff) -> None:
    """Then entries held for long, held entries, and published ones with warnings."""
    for number in range(6):
        staff.newsroom.drop(f"{number}.toml", entry_file(f"News {number}"))
    staff.newsroom.drop("long.toml", entry_file("Long").replace("2026-11-24", '"30 February"'))
    staff.build()
    staff.newsroom.drop("odd.toml", entry_file("Odd", colour='"blue"'))
    staff.build(after=timedelta(hours=2))
    staff.newsroom.drop("held.toml", entry_file("Held").replace("2026-11-24", '"31 June"'))
    for number in range(6):
        (staff.newsroom.folder / f"entries/{number}.toml").unlink()
    staff.build()

    said = staff.text("/")
    order = [said.index(part) for part in ("Guard entries/", "Alarm: held for long long.toml",
             "Held held.toml", "Look at it odd.toml", "About to appear")]  # fmt: skip

    assert order == sorted(order)
    assert 'Line 2: there is no 31 June. Correct the date. 2 | date = "31 June"' in said
    assert staff.get("/").text.count("<title>(4) Newsroom: Example news") == 1


@pytest.mark.long
def test_no_link_leads_to_a_file_that_nobody_can_open(staff: Staff) -> None:
    """Neither to one that is gone or withdrawn, nor to one that is no entry."""
    left, gone = (staff.newsroom.drop(f"{name}.toml", entry_file(name)) for name in ("a", "b"))
    staff.newsroom.drop("c.toml", entry_file("c"))
    staff.build()
    gone.unlink()
    staff.build()
    staff.build(after=timedelta(minutes=11))
    left.unlink()
    staff.newsroom.drop("report.docx", b"PK\x03\x04")
    # In bytes of GBK, as an archive from China has names: each stands for three bytes, of which a
    # name may have 255.
    foreign = "关于港口开放以及新码头建设工程的新闻公报".encode("gbk") * 3 + b".toml"
    for name in (b"caf\xe9.toml", b"two\nlines.toml", "lost\ufffd.toml".encode(), foreign):
        path = staff.newsroom.folder / "entries" / os.fsdecode(name)
        path.write_text(entry_file("Lost", date='"30 February 2026"'), encoding="utf-8")
    staff.build()

    links = {
        unescape(link)
        for page in ("/", "/entries/held", "/entries/withdrawn")
        for link in re.findall(r'href="(/(?:edit|preview)[^"]*)"', staff.get(page).text)
    }

    assert {staff.get(link).status_code for link in links} == {200}
    assert "/preview?file=a.toml" in links
    assert "/edit?file=lost%EF%BF%BD.toml" in links


@pytest.mark.long
def test_a_document_that_an_entry_names_is_not_held(staff: Staff) -> None:
    """It is news only as long as no entry has it; another one is held as ever."""
    for name in ("report.docx", "alone.docx"):
        staff.newsroom.drop(name, b"PK\x03\x04")
    staff.newsroom.drop("a.toml", entry_file("A", attachments='["report.docx"]'))
    staff.build()

    held = seen(staff.get("/entries/held").text)

    assert "alone.docx" in held
    assert "report.docx" not in held
    assert "held 1" in seen(staff.get("/").text)


def test_equal_warnings_are_one_notice(staff: Staff) -> None:
    """It has their number and their files, wherever the fault is; another text has its own."""
    for name in ("a", "b"):
        staff.newsroom.drop(f"{name}.toml", entry_file(name.upper(), colour='"blue"'))
    staff.newsroom.drop("c.toml", "# First of all\n" + entry_file("C", colour='"blue"'))
    staff.newsroom.drop("d.toml", entry_file("D", colours='"blue"'))
    staff.build()

    page, said = staff.get("/").text, staff.text("/")

    assert "Look at it 3 files" in said
    assert "The files a.toml b.toml c.toml" in said
    assert "Look at it d.toml" in said
    assert "<title>(2) Newsroom" in page


@pytest.mark.long
def test_without_faults_the_page_says_that_all_is_well(staff: Staff) -> None:
    """An empty page could be mistaken for a broken one."""
    staff.newsroom.drop("a.toml")
    staff.build()

    assert "All is well." in staff.text("/")


@pytest.mark.long
def test_every_state_has_a_list(staff: Staff) -> None:
    """An entry may be in several; held ones have their reason."""
    drop = staff.newsroom.drop
    drop("live.toml", entry_file("Live"))
    drop("corrected.toml", entry_file("Corrected"))
    drop("retracted.toml", entry_file("Retracted"))
    drop("expired.toml", entry_file("Expired", expires='"2026-11-25T11:00:00Z"'))
    drop("withdrawn.toml", entry_file("Withdrawn"))
    drop("draft.toml", entry_file("Draft", draft="true"))
    drop("scheduled.toml", entry_file("EMBARGOED", date="2026-12-01"))
    staff.build()
    drop("corrected.toml", entry_file("Corrected", correction='"It was 60."'))
    drop("retracted.toml", entry_file("Retracted", status='"retracted"', retraction='"Wrong."'))
    drop("live.toml", entry_file("Live", draft="true"))
    (staff.newsroom.folder / "entries/withdrawn.toml").unlink()
    staff.build(after=HOUR)
    staff.build(after=HOUR)

    lists = {state: staff.text(f"/entries/{state}") for state in STATES}

    assert "held Live" in lists["held"]
    assert "this entry is live" in lists["held"].casefold()
    assert "scheduled EMBARGOED appears 1 December 2026, 00:00 in 5 d" in lists["scheduled"]
    assert "draft Draft draft.toml Preview" in lists["draft"]
    assert "a change is held live Live" in lists["live"]
    assert "corrected live Corrected" in lists["live"]
    assert "Retracted" not in lists["live"]
    assert "corrected live Corrected" in lists["corrected"]
    assert "retracted Retracted" in lists["retracted"]
    assert "expired Expired" in lists["expired"]
    assert "withdrawn Withdrawn" in lists["withdrawn"]
    assert "None." in lists["cooling"]


@pytest.mark.long
def test_a_long_list_is_divided_into_pages(staff: Staff) -> None:
    """The latest come first, each entry is on one page, and higher numbers show the last."""
    for number in range(120):
        staff.newsroom.drop(f"{number}.toml", entry_file(f"News {number:03}"))
    staff.build()

    pages = [staff.text(f"/entries/live?page={number}") for number in (1, 2, 3)]
    found = [[n for n in range(120) if f"News {n:03}" in page] for page in pages]

    assert [len(some) for some in found] == [50, 50, 20]
    assert sorted(n for some in found for n in some) == list(range(120))
    assert "Page 2 of 3" in pages[1]
    assert staff.text("/entries/live?page=9") == pages[2]
    assert staff.text("/entries/live?page=-1") == pages[0]
    assert staff.text("/entries/live?page=x") == pages[0]


def test_todays_changes_are_shown_with_their_authors(staff: Staff) -> None:
    """The file's owner, the editor and the changed fields; nothing of yesterday."""
    staff.newsroom.now -= timedelta(days=1)
    staff.newsroom.drop("old.toml", entry_file("Old", date="2026-11-20"))
    staff.newsroom.drop("new.toml", entry_file("New", date="2026-11-20", editor='"Desk"'))
    staff.build()
    staff.newsroom.now += timedelta(days=1)
    more = {"summary": '"A."', "editor": '"Desk"'}
    staff.newsroom.drop("new.toml", entry_file("New", date="2026-11-20", **more))
    staff.newsroom.drop("fresh.toml", entry_file("Fresh"))
    staff.build()

    said = staff.text("/").partition("Changed today")[2]
    owner = (staff.newsroom.folder / "entries/new.toml").owner()

    assert f"11:02 New changed: summary · {owner} · Desk new.toml" in said
    assert f"11:02 Fresh published · {owner} fresh.toml" in said
    assert "Old" not in said


@pytest.mark.long
def test_todays_withdrawals_are_shown(staff: Staff) -> None:
    """With title, owner and name, and without a link."""
    staff.newsroom.drop("gone.toml", entry_file("Gone", editor='"Desk"'))
    owner = (staff.newsroom.folder / "entries/gone.toml").owner()
    staff.newsroom.drop("stays.toml", entry_file("Stays"))
    staff.build()
    (staff.newsroom.folder / "entries/gone.toml").unlink()
    staff.build()
    staff.build(after=HOUR)

    said = staff.text("/").partition("Changed today")[2]

    assert f"Gone withdrawn · {owner} · Desk gone.toml" in said
    assert "gone.html" not in staff.get("/entries/withdrawn").text


@pytest.mark.long
def test_an_entry_that_comes_back_is_published_again(staff: Staff) -> None:
    """Nothing in it has changed, so no field is named; its history and `history` say the same."""
    for name in ("a", "b", "c"):
        staff.newsroom.drop(f"{name}.toml", entry_file(f"Report {name}", "2026-11-25"))
    staff.build()
    path = staff.newsroom.folder / "entries/a.toml"
    data = path.read_bytes()
    path.unlink()
    staff.build()
    staff.build(after=timedelta(minutes=11))
    path.write_bytes(data)
    staff.build()

    said = staff.text("/").partition("Changed today")[2], staff.text("/history?entry=a.toml")

    assert not [text for text in said if "changed:" in text]
    assert [text.count("published") >= 2 for text in said] == [True, True]
    found = history(staff.newsroom.config, "a.toml")
    assert [one.what for one in found] == [("published",), ("published",)]


def test_a_late_publisher_is_an_alarm(staff: Staff) -> None:
    """It is late when it has missed three checks."""
    staff.build()
    record(staff.newsroom.folder / "feeds", staff.newsroom.now, staff.newsroom.now + HOUR)
    before = staff.text("/")
    staff.newsroom.now += 2 * HOUR

    assert "has not looked" not in before
    assert "has not checked the entries since 25 November 2026, 11:01" in staff.text("/")


@pytest.mark.long
def test_an_unchanged_page_is_not_sent_again(staff: Staff) -> None:
    """A countdown does not count as a change; the result of a run does."""
    staff.newsroom.drop("later.toml", entry_file("EMBARGOED", date="2026-12-01"))
    staff.build()
    first = staff.get("/")
    tag = first.headers["ETag"]
    staff.newsroom.now += timedelta(seconds=130)
    same = staff.get("/", **{"If-None-Match": tag})
    staff.newsroom.drop("a.toml", entry_file("New"))
    staff.build()
    other = staff.get("/", **{"If-None-Match": tag})

    assert tag.startswith("W/")
    assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", tag)
    assert other.status_code == 200
    assert "in 5 d 12 h" in first.text


def test_nothing_is_shown_before_the_first_run(staff: Staff) -> None:
    """A page would be empty; it reloads by itself."""
    answer = staff.get("/")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert '<meta http-equiv="refresh" content="2; url=/">' in answer.text


# ---- Allowing


def withdraw_all(staff: Staff) -> str:
    """Delete all files, and return the code that the guard asks for."""
    for number in range(3):
        staff.newsroom.drop(f"{number}.toml", entry_file(f"News {number}"))
    staff.run_now()
    for number in range(3):
        (staff.newsroom.folder / f"entries/{number}.toml").unlink()
    staff.run_now()
    problems = staff.room.last_run.report.problems if staff.room.last_run else ()
    (code,) = [str(problem.wanted) for problem in problems if problem.code == "many-gone"]
    return code


@pytest.mark.long
def test_a_guarded_change_can_be_allowed(today: Staff) -> None:
    """It is made at once and shown; a second click is answered as the first."""
    code = withdraw_all(today)

    asked = today.text("/")
    done = today.post("/allow", code=code)
    after = today.text(done.headers["Location"])
    again = today.post("/allow", code=code)

    assert [len(report.withdrawn) for report in today.said] == [3]
    assert f"This was meant: allow {code}" in asked
    assert done.status_code == 303
    assert f"{code} was allowed. What is wrong All is well." in after
    assert "withdrawn 3" in after
    assert today.newsroom.items() == []
    assert again.headers["Location"] == done.headers["Location"]


@pytest.mark.long
@pytest.mark.parametrize(("deed", "said"), [("allow", "allowed"), ("keep", "kept")])
def test_two_editors_who_answer_at_once_read_the_same(today: Staff, deed: str, said: str) -> None:
    """The second finds that nothing waits any more, since the first was quicker."""
    code = withdraw_all(today)
    other = Staff(today.newsroom)
    other.come_in()
    stale = other.room.last_run
    assert stale

    first = today.post(f"/{deed}", code=code)
    other.room.show(stale.report, stale.moment)
    second = other.post(f"/{deed}", code=code)

    assert first.location == second.location == f"/?done={said}&about={code}"
    assert f"{code} was {said}" in other.text(second.location)


@pytest.mark.long
def test_what_somebody_allowed_before_the_last_hour_is_no_answer(today: Staff) -> None:
    """Nobody has answered the question that a page of that day had."""
    code = withdraw_all(today)
    today.post("/allow", code=code)
    today.newsroom.now += timedelta(hours=2)

    again = today.post("/allow", code=code)

    assert f"Nothing waits for {code} any more." in today.text(again.location)


def test_a_question_about_a_file_that_was_changed_waits_no_more(today: Staff) -> None:
    """Which the page says in plain words, also before the next run."""
    code = withdraw_all(today)
    today.newsroom.drop("0.toml", entry_file("Other news", date=f"{today.newsroom.now:%Y-%m-%d}"))

    done = today.post("/allow", code=code)

    assert done.status_code == 303
    assert f"Nothing waits for {code} any more." in today.text(done.location)


@pytest.mark.long
def test_guarded_withdrawals_can_be_refused(today: Staff) -> None:
    """Keeping takes one click too, and the page lists all files and what readers will see."""
    code = withdraw_all(today)
    page = today.get("/").text
    asked = today.text("/")

    done = today.post("/keep", code=code)
    after = today.text(done.headers["Location"])

    assert page.index('action="/keep"') < page.index('action="/allow"')
    assert "This is about 3 files: 0.toml 1.toml 2.toml" in asked
    assert "readers notice nothing" in asked
    assert "Readers lose these entries" in asked
    assert f"{code} was kept" in after
    assert len(today.newsroom.items()) == 3
    assert 'action="/allow"' not in today.get("/").text


def test_a_question_about_very_many_files_names_the_first_ones(today: Staff) -> None:
    """A page with a hundred thousand of them has eleven megabytes, and is made for seconds."""
    names = tuple(f"{number:04}.toml" for number in range(900))
    problem = Problem(code="many-gone", file="entries/", found="900", wanted="many-gone-1")
    report = Report(problems=(problem,), states={}, missing=names)
    today.room.show(report, today.newsroom.now)

    page = today.get("/").text

    assert "This is about 900 files:" in page
    assert "… and 890 more" in page
    assert "… and 700 more" in page
    assert ("0199.toml" in page, "0200.toml" in page) == (True, False)


@pytest.mark.long
def test_all_files_are_listed_most_of_them_folded(today: Staff) -> None:
    """As far as staff read a list."""
    names = [f"{number:02}.toml" for number in range(44)]
    for name in names:
        today.newsroom.drop(name, entry_file(name, date=f"{today.newsroom.now:%Y-%m-%d}"))
    today.run_now()
    for name in names:
        (today.newsroom.folder / "entries" / name).unlink()
    today.run_now()

    page = today.get("/").text

    assert "This is about 44 files:" in page
    assert "… and 34 more" in page
    assert all(f'file={name}">{name}</a></li>' in page for name in names)


def test_some_changes_can_only_be_allowed(today: Staff) -> None:
    """They have no button to keep, and such a form does nothing."""
    problem = Problem(code="feed-emptied", file="entries/", found="news", wanted="feed-1")
    today.room.show(Report(problems=(problem,), states={}), today.newsroom.now)
    page = today.get("/").text

    done = today.post("/keep", code="feed-1")

    assert "find it empty" in page
    assert 'action="/keep"' not in page
    assert "Nothing waits for feed-1" in today.text(done.headers["Location"])


def test_alarms_are_on_the_first_page(today: Staff) -> None:
    """Those of the last run and of monitoring, until they are over."""
    full = Condition(code=Code.DISK_FULL, detail="feeds: No space left on device")
    over = Condition(code=Code.CLOCK, detail="x")
    hub = Condition(code=Code.HUB, about="https://hub.example.org/", detail="403")
    now = today.newsroom.now
    state = today.newsroom.config.state
    state.mkdir(exist_ok=True)
    incidents.save(
        state,
        [Incident(condition=full, opened=now), Incident(condition=over, opened=now, closed=now)],
    )
    today.room.show(Report(states={}, conditions=(hub,)), now)

    said = today.text("/")

    assert full.message() in said
    assert hub.message() in said
    assert over.message() not in said
    assert "All is well." not in said


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [("GET", "/nothing", 404), ("GET", "/allow", 404), ("GET", "/preview?file=x", 404)],
)
def test_a_missing_page_has_a_page_of_its_own(
    today: Staff, method: str, address: str, status: int
) -> None:
    """In the newsroom's language, with a link back, and with the same protection."""
    today.build()
    answer = today.client.open(address, method=method, base_url=AT)

    assert answer.status_code == status
    assert '<html lang="en" dir="ltr">' in answer.text
    assert "There is no such page" in answer.text
    assert 'href="/figures"' in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_an_oversized_form_and_a_bug_have_pages_too(today: Staff) -> None:
    """Both describe the problem."""
    today.build()
    long = today.post("/allow", code="x" * 20_000)
    today.room.once = None  # type: ignore[assignment, method-assign]  # a fault, as none should be
    fault = today.get("/")

    assert (long.status_code, fault.status_code) == (413, 500)
    assert "More was sent" in long.text
    assert "program’s log" in fault.text


def test_an_unknown_code_does_nothing(today: Staff) -> None:
    """No change is allowed in advance."""
    withdraw_all(today)

    done = today.post("/allow", code="many-gone-000000")

    assert "Nothing waits for many-gone-000000" in today.text(done.headers["Location"])
    assert len(today.newsroom.items()) == 3


@pytest.mark.long
def test_a_renamed_and_edited_file_is_allowed_by_its_code(today: Staff) -> None:
    """Everything that a message offers to allow can be allowed."""
    date = f"{today.newsroom.now:%Y-%m-%d}"
    today.newsroom.drop("a.toml", entry_file("One title", date=date))
    today.newsroom.drop("b.toml", entry_file("Another", date=date))
    today.run_now()
    (today.newsroom.folder / "entries/a.toml").unlink()
    today.newsroom.drop("c.toml", entry_file("Other title", date=date))
    today.run_now()
    today.newsroom.drop("0.toml", entry_file("Held", date='"31 June"'))
    today.run_now()
    last_run = today.room.last_run
    asked = [one for one in last_run.report.problems if one.wanted] if last_run else []
    (code,) = [str(one.wanted) for one in asked if one.code == "renamed-edited"]
    said = today.text("/")

    today.post("/allow", code=code)

    assert said.index("Guard c.toml") < said.index("Held 0.toml")
    assert {item["title"] for item in today.newsroom.items()} >= {"Another", "Other title"}


@pytest.mark.parametrize("word", ["", "x", f".{'A' * 32}"])
def test_a_form_of_another_site_does_nothing(today: Staff, word: str) -> None:
    """Without the form token it is refused, and the page says what to do."""
    code = withdraw_all(today)

    answer = today.post("/allow", code=code, word=word)

    assert answer.status_code == 403
    assert "Load it again" in answer.text
    assert len(today.newsroom.items()) == 3


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_a_cross_site_form_with_the_right_token_does_nothing(today: Staff, site: str) -> None:
    """The browser's `Sec-Fetch-Site` decides."""
    code = withdraw_all(today)
    data = {"code": code, "word": today.room.access.form_word()}

    answer = today.client.post("/allow", base_url=AT, data=data, headers={"Sec-Fetch-Site": site})

    assert answer.status_code == 403
    assert len(today.newsroom.items()) == 3


# ---- Stopping


@pytest.mark.long
def test_a_stopped_entry_is_held_until_its_file_changes(cooling: Staff) -> None:
    """Also at its moment and under another name; the file itself stays as it is."""
    path = cooling.newsroom.drop("new.toml", entry_file("New"))
    before = path.read_bytes(), path.stat().st_mtime_ns
    cooling.run_now()
    waiting = cooling.text("/")
    done = cooling.post("/stop", file="new.toml")
    twice = cooling.post("/stop", file="new.toml")
    after = cooling.text(done.headers["Location"])
    cooling.build(after=HOUR)
    later = cooling.newsroom.codes()
    os.rename(path, path.with_name("other.toml"))  # noqa: PTH104 - as a share does
    cooling.build(after=HOUR)
    renamed = cooling.newsroom.codes()
    note = (cooling.newsroom.folder / "entries/other.toml.problem.txt").read_text("utf-8-sig")
    cooling.newsroom.drop("other.toml", entry_file("New", summary='"Better."'))
    cooling.build(after=timedelta(minutes=1))
    cooling.build(after=HOUR)

    assert "cooling New appears" in waiting
    assert "new.toml Preview New Edit New Stop New" in waiting
    assert "new.toml is stopped." in after
    assert twice.location == done.location
    assert "Held new.toml" in after
    assert later == renamed == ["stopped"]
    assert "was stopped in the newsroom" in note
    assert before == (entry_file("New").encode(), before[1])
    assert [item["title"] for item in cooling.newsroom.items()] == ["New"]


@pytest.mark.long
def test_a_late_stop_of_what_is_out_says_so(cooling: Staff) -> None:
    """Somebody changed the stopped file, and a run published it."""
    cooling.newsroom.drop("new.toml", entry_file("New"))
    cooling.run_now()
    cooling.post("/stop", file="new.toml")
    cooling.newsroom.drop("new.toml", entry_file("New", summary='"Better."'))
    cooling.run_now()
    cooling.build(after=HOUR)

    late = cooling.post("/stop", file="new.toml")

    assert [item["title"] for item in cooling.newsroom.items()] == ["New"]
    assert "not-cooling" in late.headers["Location"]


def test_an_older_report_is_not_shown_after_stopping(cooling: Staff) -> None:
    """Stopping waits for a run that has begun, and its own report is the newer one."""
    cooling.newsroom.drop("new.toml", entry_file("New"))
    cooling.run_now()
    before, config = cooling.room.last_run, cooling.newsroom.config
    assert before is not None
    stopping = threading.Thread(target=cooling.room.stop, args=("new.toml",))
    with exclusive(config.state):
        stopping.start()
        stopping.join(0.3)
        waited = stopping.is_alive()
        last_run.keep(config, before.report, before.moment)
    stopping.join()

    assert waited
    assert "Held new.toml" in cooling.text("/")


def test_a_published_entry_cannot_be_stopped(cooling: Staff) -> None:
    """The page says so, and nothing changes."""
    cooling.newsroom.drop("new.toml", entry_file("New"))
    cooling.run_now()
    cooling.build(after=HOUR)

    done = cooling.post("/stop", file="new.toml")

    assert "is not waiting any more" in cooling.text(done.headers["Location"])
    assert len(cooling.newsroom.items()) == 1


@pytest.mark.parametrize("name", ["", "nothing.toml", "../config.toml", "/etc/passwd"])
def test_only_waiting_files_can_be_stopped(cooling: Staff, name: str) -> None:
    """Nothing outside the folder is ever read."""
    cooling.run_now()

    done = cooling.post("/stop", file=name)

    assert "is not waiting any more" in cooling.text(done.headers["Location"])


# ---- Figures


@pytest.mark.long
def test_entries_are_counted_by_week(staff: Staff) -> None:
    """Weeks begin on Monday in the publication's zone; the newest is the last."""
    dates = ["2026-11-23", "2026-11-24", "2026-11-22", "2026-09-01", "2026-01-01", "2026-10-10"]
    for number, date in enumerate(dates):
        staff.newsroom.drop(f"{number}.toml", entry_file(f"News {number}", date=date))
    staff.build()

    said, month, year = (staff.text(f"/figures{range_}") for range_ in ("", *RANGES))

    assert "Week of Entries 31 Aug 1 7 Sept 0" in said
    assert "9 Nov 0 16 Nov 1 23 Nov 2 Subscribers" in said
    assert "each of the last 13 weeks. In all: 5." in said
    assert "In the last four weeks: 3; in the four weeks before: 1." in said
    assert "Week of Entries 2 Nov 0 9 Nov 0 16 Nov 1 23 Nov 2 Subscribers" in month
    assert "each of the last 52 weeks. In all: 6." in year
    assert "each of the last 13 weeks." in staff.text("/figures?weeks=7")


@pytest.mark.long
def test_the_hub_is_shown_in_numbers(staff: Staff) -> None:
    """How many are subscribed, behind and failing; nobody is named."""
    path = staff.newsroom.folder / "config.toml"
    path.write_text(f"{path.read_text('utf-8')}\n[hub]\nenabled = true\n", "utf-8")
    staff.newsroom.drop("a.toml", entry_file())
    staff.build()
    assert "Your hub" not in staff.text("/entries/all")
    assert "Nobody has subscribed to it yet." in staff.text("/figures")
    url = publish.ledger_url(staff.newsroom.config)
    names = [f"https://{host}.example.net/secret-callback" for host in "abc"]
    subscribe(staff.newsroom.config, names, lease=timedelta(days=3650))
    with Ledger(url) as ledger:
        ledger.subscriptions.failed(
            [FailedDelivery(digest=subscription_digest(names[0], FEED), moment=0, due=1)]
        )
        ledger.commit()
    staff.newsroom.drop("b.toml", entry_file("Second"))
    staff.build()

    said = staff.text("/figures")

    assert (
        "Subscriptions 3 Servers of subscribers 3 Still to get the newest edition 3 (since" in said
    )
    assert "Do not accept it at present 1 (on servers: 1)" in said
    assert "secret-callback" not in said


def test_readership_is_shown_from_the_log(staff: Staff) -> None:
    """Subscribers of each feed, and each day's requests with the share of 304."""
    log(staff, [("2026-11-25", 200, 30), ("2026-11-25", 304, 90), ("2026-11-24", 200, 7)])
    staff.build()
    staff.text("/figures")
    staff.room.readers.wait()

    said = staff.text("/figures")

    assert "All news 102" in said
    assert "25 Nov 120 90" in said
    assert "75 % 304" in said
    assert "24 Nov 7 0" in said
    assert "In all: 127, of which 90 were 304." in said


@pytest.mark.long
def test_the_most_read_entries_have_their_titles(staff: Staff) -> None:
    """By successful requests for their pages; what is not live any more is left out."""
    staff.newsroom.drop("a.toml", entry_file("Report on ports"))
    staff.newsroom.drop("b.toml", entry_file("Report on ships"))
    staff.build()
    folder = "/2026/11"
    for page, status, count in (
        *((f"{folder}/report-on-ships.html", status, 20) for status in (200, 304, 404)),
        (f"{folder}/report-on-ports.html", 200, 30),
        (f"{folder}/gone.html", 200, 90),
        ("/index.html", 200, 95),
    ):
        log(staff, [("2026-11-25", status, count)], page)
    log(staff, [("2026-11-01", 200, 50)], f"{folder}/report-on-ports.html")

    def most_read(days: int) -> str:
        staff.text(f"/figures?days={days}")
        staff.room.page_readers[days].wait()
        return staff.text(f"/figures?days={days}").partition("Entries that are read most")[2]

    week, month, year = (most_read(days) for days in (7, 30, 365))

    assert week.endswith("last 7 days. Those of search engines count, too. Report on ships 40 "
                         "Report on ports 30")  # fmt: skip
    assert month.endswith("last 30 days. Those of search engines count, too. Report on ports 80 "
                          "Report on ships 40")  # fmt: skip
    assert "in the last 30 days." in year  # the log has no more
    assert staff.text("/figures?days=8") == staff.text("/figures")


def test_the_log_is_followed(staff: Staff) -> None:
    """New lines count a minute later, and no line counts twice."""
    log(staff, [("2026-11-25", 200, 30)])
    staff.build()
    staff.text("/figures")
    staff.room.readers.wait()
    log(staff, [("2026-11-25", 304, 10)])
    staff.newsroom.now += timedelta(minutes=1)
    staff.text("/figures")
    staff.room.readers.wait()

    assert "25 Nov 40 10" in staff.text("/figures")


def test_without_a_log_the_page_says_so(newsroom: Newsroom) -> None:
    """It does not promise figures that never come."""
    configure(newsroom, "[serve]\nlog_days = 0")
    staff = Staff(newsroom)
    staff.come_in()
    staff.build()

    assert "There is no log yet." in staff.text("/figures")


def log(staff: Staff, rows: list[tuple[str, int, int]], page: str = "/news.atom") -> None:
    """Add lines to the access log, as workers write them: the day, the status, the count."""
    folder = staff.newsroom.config.log
    folder.mkdir(parents=True, exist_ok=True)
    agent = "Feedbin feed-id:1697787 - 102 subscribers"
    for day, status, count in rows:
        line = {"time": f"{day}T08:00:00Z", "method": "GET", "path": page, "bytes": 9,
                "status": status, "agent": agent, "coding": "", "count": count}  # fmt: skip
        with (folder / f"access-{day}.jsonl").open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(line)}\n")


# ---- Words


@pytest.fixture(params=[language for language in CATALOGUES if language != "en"])
def words(request: pytest.FixtureRequest) -> Words:
    """Return the words of a language other than English."""
    return Words(request.param)


def test_a_language_has_exactly_the_words_of_english(words: Words) -> None:
    """Their placeholders are the same."""
    other, english = CATALOGUES[words.language], CATALOGUES["en"]

    assert other.keys() == english.keys()
    assert {key: placeholders(text) for key, text in other.items()} == {
        key: placeholders(text) for key, text in english.items()
    }


@pytest.mark.parametrize("language", CATALOGUES)
def test_no_word_is_markup(language: str) -> None:
    """Words are HTML, and inserted values are escaped."""
    assert [text for text in CATALOGUES[language].values() if {*text} & {*"<>&"}] == []
    assert Words(language)("stopped", file="<b>.toml").count("&lt;b&gt;.toml") == 1


def test_a_name_keeps_its_order_from_right_to_left() -> None:
    """Without isolation, 2026-11-30-a.toml would be shown with its day turned around."""
    name = "2026-11-30-a.toml"

    assert f"\u2068{name}\u2069" in Words("ar")("stopped", file=name)
    assert Words("ar")("since", moment=Markup("<b>")).count("\u2068") == 0
    assert "\u2068" not in Words("fr")("stopped", file=name)


def placeholders(text: str) -> set[str]:
    """Return the names in braces."""
    return {part.partition("}")[0] for part in text.split("{")[1:]}


@pytest.mark.parametrize("language", CATALOGUES)
def test_pages_are_in_the_newsrooms_language(newsroom: Newsroom, language: str) -> None:
    """Every page states its language."""
    configure(newsroom, own=f'token = "{WORD}"\nlanguage = "{language}"')
    staff = Staff(newsroom)
    staff.come_in()
    newsroom.drop("draft.toml", entry_file("Draft", draft="true"))
    staff.build()

    for address, key in (
        ("/", "well"),
        ("/entries/draft", "draft"),
        ("/figures", "week-chart"),
        ("/preview?file=draft.toml", "will-be"),
    ):
        page = staff.get(address).text
        turned = "rtl" if language == "ar" else "ltr"
        assert f'<html lang="{language}" dir="{turned}"' in page
        assert CATALOGUES[language][key] in page


@pytest.mark.parametrize(
    ("language", "moment", "time", "day"),
    [
        ("ar", "1 ديسمبر 2026، 12:00 ص", "11:01 ص", "23 نوفمبر"),
        ("en", "1 December 2026, 00:00", "11:01", "23 Nov"),
        ("es", "1 de diciembre de 2026, 0:00", "11:01", "23 nov"),
        ("fr", "1er décembre 2026, 00:00", "11:01", "23 nov."),
        ("ru", "1 декабря 2026\u202fг., 00:00", "11:01", "23 нояб."),
        ("zh", "2026年12月1日 00:00", "11:01", "11月23日"),
    ],
)
def test_times_are_in_the_readers_format(
    newsroom: Newsroom, language: str, moment: str, time: str, day: str
) -> None:
    """In the publication's zone, each with a machine-readable form."""
    configure(newsroom, own=f'token = "{WORD}"\nlanguage = "{language}"')
    staff = Staff(newsroom)
    staff.come_in()
    newsroom.drop("a.toml", entry_file("Out"))
    newsroom.drop("later.toml", entry_file("EMBARGOED", date="2026-12-01"))
    newsroom.drop("bad.toml", entry_file("Held", date='"31 June"'))
    staff.build()

    front, figures = staff.get("/").text, staff.get("/figures").text

    assert f'<time datetime="2026-12-01T00:00:00+01:00">{moment}</time>' in front
    assert f'<time datetime="2026-11-25T11:01:00+01:00">{time}</time>' in front
    assert f'<time datetime="2026-11-23">{day}</time>' in figures
    assert not re.search(r"\d{4}-\d\d", re.sub(r"<[^>]+>", "", front + figures))


@pytest.mark.parametrize(("language", "attributes"), [("ar", ' lang="en" dir="ltr"'), ("fr", "")])
def test_a_message_in_another_language_is_marked(
    newsroom: Newsroom, language: str, attributes: str
) -> None:
    """Messages are in three languages; other pages show them in English."""
    configure(newsroom, own=f'token = "{WORD}"\nlanguage = "{language}"')
    staff = Staff(newsroom)
    staff.come_in()
    newsroom.drop("bad.toml", entry_file("Held", date='"31 June"'))
    staff.build()
    message = {"ar": "Line 2: there is no 31 June.", "fr": "Ligne 2\u00a0: "}[language]

    assert f"<p{attributes}>{message}" in staff.get("/").text
    assert f'<p class="message"{attributes}>{message}' in staff.get("/entries/held").text
    preview = staff.get("/preview?file=bad.toml").text
    assert f'<div{attributes}>\n<p class="message">{message}' in preview
    feed = staff.get(f"/problems.atom?token={WORD}").text
    assert f'xml:lang="{language if language == "fr" else "en"}"' in feed


def test_a_row_has_the_title_of_a_file_and_its_name(cooling: Staff) -> None:
    """The title comes from valid TOML; an entry that was taken down has its name alone."""
    drop, soon = cooling.newsroom.drop, cooling.newsroom.now + timedelta(days=9)
    drop("draft.toml", entry_file("A draft", draft="true"))
    drop("later.toml", entry_file("Later in the day", date=f"{soon:%Y-%m-%d}"))
    drop("held.toml", entry_file("كل الأخبار", date='"31 June"', language='"ar"'))
    drop("broken.toml", "title = “")
    drop("lost.toml", entry_file("A person's name", draft="true"))
    drop("new.toml", entry_file("New"))
    cooling.run_now()
    with cooling.room.ledger() as ledger:
        record = ledger.files.find(["lost.toml"])["lost.toml"]
        problem = Problem(code="taken-down", file="lost.toml")
        ledger.files.set({"lost.toml": dataclasses.replace(record, problems=(problem,))})
        ledger.commit()

    assert "scheduled Later in the day appears" in cooling.text("/entries/scheduled")
    assert "later.toml Preview Later in the day" in cooling.text("/entries/scheduled")
    assert "draft A draft draft.toml Preview" in cooling.text("/entries/draft")
    assert "draft lost.toml Preview" in cooling.text("/entries/draft")
    assert "cooling New appears" in cooling.text("/entries/cooling")
    assert "held broken.toml" in cooling.text("/entries/held")
    assert '<bdi lang="ar" dir="rtl">كل الأخبار</bdi>' in cooling.get("/entries/held").text


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-5, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (7199, "1 h 59 min"), (93784, "1 d 2 h")],
)
def test_a_countdown_has_two_units(seconds: int, said: str) -> None:
    """More would only flicker."""
    assert Words("en").left(seconds) == said


def test_every_word_is_used() -> None:
    """Every word of the catalogue is on some page."""
    root = configuration.__file__.rpartition("/config/")[0]
    sources = "\n".join(_sources(root))
    made = (
        *(
            "act-",
            "weeks-",
            "days-",
            "rank-",
            "role-",
            "was-",
            "allow-",
            "keep-",
            "field-",
            "help-",
            "saved-",
            "unsaved-",
            "withdraw-",
            "ask-",
            "restore-",
            "take-down-",
        ),
        *(*STATES, "wait", "hold"),
    )

    assert [key for key in CATALOGUES["en"] if f'"{key}"' not in sources
            and f"'{key}'" not in sources and not key.startswith(made)] == []  # fmt: skip


def _sources(root: str) -> Iterator[str]:
    for pattern in (
        "newsroom/**/*.py",
        "newsroom/templates/*.html",
    ):
        for path in sorted(Path(root).glob(pattern)):
            text = path.read_text(encoding="utf-8")
            yield text.partition("\n}\n")[2] if path.name in {"language.py", "words.py"} else text
