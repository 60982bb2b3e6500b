"""A draft becomes a story, or is held with questions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dateline.entries.media.nearby import NearbyFiles
from dateline.entries.normalise import normalise
from dateline.entries.scan import Scan
from dateline.errors import EntryError, Problem
from dateline.model import Draft, Span, Story
from support.samples import sample_publication

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


def normalised(
    *notes: Problem,
    now: datetime = NOW,
    zone: str = "Europe/Vienna",
    path: str = "a.toml",
    **fields: Any,
) -> tuple[Story, tuple[Problem, ...]]:
    """Return the normalised form of a draft with these fields; title, date and body are added."""
    whole = {"title": "Report", "date": date(2026, 11, 24), "body": "Text.", **fields}
    draft = Draft(
        path=path,
        fields=whole,
        lines={name: line for line, name in enumerate(whole, start=1)},
        notes=notes,
    )
    files = NearbyFiles(folder=Path(), entry="a.toml", scan=Scan(files={}), url="", settled=0)
    publication = sample_publication(zone=ZoneInfo(zone))
    return normalise(draft, publication=publication, files=files, now=now)


def story(**fields: Any) -> Story:
    """Return the story of a draft."""
    return normalised(**fields)[0]


def codes(**fields: Any) -> list[str]:
    """Return the codes of all messages."""
    try:
        return [problem.code for problem in normalised(**fields)[1]]
    except EntryError as error:
        return [problem.code for problem in error.problems]


@pytest.mark.parametrize(
    ("day", "line", "held"),
    [
        (
            date(2024, 11, 16),
            "Embargoed until 8:59 a.m. CT/9:59 a.m. ET, Saturday, Nov. 16, 2024",
            0,
        ),
        (date(2024, 11, 16), "Embargo jusqu'au 14 novembre 2024, 9 h", 0),
        (date(2024, 11, 16), "Embargoed until 1 December", 0),
        (date(2024, 11, 16), "EMBARGO\n\nSixty.\n\nEmbargoed until Thursday, 10 a.m.", 0),
        (date(2024, 11, 16), "Embargoed until 1 December 2026", 1),
        (date(2024, 11, 16), "Embargoed until Nov. 16, 2024, for one paper; 1 May 2027", 1),
        (date(2025, 12, 1), "Embargoed until 1 December 2025", 1),  # of 2026, perhaps
        (date(2026, 11, 24), "Embargoed until 24 November 2026", 1),
        (date(2026, 11, 24), "## History\n\n**Embargo ends**\n5 March 1994", 0),
        (date(2026, 11, 24), "3 February 1962\nEmbargo\n\n5 March 1994\nEnd of the embargo", 0),
        (date(2026, 11, 24), "Embargo lifted\nMarch 5, 1994", 0),
        (date(2026, 11, 24), "Embargoed until 5 December 2025", 1),  # of 2026, perhaps
        (date(2026, 11, 10), "Embargoed until 10 November 2026", 1),
        (date(2026, 11, 25), "EMBARGOED UNTIL FRIDAY NOON – Explosion of 4 August 2020", 1),
        (date(2026, 11, 25), "Embargoed until Friday (replaces the text of 3 May 2024)", 1),
        (date(2026, 11, 25), "EMBARGOED UNTIL THE VERDICT (appeal of 12 March 2019)", 1),
        (date(2026, 11, 25), "Sperrfrist: Freitag – Bericht zum Anschlag vom 2. November 2020", 1),
        (date(2026, 11, 25), "Sous embargo jusqu’au verdict (appel du 12 mars 2019)", 1),
        (date(2026, 11, 24), "Embargoed until 10:00, 5 December. Founded in 1994", 1),
    ],
)
def test_an_embargo_that_is_long_over_holds_nothing(day: date, line: str, held: int) -> None:
    """Archives have the line above their news; recent news is held, for its year may be wrong."""
    assert codes(date=day, body=f"{line}\n\nSixty cases.").count("not-public") == held


@pytest.mark.parametrize(
    ("day", "line", "held"),
    [
        (date(2026, 11, 24), "FOR RELEASE ON 27 NOVEMBER 2026", 1),
        (date(2026, 11, 24), "Release date: 24 November 2026", 0),
        (date(2026, 11, 24), "Release date: 3 December 2019", 0),
        (date(2026, 11, 24), "Date de publication : 3 décembre 2019", 0),
        (date(2026, 11, 24), "Release date: 3 December 2025", 1),  # it may be a slip
        (date(2026, 11, 24), "Release: 3 December 2026 (last one: 3 December 2019)", 1),
        (date(2026, 11, 24), "For release 3 December 1930 GMT", 1),
        (date(2026, 11, 24), "FOR RELEASE ON 27 NOVEMBER: CENSUS 2021", 1),
        (date(2026, 11, 24), "FOR RELEASE ON 27 NOVEMBER (replaces the text of 3 May 2024)", 1),
        (date(2026, 11, 24), "FOR RELEASE 26 NOVEMBER AT 1930", 1),
        (date(2026, 11, 24), "FOR RELEASE: 26 NOV 2000", 1),
        (date(2026, 11, 24), "For release: 25 November, 18:00. GDP 2024", 1),
        (date(2026, 11, 25), "For release: 25 November 2026, 23:50", 1),
        (date(2026, 11, 25), "FOR RELEASE: Wednesday, 25 November 2026, 09:00 CET", 0),
        (date(2026, 11, 25), "Дата публикации: 25.11.2026 09:00", 0),
        (date(2026, 11, 25), "发布时间：2026年11月25日 09:00", 0),
        (date(2026, 11, 25), "发布日期：2026年11月25日 10:00", 0),
        (date(2026, 11, 25), "للنشر الفوري، 25 نوفمبر 2026 الساعة 10:00", 0),
        (date(2026, 11, 25), "تاريخ النشر: 25 نوفمبر 2026 الساعة 10:00", 0),
        (date(2026, 11, 25), "Para difusión el 25 de noviembre de 2026, 10:00 horas", 0),
        (date(2026, 11, 25), "Para divulgação em 25 de novembro de 2026, às 10h00", 0),
        (date(2026, 11, 25), "Para divulgação em 25 de novembro de 2026, às 18h00", 1),
        (date(2026, 11, 25), "Опубликовать 25 ноября 2026 года, 10:00", 0),
        (date(2026, 11, 25), "Для прессы: 26 ноября, 10:00", 0),
        (date(2026, 11, 20), "For release: 25 November 2026", 0),
        (date(2026, 12, 9), "For release at 2:00 p.m. EST", 1),
        (date(2026, 12, 9), "À diffuser à 14 h", 1),
        (date(2026, 12, 9), "Publicar a las 14:00", 1),
        (date(2026, 11, 20), "For release on 23 November 2026", 0),
        (date(2026, 11, 24), "Release: 27 November", 1),  # of that year
        (date(2026, 11, 24), "FOR RELEASE\n27 November 2026, 10:00", 1),
        (date(2026, 11, 24), "For release on delivery\n10:00 a.m. EST\n27 November 2026", 1),
        (date(2026, 11, 20), "For release on delivery\n10:00 a.m. EST\n20 November 2026", 0),
        (date(2026, 11, 20), "For release at\n10:00 a.m. EST\nNovember 20, 2026", 0),
        (date(2026, 11, 27), "For release at\n10:00 a.m. EST\nNovember 27, 2026", 1),
        (date(2026, 11, 25), "For release on delivery\n9:00 a.m. CET\n25 November 2026", 0),
        (date(2026, 11, 25), "For release on delivery\n9:00 p.m. CET\n25 November 2026", 1),
        (date(2026, 11, 25), "Опубликовать 25 ноября 2026 года в 23 часа", 1),
        (date(2026, 11, 25), "发布时间：2026年11月25日晚上11点", 1),
        (date(2026, 11, 25), "发布时间：2026年11月25日9时30分", 0),
        (date(2026, 11, 25), "发布时间：2026年11月25日23时30分", 1),
        (date(2026, 11, 25), "Prohibida la reproducción y difusión sin autorización", 0),
        (date(2026, 11, 25), "未经授权，不得转载、引用", 0),
        (date(2026, 11, 27), "Transmission embargoed until 8:30 a.m. EST", 1),
        (date(2026, 11, 25), "Release: 25.11.2026", 0),
        (date(2026, 11, 25), "Release: 25.11.2026, 23:50", 1),
        (date(2026, 11, 24), "**For release:**\n\n27 November 2026", 1),
        (date(2026, 11, 24), "For release\n24 November 2026", 0),
        (date(2026, 11, 24), "FOR IMMEDIATE RELEASE\n27 November 2026: the harbour opens", 0),
        (date(2026, 11, 24), "Release: 24 November", 0),
        (date(2026, 11, 24), "Release: 23 November", 0),
        (date(2026, 11, 24), "Release: 2 January", 1),
        (date(2026, 11, 24), "Next release: 27 November 2026", 0),
        (date(2026, 11, 24), "发布时间：11月27日", 1),
        (date(2026, 11, 24), "发布时间：11月24日", 0),
    ],
)
def test_a_day_of_release_to_come_holds_a_text(day: date, line: str, held: int) -> None:
    """That of the entry, or one that is over, does not."""
    assert codes(date=day, body=f"{line}\n\nSixty cases.").count("not-public") == held


@pytest.mark.parametrize(
    ("zone", "day", "line", "last"),  # the last hour in UTC before it may be read
    [
        ("Europe/Vienna", date(2026, 11, 25), "FOR RELEASE: 25 November 2026, 9 PM ET", 25),
        ("Europe/Vienna", date(2026, 11, 25), "FOR RELEASE AT 9 PM ET", 25),
        ("Asia/Tokyo", date(2026, 11, 26), "FOR RELEASE: November 25, 2026, 9 PM ET", 25),
        ("Australia/Sydney", date(2026, 11, 26), "For release 25 November 2026, 22:00 GMT", 21),
    ],
)
def test_a_moment_of_release_on_another_day_elsewhere_is_to_come(
    zone: str, day: date, line: str, last: int
) -> None:
    """The day of the line is over in the site's zone, or the date is a later one."""
    moment = datetime(2026, 11, 25, tzinfo=UTC) + timedelta(hours=last)
    fields: dict[str, Any] = {"zone": zone, "date": day, "body": f"{line}\n\nSixty cases."}

    assert codes(now=moment, **fields) == ["not-public"]
    assert codes(now=moment + timedelta(hours=1), **fields) == []


