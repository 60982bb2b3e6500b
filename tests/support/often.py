"""Tests with many cases, of which `make test-all` runs some and `make test-release` the others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from _pytest.mark import ParameterSet


def one_of_each(cases: Iterable[Any], number: int = 2) -> list[ParameterSet]:
    """Return the first of each `number` of cases for test-all, the others for test-release."""
    found = [one if isinstance(one, ParameterSet) else pytest.param(one) for one in cases]
    return [
        one._replace(marks=[*one.marks, pytest.mark.release]) if place % number else one
        for place, one in enumerate(found)
    ]
