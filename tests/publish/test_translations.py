"""Translations of an entry link to each other, in any order of additions and changes."""

from __future__ import annotations

import itertools
import random
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from dateline import publish
from dateline.documents import manifest
from dateline.entries.filenames import named
from dateline.ledger import Ledger
from dateline.model import Headline, Report
from dateline.publish.check import check
from support.often import one_of_each
from support.publication import CONFIG, Newsroom, entry_file
from support.staff import Staff

NAMES = {"en": "lebanon", "fr": "liban", "ar": "lubnan", "es": "libano"}
GRACE = timedelta(minutes=11)


FEED = '\n[[feed]]\nname = "{0}"\ntitle = "{0}"\ndescription = "All"\nlanguage = "{0}"\n'


@pytest.fixture(autouse=True)
def languages(newsroom: Newsroom) -> None:
    """Give each language a feed."""
    configure(newsroom)


def configure(newsroom: Newsroom) -> None:
    """Write a configuration with a feed for each language."""
    text = CONFIG + FEED.format("fr") + FEED.format("es")
    (newsroom.folder / "config.toml").write_text(text, encoding="utf-8")


def text(language: str, of: str = "", **fields: str) -> str:
    """Return the text of an entry in a language, as a translation of the file `of`."""
    more = {"language": f'"{language}"', **({"translation_of": f'"{of}"'} if of else {}), **fields}
    title = more.pop("title", f"Report {language}")
    body = f'"""\nText in {language}.\n"""'
    return entry_file(title, **{"body": body, **more})


def drop(newsroom: Newsroom, language: str, of: str = "", **fields: str) -> Path:
    """Drop an entry in a language."""
    return newsroom.drop(f"{NAMES[language]}.toml", text(language, of, **fields))


@contextmanager
def ledger_of(newsroom: Newsroom) -> Iterator[Ledger]:
    """Open the ledger of a newsroom."""
    with Ledger(publish.ledger_url(newsroom.config)) as ledger:
        yield ledger


def headlines(newsroom: Newsroom) -> dict[str, tuple[Headline, ...]]:
    """Return each entry's translations as the ledger lists them, by language or title."""
    with ledger_of(newsroom) as ledger:
        titles = {entry.slug: entry.story.title for entry in ledger.entries.live()}
        found = ledger.translations.of([*titles], newsroom.now)
    return {titles[slug]: siblings.headlines for slug, siblings in found.items()}


def groups(newsroom: Newsroom) -> dict[str, list[str]]:
    """Return the languages of each entry's translations, by title."""
    found = headlines(newsroom)
    return {title: [one.language for one in others] for title, others in sorted(found.items())}


def linked(newsroom: Newsroom) -> dict[str, list[str]]:
    """Return the languages to which each page links, its own included, by its language."""
    found = {}
    for path, (data, _) in newsroom.feeds().items():
        page = data.decode(errors="replace")
        if re.match(r"\d{4}/\d\d/(?!index\.html)[^/]+\.html$", path):  # no list of a month
            own = re.findall(r'<html lang="([^"]+)"', page)[0]
            found[own] = re.findall(r'<link rel="alternate" hreflang="([^"]+)"', page)
    return dict(sorted(found.items()))


def of_all(*languages: str) -> dict[str, list[str]]:
    """Return the result of `groups` if these are translations of each other."""
    return {f"Report {one}": sorted({*languages} - {one}) for one in sorted(languages)}


def pages(report: Report) -> list[str]:
    """Return the entries whose pages a run rendered, by the ends of their addresses."""
    return [path.rpartition("/")[2][:-5] for path in report.documents if "/report-" in path]


def rebuild(newsroom: Newsroom) -> Report:
    """Render everything again, at the moment of the last run."""
    clock = datetime.now(UTC) + timedelta(seconds=2)
    return publish.build(
        newsroom.config, publish.RunRequest(now=newsroom.now, clock=clock, rebuild=True)
    )


def lose_ledger(newsroom: Newsroom) -> None:
    """Delete the ledger, as after a disk failure."""
    shutil.rmtree(newsroom.folder / "state")


def is_reproducible(newsroom: Newsroom) -> bool:
    """Return whether a complete rebuild, and one without the ledger, change no document."""
    before = newsroom.feeds()
    rebuild(newsroom)
    at_once = newsroom.feeds()
    lose_ledger(newsroom)
    newsroom.build(after=timedelta())
    return before == at_once == newsroom.feeds()


# ---- Order of arrival


