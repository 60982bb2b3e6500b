"""Alarms report each file that is held for long exactly once, also after failures."""

from __future__ import annotations

import json
import logging
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest

from dateline import publish
from dateline.ledger import Ledger
from dateline.publish.notify.alarm import AlarmSender
from dateline.serve.monitoring import notification
from dateline.system import http
from support.publication import CONFIG, Newsroom, entry_file
from support.receiving import Received, drip, mailbox, webhook
from support.serving import free_port, serve, until

BAD = entry_file().replace("2026-11-24", '"30 February 2026"')
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
LONG = timedelta(days=30 * 365)


@pytest.fixture
def hook() -> Iterator[Received]:
    """Return a working webhook."""
    with webhook() as received:
        yield received


@pytest.fixture
def mail() -> Iterator[Received]:
    """Return a working mail server."""
    with mailbox() as received:
        yield received


def configure(newsroom: Newsroom, *, hook: int = 0, mail: int = 0, after: int = 3600) -> None:
    """Configure alarms for the channels whose ports are given."""
    lines = [f"[alarm]\nafter = {after}"]
    if hook:
        lines.append(f'webhook = "http://127.0.0.1:{hook}/hooks/secret"')
    if mail:
        lines.append(f'smtp = "127.0.0.1:{mail}"\nmail_from = "news@example.org"')
        lines.append('mail_to = ["editor@example.org", "desk@example.org"]')
    text = "\n".join([CONFIG, *lines, ""])
    (newsroom.folder / "config.toml").write_text(text, encoding="utf-8")


def ringing(newsroom: Newsroom) -> AlarmSender:
    """Begin to send what is due, as a new process; return what sends it."""
    bell = AlarmSender(publish.ledger_url(newsroom.config))
    bell.ring(newsroom.config, newsroom.now)
    return bell


def run(newsroom: Newsroom, after: timedelta = MINUTE) -> datetime | None:
    """Build and send, as a new process; return the moment of the next run."""
    report = newsroom.build(after=after)
    ringing(newsroom).wait()
    return report.next


def files(received: Received) -> list[list[str]]:
    """Return the file names in each message to a webhook."""
    told: list[dict[str, Any]] = [json.loads(data) for data in received.data]
    return [[held["file"] for held in one["held"]] for one in told]


@pytest.mark.long
@pytest.mark.parametrize(("status", "ends"), [(0, True), (500, False)])
def test_an_end_is_sent_where_the_alarm_may_have_arrived(
    newsroom: Newsroom, hook: Received, status: int, *, ends: bool
) -> None:
    """The webhook had the alarm and its answer was lost; one that refuses it does not know it."""
    configure(newsroom, hook=hook.port)
    newsroom.drop("bad.toml", BAD)
    run(newsroom)
    hook.status = status
    run(newsroom, after=HOUR)
    hook.status = 200
    newsroom.drop("bad.toml", entry_file())
    for _ in range(3):
        run(newsroom, after=2 * MINUTE)

    over = [json.loads(data)["over"] for data in hook.data]
    assert over == ([False, True] if ends else [False])


@pytest.mark.long
def test_a_file_held_for_long_is_reported_once(newsroom: Newsroom, hook: Received) -> None:
    """The run names the moment of the alarm; a restart neither advances nor repeats it."""
    configure(newsroom, hook=hook.port)
    newsroom.drop("bad.toml", BAD)

    wanted = run(newsroom)
    held = newsroom.now
    run(newsroom, after=HOUR - MINUTE)
    early = len(hook.data)
    for _ in range(3):
        run(newsroom)

    assert (wanted, early) == (held + HOUR, 0)
    assert json.loads(hook.data[0]) == {
        "text": "Example news: bad.toml not published\n\nbad.toml, since 2026-11-25 11:01:\n"
        "    Line 2: there is no 30 February 2026. Correct the date.\n",
        "publication": "Example news",
        "moment": "2026-11-25T12:01:00+01:00",
        "over": False,
        "mrkdwn": False,
        "parse": "none",
        "link_names": False,
        "conditions": [],
        "held": [
            {
                "file": "bad.toml",
                "since": "2026-11-25T11:01:00+01:00",
                "messages": ["Line 2: there is no 30 February 2026. Correct the date."],
            }
        ],
    }
    assert len(hook.data) == 1


