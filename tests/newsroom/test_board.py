"""What staff see of their newsroom, and what they may do about it."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dateline import config as configuration
from dateline.errors import Problem
from dateline.messages.catalogues import languages
from dateline.model import Report
from dateline.newsroom.language import ENGLISH, Words
from dateline.newsroom.views import STATES
from dateline.serve.health import record
from dateline.serve.monitoring import incidents
from dateline.serve.monitoring.incidents import Incident
from dateline.system.condition import Code, Condition
from support.publication import Newsroom, entry_file
from support.staff import AT, WORD, Staff, configure

COOLING = "[intake]\ncooling = 600"
HOUR = timedelta(hours=1)
CATALOGUES = {
    language: {key: Words(language).text(key) for key in ENGLISH} for language in languages()
}


@pytest.fixture
def staff(newsroom: Newsroom) -> Staff:
    """Give a member of staff who came in."""
    return Staff.of(newsroom)


@pytest.fixture
def today(newsroom: Newsroom) -> Staff:
    """Give one who came in at the machine's own time, at which `run_now` and forms do a run."""
    newsroom.now = datetime.now(UTC)
    return Staff.of(newsroom)


@pytest.fixture
def cooling(newsroom: Newsroom) -> Staff:
    """Give one where new entries can be stopped, at the machine's own time."""
    newsroom.now = datetime.now(UTC)
    return Staff.of(newsroom, COOLING)


def test_what_is_wrong_comes_first_and_what_a_guard_holds_before_it(staff: Staff) -> None:
    """Then what is held for long, what is held, and what is published and odd."""
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


def test_all_is_well_where_nothing_is_wrong(staff: Staff) -> None:
    """It is said, lest an empty page be taken for a broken one."""
    staff.newsroom.drop("a.toml")
    staff.build()

    assert "All is well." in staff.text("/")


def test_every_state_has_a_list(staff: Staff) -> None:
    """An entry may be in several; what is held says why."""
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


def test_a_long_list_is_cut_into_pages(staff: Staff) -> None:
    """The latest comes first, every entry is on one page, and beyond the last is the last."""
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


def test_what_changed_today_is_told_with_who_did_it(staff: Staff) -> None:
    """Who owned the file, and the editor; which fields; not what was done yesterday."""
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


def test_what_was_withdrawn_today_is_told(staff: Staff) -> None:
    """With its title, its owner and its name, and without a link."""
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


def test_a_publisher_that_is_late_is_an_alarm(staff: Staff) -> None:
    """When it missed three looks."""
    staff.build()
    record(staff.newsroom.folder / "feeds", staff.newsroom.now, staff.newsroom.now + HOUR)
    before = staff.text("/")
    staff.newsroom.now += 2 * HOUR

    assert "has not looked" not in before
    assert "has not looked at the entries since 25 November 2026, 11:01" in staff.text("/")


def test_a_page_that_says_the_same_is_not_sent_again(staff: Staff) -> None:
    """Although a countdown goes on; what a run finds changes it."""
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
    """A page would say that nothing is there; it comes again by itself."""
    answer = staff.get("/")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert '<meta http-equiv="refresh" content="2; url=/">' in answer.text


# ---- Allowing


def withdraw_all(staff: Staff) -> str:
    """Let all files vanish, and give the code that a guard asks for."""
    for number in range(3):
        staff.newsroom.drop(f"{number}.toml", entry_file(f"News {number}"))
    staff.run_now()
    for number in range(3):
        (staff.newsroom.folder / f"entries/{number}.toml").unlink()
    staff.run_now()
    problems = staff.room.last_run.report.problems if staff.room.last_run else ()
    (code,) = [str(problem.wanted) for problem in problems if problem.code == "many-gone"]
    return code


def test_what_a_guard_holds_is_allowed(today: Staff) -> None:
    """It is done at once, and shown; a second time nothing waits for it."""
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
    assert f"Nothing waits for {code}" in today.text(again.headers["Location"])