@pytest.mark.parametrize("order", [*itertools.permutations(["en", "fr", "ar"])])
@pytest.mark.parametrize(
    "originals",
    [("lebanon", "liban"), pytest.param(("lebanon", "lebanon"), marks=pytest.mark.long)],
)
def test_the_order_of_arrival_does_not_matter(
    order: tuple[str, ...], originals: tuple[str, str], newsroom: Newsroom
) -> None:
    """A translation may precede its original; a chain is one group."""
    of = {"en": "", "fr": originals[0], "ar": originals[1]}
    for language in order:
        drop(newsroom, language, of[language])
        newsroom.build()

    assert groups(newsroom) == of_all("en", "fr", "ar")
    assert linked(newsroom) == {
        "ar": ["ar", "en", "fr"],
        "en": ["en", "ar", "fr"],
        "fr": ["fr", "ar", "en"],
    }
    assert newsroom.codes() == []


def test_files_dropped_together_are_linked_together(newsroom: Newsroom) -> None:
    """One run links them all."""
    for language, of in (("en", ""), ("fr", "lebanon"), ("ar", "liban")):
        drop(newsroom, language, of)

    newsroom.build()

    assert groups(newsroom) == of_all("en", "fr", "ar")
    assert newsroom.codes() == []


@pytest.mark.long
def test_a_cycle_is_a_group(newsroom: Newsroom) -> None:
    """Each names the next, and the last names the first."""
    drop(newsroom, "en", "lubnan")
    drop(newsroom, "fr", "lebanon")
    drop(newsroom, "ar", "liban")

    newsroom.build()

    assert groups(newsroom) == of_all("en", "fr", "ar")
    assert is_reproducible(newsroom)


def test_an_entry_that_names_itself_stands_alone(newsroom: Newsroom) -> None:
    """A warning is reported, and its translation is linked all the same."""
    drop(newsroom, "en", "lebanon")
    drop(newsroom, "fr", "lebanon")

    newsroom.build()

    assert groups(newsroom) == of_all("en", "fr")
    assert [(p.file, p.line, p.code) for p in newsroom.log[-1].problems] == [
        ("lebanon.toml", 4, "translation-self")
    ]


@pytest.mark.long
def test_only_pages_of_the_group_are_rendered_again(newsroom: Newsroom) -> None:
    """Other pages stay, and so do the feeds of the original's language."""
    drop(newsroom, "en", title="Report en")
    drop(newsroom, "es", title="Report es")
    newsroom.build()

    drop(newsroom, "ar", "lebanon")
    report = newsroom.build()

    assert pages(report) == ["report-ar", "report-en"]
    assert "lebanon.atom" not in report.documents


# ---- Changes of one member


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """Return a newsroom with an entry and two translations, the last published a minute ago."""
    room = Newsroom(tmp_path_factory.mktemp("three"))
    configure(room)
    for language, of in (("en", ""), ("fr", "lebanon"), ("ar", "lebanon")):
        drop(room, language, of)
        room.build()
    return room


@pytest.fixture
def three(published: Newsroom, newsroom: Newsroom) -> Newsroom:
    """Return a copy of that newsroom."""
    return newsroom.begin_as(published)


@pytest.mark.long
def test_the_original_can_be_renamed_and_moved(three: Newsroom) -> None:
    """The group stays, and later files find it by either name."""
    entries = three.folder / "entries"
    (entries / "en").mkdir()
    (entries / "lebanon.toml").rename(entries / "en/beirut.toml")
    report = three.build()

    assert groups(three) == of_all("en", "fr", "ar")
    assert pages(report) == []
    for number, name in enumerate(("lebanon", "beirut", "en/beirut", "/EN/Beirut.toml")):
        three.drop("es.toml", text("es", name, title=f"Report es {number}"))
        three.build()
        assert groups(three)["Report en"] == ["ar", "es", "fr"]
        assert three.codes() == []
    assert is_reproducible(three)
    assert groups(three)["Report en"] == ["ar", "es", "fr"]


@pytest.mark.long
def test_a_reused_name_refers_to_the_new_file(three: Newsroom) -> None:
    """Existing links stay; a new translation is linked to the new file."""
    entries = three.folder / "entries"
    (entries / "lebanon.toml").rename(entries / "beirut.toml")
    three.build()
    three.drop("lebanon.toml", text("en", title="Another"))
    three.build()

    three.drop("es.toml", text("es", "lebanon"))
    three.build()

    assert groups(three) == {
        "Another": ["es"],
        "Report ar": ["en", "fr"],
        "Report en": ["ar", "fr"],
        "Report es": ["en"],
        "Report fr": ["ar", "en"],
    }
    assert is_reproducible(three)


@pytest.mark.long
def test_a_new_title_appears_on_the_pages_of_the_others(three: Newsroom) -> None:
    """The same run renders them."""
    drop(three, "en", title="A better title")
    report = three.build()

    assert pages(report) == ["report-ar", "report-en", "report-fr"]
    assert {one.title for one in headlines(three)["Report fr"]} == {"A better title", "Report ar"}
    assert "news-ar.atom" not in report.documents
    assert is_reproducible(three)