def test_an_embargo_behind_a_headline_holds_past_the_day_of_the_site() -> None:
    """It ends on the next day there."""
    line = "Harbour opens – EMBARGOED UNTIL NOVEMBER 25, 2026, 9 PM ET"
    moment = datetime(2026, 11, 26, 1, tzinfo=UTC)
    fields: dict[str, Any] = {"date": date(2026, 11, 25), "body": f"{line}\n\nSixty cases."}

    assert codes(now=moment, **fields) == ["not-public"]
    assert codes(now=moment + timedelta(hours=1), **fields) == []


@pytest.mark.parametrize(
    "calendar",
    [
        "- 8 December 2026: release of the report",
        "* Report release: 3 December 2026",
        "| Date | What |\n| --- | --- |\n| 3 December 2026 | Release of the data |",
    ],
)
def test_a_calendar_of_releases_holds_no_text(calendar: str) -> None:
    """Offices of statistics end with one; above the text, its line is an order."""
    assert codes(date=date(2026, 11, 25), body=f"Sixty cases were tried.\n\n{calendar}") == []


@pytest.mark.parametrize(
    "name", ["summary", "image_caption", "image_alt", "image_credit", "correction"]
)
def test_no_sentence_has_an_embargo_line(name: str) -> None:
    """Readers see these as they see the body."""
    line = "Embargoed until 1 December 2026: sixty cases."

    assert codes(**{name: line}) == ["not-public"]
    assert codes(**{name: line}, draft=True) == []


