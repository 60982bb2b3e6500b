"""Unambiguous slips are repaired, and no text inside quotes changes."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dateline.entries.parse.repairs import REPAIRS, stands, truth, with_repairs
from dateline.entries.parse.statements import DOUBLE, SINGLE, UNSEEN, statements
from dateline.text import toml

# All characters that a text may hold except quotes and line ends.
WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=DOUBLE + SINGLE), max_size=30
)


def repaired(text: str) -> dict[str, object]:
    """Return the value of a text when every repair is made."""
    whole = "\n".join(
        with_repairs(s)[0].text if s.kind == "field" else s.text for s in statements(text)
    )
    return toml.parse(whole)


@pytest.mark.parametrize("pair", ["“”", "„“", "„”", "””", "‘’", "‚‘", "＂＂", "″″", "〝〞", "❝❞"])
@given(words=WORDS)
def test_a_text_in_any_quotes_stays(pair: str, words: str) -> None:
    """Backslashes, spaces of any kind, and brackets inside stay as typed."""
    found = repaired(f"title = {pair[0]}{words}{pair[1]}")

    assert found == {"title": words}


@given(words=WORDS)
def test_a_body_in_curly_quotes_stays(words: str) -> None:
    """Slips of syntax inside are plain text."""
    body = f'{words}\n"{words}" ‘x’\ndate = “x”;\n'

    assert repaired(f"body = “““\n{body}”””") == {"body": body}


@given(first=WORDS, second=WORDS)
def test_texts_in_a_list_stay(first: str, second: str) -> None:
    """Each pair of quotes is independent."""
    assume("]" not in first and "］" not in first)

    found = repaired(f"categories = [“{first}”, ‘{second}’]")

    assert found == {"categories": [first, second]}


@given(words=WORDS, space=st.sampled_from(UNSEEN))
def test_invisible_characters_become_spaces_only_outside_quotes(words: str, space: str) -> None:
    """Around the name and after the value; inside they stay."""
    text = f'{space}title{space}={space}"{words.replace(chr(92), "")}{space}"{space};'
    assume(space not in "\x0b\x0c\x85" or stands(f'a = "{space}"'))

    assert repaired(text) == {"title": words.replace(chr(92), "") + space}


@pytest.mark.parametrize(
    "text",
    [
        'title = "a";b"',
        'title = “a" “b”',
        "title = “Blue Heart” and “Red Ribbon”",
        "title = ‘a’ and ‘b’",
        "title = «a»",
        "title = a",
        "draft = maybe",
        "link = https://example.org/",
        'title = "a" "b"',
    ],
)
def test_ambiguous_text_is_not_repaired(text: str) -> None:
    """The file is held with a question."""
    (statement,) = statements(text)

    assert not stands(with_repairs(statement)[0].text)


@pytest.mark.parametrize("comma", ["，", "、", "،"])
def test_a_list_may_have_the_commas_of_its_language(comma: str) -> None:
    """Those within its texts stay."""
    (statement,) = statements(f'categories = ["a{comma}b"{comma} “c”]')

    assert with_repairs(statement)[0].text == f'categories = ["a{comma}b", "c"]'


@pytest.mark.parametrize("repair", REPAIRS, ids=lambda repair: repair.__name__)
@pytest.mark.parametrize(
    "text",
    [
        "title\u00a0= “a”;",
        "ｔｉｔｌｅ ＝ ＂a＂，",
        "image alt = ‘a’",
        "draft = True",
        "date = 20 October 2008",
        "categories = [“a”，\n  ‘b’\u00a0],",
        "body = “““\na\n”””;",
        "x",
        "[a]",
    ],
)
def test_a_repair_keeps_the_number_of_lines(repair: object, text: str) -> None:
    """Repairing twice changes nothing more."""
    assert callable(repair)
    (statement,) = statements(text)
    if statement.kind != "field":
        return

    outcome = repair(statement)

    if outcome:
        assert outcome[0].text.count("\n") == text.count("\n")
        assert repair(outcome[0]) is None


@given(st.text(st.sampled_from("a=[]\"'“”\n#;, \\é")))
def test_joined_statements_are_the_text(text: str) -> None:
    """Each statement has its line."""
    found = list(statements(text))

    assert "\n".join(one.text for one in found) == text
    assert [one.line for one in found] == [
        1 + sum(before.text.count("\n") + 1 for before in found[:at]) for at in range(len(found))
    ]
    assert all(one.key + one.gap + one.value == one.text for one in found if one.kind == "field")


@pytest.mark.parametrize(
    ("word", "meant"),
    [("yes", True), ("OUI", True), ("да", True), ("是", True), ("نعم", True), ("Sí", True),
     ("no", False), ("non", False), ("нет", False), ("否", False), ("لا", False), ("maybe", None),
     ("1", None), ("", None)],
)  # fmt: skip
def test_yes_and_no_are_known_in_six_languages(word: str, meant: bool | None) -> None:  # noqa: FBT001
    """Every other word is refused."""
    assert truth(word) is meant
