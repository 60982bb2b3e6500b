"""Bytes of a file are decoded as meant, or the file is held with a question."""

from __future__ import annotations

import csv

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dateline.entries.parse.encoding import decode
from dateline.errors import EntryError
from dateline.model import Source
from support.paths import DATA

ENTRY = 'title = "{}"\ndate = 2008-10-20\nbody = """\nA report.\n"""\n'
# Correct texts with sequences that also occur in garbled ones.
TEXTS = [
    "L’ONUDC lance une étude « à Genève »…",
    "España: ¿qué pasó? ¡Nada!",
    "Äpfel, Öl, Übung, Maß – „Straße“",
    "“MINHA IRMÃ”",
    "Its price is 22.5×—the lowest.",
    "ÎN ROMÂNIA",
    "Â» x",
    "Il parle de «\u00a0liberté\u00a0» – là\u00a0– et de «\u00a0café…\u00a0».",
    "She called him her “fiancé”—and he “an habitué…”",
    "È\u00a0stato detto. É\u00a0importante; é… É… talvez.",
    "Việt Nam, Hà Nội – thủ đô",
    "İstanbul'da ÇOCUKLAR",
    "Доклад УНП ООН «Торговля людьми»",
    "تقرير عن الاتجار بالأشخاص في لبنان",
    "联合国毒品和犯罪问题办公室",
    "Café 5 € – 50 % · ½ ° ©",
    "👩🏽‍🚀 & co",
]
WESTERN = [
    TEXTS[0],
    TEXTS[1],
    TEXTS[2],
    "Plus ça change, Noël",
    "Il parle de «\u00a0liberté\u00a0» et d’«\u00a0égalité\u00a0».",
    "Ærø å øl",
    "Não: ação à vista",
    "Tous les êtres humains naissent libres et égaux en dignité et en droits.",
    "Où étaient-ils ? Près de la forêt ; le cœur de la bibliothèque a coûté cher à Haïti.",
    "Les siècles de Molière, poète, et la thèse d’Alexeï, gênée par une pêche au Viêt Nam",
    "Alle Menschen sind frei und gleich an Würde und Rechten geboren.",
    "Todos los seres humanos nacen libres. ¿Qué año, señor? El 1º y el Nº 5, en València",
    "Tutti gli esseri umani nascono liberi ed eguali in dignità. È così: più virtù, perciò può.",
    "Todos os seres humanos são dotados de razão e de consciência: três irmãs, você, ações.",
    "Alle mennesker er født frie. Klimaændringer på Færøerne, religiøse miljøorganisationer.",
    "Alle mennesker er født frie; uønskede og sosioøkonomiske følger, øyer og innsjøene.",
    "Alla människor är födda fria och lika i värde och rättigheter på ön.",
    "Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan.",
    "Tots els éssers humans neixen amb raó i consciència; això és un èxit periòdic.",
    "Alle mensen zijn vrij: één scène in België, niet geïnformeerd.",
    "Kõik inimesed sünnivad vabadena ja võrdsetena oma väärikuselt ja õigustelt.",
    "The rapporteur, Søren Kjærgaard, visited São Paulo, Málaga and Besançon.",
]
# Bytes of Windows in Central Europe. As Western text, each has Western letters only.
CENTRAL = [
    "Zpráva o obchodu s lidmi: tři tisíce obětí",
    "Právo na práci má letos i člověk bez domova.",
    "Je to prostě nutné.",
    "Karel Čapek: Válka s mloky",
    "The minister, Jiří Dvořák, met the press in Brno.",
    "Zadajte prosím správne heslo pre účet.",
    "Dzień Dziecka w Gdańsku",
    "Nareszcie zaczęto prace nad raportem.",
    "To jest nasz dom, w którym się rodzimy; pamięć i miejsce.",
    "Minden ember szabadon születik és egyenlő méltósága és joga van.",
    "Megnyílt a művészeti kiállítás.",
    "Svatko ima pravo na odmor, uključujući razumno ograničenje radnih sati.",
    "Petrović je danas bio u selu.",
    "Osnovno poročilo o človekovih pravicah je danes tu.",
    "Raportul a fost publicat astăzi, după o lună.",
    "Aşa este: Mureş.",
]


def text_of(data: bytes, age: float = 86_400.0) -> str:
    """Return the decoded text of some bytes."""
    return decode(Source(path="a.toml", data=data, age=age)).text