@pytest.mark.parametrize(
    ("credit", "held"),
    [
        ("EMBARGOED UNTIL 1 December – Anna Smith", 1),
        ("Sperrfrist: 1. Dezember 2026, 10 Uhr", 1),
        ("Под эмбарго до 1 декабря", 1),
        ("DRAFT", 1),
        ("DRAFT - not for publication", 1),
        ("Do not publish without credit: Anna Smith", 0),
        ("Prohibida su publicación sin permiso del autor", 0),
        ("Crédit photo : usage interne", 0),
        ("TK: Reuters", 0),
        ("Photo: Staff only", 0),
        ("仅供编辑使用", 0),
        ("Draft", 0),
    ],
)
def test_a_credit_may_be_about_rights(credit: str, held: int) -> None:
    """Agencies say there who may use a picture; an embargo or a draft is of the news."""
    assert codes(image_credit=credit).count("not-public") == held


def test_a_file_in_a_folder_of_drafts_is_held() -> None:
    """Unless it is a draft, or its date has a time."""
    moment = datetime(2026, 12, 1, 9)  # noqa: DTZ001 - as TOML has it

    assert codes(path="drafts/a.toml") == ["name-not-public"]
    assert codes(path="drafts/a.toml", draft=True) == []
    assert codes(path="drafts/a.toml", date=moment) == []


@pytest.mark.parametrize(
    ("line", "held"),
    [
        ("Ref. 12/2026 EMBARGOED UNTIL 27 NOVEMBER", 1),
        ("Port Authority – EMBARGOED UNTIL 27 NOVEMBER 2026, 10:00", 1),
        ("Media advisory – embargoed until 27 November 2026", 1),
        ("**Statement by the Minister (embargoed until 27 November, 10:00)**", 1),
        ("Vienna, 24 November (embargoed until 27 November) - Sixty cases.", 1),
        ("Communiqué no 12 – sous embargo jusqu’au 27 novembre, 10 h", 1),
        ("Ministerio – EMBARGADO HASTA EL 27 DE NOVIEMBRE", 1),
        ("Ref. 12/2026 EMBARGOED UNTIL 24 NOVEMBER", 0),
        ("The report, embargoed until 27 November, was leaked.", 0),
        ("They leaked the study (embargoed until 27 November).", 0),
        ("It was marked “EMBARGOED UNTIL 27 November” and leaked.", 0),
        ("Ships may not leave – embargo until 27 November, ministers say.", 0),
        ("The plan – embargo until 27 November – fails.", 0),
        ("- Oil (embargoed until 2030)", 0),
        ("Statement by the Minister [embargoed until 27 November, 10:00]", 1),
        ("Statement [embargoed until 27 November](https://example.org/)", 0),
        ("Report (embargo until 27 November, 10:00)", 1),
        ("Report (embargo until noon on 27 November)", 1),
        ("Report (embargo until 1400 GMT, 27 November)", 1),
        ("Report (strictly embargo until 27 November, 10:00)", 1),
        ("Report (embargo jusqu'au 27 novembre, 10 heures)", 1),
        ("Report – under embargo until 27 November", 1),
        ("## Fish: no ships leave – embargo until 31 March", 0),
        ("Country (embargo until 31.03.2027): exports fell.", 0),
    ],
)
def test_an_embargo_behind_other_words_holds_a_text(line: str, held: int) -> None:
    """Unless its day is over, or it is in a sentence."""
    assert codes(body=f"{line}\n\nSixty cases.").count("not-public") == held


@pytest.mark.parametrize("written", ["2026-11-25 09:00", "2026-11-27 10:00", "2026-12-03"])
@pytest.mark.parametrize(
    "line",
    [
        "EMBARGOED UNTIL 27 November 2026, 10:00",
        "Embargoed until 10:00 CET, Friday 27 November",
        "Embargoed until Friday, 10:00",
        "Embargo:\n27 November 2026, 10:00",
        "EMBARGOED UNTIL\n27 NOVEMBER 2026\n10:00 CET",
        "UNDER EMBARGO",
        "EMBARGOED UNTIL DELIVERY",
        "Sperrfrist: Freitag, 27. November 2026, 10 Uhr",
        "SPERRFRIST: 27. November 2026\n10 Uhr",
        "禁发至2026年11月27日10时",
        "Sob embargo até 27 de novembro de 2026, às 10h",
        "Ne pas publier avant le 27 novembre 2026",
        "This release may not be published before 10:00 on 27 November.",
        "Ref. 12/2026 EMBARGOED UNTIL 27 NOVEMBER",
        "Statement (embargoed until 27 November, 10:00)",
        "VIENNA, 27 November 2026 (EMBARGOED UNTIL 10:00 CET) – The Office",
        "<table><td>EMBARGOED UNTIL 27 NOVEMBER 2026, 10:00 CET</td><td>Port</td></table>",
    ],
)
def test_an_embargo_line_holds_recent_news_whatever_the_date_says(written: str, line: str) -> None:
    """Readers would see it, and a moment may be misread: staff compare the two, and take it out."""
    assert codes(date=written, body=f"{line}\n\nSixty cases.").count("not-public") == 1