@pytest.mark.long
def test_all_due_files_are_in_one_message(newsroom: Newsroom, hook: Received) -> None:
    """The longest held file is first; files that are due later follow in a later message."""
    configure(newsroom, hook=hook.port)
    newsroom.drop("b.toml", BAD)
    run(newsroom)
    newsroom.drop("a.toml", BAD.replace("Report", "A"))
    run(newsroom, after=MINUTE)
    newsroom.drop("later.toml", BAD.replace("Report", "Later"))
    run(newsroom, after=HOUR)
    run(newsroom, after=HOUR)

    assert files(hook) == [["b.toml", "a.toml"], ["later.toml"]]


@pytest.mark.long
def test_a_message_about_very_many_files_is_small(newsroom: Newsroom, hook: Received) -> None:
    """Chats refuse a large one, and staff would hear of no file; fifty are listed, once."""
    configure(newsroom, hook=hook.port)
    for number in range(60):
        newsroom.drop(f"{number:02}.toml", BAD.replace("Report", f"Report {number}"))
    run(newsroom)
    run(newsroom, after=HOUR)
    run(newsroom, after=HOUR)
    for path in (newsroom.folder / "entries").iterdir():
        path.unlink()
    run(newsroom)
    run(newsroom)

    begun, over = [json.loads(data) for data in hook.data]
    assert [len(one["held"]) for one in (begun, over)] == [50, 50]
    assert begun["text"].startswith("Example news: 60 files not published")
    assert all("10" in one["text"].splitlines()[-1] for one in (begun, over))


@pytest.mark.long
def test_a_file_that_is_held_again_is_reported_again(newsroom: Newsroom, hook: Received) -> None:
    """An alarm ends when the file is correct, not merely when it changes."""
    configure(newsroom, hook=hook.port)
    newsroom.drop("bad.toml", BAD)
    run(newsroom)
    run(newsroom, after=HOUR)
    newsroom.drop("bad.toml", BAD.replace("30 February", "31 February"))
    run(newsroom, after=HOUR)
    changed = len(hook.data)
    newsroom.drop("bad.toml", entry_file())
    run(newsroom)
    newsroom.drop("bad.toml", BAD)
    run(newsroom)
    run(newsroom, after=HOUR)

    assert changed == 1
    assert [json.loads(data)["over"] for data in hook.data] == [False, True, False]


@pytest.mark.long
@pytest.mark.parametrize("ends", ["mended", "deleted"])
def test_the_end_is_reported_once_to_the_channels_that_reported_the_beginning(
    newsroom: Newsroom, hook: Received, mail: Received, ends: str
) -> None:
    """This holds after a failed delivery as well; a file held only briefly is never reported."""
    configure(newsroom, hook=hook.port, mail=mail.port)
    newsroom.drop("bad.toml", BAD)
    run(newsroom)
    run(newsroom, after=HOUR)
    short = newsroom.drop("short.toml", BAD.replace("Report", "Short"))
    run(newsroom)
    short.unlink()
    hook.status = 500
    if ends == "mended":
        newsroom.drop("bad.toml", entry_file())
    else:
        (newsroom.folder / "entries/bad.toml").unlink()
    wanted = run(newsroom)
    hook.status = 200
    for _ in range(4):
        run(newsroom)

    *_, last = [json.loads(data) for data in hook.data]
    assert wanted
    assert [json.loads(data)["over"] for data in hook.data] == [False, True, True]
    assert last["text"].startswith("Example news: bad.toml no longer held\n\nbad.toml is no longer")
    assert [held["file"] for held in last["held"]] == ["bad.toml"]
    assert len(mail.data) == 2
    assert "no longer held" in message_from_bytes(mail.data[1], policy=policy.default)["Subject"]


def test_a_warning_and_a_draft_raise_no_alarm(newsroom: Newsroom, hook: Received) -> None:
    """Only held files are reported."""
    configure(newsroom, hook=hook.port)
    newsroom.drop("odd.toml", entry_file(colour='"blue"'))
    newsroom.drop("draft.toml", entry_file("Later", draft="true"))
    run(newsroom)
    run(newsroom, after=2 * HOUR)

    assert hook.data == []