def test_what_is_gone_is_kept_by_the_button_beside(today: Staff) -> None:
    """The safe answer is one act away like the other, with all files and what readers will see."""
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


def test_all_files_are_listed_the_rest_folded(today: Staff) -> None:
    """However many there are."""
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


def test_what_can_only_be_allowed_is_not_kept(today: Staff) -> None:
    """There is no button for it, and its form does nothing."""
    problem = Problem(code="feed-emptied", file="entries/", found="news", wanted="feed-1")
    today.room.show(Report(problems=(problem,), states={}), today.newsroom.now)
    page = today.get("/").text

    done = today.post("/keep", code="feed-1")

    assert "find it empty" in page
    assert 'action="/keep"' not in page
    assert "Nothing waits for feed-1" in today.text(done.headers["Location"])


def test_what_alarms_tell_of_is_on_the_first_page(today: Staff) -> None:
    """What the last run found, and what the alarms know; what is over is not."""
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
def test_what_is_not_there_is_a_page_like_the_others(
    today: Staff, method: str, address: str, status: int
) -> None:
    """In the newsroom's language, with a way back, and as well protected."""
    today.build()
    answer = today.client.open(address, method=method, base_url=AT)

    assert answer.status_code == status
    assert '<html lang="en" dir="ltr">' in answer.text
    assert "There is no such page" in answer.text
    assert 'href="/figures"' in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_form_that_is_too_long_and_a_fault_are_pages_too(today: Staff) -> None:
    """Both say what happened."""
    today.build()
    long = today.post("/allow", code="x" * 20_000)
    today.room.once = None  # type: ignore[assignment, method-assign]  # a fault, as none should be
    fault = today.get("/")

    assert (long.status_code, fault.status_code) == (413, 500)
    assert "More was sent" in long.text
    assert "publisher’s log" in fault.text


def test_a_code_that_nothing_waits_for_does_nothing(today: Staff) -> None:
    """Nothing is allowed ahead."""
    withdraw_all(today)

    done = today.post("/allow", code="many-gone-000000")

    assert "Nothing waits for many-gone-000000" in today.text(done.headers["Location"])
    assert len(today.newsroom.items()) == 3


def test_a_renamed_and_edited_file_is_allowed_by_its_code(today: Staff) -> None:
    """Whatever a message says can be allowed, can."""
    date = f"{today.newsroom.now:%Y-%m-%d}"
    today.newsroom.drop("a.toml", entry_file("One title", date=date))
    today.newsroom.drop("b.toml", entry_file("Another", date=date))
    today.run_now()
    (today.newsroom.folder / "entries/a.toml").unlink()
    today.newsroom.drop("c.toml", entry_file("Other title", date=date))
    today.run_now()
    today.newsroom.drop("0.toml", entry_file("Held", date='"31 June"'))
    today.run_now()
    told = today.room.last_run
    asked = [one for one in told.report.problems if one.wanted] if told else []
    (code,) = [str(one.wanted) for one in asked if one.code == "renamed-edited"]
    said = today.text("/")

    today.post("/allow", code=code)

    assert said.index("Guard c.toml") < said.index("Held 0.toml")
    assert {item["title"] for item in today.newsroom.items()} >= {"Another", "Other title"}


@pytest.mark.parametrize("word", ["", "x", f".{'A' * 32}"])
def test_a_form_of_another_site_does_nothing(today: Staff, word: str) -> None:
    """Without the word that stands in our pages it is refused, and says what to do."""
    code = withdraw_all(today)

    answer = today.post("/allow", code=code, word=word)

    assert answer.status_code == 403
    assert "Load it again" in answer.text
    assert len(today.newsroom.items()) == 3


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_a_form_that_a_browser_says_is_from_elsewhere_does_nothing(today: Staff, site: str) -> None:
    """Even with the right word."""
    code = withdraw_all(today)
    data = {"code": code, "word": today.room.access.form_word()}

    answer = today.client.post("/allow", base_url=AT, data=data, headers={"Sec-Fetch-Site": site})

    assert answer.status_code == 403
    assert len(today.newsroom.items()) == 3