@pytest.mark.long
def test_a_new_language_appears_on_the_pages_of_the_others(three: Newsroom) -> None:
    """The same run renders them."""
    three.drop("liban.toml", text("es", "lebanon", title="Report fr"))

    report = three.build()

    assert pages(report) == ["report-ar", "report-en", "report-fr"]
    assert groups(three)["Report en"] == ["ar", "es"]


@pytest.mark.long
def test_a_withdrawn_entry_is_on_no_page(three: Newsroom) -> None:
    """Its translations stay linked to each other; it is linked again when its file comes back."""
    original = three.folder / "entries/lebanon.toml"
    data = original.read_bytes()
    original.unlink()
    three.build()
    report = three.build(after=GRACE)

    assert report.withdrawn == ("lebanon.toml",)
    assert groups(three) == of_all("ar", "fr")
    assert linked(three) == {"ar": ["ar", "fr"], "fr": ["fr", "ar"]}
    assert three.codes() == []
    assert is_reproducible(three)

    three.drop("lebanon.toml", data)
    three.build()

    assert groups(three) == of_all("en", "fr", "ar")


@pytest.mark.long
def test_a_taken_down_entry_is_on_no_page(three: Newsroom) -> None:
    """It is not in the ledger either."""
    with ledger_of(three) as ledger:
        id_ = ledger.entries.id_of("liban.toml")
    assert id_
    (three.folder / "entries/liban.toml").unlink()
    three.now += timedelta(minutes=1)
    clock = datetime.now(UTC) + timedelta(seconds=2)
    report = publish.build(
        three.config, publish.RunRequest(now=three.now, clock=clock, takedown=id_)
    )

    assert pages(report) == ["report-ar", "report-en"]
    assert groups(three) == of_all("ar", "en")
    assert is_reproducible(three)


@pytest.mark.long
def test_a_translation_of_a_taken_down_entry_stands_alone(newsroom: Newsroom) -> None:
    """A link of the chain is missing, so the next entry has no original."""
    for language, of in (("en", ""), ("fr", "lebanon"), ("ar", "liban")):
        drop(newsroom, language, of)
    newsroom.build()
    with ledger_of(newsroom) as ledger:
        id_ = ledger.entries.id_of("liban.toml")
    assert id_
    newsroom.now += timedelta(minutes=1)
    clock = datetime.now(UTC) + timedelta(seconds=2)
    report = publish.build(
        newsroom.config, publish.RunRequest(now=newsroom.now, clock=clock, takedown=id_)
    )

    assert pages(report) == ["report-ar", "report-en"]
    assert groups(newsroom) == {}
    (newsroom.folder / "entries/liban.toml").unlink()
    newsroom.build()
    assert is_reproducible(newsroom)


@pytest.mark.long
def test_an_expired_entry_leaves_the_pages_at_its_moment(three: Newsroom) -> None:
    """No page is fresh for longer than that."""
    moment = three.now + timedelta(hours=3)
    drop(three, "fr", "lebanon", expires=f"{moment:%Y-%m-%dT%H:%M:%SZ}")
    report = three.build()
    (page,) = [path for path in three.feeds() if path.endswith("report-en.html")]
    listing = manifest.ManifestReader(three.folder / "feeds").find(page)

    assert groups(three) == of_all("en", "fr", "ar")
    assert report.next == moment
    assert listing
    assert listing.expires == moment.timestamp()
    report = three.build(after=moment - three.now)
    assert pages(report) == ["report-ar", "report-en"]
    assert groups(three) == {"Report ar": ["en"], "Report en": ["ar"], "Report fr": ["ar", "en"]}
    assert is_reproducible(three)


@pytest.mark.long
def test_links_come_back_after_a_wrong_clock(three: Newsroom) -> None:
    """An entry that had expired by it is linked again."""
    moment = three.now + timedelta(hours=3)
    drop(three, "fr", "lebanon", expires=f"{moment:%Y-%m-%dT%H:%M:%SZ}")
    three.build()
    before = linked(three)
    three.build(after=timedelta(hours=4))

    three.build(after=-timedelta(hours=3))

    assert linked(three) == before


def test_a_retracted_entry_is_still_linked(three: Newsroom) -> None:
    """Its page gives the reason."""
    drop(three, "fr", "lebanon", status='"retracted"', retraction='"The figures were wrong."')

    three.build()

    assert groups(three) == of_all("en", "fr", "ar")


