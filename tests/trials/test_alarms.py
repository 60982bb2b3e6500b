"""What trials notice of alarms."""

from __future__ import annotations

import json
from email.message import EmailMessage

from trials.alarms import Alarms

_DISK = "disk-full"
_HUB = "hub-refuses"


def _message(condition: str, *, over: bool = False, text: str = "Since 10:00: *full*") -> str:
    values = {"conditions": [{"condition": condition, "about": ""}], "held": []}
    return json.dumps(values | {"over": over, "text": f"Trial: trouble\n\n{text}\n"})


def _mail(text: str) -> str:
    mail = EmailMessage()
    mail["Subject"] = "Trial: other trouble"
    mail.set_content(text)
    return mail.as_string()


def test_an_alarm_that_begins_or_ends_twice_is_noticed() -> None:
    """Obstacles to news are one alarm, whose reason may change."""
    alarms = Alarms()
    messages = [_message(_HUB), _message(_HUB), _message(_DISK), _message("ledger-away")]

    assert alarms.take(messages[:1], is_excused=False) == []
    assert alarms.take(messages, is_excused=False) == ["the alarm hub-refuses began twice"]
    messages += [_message(_HUB, over=True)] * 2
    assert alarms.take(messages, is_excused=False) == ["the alarm hub-refuses ended twice"]


def test_an_alarm_after_an_unknown_one_may_begin_or_end() -> None:
    """What was lost is known again with the next message."""
    alarms = Alarms()
    messages = [_message(_HUB)]
    assert alarms.take(messages, is_excused=True) == []

    messages += [_message(_HUB), _message("file a", over=True)]
    assert alarms.take(messages, is_excused=False) == []
    messages += [_message(_HUB)]
    assert alarms.take(messages, is_excused=False) == ["the alarm hub-refuses began twice"]


def test_an_alarm_that_is_not_mailed_is_noticed() -> None:
    """By its lines, whatever a chat makes of markup, and however messages are bundled."""
    alarms = Alarms()
    messages = [_message(_HUB), _message(_DISK, text="Since 11:00: other")]

    assert alarms.without_mail(messages, [_mail("Since 10:00: *full*\nSince 11:00: other\n")]) == []
    assert alarms.without_mail(messages, [_mail("Since 10:00: *full*\n")]) == ["Since 11:00: other"]
    later = [_message(_HUB, text="Add a line: date = 2026-12-06.")]
    assert alarms.without_mail(later, [_mail("Add a line: date = 2026-12-04.\n")]) == []
    messages += [_message("ledger-away", over=True, text="Over since 11:00")]
    assert alarms.without_mail(messages[1:], [_mail("Since 11:00: other\n")]) == [
        "Over since 11:00"
    ]
    assert alarms.without_mail([_message("hub", over=True)], []) == []  # it has not begun there
    alarms.close_mail(messages)
    assert alarms.without_mail(messages, []) == []


def test_alarms_about_files_need_no_end_after_the_ledger_was_lost() -> None:
    """Others do, and so does a file whose alarm begins again."""
    alarms = Alarms()
    held = json.dumps({"conditions": [], "held": [{"file": "a.toml"}], "over": False, "text": ""})
    messages = [_message(_HUB), held]
    assert alarms.take(messages[:1], is_excused=False) == []

    alarms.lose_files(messages)
    assert [name for name, lasts in alarms.lasts.items() if lasts] == [_HUB]
    messages += [held]
    assert alarms.take(messages, is_excused=False) == []
    assert [name for name, lasts in alarms.lasts.items() if lasts] == [_HUB, "file a.toml"]


def test_no_alarm_needs_an_end_after_all_was_lost_that_was_known_of_it() -> None:
    """With its supervisor, too: a publication that starts with nothing has sent nothing."""
    alarms = Alarms()
    messages = [_message(_HUB)]
    assert alarms.take(messages, is_excused=False) == []

    alarms.lose_all(messages)
    assert [name for name, lasts in alarms.lasts.items() if lasts] == []
    messages += [_message(_HUB)]
    assert alarms.take(messages, is_excused=False) == []
    assert [name for name, lasts in alarms.lasts.items() if lasts] == [_HUB]