@pytest.mark.parametrize(
    ("written", "line", "held"),
    [
        ("2024-11-16 09:00", "Embargoed until 8:59 a.m. CT, Saturday, Nov. 16, 2024", 0),
        ("2024-11-16 09:00", "Statement (embargoed until 16 November 2024, 09:00)", 0),
        ("2024-11-16 09:00", "Embargoed until 8:59 a.m. CT, Saturday, Nov. 28, 2026", 1),
        ("2024-12-03 10:00", "Embargoed until tomorrow, 10 a.m.", 0),
        ("2008-11-20 10:00", "Sperrfrist: 20.11.08, 10 Uhr", 0),
        ("2026-11-10 10:00", "Embargoed until 10 November, 10 a.m.", 1),
        ("2026-11-10 10:00", "Embargoed until 10 December, 10 a.m.", 1),
        ("2026-11-10 10:00", "EMBARGO", 1),
        ("2026-11-10 10:00", "EMBARGOED UNTIL\n10 A.M. ET\nTHURSDAY, DECEMBER 17, 2026", 1),
        ("2026-11-10", "Confidential – not for release, 10 November 2026, 10:30", 1),
        ("2025-11-26 10:00", "Embargoed until 26 November 2026, 10:00", 1),
        ("2025-11-27 10:00", "Embargoed until 27 November, 10:00", 1),  # of 2026, perhaps
        ("2026-12-03", "FOR RELEASE 10 A.M. EST, THURSDAY, DECEMBER 3, 2026", 1),
        ("2026-12-03", "FOR RELEASE THURSDAY, DECEMBER 3, 2026", 0),
        ("2026-12-03 10:00", "Veröffentlichung am 3. Dezember 2026, 18 Uhr", 1),
        ("2026-11-25 10:30", "FOR RELEASE: 26 November 2026", 1),
        ("2026-11-25 10:30", "FOR RELEASE: 25 November 2026", 0),
        ("2026-05-06 10:00", "FOR RELEASE 05/06/2026", 0),
        ("2026-05-06 11:30", "Date de publication : 06/05/2026 10h00", 0),
        ("2026-05-06", "FOR RELEASE 05/06/2026, 10:00", 0),
        ("2026-12-03 10:00", "Sixty ships came.\n\nRelease date: 10 December, 18:00", 0),
        ("2026-12-03 10:00", "One.\n\nTwo.\n\nThree.\n\nRelease date: 10 December, 18:00", 0),
        ("2026-05-06 10:00", "FOR RELEASE 05/06/2026, 10:00", 0),  # in May, or in June
        ("2026-12-03 10:00", "FOR RELEASE AT 10:00 A.M. EST, THURSDAY, DECEMBER 3, 2026", 1),
        ("2026-12-03 16:00", "FOR RELEASE AT 10:00 A.M. EST, THURSDAY, DECEMBER 3, 2026", 0),
        ("2026-12-03 10:00", "FOR RELEASE 3 December 2026, 10:00 – No. 12", 0),
    ],
)
def test_what_is_over_or_a_moment_of_release_holds_no_text_with_that_moment(
    written: str, line: str, held: int
) -> None:
    """Agencies of statistics show readers when a text was released."""
    assert codes(date=written, body=f"{line}\n\nSixty cases.").count("not-public") == held


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("EMBARGOED UNTIL 26 November 2026, 6 p.m. CET", "2026-11-26 18:00"),
        ("Embargoed until 10 a.m. New York time, 26 November", "2026-11-26 16:00"),
        ("Embargoed until 12 December 2026", "2026-12-12 09:00"),
        ("EMBARGOED UNTIL\n10 A.M. ET\nTHURSDAY, DECEMBER 3, 2026", "2026-12-03 16:00"),
        ("SPERRFRIST: 10 Uhr\nFreitag, 4. Dezember", "2026-12-05 09:00"),
        ("EMBARGOED UNTIL 10:00\nFRIDAY", "2026-12-02 09:00"),
        ("EMBARGOED UNTIL 3 DECEMBER 2026, 10:00 A.M.\nEASTERN TIME", "2026-12-04 09:00"),
        ("EMBARGOED UNTIL\n10 A.M. EASTERN TIME\nTHURSDAY, DECEMBER 3, 2026", "2026-12-04 09:00"),
        ("Embargoed until 3 December 2026, 2 p.m. EASTERN", "2026-12-04 09:00"),
        ("EMBARGOED UNTIL DELIVERY", "2026-11-26 09:00"),
        ("Embargoed until 04/12/2026, 10:00", "2026-12-05 09:00"),  # in April, or in December
        ("Embargoed until 6 a.m. Tokyo time, 4 December", "2026-12-05 09:00"),
    ],
)
def test_the_moment_of_an_embargo_is_what_to_type(line: str, wanted: str) -> None:
    """Where it cannot be read for sure there is an example, later than the days that it names."""
    with pytest.raises(EntryError) as error:
        normalised(body=f"{line}\n\nSixty cases.")

    assert [problem.wanted for problem in error.value.problems] == [wanted]