@pytest.mark.long
def test_a_changed_original_changes_both_groups(three: Newsroom) -> None:
    """The entry leaves one group and joins the other."""
    drop(three, "es")
    three.build()
    drop(three, "ar", "libano")

    report = three.build()

    assert pages(report) == ["report-ar", "report-en", "report-es", "report-fr"]
    assert groups(three) == of_all("ar", "es") | of_all("en", "fr")
    drop(three, "ar")
    report = three.build()
    assert pages(report) == ["report-ar", "report-es"]
    assert groups(three) == of_all("en", "fr")
    assert is_reproducible(three)


# ---- Unpublished entries


@pytest.mark.long
def test_an_embargoed_translation_leaks_nothing(newsroom: Newsroom) -> None:
    """It is linked at its moment and not before; it is not reported as missing."""
    drop(newsroom, "en")
    newsroom.build()
    moment = newsroom.now + timedelta(hours=3)
    embargo = {"date": f"{moment:%Y-%m-%dT%H:%M:%SZ}", "title": "EMBARGOED"}
    drop(newsroom, "fr", "lebanon", **embargo)
    drop(newsroom, "ar", "liban")

    newsroom.build()
    documents = newsroom.feeds()

    assert newsroom.codes() == ["scheduled"]
    assert groups(newsroom) == {}
    assert not any(b"EMBARGOED" in data or b"liban" in data for data, _ in documents.values())
    report = newsroom.build(after=moment - newsroom.now)
    assert pages(report) == ["report-ar", "report-en"]
    assert groups(newsroom) == {
        "EMBARGOED": ["ar", "en"],
        "Report ar": ["en", "fr"],
        "Report en": ["ar", "fr"],
    }
    assert is_reproducible(newsroom)
    shutil.rmtree(newsroom.folder / "feeds")


@pytest.mark.long
def test_a_draft_is_on_no_page(newsroom: Newsroom) -> None:
    """A draft of the original is not reported as missing."""
    drop(newsroom, "en", draft="true")
    drop(newsroom, "fr", "lebanon")
    newsroom.drop("far/away/libano.toml", text("es", "lebanon"))

    newsroom.build()

    assert newsroom.codes() == ["draft"]
    assert groups(newsroom) == {}
    drop(newsroom, "en")
    newsroom.build()
    assert groups(newsroom) == of_all("en", "es", "fr")


# ---- Two entries in one language


@pytest.mark.long
def test_the_newest_entry_in_a_language_is_linked(newsroom: Newsroom) -> None:
    """`hreflang` is unique on a page; the next in age takes its place once it has expired."""
    drop(newsroom, "en")
    newsroom.build()
    newsroom.drop("one.toml", text("fr", "lebanon", title="First"))
    newsroom.build()
    moment = newsroom.now + timedelta(hours=3)
    late = {"expires": f"{moment:%Y-%m-%dT%H:%M:%SZ}"}
    newsroom.drop("two.toml", text("fr", "lebanon", title="Second", **late))
    newsroom.build()
    (page,) = [data for path, (data, _) in newsroom.feeds().items() if "/report-en" in path]

    assert [one.title for one in headlines(newsroom)["Report en"]] == ["Second"]
    found = re.findall(r'<link rel="alternate" hreflang="fr" href="[^"]+/([^"]+)"', page.decode())
    assert found == ["second.html"]
    assert is_reproducible(newsroom)

    newsroom.build(after=timedelta(hours=4))

    assert [one.title for one in headlines(newsroom)["Report en"]] == ["First"]
    assert [one.title for one in headlines(newsroom)["Second"]] == ["Report en"]
    assert is_reproducible(newsroom)


@pytest.mark.long
def test_a_retracted_entry_does_not_hide_another_in_its_language(newsroom: Newsroom) -> None:
    """It is linked only where it is the last one."""
    drop(newsroom, "en")
    good = newsroom.drop("good.toml", text("fr", "lebanon", title="Good"))
    newsroom.build()
    newsroom.drop("twice.toml", text("fr", "lebanon", title="Twice"))
    newsroom.build()
    before = headlines(newsroom)["Report en"]
    away = {"status": '"retracted"', "retraction": '"Published twice."'}
    newsroom.drop("twice.toml", text("fr", "lebanon", title="Twice", **away))
    report = newsroom.build()
    after = headlines(newsroom)["Report en"]
    good.unlink()
    newsroom.build()
    newsroom.build(after=GRACE)
    alone = headlines(newsroom)["Report en"]

    assert [one.title for (one,) in (before, after, alone)] == [
        "Twice",
        "Good",
        "Rétracté\u00a0: Twice",
    ]
    assert "report-en" in pages(report)
    assert is_reproducible(newsroom)