# ---- Stopping


def test_a_cooling_entry_is_stopped_and_its_file_left_alone(cooling: Staff) -> None:
    """It is held, also when its time has come, and under another name, until it is changed."""
    path = cooling.newsroom.drop("new.toml", entry_file("New"))
    before = path.read_bytes(), path.stat().st_mtime_ns
    cooling.run_now()
    waiting = cooling.text("/")
    done = cooling.post("/stop", file="new.toml")
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
    assert "new.toml Preview New Stop New" in waiting
    assert "new.toml is stopped." in after
    assert "Held new.toml" in after
    assert later == renamed == ["stopped"]
    assert "was stopped in the newsroom" in note
    assert before == (entry_file("New").encode(), before[1])
    assert [item["title"] for item in cooling.newsroom.items()] == ["New"]


def test_what_the_publisher_found_before_is_not_shown_after(cooling: Staff) -> None:
    """Whoever stops an entry waits for a run whose report is not shown yet."""
    cooling.newsroom.drop("new.toml", entry_file("New"))
    cooling.run_now()
    before = cooling.room.last_run
    assert before is not None
    stopping = threading.Thread(target=cooling.room.stop, args=("new.toml",))
    with cooling.room.turn:
        stopping.start()
        stopping.join(0.3)
        waited = stopping.is_alive()
        cooling.room.show(before.report, before.moment)
    stopping.join()

    assert waited
    assert "Held new.toml" in cooling.text("/")


def test_what_is_out_already_is_not_stopped(cooling: Staff) -> None:
    """It is said, and nothing changes."""
    cooling.newsroom.drop("new.toml", entry_file("New"))
    cooling.run_now()
    cooling.build(after=HOUR)

    done = cooling.post("/stop", file="new.toml")

    assert "is not waiting any more" in cooling.text(done.headers["Location"])
    assert len(cooling.newsroom.items()) == 1


@pytest.mark.parametrize("name", ["", "nothing.toml", "../config.toml", "/etc/passwd"])
def test_what_is_no_cooling_file_is_not_stopped(cooling: Staff, name: str) -> None:
    """Nothing outside the folder is ever read."""
    cooling.run_now()

    done = cooling.post("/stop", file=name)

    assert "is not waiting any more" in cooling.text(done.headers["Location"])


# ---- Figures


def test_entries_are_counted_by_week(staff: Staff) -> None:
    """Weeks begin on Monday where the newsroom is; the newest is the last."""
    dates = ["2026-11-23", "2026-11-24", "2026-11-22", "2026-09-01", "2026-01-01"]
    for number, date in enumerate(dates):
        staff.newsroom.drop(f"{number}.toml", entry_file(f"News {number}", date=date))
    staff.build()

    said = staff.text("/figures")

    assert "Week of Entries 31 Aug 1 7 Sept 0" in said
    assert "9 Nov 0 16 Nov 1 23 Nov 2 Subscribers" in said


def test_who_reads_is_shown_from_the_log(staff: Staff) -> None:
    """Subscribers of each feed, and each day's requests with those told that nothing is new."""
    log(staff, [("2026-11-25", 200, 30), ("2026-11-25", 304, 90), ("2026-11-24", 200, 7)])
    staff.build()
    staff.text("/figures")
    staff.room.readers.wait()

    said = staff.text("/figures")

    assert "news 102" in said
    assert "25 Nov 120 90" in said
    assert "75 % 304" in said
    assert "24 Nov 7 0" in said


def test_the_log_is_followed(staff: Staff) -> None:
    """A minute later, what was added counts too, and nothing twice."""
    log(staff, [("2026-11-25", 200, 30)])
    staff.build()
    staff.text("/figures")
    staff.room.readers.wait()
    log(staff, [("2026-11-25", 304, 10)])
    staff.newsroom.now += timedelta(minutes=1)
    staff.text("/figures")
    staff.room.readers.wait()

    assert "25 Nov 40 10" in staff.text("/figures")