@pytest.mark.parametrize(
    ("written", "line", "wanted"),
    [
        ("2026-12-10 10:00", "EMBARGO", "2026-12-10 10:00"),
        ("2026-12-10 10:00", "Sperrfrist: Donnerstag, 10 Uhr", "2026-12-11 09:00"),
        ("2026-12-10 16:00", "EMBARGOED UNTIL 10 A.M. EST, 10 DECEMBER 2026", "2026-12-10 16:00"),
        ("2026-12-10 16:00", "EMBARGOED UNTIL 10/12/2026 16:00", "2026-12-10 16:00"),
        ("2026-12-10 10:00", "EMBARGOED UNTIL 10:00 CET, 12 DECEMBER 2026", "2026-12-12 10:00"),
        ("2026-12-10 10:00", "Embargoed until 2 p.m. (London), 11 December", "2026-12-12 09:00"),
        (
            "2026-12-10 09:00",
            "EMBARGOED UNTIL 10:00 A.M. EST, 10 DECEMBER 2026",
            "2026-12-11 09:00",
        ),
        ("2026-12-10 09:00", "Embargoed until 10 December, 3 p.m. Xanadu", "2026-12-11 09:00"),
        ("2026-12-10 09:00", "Sperrfrist: Donnerstag, 18 Uhr", "2026-12-11 09:00"),
        ("2026-12-10 07:00", "Nicht vor 10. Dezember, 10 Uhr veröffentlichen", "2026-12-11 09:00"),
        ("2026-12-10", "EMBARGO", "2026-12-11 09:00"),
        ("2026-11-24 09:00", "EMBARGO", "2026-11-26 09:00"),
    ],
)
def test_the_moment_in_the_date_is_what_to_type_unless_the_embargo_is_longer(
    written: str, line: str, wanted: str
) -> None:
    """An example could be before it, and staff type what they read."""
    with pytest.raises(EntryError) as error:
        normalised(date=written, body=f"{line}\n\nSixty cases.")

    assert [problem.wanted for problem in error.value.problems] == [wanted]


@pytest.mark.parametrize(
    ("zone", "line", "wanted"),
    [
        ("New_York", "EMBARGOED UNTIL 00:01 GMT, FRIDAY 4 DECEMBER 2026", "2026-12-03 19:01"),
        ("New_York", "EMBARGOED UNTIL 00:01 GMT, 4 December", "2026-12-03 19:01"),
        ("New_York", "**Embargo: 4 December, 00:01 CET (Geneva time)**", "2026-12-03 18:01"),
        ("New_York", "Embargoed to 00:01 CET (Geneva time), 4 December", "2026-12-03 18:01"),
        ("Los_Angeles", "Embargoed until 12:00 a.m. ET, Dec. 4, 2026", "2026-12-03 21:00"),
    ],
)
def test_an_embargo_ends_on_the_day_before_in_america(zone: str, line: str, wanted: str) -> None:
    """Its moment is to be the date, in a zone that is behind."""
    with pytest.raises(EntryError) as error:
        normalised(zone=f"America/{zone}", body=f"{line}\n\nSixty cases.")

    assert [problem.wanted for problem in error.value.problems] == [wanted]


def test_a_body_with_an_embargo_line_is_held() -> None:
    """It was public at once, unless it is a draft, retracted or imported."""
    body = "EMBARGOED UNTIL 1 December\n\nSixty cases."
    moment = datetime(2026, 12, 1, 9)  # noqa: DTZ001 - as TOML has it

    assert codes(body=body) == ["not-public"]
    assert codes(body=body, date=moment) == ["not-public"]
    assert codes(body=body, draft=True) == []
    assert codes(body=body, id="tag:example.org,2008:7") == []
    assert codes(body=body, status="retracted", retraction="Wrong.") == []


@pytest.mark.parametrize(
    ("name", "written", "meant"),
    [
        ("title", "  Two  words ", "Two words"),
        ("title", "Cafe\u0301", "Café"),
        ("title", "a\x07b\ufffe", "ab"),
        ("title", "Report\x0bon\x0cthe\x85year\u20282026\u2029", "Report on the year 2026"),
        ("summary", "One\ntwo", "One two"),
        ("summary", "One\x85two", "One two"),
        ("categories", ["human\x0btrafficking"], ("human trafficking",)),
        ("categories", ["a", "A", " b ", ""], ("a", "b")),
        ("authors", ["Ann", "ann"], ("Ann",)),
        ("language", "Français", "fr"),
        ("link", "HTTPS://Example.org", "https://example.org/"),
        ("link", "www.example.org", "https://www.example.org/"),
        ("link", "example.org:8080/a?b=c", "https://example.org:8080/a?b=c"),
        ("link", "https://example.org/a?utm_source=b#c", "https://example.org/a#c"),
        ("link", "example.org/a#d\u00e9", "https://example.org/a#d%C3%A9"),
        ("draft", True, True),
        ("id", "tag:x", "tag:x"),
        ("correction", "It was\nMonday.", ("It was Monday.",)),
        ("correction", ["It was Monday.", " ", "It was\nMonday.", "Not 6."],
         ("It was Monday.", "Not 6.")),
        ("expires", date(2026, 11, 30), datetime(2026, 11, 30, 22, 59, 59, tzinfo=UTC)),
        ("updated", date(2026, 11, 25), datetime(2026, 11, 25, 11, 0, tzinfo=UTC)),
        ("event", "October 2026", Span(
            start=date(2026, 10, 1), end=date(2026, 10, 31), precision="month")),
    ],
)  # fmt: skip
def test_fields_are_normalised(name: str, written: object, meant: object) -> None:
    """Texts are tidy, addresses absolute, moments in UTC."""
    assert getattr(story(**{name: written}), name) == meant