@pytest.mark.long
def test_a_page_names_no_entry_of_its_own_language(newsroom: Newsroom) -> None:
    """In a series that names its first entry by mistake, each page would name all others."""
    drop(newsroom, "en")
    drop(newsroom, "fr", "lebanon")
    for number in range(5):
        newsroom.drop(f"{number}.toml", text("en", "lebanon", title=f"Report {number}"))
    newsroom.build()
    newsroom.drop("new.toml", text("en", "lebanon", title="Report new"))
    newsroom.build()
    (page,) = [data for path, (data, _) in newsroom.feeds().items() if "/report-en" in path]

    assert [one.title for one in headlines(newsroom)["Report en"]] == ["Report fr"]
    assert [one.title for one in headlines(newsroom)["Report fr"]] == ["Report new"]
    assert page.count(b'"workTranslation"') == 1
    assert b"Report fr" in page
    assert b"Report 3" not in page.partition(b'"workTranslation"')[2].partition(b"</script>")[0]


# ---- Names and folders


@pytest.mark.long
def test_a_folder_for_each_language_can_use_the_same_names(newsroom: Newsroom) -> None:
    """The original is the file that is no translation, in any order of arrival."""
    for language, of in (("fr", "lebanon"), ("ar", "lebanon"), ("en", "")):
        newsroom.drop(f"{language}/lebanon.toml", text(language, of))
        newsroom.build()

    assert groups(newsroom) == of_all("ar", "en", "fr")
    assert newsroom.codes() == []
    assert is_reproducible(newsroom)


def test_a_file_in_the_same_folder_has_priority(newsroom: Newsroom) -> None:
    """Next comes one in the folder of all entries, then any other."""
    newsroom.drop("2025/en.toml", text("en", title="Old"))
    newsroom.drop("2026/en.toml", text("en", title="New"))
    newsroom.drop("2026/fr.toml", text("fr", "en", title="Neuf"))
    newsroom.drop("2026/far/es.toml", text("es", "../../2025/en", title="Viejo"))

    newsroom.build()

    assert groups(newsroom) == {"New": ["fr"], "Neuf": ["en"], "Old": ["es"], "Viejo": ["en"]}


@pytest.mark.long
@pytest.mark.parametrize("name", ["2025/lebanon", "2025/Lebanon.toml", r"2025\\lebanon"])
def test_an_ambiguous_name_is_reported(name: str, newsroom: Newsroom) -> None:
    """A name with its folder is unambiguous, however it is written."""
    newsroom.drop("2025/lebanon.toml", text("en", title="Old"))
    newsroom.drop("2026/lebanon.toml", text("en", title="New"))
    newsroom.drop("fr/liban.toml", text("fr", "lebanon"))
    report = newsroom.build()
    (problem,) = report.problems
    unclear = groups(newsroom)
    newsroom.drop("fr/liban.toml", text("fr", name))
    newsroom.build()

    assert problem.message == (
        "Line 4: more than one entry is called lebanon. Write the folder too, as in "
        'translation_of = "2025/lebanon".'
    )
    assert unclear == {}
    assert newsroom.codes() == []
    assert groups(newsroom) == {"Old": ["fr"], "Report fr": ["en"]}


@pytest.mark.long
def test_a_name_that_becomes_unambiguous_is_linked(newsroom: Newsroom) -> None:
    """If one of the two files is renamed, the translation needs no edit."""
    newsroom.drop("2025/lebanon.toml", text("en", title="Old"))
    newsroom.drop("2026/lebanon.toml", text("en", title="New"))
    newsroom.drop("fr/liban.toml", text("fr", "lebanon"))
    newsroom.build()
    entries = newsroom.folder / "entries"
    (entries / "2025/lebanon.toml").rename(entries / "2025/beirut.toml")

    newsroom.build()

    assert groups(newsroom) == {"New": ["fr"], "Report fr": ["en"]}
    assert newsroom.codes() == []
    assert is_reproducible(newsroom)


@pytest.mark.long
def test_an_id_refers_to_an_entry(newsroom: Newsroom) -> None:
    """It may be an imported id or one of Dateline's own."""
    drop(newsroom, "fr", "http://example.org/?p=7")
    newsroom.build()
    drop(newsroom, "en", id='"http://example.org/?p=7"')
    newsroom.build()
    with ledger_of(newsroom) as ledger:
        id_ = ledger.entries.id_of("liban.toml")
    drop(newsroom, "ar", f"{id_}")

    newsroom.build()

    assert groups(newsroom) == of_all("ar", "en", "fr")
    assert newsroom.codes() == []


# ---- Messages to staff


def note(newsroom: Newsroom) -> Path:
    """Return the path of the note on the French file."""
    return newsroom.folder / "entries/liban.toml.problem.txt"


