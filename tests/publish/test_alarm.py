"""Who is told that a file is held for long, once, whatever fails."""

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
    """Give a webhook that works."""
    with webhook() as received:
        yield received


@pytest.fixture
def mail() -> Iterator[Received]:
    """Give a mail server that works."""
    with mailbox() as received:
        yield received


def configure(newsroom: Newsroom, *, hook: int = 0, mail: int = 0, after: int = 3600) -> None:
    """Let the newsroom tell by the ways whose ports are given."""
    lines = [f"[alarm]\nafter = {after}"]
    if hook:
        lines.append(f'webhook = "http://127.0.0.1:{hook}/hooks/secret"')
    if mail:
        lines.append(f'smtp = "127.0.0.1:{mail}"\nmail_from = "news@example.org"')
        lines.append('mail_to = ["editor@example.org", "desk@example.org"]')
    text = "\n".join([CONFIG, *lines, ""])
    (newsroom.folder / "config.toml").write_text(text, encoding="utf-8")


def run(newsroom: Newsroom, after: timedelta = MINUTE) -> datetime | None:
    """Build and tell, as a program that was just started; give when it wants to run again."""
    report = newsroom.build(after=after)
    bell = AlarmSender(publish.ledger_url(newsroom.config))
    bell.ring(newsroom.config, newsroom.now)
    bell.wait()
    return report.next


def files(received: Received) -> list[list[str]]:
    """Give the names of the files of each message to a webhook."""
    told: list[dict[str, Any]] = [json.loads(data) for data in received.data]
    return [[held["file"] for held in one["held"]] for one in told]


def test_a_file_that_is_held_for_long_is_told_once(newsroom: Newsroom, hook: Received) -> None:
    """Not before its time, and not again after a new start; the run names the moment."""
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


def test_all_that_are_due_are_told_in_one_message(newsroom: Newsroom, hook: Received) -> None:
    """The longest held first; what is due later comes later."""
    configure(newsroom, hook=hook.port)
    newsroom.drop("b.toml", BAD)
    run(newsroom)
    newsroom.drop("a.toml", BAD.replace("Report", "A"))
    run(newsroom, after=MINUTE)
    newsroom.drop("later.toml", BAD.replace("Report", "Later"))
    run(newsroom, after=HOUR)
    run(newsroom, after=HOUR)

    assert files(hook) == [["b.toml", "a.toml"], ["later.toml"]]


def test_a_file_that_is_held_again_is_told_again(newsroom: Newsroom, hook: Received) -> None:
    """A spell ends when the file is mended, not when it is only changed."""
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


@pytest.mark.parametrize("ends", ["mended", "deleted"])
def test_the_end_is_told_once_to_those_who_heard_of_the_beginning(
    newsroom: Newsroom, hook: Received, mail: Received, ends: str
) -> None:
    """Also where nobody could be reached just then; what was short is never told."""
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


def test_a_warning_and_a_draft_are_no_alarm(newsroom: Newsroom, hook: Received) -> None:
    """Only what is kept back is told."""
    configure(newsroom, hook=hook.port)
    newsroom.drop("odd.toml", entry_file(colour='"blue"'))
    newsroom.drop("draft.toml", entry_file("Later", draft="true"))
    run(newsroom)
    run(newsroom, after=2 * HOUR)

    assert hook.data == []


def test_the_mail_is_in_plain_words(newsroom: Newsroom, mail: Received) -> None:
    """To all at once, from whom the configuration says, in any letters."""
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


def test_what_failed_is_tried_again_ever_more_slowly_and_said_once(
    newsroom: Newsroom, hook: Received, caplog: pytest.LogCaptureFixture
) -> None:
    """After one minute, two, four; a new start changes nothing."""
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


def test_what_failed_by_a_clock_that_was_ahead_is_tried_again_now(
    newsroom: Newsroom, hook: Received
) -> None:
    """Not in thirty years, and the run names no moment then."""
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