def test_a_blank_of_another_width_makes_a_heading() -> None:
    """Keyboards make one while the key for the sign before it is still held down."""
    for blank in ("\u00a0", "\u202f"):
        assert story(body=f"##{blank}Report\n\nSixty cases.").html.startswith("<h2>Report</h2>")


def test_an_address_behind_a_no_break_space_is_a_link() -> None:
    """As in French quotation marks."""
    address = "https://a.example/"

    assert f'<a href="{address}">' in story(body=f"«\u00a0{address}\u00a0»").html


def test_a_line_break_of_a_word_processor_is_kept() -> None:
    """It separates two words, which are never joined."""
    one, two = (story(body=f"Sixty{sign}cases.").html for sign in ("\x0b", "\x85"))

    assert one == two
    assert "Sixtycases" not in story(body="Sixty\x85cases.").html


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({}, "news"),
        ({"event": "3 December 2026"}, "event"),
        ({"attachments": ["https://example.org/a.pdf"]}, "publication"),
    ],
)
def test_a_kind_follows_from_the_fields(fields: dict[str, Any], kind: str) -> None:
    """Staff do not have to state it."""
    assert story(**fields).kind == kind


@pytest.mark.parametrize(
    ("fields", "reported"),
    [
        ({}, []),
        ({"title": "\u200b"}, ["title-invisible"]),
        ({"title": "a\nb"}, ["title-lines"]),
        ({"title": "x" * 201}, ["title-too-long"]),
        ({"title": "x" * 200}, []),
        ({"categories": [f"c{number}" for number in range(101)]}, ["list-too-long"]),
        ({"authors": [f"A{number}" for number in range(101)]}, ["list-too-long"]),
        ({"authors": [f"A{number % 100}" for number in range(999)]}, []),
        ({"correction": [f"It was {number}." for number in range(101)]}, ["list-too-long"]),
        *(
            ({name: "word " * 5000}, ["text-too-long"])
            for name in ("summary", "place", "editor", "image_credit", "correction")
        ),
        ({"authors": [f"{'A' * 300}{number}" for number in range(90)]}, ["text-too-long"]),
        ({"id": "a" * 30_000}, ["text-too-long"]),
        ({"id": "a" * 1001}, ["text-too-long"]),
        *(({name: "a" * 501}, ["text-too-long"]) for name in ("place", "editor")),
        *(({name: ["a", "b" * 501]}, ["item-too-long"]) for name in ("authors", "categories")),
        *(({name: [number * 500 for number in "ab"]}, []) for name in ("authors", "categories")),
        (
            {"attachments": [f"https://example.org/{number}.pdf" for number in range(4000)]},
            ["text-too-long"],
        ),
        (
            {"attachments": [f"https://example.org/{number}.pdf" for number in range(500)]},
            [],
        ),
        ({"summary": "word " * 4000}, []),
        ({"title": "A <b>c"}, ["text-markup"]),
        ({"title": "A &amp; b"}, ["text-markup"]),
        ({"title": "1 < 2 & 3 > 2"}, []),
        ({"title": "\u202eabc"}, ["title-direction"]),
        *(
            ({name: f"a{sign}bc"}, ["text-direction"])
            for name in (
                "summary", "editor", "place", "correction", "image_alt", "image_credit"
            )
            for sign in "\u202e\u2066"
        ),
        ({"categories": ["a", "b\u202ec"]}, ["text-direction"]),
        ({"authors": ["a\u2067c"]}, ["text-direction"]),
        ({"status": "retracted", "retraction": "a\u202ec"}, ["text-direction"]),
        ({"summary": "\u200fa\u200e", "authors": ["\u200fa"]}, []),
        ({"body": "a\u202ebc"}, ["body-direction"]),
        ({"body": "a \u202bbc\u202c \u2067d\u2069"}, []),
        ({"title": "Write the title here"}, ["title-template"]),
        ({"body": "Write the text here."}, ["body-template"]),
        ({"body": "&nbsp;"}, ["body-invisible"]),
        ({"body": "<script>x</script>"}, ["body-invisible"]),
        ({"link": "javascript:x"}, ["link-not-web"]),
        ({"link": "a.b@example.org"}, ["link-mail"]),
        ({"link": "htttp://example.org"}, ["link-misspelt"]),
        ({"link": "C:/a"}, ["link-own-computer"]),
        ({"image": "~/a.jpg"}, ["own-computer"]),
        ({"image": "a.jpg"}, ["image-not-there"]),
        ({"image": "../a.jpg"}, ["file-outside"]),
        ({"image": "https://example.org/a.jpg"}, ["image-no-alt"]),
        ({"image": "https://example.org/a.jpg", "image_alt": "A"}, []),
        ({"language": "Klingon"}, ["language-unknown"]),
        ({"language": "Spansh"}, ["language-misspelt"]),
        ({"language": "FR"}, []),
        ({"categories": ["a|b"]}, ["category-sign"]),
        ({"status": "gone"}, ["status-unknown"]),
        ({"status": "retracted"}, ["retraction-missing"]),
        ({"retraction": "Wrong."}, ["retraction-alone"]),
        ({"status": "retracted", "retraction": "Wrong."}, []),
        ({"expires": date(2026, 11, 1)}, ["expires-before-date"]),
        ({"expires": "2-4 December 2026"}, ["expires-is-long"]),
        ({"expires": "December 2026"}, ["expires-is-long"]),
        ({"expires": "4 December 2026, 9:00-17:00"}, ["expires-is-long"]),
        ({"expires": "4 December 2026, 17:00"}, []),
        ({"updated": date(2026, 11, 1)}, ["updated-before-date"]),
        ({"updated": date(2026, 11, 27)}, ["updated-ahead"]),
        ({"date": "24 November"}, ["date-no-year"]),
        ({"date": 20261124}, ["date-not-a-date"]),
        ({"date": "November 2026"}, ["date-month-only"]),
        ({"title": "a\nb", "link": "x:y", "date": "soon"},
         ["link-not-web", "title-lines", "date-vague"]),
    ],
)  # fmt: skip
def test_faults_and_warnings_are_reported(fields: dict[str, Any], reported: list[str]) -> None:
    """All faults that hold an entry, and all warnings, are reported at once."""
    assert sorted(codes(**fields)) == sorted(reported)


