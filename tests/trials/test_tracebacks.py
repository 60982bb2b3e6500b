"""Tracebacks in the output of a trial."""

from __future__ import annotations

from trials.output import is_of_python, tracebacks

_OURS = """\
Traceback (most recent call last):
  File "a.py", line 1, in run
    read()
KeyError: 'a'
"""
_MEMORY = _OURS.replace("KeyError: 'a'", "MemoryError")
_CHAINED = (
    f"{_MEMORY}\nDuring handling of the above exception, another exception occurred:\n\n{_OURS}"
)
_CUT_OFF = "\n".join(_OURS.splitlines()[:2]) + "\n"


def test_each_traceback_is_judged_by_its_own_last_line() -> None:
    """One without memory excuses no other, except those that it has led to."""
    text = f"published a.toml\n{_MEMORY}published b.toml\n{_OURS}2 documents changed.\n{_CHAINED}"

    found = list(tracebacks(text))

    assert [is_of_python(one) for one in found] == [True, False, True]
    assert found[1] == _OURS.strip()


def test_a_traceback_that_is_cut_off_is_left_out() -> None:
    """Its process was killed, and nobody knows the reason."""
    assert list(tracebacks(_CUT_OFF)) == []
    assert list(tracebacks("published a.toml\n")) == []


def test_a_log_that_gets_no_memory_is_excused() -> None:
    """Python's logging prints what it failed to write, with what that was raised from."""
    log = _MEMORY.replace("a.py", "/usr/lib/python3.11/logging/__init__.py")
    chained = f"{_OURS}\nDuring handling of the above exception, another exception occurred:\n\n"

    assert is_of_python(f"{chained}{log}".strip())
    assert not is_of_python(f"{chained}{_MEMORY}".strip())


def test_a_thread_that_gets_no_memory_is_excused() -> None:
    """Python has an error of its own for it."""
    assert is_of_python(_OURS.replace("KeyError: 'a'", "RuntimeError: can't start new thread"))
    assert not is_of_python(_OURS.replace("KeyError: 'a'", "RuntimeError: a"))


def test_a_function_that_python_takes_for_another_is_excused() -> None:
    """Only within its own library: a call of ours with a wrong argument is a fault of ours."""
    wrong = "TypeError: root.<locals>.macro() takes 4 positional arguments but 5 were given"
    others = [
        "TypeError: root.<locals>.macro() missing 1 required positional argument: 'l_1_a'",
        "TypeError: 'RunRequest' object is not callable",
    ]
    ours = _OURS.replace("KeyError: 'a'", wrong)

    theirs = ours.replace("a.py", "/usr/lib/python3.11/re/_parser.py").strip()
    assert is_of_python(theirs)
    assert all(is_of_python(theirs.replace(wrong, one)) for one in others)
    assert not is_of_python(ours.replace("a.py", "/usr/lib/python3.11/site-packages/b.py").strip())
    assert not is_of_python(ours.strip())