def test_what_is_held_since_a_moment_to_come_is_held_since_now(
    newsroom: Newsroom, hook: Received
) -> None:
    """The clock was ahead when it was dropped: staff hear of it an hour after it was put right."""
    configure(newsroom, hook=hook.port)
    newsroom.drop("bad.toml", BAD)
    run(newsroom, after=LONG)

    wanted = run(newsroom, after=-LONG)
    right = newsroom.now
    run(newsroom, after=HOUR)

    assert wanted == right + HOUR
    assert files(hook) == [["bad.toml"]]


def test_one_way_that_fails_does_not_repeat_the_other(newsroom: Newsroom, hook: Received) -> None:
    """The chat is told at once and not again, the mail when its server is back."""
    configure(newsroom, hook=hook.port, mail=free_port())
    newsroom.drop("bad.toml", BAD)
    run(newsroom)
    run(newsroom, after=HOUR)
    with mailbox() as mail:
        configure(newsroom, hook=hook.port, mail=mail.port)
        run(newsroom)
        run(newsroom)

    assert (len(hook.data), len(mail.data)) == (1, 1)


def test_what_is_held_anew_while_the_old_is_told_is_told_too(
    newsroom: Newsroom, hook: Received
) -> None:
    """A message is about the spell that it names."""
    configure(newsroom, hook=hook.port)
    newsroom.drop("bad.toml", BAD)
    run(newsroom)
    newsroom.build(after=HOUR)
    hook.pause = 1
    bell = AlarmSender(publish.ledger_url(newsroom.config))
    bell.ring(newsroom.config, newsroom.now)
    assert until(lambda: bool(hook.data))
    for text in (entry_file(), BAD):
        newsroom.drop("bad.toml", text)
        newsroom.build()
    bell.wait()
    run(newsroom)
    early = [json.loads(data)["over"] for data in hook.data]
    run(newsroom, after=HOUR)

    assert (early, len(hook.data)) == ([False, True], 3)


def test_a_server_that_never_answers_delays_no_run(newsroom: Newsroom) -> None:
    """While it is waited for, nothing else is begun, and all goes on."""
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
    assert took < timedelta(seconds=http.LIMIT)  # for so long it would be waited for
    assert len(slow.data) == 1


def test_many_files_gone_at_once_are_told_at_once(newsroom: Newsroom, hook: Received) -> None:
    """What a guard holds does not wait for an hour; when it happens again it is told again."""
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


def test_without_a_way_to_tell_nothing_is_planned(newsroom: Newsroom) -> None:
    """The run wants no moment for it."""
    newsroom.drop("bad.toml", BAD)

    assert run(newsroom) is None


def test_a_serving_publisher_tells(newsroom: Newsroom, hook: Received, mail: Received) -> None:
    """Also where the schedule would not look for a long time."""
    configure(newsroom, hook=hook.port, mail=mail.port, after=2)
    path = newsroom.folder / "config.toml"
    path.write_text(path.read_text("utf-8") + "[schedule]\ninterval = 3600\n", encoding="utf-8")
    newsroom.drop("bad.toml", BAD)
    with serve(newsroom.folder) as served:
        assert until(lambda: bool(hook.data and mail.data)), served.printed()

    assert files(hook) == [["bad.toml"]]


def test_an_alarm_that_is_configured_while_serving_is_heard(
    newsroom: Newsroom, hook: Received
) -> None:
    """As all else in the configuration is taken up, without a new start."""
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
def test_a_name_marks_up_nothing_in_a_chat(name: str) -> None:
    """Neither Slack nor Mattermost nor Teams makes a link, a mention or a format of it."""
    text = notification.as_plain(f"{name}\n    {name} {name}.toml")

    assert not re.search(r"[<>*`~|\[\]]", text)
    assert not re.search(r"@\w|&[\w#]|#\w|\B_|_\B|:[a-z_]|://|www\.", text)
    assert not re.search(r"(?m)^[ \t]*(?:[-+=#]|\d+[.)])", text)


def test_what_is_plain_stays_what_it_is() -> None:
    """Above all what staff are to type."""
    text = "a-b.toml, since 25 November. Type (python publisher.py allow many-gone-0a1b2c)"

    assert notification.as_plain(text) == text