def test_days_are_in_the_publications_zone() -> None:
    """Midnight in Vienna is the day before in UTC, and messages show the local day."""
    with pytest.raises(EntryError) as caught:
        normalised(date=date(2026, 11, 24), updated=date(2026, 11, 1))

    assert (caught.value.problems[0].found, caught.value.problems[0].wanted) == (
        "2026-11-01",
        "2026-11-24",
    )


def test_a_day_of_change_may_be_that_of_a_date_in_the_afternoon() -> None:
    """A bare day is its noon; times of one day are shown as such."""
    moment = datetime(2026, 11, 24, 14)  # noqa: DTZ001 - as TOML has it

    assert codes(date=moment, updated=date(2026, 11, 24)) == []
    with pytest.raises(EntryError) as caught:
        normalised(date=moment, updated=moment - timedelta(minutes=90))
    assert (caught.value.problems[0].found, caught.value.problems[0].wanted) == (
        "2026-11-24 12:30",
        "2026-11-24 14:00",
    )


@pytest.mark.parametrize(
    ("zone", "hour"), [("Asia/Tokyo", 20), ("Pacific/Auckland", 12), ("America/Los_Angeles", 9)]
)
def test_a_change_of_today_is_none_of_tomorrow(zone: str, hour: int) -> None:
    """Today is the day in the publication's zone, where it begins before that of UTC."""
    now = datetime(2026, 11, 25, hour, tzinfo=UTC)
    today = now.astimezone(ZoneInfo(zone)).date()
    ahead = today + timedelta(days=1)

    assert normalised(updated=today, now=now, zone=zone)[0].updated is not None
    with pytest.raises(EntryError):
        normalised(updated=ahead, now=now, zone=zone)


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("2-4 December 2026", "4 December 2026"),
        ("December 2026", "31 December 2026"),
        ("4 December 2026, 9:00-17:00", "4 December 2026, 17:00 (+01:00)"),
    ],
)
def test_an_end_that_is_no_moment_is_asked_about(written: str, wanted: str) -> None:
    """The message has the text to type, which is accepted."""
    with pytest.raises(EntryError) as caught:
        normalised(expires=written)

    assert str(caught.value.problems[0].wanted) == wanted
    assert normalised(expires=wanted)[0].expires is not None


@pytest.mark.parametrize(
    ("name", "written", "asked"),
    [
        ("event", "30 November - 3 December", "30 November - 3 December 2026"),
        ("event", "3 November", "3 November 2026"),
        ("event", "15 January", "15 January 2027"),
        ("event", "Friday, 15 January", "15 January 2027"),
        ("event", "Thursday, 15 January", "15 January 2026"),
        ("expires", "3 November", "3 November 2027"),
        ("updated", "3 November", "3 November 2027"),
        ("expires", "31 January", "31 January 2027"),
        ("date", "5 January", "5 January 2027"),
        ("date", "15 July", "15 July 2026"),
        ("date", "29 February", "29 February 2028"),
    ],
)
def test_a_day_without_a_year_suggests_the_nearest_one(name: str, written: str, asked: str) -> None:
    """The year is not guessed, but the message suggests the likely text."""
    fields: dict[str, Any] = {name: written}

    with pytest.raises(EntryError) as caught:
        normalised(**fields)

    assert str(caught.value.problems[0].wanted) == asked


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("date", "24 November 2026", "2026-11-24"),
        ("date", "2026-11-24 10:00 +01:00", "24 November 2026, 10:00 (+01:00)"),
        ("event", "3-5 May 2026", "3 - 5 May 2026"),
        ("expires", "30 November 2026", "2026-11-30"),
    ],
)
def test_a_repaired_date_is_reported_as_read(name: str, value: str, wanted: str) -> None:
    """The message shows the result, so that staff can check it."""
    note = Problem(code="date-read", file="a.toml", line=2, field=name, found=value)

    fields: dict[str, Any] = {name: value}
    _, reported = normalised(note, **fields)

    assert [str(problem.wanted) for problem in reported] == [wanted]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("10 December 2026, 18:30, Town Hall", "Town Hall"),
        ("10 December 2026, Room 5, Palais des Nations", "Room 5, Palais des Nations"),
        ("10 - 12 December 2026 (Vienna)", "Vienna"),
        ("Thursday, 10 December 2026, 10 a.m. to noon", ""),
        ("10 December 2026, 18:30, Vienna time", ""),
        ("10 December 2026, 18:30 (CET)", ""),
        ("10 December 2026, Graz", ""),
    ],
)
def test_what_an_event_says_beside_its_moment_is_reported(written: str, found: str) -> None:
    """Readers do not see it, unless it is the place as well."""
    fields: dict[str, Any] = {"event": written, "place": "Graz, Austria"}
    _, reported = normalised(**fields)

    assert [str(one.found) for one in reported if one.code == "event-more"] == [found][
        : bool(found)
    ]


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ('"\nThe ferry resumes.\n"', "<p>The ferry resumes.</p>"),
        ('""\nThe ferry resumes.', "<p>The ferry resumes.</p>"),
        ('The ferry resumes.\n"', "<p>The ferry resumes.</p>"),
    ],
)
def test_quotes_beyond_the_three_around_a_text_are_ignored(body: str, html: str) -> None:
    """They stand alone on the first or the last line."""
    read, reported = normalised(body=body)

    assert (read.html, [one.code for one in reported]) == (html, ["quotes-ignored"])
    assert codes(body='"We are happy", she said: "It resumes."') == []