def test_an_unfinished_draft_raises_no_alarm(newsroom: Newsroom, hook: Received) -> None:
    """What is missing is said; the time of an alarm begins where the draft line goes."""
    configure(newsroom, hook=hook.port)
    unfinished = 'title = "Later"\ndate = 2026-11-25\nbody = ""\n'
    newsroom.drop("draft.toml", f"draft = true\n{unfinished}")
    newsroom.drop("live.toml", entry_file("Harbour opens"))
    run(newsroom)
    said = [one.code for one in newsroom.log[-1].problems]
    assert said == ["body-empty", "draft"]
    newsroom.drop("live.toml", f"draft = true\n{unfinished}")
    run(newsroom, after=2 * HOUR)
    assert hook.data == []
    run(newsroom, after=2 * HOUR)
    newsroom.drop("draft.toml", unfinished)
    run(newsroom)
    run(newsroom, after=2 * HOUR)

    assert files(hook) == [["live.toml"], ["draft.toml"]]


@pytest.mark.long
def test_a_document_that_comes_before_its_entry_raises_no_alarm(
    newsroom: Newsroom, hook: Received
) -> None:
    """It is no entry with a mistake, once one names it; left alone for long, it is reported."""
    configure(newsroom, hook=hook.port)
    for name in ("report.docx", "alone.docx"):
        newsroom.drop(name, b"PK\x03\x04 a document")
    run(newsroom)
    newsroom.drop("a.toml", entry_file(attachments='["report.docx"]'))
    run(newsroom)
    run(newsroom, HOUR)
    run(newsroom, HOUR)

    assert files(hook) == [["alone.docx"]]
    newsroom.drop("b.toml", entry_file("Another", attachments='["alone.docx"]'))
    run(newsroom)
    run(newsroom, HOUR)
    assert files(hook) == [["alone.docx"], ["alone.docx"]]
    assert [json.loads(data)["over"] for data in hook.data] == [False, True]


def test_the_mail_is_plain_text(newsroom: Newsroom, mail: Received) -> None:
    """One mail goes to all recipients, from the configured sender, in any script."""
    configure(newsroom, mail=mail.port)
    newsroom.drop("نشرة.toml", BAD)
    run(newsroom)
    run(newsroom, after=HOUR)

    (message,) = [message_from_bytes(data, policy=policy.default) for data in mail.data]
    assert message["Subject"] == "Example news: نشرة.toml not published"
    assert (message["From"], message["To"]) == (
        "news@example.org",
        "editor@example.org, desk@example.org",
    )
    assert message["Date"].datetime == newsroom.now
    body = message.get_body()
    assert body
    assert "نشرة.toml, since 2026-11-25 11:01:\r\n    Line 2: there is" in body.get_content()


@pytest.mark.long
def test_a_failed_delivery_is_retried_at_growing_intervals_and_reported_once(
    newsroom: Newsroom, hook: Received, caplog: pytest.LogCaptureFixture
) -> None:
    """Retries follow after one, two and four minutes; a restart changes nothing."""
    configure(newsroom, hook=hook.port)
    hook.status = 500
    newsroom.drop("bad.toml", BAD)
    run(newsroom)
    run(newsroom, after=HOUR)
    tried = []
    for _ in range(8):
        run(newsroom)
        tried.append(len(hook.data))
    hook.status = 204
    for _ in range(12):
        run(newsroom)

    assert tried == [2, 2, 3, 3, 3, 3, 4, 4]
    assert len(hook.data) == 5
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "127.0.0.1 answered with 500" in caplog.text
    assert "secret" not in caplog.text


def test_a_delivery_that_failed_under_a_fast_clock_is_retried_now(
    newsroom: Newsroom, hook: Received
) -> None:
    """Once the clock is corrected, no retry is decades away."""
    configure(newsroom, hook=hook.port)
    newsroom.drop("bad.toml", BAD)
    run(newsroom)
    hook.status = 500
    run(newsroom, after=LONG)
    failed = len(hook.data)
    hook.status = 204

    wanted = run(newsroom, after=HOUR - LONG)

    assert wanted
    assert wanted <= newsroom.now + HOUR
    assert (failed, len(hook.data)) == (1, 2)