@pytest.mark.long
def test_a_name_without_a_file_is_reported(newsroom: Newsroom) -> None:
    """The translation is published; the note disappears once the original exists."""
    newsroom.drop("2008-10-20-lebanon.toml", text("en"))
    drop(newsroom, "fr", "2008-10-20-libanon")
    report = newsroom.build()
    said = note(newsroom).read_text("utf-8-sig")

    (problem,) = report.problems
    assert problem.message == (
        "Line 4: there is no entry 2008-10-20-libanon. "
        'Did you mean translation_of = "2008-10-20-lebanon"?'
    )
    assert report.published == ("2008-10-20-lebanon.toml", "liban.toml")
    assert said.startswith("Dateline: liban.toml should be checked.")
    assert '4 | translation_of = "2008-10-20-libanon"' in said

    newsroom.drop("2008-10-20-libanon.toml", text("es"))
    newsroom.build()

    assert newsroom.codes() == []
    assert not note(newsroom).exists()
    assert groups(newsroom) == of_all("es", "fr")


@pytest.mark.long
def test_a_note_disappears_in_a_run_for_the_original_only(newsroom: Newsroom) -> None:
    """`serve` runs like this: it does not read the translation's file."""
    drop(newsroom, "fr", "lebanon")
    newsroom.build()
    before = newsroom.codes(), note(newsroom).exists()
    drop(newsroom, "en")

    report = newsroom.build(changed_files=["lebanon.toml"])

    assert before == (["translation-unknown"], True)
    assert report.problems == ()
    assert not note(newsroom).exists()
    assert groups(newsroom) == of_all("en", "fr")


@pytest.mark.long
def test_a_translation_into_the_language_of_its_original_is_reported(newsroom: Newsroom) -> None:
    """Where a line is missing in either file, also before publication, until it is there."""
    newsroom.drop("lebanon.toml", entry_file("Report"))
    newsroom.drop("liban.toml", entry_file("Rapport", translation_of='"lebanon"'))
    newsroom.drop("informe.toml", entry_file("Informe", language='"es"', translation_of='"liban"'))
    draft = {"translation_of": '"informe"', "language": '"es"', "draft": "true"}
    newsroom.drop("draft.toml", entry_file("Later", **draft))
    report = newsroom.build()
    said = [(one.file, one.found) for one in report.problems if one.code == "translation-language"]

    assert sorted(said) == [("draft.toml", "informe"), ("liban.toml", "lebanon")]
    assert "Correct language in one of the two files" in note(newsroom).read_text("utf-8-sig")
    assert groups(newsroom) == {"Informe": ["en"], "Rapport": ["es"], "Report": ["es"]}

    newsroom.drop("lebanon.toml", entry_file("Report", language='"ar"'))
    newsroom.build(changed_files=("lebanon.toml",))

    assert sorted(newsroom.codes()) == ["draft", "translation-language"]
    assert groups(newsroom)["Rapport"] == ["ar", "es"]


@pytest.mark.long
def test_a_change_of_the_original_reports_the_language_of_its_translation(
    newsroom: Newsroom,
) -> None:
    """It comes out later, gets another language, or another name: the note is there while true."""
    newsroom.drop("lebanon.toml", entry_file("Report", draft="true"))
    newsroom.drop("liban.toml", entry_file("Rapport", translation_of='"lebanon"'))
    newsroom.build()
    said = [newsroom.codes()]
    for name, more in (
        ("lebanon.toml", {}),
        ("lebanon.toml", {"language": '"ar"'}),
        ("lebanon.toml", {"language": '"en"'}),
        ("beirut.toml", {"language": '"en"'}),
        ("beirut.toml", {"language": '"ar"'}),
    ):
        if name == "beirut.toml":
            (newsroom.folder / "entries/lebanon.toml").unlink(missing_ok=True)
        newsroom.drop(name, entry_file("Report", **more))
        newsroom.build()
        said.append([one for one in newsroom.codes() if one.startswith("translation")])
        assert note(newsroom).exists() == bool(said[-1])

    given = ["translation-language"]
    assert said == [["draft"], given, [], given, given, []]


