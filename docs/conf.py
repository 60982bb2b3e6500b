"""Settings of the documentation site, which `make docs` builds with Sphinx."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]

from dateline import __version__  # noqa: E402 - of this clone

project = "Dateline"
author = "Dateline contributors"
version = release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "reference"]
exclude_patterns = ["_ext"]
root_doc = "index"
nitpicky = True
nitpick_ignore_regex = [  # types that a signature names and the site has no page for
    ("py:class", r"PathLike|dateline\.(config|model|publish)\..*"),
]

myst_heading_anchors = 3
highlight_language = "text"
smartquotes = False  # `--diff` and straight quotes are to be typed

html_theme = "furo"
html_title = f"Dateline {release}"
html_copy_source = False
html_show_sphinx = False