def test_a_hold_that_began_in_the_future_begins_now(newsroom: Newsroom, hook: Received) -> None:
    """If the clock was ahead, staff are alarmed an hour after it was corrected."""
    configure(newsroom, hook=hook.port)
    newsroom.drop("bad.toml", BAD)
    run(newsroom, after=LONG)

    wanted = run(newsroom, after=-LONG)
    right = newsroom.now
    run(newsroom, after=HOUR)

    assert wanted == right + HOUR
    assert files(hook) == [["bad.toml"]]


@pytest.mark.long
def test_a_failing_channel_does_not_repeat_the_other(newsroom: Newsroom, hook: Received) -> None:
    """The chat gets the message at once and only once, the mail when its server is back."""
    configure(newsroom, hook=hook.port, mail=free_port())
    newsroom.drop("bad.toml", BAD)
    run(newsroom)
    run(newsroom, after=HOUR)
    with mailbox() as mail:
        configure(newsroom, hook=hook.port, mail=mail.port)
        run(newsroom)
        run(newsroom)

    assert (len(hook.data), len(mail.data)) == (1, 1)


def test_an_alarm_that_is_being_sent_at_the_end_is_recorded(
    newsroom: Newsroom, hook: Received, mail: Received
) -> None:
    """As at each reload: the next process does not send it again, but by the other channel."""
    configure(newsroom, hook=hook.port, mail=mail.port)
    newsroom.drop("bad.toml", BAD)
    run(newsroom)
    newsroom.build(after=HOUR)
    hook.pause = 1
    bell = ringing(newsroom)
    assert until(lambda: bool(hook.data))
    bell.close()
    with Ledger(publish.ledger_url(newsroom.config)) as ledger:
        told = ledger.files.find(["bad.toml"])["bad.toml"].alarmed
    run(newsroom)

    assert told == {"webhook"}
    assert (len(hook.data), len(mail.data)) == (1, 1)


@pytest.mark.long
def test_a_file_held_again_during_delivery_is_reported_again(
    newsroom: Newsroom, hook: Received
) -> None:
    """A message reports only the hold that it names."""
    configure(newsroom, hook=hook.port)
    newsroom.drop("bad.toml", BAD)
    run(newsroom)
    newsroom.build(after=HOUR)
    hook.pause = 1
    bell = ringing(newsroom)
    assert until(lambda: bool(hook.data))
    for text in (entry_file(), BAD):
        newsroom.drop("bad.toml", text)
        newsroom.build()
    bell.wait()
    run(newsroom)
    early = [json.loads(data)["over"] for data in hook.data]
    run(newsroom, after=HOUR)

    assert (early, len(hook.data)) == ([False, True], 3)


@pytest.mark.long
def test_a_ledger_that_is_lost_during_delivery_is_no_fault(
    newsroom: Newsroom, hook: Received, caplog: pytest.LogCaptureFixture
) -> None:
    """What had been reported is unknown then; the next alarm is sent as ever."""
    configure(newsroom, hook=hook.port)
    newsroom.drop("bad.toml", BAD)
    run(newsroom)
    run(newsroom, after=HOUR)
    newsroom.drop("bad.toml", entry_file())
    newsroom.build()
    hook.pause = 1
    bell = ringing(newsroom)
    assert until(lambda: len(hook.data) == 2)
    for path in newsroom.config.state.glob("ledger.sqlite*"):
        path.unlink()
    newsroom.build()
    bell.wait()
    newsroom.drop("bad.toml", BAD)
    run(newsroom)
    run(newsroom, after=HOUR)

    assert [json.loads(data)["over"] for data in hook.data] == [False, True, False]
    assert "does not know" not in caplog.text


@pytest.mark.long
def test_a_server_that_never_answers_delays_no_run(newsroom: Newsroom) -> None:
    """No second delivery starts in the meantime, and publishing continues."""
    with drip(b"HTTP/1.1 ", 60) as slow:
        configure(newsroom, hook=slow.port, after=1)
        newsroom.drop("bad.toml", BAD)
        newsroom.build()
        newsroom.build()
        bell = AlarmSender(publish.ledger_url(newsroom.config))
        start = datetime.now(UTC)
        bell.ring(newsroom.config, newsroom.now)
        bell.ring(newsroom.config, newsroom.now)
        newsroom.drop("good.toml", entry_file("Good"))
        report = newsroom.build()
        took = datetime.now(UTC) - start
        slow.is_over.set()
        bell.wait()

    assert report.published == ("good.toml",)
    assert took < timedelta(seconds=http.LIMIT)  # the delivery would wait for this long
    assert len(slow.data) == 1