@pytest.mark.long
def test_a_translation_of_an_entry_that_was_taken_down_is_reported(newsroom: Newsroom) -> None:
    """It names an entry that never comes out, whether its file is still there or not."""
    path = drop(newsroom, "en")
    newsroom.build()
    newsroom.now += timedelta(minutes=1)
    clock = datetime.now(UTC) + timedelta(seconds=2)
    publish.build(
        newsroom.config,
        publish.RunRequest(now=newsroom.now, clock=clock, takedown=newsroom.items()[0]["id"]),
    )
    drop(newsroom, "fr", "lebanon")
    drop(newsroom, "es", "lebanon")
    newsroom.build()
    before = newsroom.codes()
    path.unlink()

    newsroom.build(rebuild=True)

    assert sorted(before) == ["taken-down", "translation-gone", "translation-gone"]
    assert newsroom.codes() == ["translation-gone", "translation-gone"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("report", "there is no entry report. Write the name of the file that this one"),
        ("2026/lebanom", 'Did you mean translation_of = "en/lebanon"?'),
        ("lebanom.toml", 'Did you mean translation_of = "lebanon"?'),
        (".", "there is no entry .. Write the name"),
        ("x" * 3000, "…"),
        ("liban", "says that it translates itself"),
    ],
)
def test_a_message_gives_the_name_to_type(name: str, message: str, newsroom: Newsroom) -> None:
    """The folder is part of it only where it is needed."""
    newsroom.drop("en/lebanon.toml", text("en"))
    drop(newsroom, "fr", name)

    (problem,) = newsroom.build().problems

    assert message in problem.message
    assert groups(newsroom) == {}


def test_an_entry_that_refers_to_its_own_id_is_reported(newsroom: Newsroom) -> None:
    """It is treated like its own name."""
    drop(newsroom, "fr", "urn:x:1", id='"urn:x:1"')

    newsroom.build()

    assert newsroom.codes() == ["translation-self"]


def test_problems_are_reported_before_publication(newsroom: Newsroom) -> None:
    """`check` reports them for a draft, in the language of staff."""
    path = newsroom.folder / "config.toml"
    path.write_text(path.read_text("utf-8") + '[newsroom]\nlanguage = "fr"\n', "utf-8")
    drop(newsroom, "fr", "lebanon", draft="true")
    clock = datetime.now(UTC) + timedelta(seconds=2)

    report = check(
        newsroom.config, publish.RunRequest(now=newsroom.now, clock=clock, files=["liban.toml"])
    )

    assert "Il n’y a pas d’entrée lebanon" in report.problems[0].message.replace(
        "Ligne 4\u00a0: i", "I"
    )


# ---- Previews


@pytest.mark.long
def test_a_preview_shows_the_future_translations(newsroom: Newsroom) -> None:
    """This covers a draft, and a live entry that now names another original."""
    staff = Staff.of(newsroom)
    drop(newsroom, "en")
    drop(newsroom, "ar", "lebanon")
    drop(newsroom, "es")
    drop(newsroom, "fr", "lebanon", draft="true")
    staff.build()

    assert preview(staff, "liban.toml") == {"new": ["ar", "en"]}
    drop(newsroom, "ar", "libano", draft="true")
    staff.build()
    assert preview(staff, "lubnan.toml") == {"live": ["en"], "new": ["es"]}


def preview(staff: Staff, file: str) -> dict[str, list[str]]:
    """Return the languages to which the previewed pages link."""
    page = staff.get(f"/preview?file={file}").text
    return {
        which: re.findall(r'<a lang="[^"]+" hreflang="([^"]+)"', staff.get(address).text)
        for address, which in re.findall(r'<iframe src="(/shown/[^"]+/(live|new)-\w+)"', page)
    }


# ---- Cost


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """Record all statements that engines execute."""
    asked: list[tuple[str, Any]] = []

    def note_down(*said: object) -> None:
        _, _, statement, parameters, _, is_many = said
        if not is_many:
            asked.append((str(statement), parameters))

    sa.event.listen(sa.Engine, "before_cursor_execute", note_down)
    try:
        yield asked
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note_down)


def about_translations(asked: list[tuple[str, Any]]) -> list[str]:
    """Return the queries that only translations need."""
    plain = [" ".join(one.split()) for one, _ in asked if not one.startswith("CREATE")]
    conditions = [one.partition(" WHERE ")[2] for one in plain]
    names = re.compile(r"original|reference|renamed\.name =|entry\.name\b")
    return [one for one in conditions if names.search(one)]


@pytest.mark.long
def test_publications_without_translations_make_no_such_queries(newsroom: Newsroom) -> None:
    """This covers new, changed and deleted entries."""
    with statements() as asked:
        drop(newsroom, "en")
        newsroom.drop("another.toml", text("en", title="Another one"))
        newsroom.build()
        drop(newsroom, "en", title="Another")
        newsroom.build()
        (newsroom.folder / "entries/lebanon.toml").unlink()
        newsroom.build()
        newsroom.build(after=GRACE)

    assert newsroom.log[-1].withdrawn
    assert len(asked) > 100
    assert about_translations(asked) == []