def code_of(data: bytes, age: float = 86_400.0) -> str:
    """Return the code of the problem with some bytes."""
    with pytest.raises(EntryError) as caught:
        text_of(data, age)
    return caught.value.problems[0].code


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", TEXTS)
def test_correct_text_in_any_script_stays(text: str, coding: str) -> None:
    """No correct text is taken for garbled."""
    entry = ENTRY.format(text)

    assert text_of(entry.encode(coding)) == entry


@pytest.mark.parametrize("text", WESTERN)
def test_western_text_of_windows_is_decoded(text: str) -> None:
    """A file saved as "ANSI" is recognised, and that is reported."""
    entry = ENTRY.format(text)

    found = decode(Source(path="a.toml", data=entry.encode("cp1252"), age=0))

    assert (found.text, [note.code for note in found.notes]) == (entry, ["file-windows"])


@pytest.mark.parametrize("coding", ["cp1252", "latin-1"])
@pytest.mark.parametrize("text", TEXTS)
def test_garbled_text_is_held(text: str, coding: str) -> None:
    """Text that was decoded wrongly and saved again is recognised in every script."""
    spoilt = "".join(bytes([byte]).decode(coding, "ignore") or chr(byte) for byte in text.encode())

    assert code_of(ENTRY.format(spoilt).encode()) == "file-mojibake"


@pytest.mark.parametrize(
    ("text", "coding"),
    [
        ("Доклад", "cp1251"),
        ("Доклад", "koi8-r"),
        ("Доклад", "mac_cyrillic"),
        ("تقرير", "cp1256"),
        ("联合国毒品", "gb18030"),
        ("聯合國毒品", "big5"),
        ("国連薬物", "shift_jis"),
        ("Έκθεση", "cp1253"),
        ("Żółwie gęgają", "cp1250"),
        *((text, "cp1250") for text in CENTRAL),
        ("İstanbul'da ışık", "cp1254"),
        ("l’été à Genève", "mac_roman"),
        ("España", "mac_roman"),
    ],
)
def test_ambiguous_encodings_are_held(text: str, coding: str) -> None:
    """There is no guess between legacy encodings."""
    assert code_of(ENTRY.format(text).encode(coding)) == "file-encoding"


@pytest.mark.long
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0\x1a\ufffd"), max_size=40))
def test_line_ends_are_normalised(text: str) -> None:
    """No other character changes."""
    assume(not any("\u00c2" <= sign <= "\u00f0" for sign in text))  # may be held

    found = text_of(f"#{text}".encode())

    assert found == f"#{text}".replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("age", [0.0, 86_400.0])
def test_text_cut_inside_a_character_is_incomplete(age: float) -> None:
    """The file is waited for, then held."""
    data = ENTRY.format("x").encode()[:-5] + "é".encode()[:1]

    assert code_of(data, age) == ("file-ends-early" if age else "file-cut")


def encodings() -> list[dict[str, str]]:
    """Return the rows of the table of sentences in legacy encodings."""
    path = DATA / "encodings.tsv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize("row", encodings(), ids=lambda row: f"{row['coding']}-{row['text']}")
def test_a_sentence_is_decoded_as_saved_or_held(row: dict[str, str]) -> None:
    """It is never garbled; Western text is read if its bytes allow nothing else."""
    entry = ENTRY.format(row["text"])
    data = entry.encode(row["coding"])

    if row["outcome"] == "read":
        assert text_of(data) == entry
    else:
        assert code_of(data) in {"file-encoding", "file-mojibake", "file-ends-early"}


def test_an_end_of_a_line_is_no_misread_letter() -> None:
    """Files of mainframes have U+0085 there, behind any letter."""
    entry = ENTRY.format("Spaß\u0085Café\u0085\u0085Weiß\u0085")

    assert text_of(entry.encode()) == entry


@pytest.mark.parametrize(
    ("age", "codes"),
    [(599, ["file-empty", "file-cut"]), (600, ["file-still-empty", "file-ends-early"])],
)
def test_an_incomplete_file_is_waited_for_ten_minutes(age: float, codes: list[str]) -> None:
    """Then the message has a remedy."""
    assert [code_of(data, age) for data in (b"", "é".encode()[:1])] == codes