@pytest.mark.parametrize(
    "line",
    [
        "draft = true",
        "draft: true",
        'status = "retracted"',
        "expires = 2027-01-01",
        'categories = ["Piracy"]',
        "draft = “true”",
        "draft = yes,",
        "date = 2026-12-01T09:00:00+01:00",
    ],
)
@pytest.mark.parametrize("form", ["{}\n\nSixty cases.", "Sixty cases.\n{}"])
def test_a_field_within_the_text_is_held(line: str, form: str) -> None:
    """Above or below what it says; not in code, amid the text, or in a draft."""
    assert codes(body=form.format(line)) == ["body-field"]

    others = [
        form.format(f"`{line}`"),
        f"```\n{line}\n```",
        f"A\n\nB\n\nC\n\n{line}\n\nD\n\nE\n\nF",
    ]
    assert all(normalised(body=one) for one in others)
    assert normalised(body=form.format(line), draft=True)[0].draft


def test_a_fault_hides_hints_on_the_same_field() -> None:
    """One fault is one message."""
    assert codes(language="anglais", link="x:y") == ["link-not-web"]


@pytest.mark.parametrize(
    ("written", "code", "meant"),
    [
        ("https://example.org:99999/a", "link-port", "https://example.org/a"),
        ("example.org:99999", "link-port", "https://example.org/"),
        ("https://me:secret@example.org/a#b", "link-sign-in", "https://example.org/a#b"),
        ("https://me@example.org:99999", "link-sign-in", "https://example.org/"),
        ("https://me@", "link-host", ""),
        ("https://:80/", "link-host", ""),
    ],
)
def test_a_link_is_refused_for_its_own_fault(written: str, code: str, meant: str) -> None:
    """The line to type has a link without it."""
    with pytest.raises(EntryError) as refused:
        normalised(link=written)

    (problem,) = refused.value.problems
    assert (problem.code, problem.wanted or "") == (code, f'link = "{meant}"' if meant else "")
    assert codes(link=meant) == []


def test_a_retraction_replaces_the_entry_with_its_reason() -> None:
    """Text, summary and picture are removed."""
    retracted = story(status="retracted", retraction="Wrong <b>.", summary="x", body="Secret")

    assert (retracted.html, retracted.summary) == ("<p>Wrong &lt;b&gt;.</p>", "")


@pytest.mark.parametrize("body", ["a\u202ebc", "a\u202dbc", "a&#x202e;bc", "<b>a&#8238;</b>bc"])
def test_no_body_can_reverse_text(body: str) -> None:
    """Direction overrides are removed, also as references; marks of Arabic and Hebrew stay."""
    assert story(body=body).html.replace("<b>", "").replace("</b>", "") == "<p>abc</p>"
    assert story(body="\u2067a\u2069\u200f").html == "<p>\u2067a\u2069\u200f</p>"


def test_a_file_has_the_title_and_language_that_staff_write() -> None:
    """In place of its name, on one line; a name alone stays the title."""
    one, other = "https://example.org/a.pdf", "https://example.org/b.pdf"
    table = {"file": other, "title": " Annex:\nfigures ", "language": "French"}
    found = story(attachments=[one, table]).attachments

    assert [(file.title, file.language) for file in found] == [
        ("a.pdf", ""),
        ("Annex: figures", "fr"),
    ]


def test_a_file_that_is_named_twice_is_shown_once() -> None:
    """It is reported where a title may be lost, and not where names alone repeat."""
    one = "https://example.org/a.pdf"
    tables = [{"file": one, "title": "A"}, {"file": one.upper().replace("HTTPS", "https")}]

    assert codes(attachments=[one, one]) == []
    assert codes(attachments=tables) == codes(attachments=[one, tables[0]]) == ["file-twice"]
    assert len(story(attachments=tables).attachments) == 1


def test_no_fault_of_a_file_holds_a_retraction() -> None:
    """Its files are not shown."""
    table = {"file": "https://example.org/a.pdf", "title": "<b>A</b>", "language": "Englsh"}
    taken_back = {"status": "retracted", "retraction": "Wrong."}

    assert codes(attachments=[table]) == ["language-misspelt", "text-markup"]
    assert codes(attachments=[table], **taken_back) == []


def test_the_name_of_a_remote_file_has_no_direction_overrides() -> None:
    """The name comes from the address, which may contain anything."""
    (file,) = story(attachments=["https://example.org/a%E2%80%AEfdp.exe"]).attachments

    assert file.title == "afdp.exe"