@pytest.mark.long
def test_the_number_of_queries_is_independent_of_the_number_of_entries(newsroom: Newsroom) -> None:
    """A run makes a handful of queries."""
    drop(newsroom, "en")
    drop(newsroom, "fr", "lebanon")
    costs = []
    for count in (5, 50):
        for number in range(count):
            name = f"{count}-{number}"
            newsroom.drop(f"{name}.toml", text("en", title=f"Other {name}"))
            newsroom.drop(f"{name}-ar.toml", text("ar", name, title=f"Other ar {name}"))
        newsroom.build()
        newsroom.drop(f"new-{count}.toml", text("en", title=f"New {count}"))
        newsroom.build()
        newsroom.drop(f"nouveau-{count}.toml", text("fr", f"new-{count}", title=f"Neuf {count}"))
        with statements() as asked:
            newsroom.build(changed_files=[f"nouveau-{count}.toml"])
        costs.append((len(asked), len(about_translations(asked))))

    assert groups(newsroom)["New 50"] == ["fr"]
    assert costs[0] == costs[1]
    assert costs[0][1] <= 10


@pytest.mark.long
def test_no_query_scans_all_entries(newsroom: Newsroom) -> None:
    """Each query uses an index."""
    for number in range(9):
        newsroom.drop(f"{number}.toml", text("en", title=f"Other {number}"))
        newsroom.drop(f"{number}-ar.toml", text("ar", f"{number}", title=f"Other ar {number}"))
    newsroom.build()

    with statements() as asked:
        for name in ("7", "none", "far/7"):
            newsroom.drop("a/fr.toml", text("fr", name))
            newsroom.drop("7.toml", text("en", title=f"Another {name}"))
            newsroom.build()
        (newsroom.folder / "entries/7.toml").rename(newsroom.folder / "entries/eight.toml")
        newsroom.build()
        newsroom.drop("a/es.toml", text("es", "7"))
        newsroom.build()
        rebuild(newsroom)
    with ledger_of(newsroom) as ledger:
        plans = {
            (" ".join(one.split()), row[3])
            for one, parameters in asked
            if about_translations([(one, parameters)]) and one.startswith("SELECT")
            for row in ledger._session.connection.exec_driver_sql(  # noqa: SLF001 - to explain it
                f"EXPLAIN QUERY PLAN {one}", parameters
            )
        }

    assert groups(newsroom)["Report es"]
    assert len(plans) > 10
    assert [plan for plan in plans if plan[1].startswith("SCAN")] == []


# ---- Random changes


@pytest.mark.long
@pytest.mark.parametrize("seed", one_of_each(range(2)))
def test_every_order_of_changes_gives_the_same_bytes(seed: int, newsroom: Newsroom) -> None:
    """Files change and refer to each other at random; a rebuild changes no page."""
    chance = random.Random(seed)  # noqa: S311 - a test's own
    names = ["a", "b", "sub/a", "sub/c", "far/away/a", "d"]
    for _ in range(14):
        name = chance.choice(names)
        path = newsroom.folder / f"entries/{name}.toml"
        deed = chance.randrange(6)
        if deed == 0 and path.exists():
            path.unlink()
        elif deed == 1 and path.exists() and not (other := path.with_name("new.toml")).exists():
            path.rename(other)
        else:
            of = chance.choice(["", "a", "b", "c", "sub/a", "../a", "new", "none"])
            language = chance.choice(["en", "fr", "ar", "es"])
            later = {"expires": "2026-11-25T14:00:00Z"} if deed == 2 else {}
            newsroom.drop(f"{name}.toml", text(language, of, title=f"Report {name}", **later))
        newsroom.build(after=chance.choice([timedelta(minutes=1), GRACE, timedelta(hours=1)]))
        before = newsroom.feeds()
        rebuild(newsroom)
        assert newsroom.feeds() == before
        if "name-copy" in newsroom.codes():  # of what a ledger alone knows
            path.unlink()
            newsroom.build()

    assert is_reproducible(newsroom)


@pytest.mark.parametrize(
    ("reference", "folder", "name"),
    [
        ("2008-10-20-Lebanon", "", "2008-10-20-lebanon"),
        ("Lebanon.toml", "fr", "fr/lebanon"),
        ("../en/./lebanon.toml.txt", "fr", "en/lebanon"),
        (r"en\lebanon", "", "en/lebanon"),
        ("/lebanon", "fr", "lebanon"),
        ("../../../etc/passwd", "fr", "etc/passwd"),
        ("Cafe\u0301", "", "caf\u00e9"),
        ("..", "fr", ""),
        ("..lebanon", "", "..lebanon"),
    ],
)
def test_a_name_is_accepted_in_every_spelling(reference: str, folder: str, name: str) -> None:
    """It may have an extension, and be relative to the folder or to the folder of all entries."""
    assert named(reference, folder) == name