@pytest.mark.long
def test_many_missing_files_raise_an_alarm_at_once(newsroom: Newsroom, hook: Received) -> None:
    """A guard's message does not wait an hour, and is sent again when the guard holds again."""
    configure(newsroom, hook=hook.port)
    for number in range(6):
        newsroom.drop(f"{number}.toml", entry_file(f"Report {number}"))
    run(newsroom)
    folder = newsroom.folder / "entries"
    counts = []
    for _ in range(2):
        folder.rename(folder.with_name("away"))
        folder.mkdir()
        run(newsroom)
        run(newsroom)
        shutil.rmtree(folder)
        folder.with_name("away").rename(folder)
        run(newsroom)
        counts.append(len(hook.data))

    assert counts == [2, 4]  # the beginning and the end
    assert files(hook)[0] == ["entries/"]
    assert "6 of 6 published files are gone" in json.loads(hook.data[0])["text"]


def test_without_a_channel_no_alarm_is_scheduled(newsroom: Newsroom) -> None:
    """The run asks for no moment."""
    newsroom.drop("bad.toml", BAD)

    assert run(newsroom) is None


@pytest.mark.long
def test_a_serving_publisher_sends_alarms(
    newsroom: Newsroom, hook: Received, mail: Received
) -> None:
    """It does so even if the next scheduled run is far away."""
    configure(newsroom, hook=hook.port, mail=mail.port, after=2)
    path = newsroom.folder / "config.toml"
    path.write_text(path.read_text("utf-8") + "[schedule]\ninterval = 3600\n", encoding="utf-8")
    newsroom.drop("bad.toml", BAD)
    with serve(newsroom.folder) as served:
        assert until(lambda: bool(hook.data and mail.data)), served.printed()

    assert files(hook) == [["bad.toml"]]


@pytest.mark.long
def test_an_alarm_configured_while_serving_takes_effect(newsroom: Newsroom, hook: Received) -> None:
    """Like the rest of the configuration, it needs no restart."""
    path = newsroom.folder / "config.toml"
    rest = "[schedule]\ninterval = 1\n"
    path.write_text(path.read_text("utf-8") + rest, encoding="utf-8")
    newsroom.drop("bad.toml", BAD)
    with serve(newsroom.folder) as served:
        assert until(lambda: "30 February" in served.printed()), served.printed()
        configure(newsroom, hook=hook.port, after=1)
        path.write_text(path.read_text("utf-8") + rest, encoding="utf-8")

        assert until(lambda: bool(hook.data)), served.printed()

    assert files(hook) == [["bad.toml"]]


@pytest.mark.parametrize(
    "name",
    ["<!channel>", "<http://evil.example|click>", "[x](http://evil.example)", "@here", "*b*", "_i_",
     "`c`", "~s~", "# h", "- l", "1. l", "> q", ":smile:", "www.evil.example", "&lt;!here&gt;",
     "a|b", "https://evil.example", "mailto:a@b.org", "<@U1>", "~town-square", "![x](y)"],
)  # fmt: skip
def test_a_file_name_has_no_markup_in_a_chat(name: str) -> None:
    """Slack, Mattermost and Teams make no link, mention or formatting of it."""
    text = notification.as_plain(f"{name}\n    {name} {name}.toml")

    assert not re.search(r"[<>*`~|\[\]]", text)
    assert not re.search(r"@\w|&[\w#]|#\w|\B_|_\B|:[a-z_]|://|www\.", text)
    assert not re.search(r"(?m)^[ \t]*(?:[-+=#]|\d+[.)])", text)


def test_plain_text_is_unchanged() -> None:
    """This matters most for the text that staff have to type."""
    text = "a-b.toml, since 25 November. Type (python publisher.py allow many-gone-0a1b2c)"

    assert notification.as_plain(text) == text