def test_without_a_log_it_is_said(newsroom: Newsroom) -> None:
    """Nothing is waited for that never comes."""
    configure(newsroom, "[serve]\nlog_days = 0")
    staff = Staff(newsroom)
    staff.come_in()
    staff.build()

    assert "There is no log yet." in staff.text("/figures")


def log(staff: Staff, rows: list[tuple[str, int, int]]) -> None:
    """Add lines to the access log, as workers write them: the day, the status, how often."""
    folder = staff.newsroom.config.log
    folder.mkdir(parents=True, exist_ok=True)
    agent = "Feedbin feed-id:1697787 - 102 subscribers"
    for day, status, count in rows:
        line = {"time": f"{day}T08:00:00Z", "method": "GET", "path": "/news.atom", "bytes": 9,
                "status": status, "agent": agent, "coding": "", "count": count}  # fmt: skip
        with (folder / f"access-{day}.jsonl").open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(line)}\n")


# ---- Words


@pytest.fixture(params=[language for language in CATALOGUES if language != "en"])
def words(request: pytest.FixtureRequest) -> Words:
    """Give the words of a language other than English."""
    return Words(request.param)


def test_a_language_says_all_and_no_more(words: Words) -> None:
    """With the same places for what the program puts in."""
    other, english = CATALOGUES[words.language], CATALOGUES["en"]

    assert other.keys() == english.keys()
    assert {key: places(text) for key, text in other.items()} == {
        key: places(text) for key, text in english.items()
    }


@pytest.mark.parametrize("language", CATALOGUES)
def test_no_word_is_markup(language: str) -> None:
    """What a catalogue says is taken for HTML, and what is put into it is not."""
    assert [text for text in CATALOGUES[language].values() if {*text} & {*"<>&"}] == []
    assert Words(language)("stopped", file="<b>.toml").count("&lt;b&gt;.toml") == 1


def places(text: str) -> set[str]:
    """Give the names in braces."""
    return {part.partition("}")[0] for part in text.split("{")[1:]}


@pytest.mark.parametrize("language", CATALOGUES)
def test_the_pages_speak_the_newsrooms_language(newsroom: Newsroom, language: str) -> None:
    """Every page, and it says so."""
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
def test_moments_are_written_as_the_reader_writes_them(
    newsroom: Newsroom, language: str, moment: str, time: str, day: str
) -> None:
    """In the site's zone, and each said for programs, too."""
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
def test_a_message_says_its_language_where_it_is_another(
    newsroom: Newsroom, language: str, attributes: str
) -> None:
    """Messages are in three languages; pages in others show them in English."""
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


def test_a_row_says_the_title_of_a_file_and_then_its_name(cooling: Staff) -> None:
    """Where the file is TOML; what was taken down is called by its name alone."""
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
def test_what_is_left_is_told_in_its_two_largest_units(seconds: int, said: str) -> None:
    """More would only flicker."""
    assert Words("en").left(seconds) == said


def test_every_word_is_used() -> None:
    """Nothing stands in the catalogue that no page says."""
    root = configuration.__file__.rpartition("/config/")[0]
    sources = "\n".join(_sources(root))
    made = ("rank-", "was-", "allow-", "keep-", *STATES, "wait", "hold")

    assert [key for key in CATALOGUES["en"] if f'"{key}"' not in sources
            and f"'{key}'" not in sources and not key.startswith(made)] == []  # fmt: skip


def _sources(root: str) -> Iterator[str]:
    for pattern in (
        "newsroom/*.py",
        "newsroom/preview/*.py",
        "newsroom/templates/*.html",
    ):
        for path in sorted(Path(root).glob(pattern)):
            text = path.read_text(encoding="utf-8")
            yield text.partition("\n}\n")[2] if path.name == "language.py" else text
