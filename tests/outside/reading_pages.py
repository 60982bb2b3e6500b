"""Metadata that independent programs find on a page."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from outside.programs import BROUGHT, HERE, output

_MODULES = BROUGHT / "node_modules"
_OPTIONS = {
    "strict": True,
    "noEmit": True,
    "skipLibCheck": True,
    "types": [],
    "module": "esnext",
    "moduleResolution": "bundler",
    "target": "esnext",
    "paths": {"schema-dts": [str(_MODULES / "schema-dts/dist/schema.d.ts")]},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Metadata of a page: microformats, Open Graph fields, JSON-LD."""

    items: list[dict[str, Any]]
    graph: dict[str, Any]
    linked: list[dict[str, Any]]


def found_on(pages: Mapping[str, str], folder: Path) -> dict[str, Found]:
    """Return the metadata of pages, by their addresses."""
    asked = folder / "pages.json"
    asked.write_text(json.dumps([{"url": url, "html": text} for url, text in pages.items()]))
    found = json.loads(output(["node", HERE / "machines.mjs", asked]))
    return {url: Found(**one) for url, one in zip(pages, found, strict=True)}


def faults_in(articles: Sequence[object], folder: Path) -> list[str]:
    """Return the faults of a NewsArticle by schema.org's vocabulary.

    Each property must be one of its type's or of a supertype's, and each value in its range.
    TypeScript checks it, by types made from the vocabulary (`schema-dts`).
    """
    lines = [
        f"export const article{number}: WithContext<NewsArticle> = {json.dumps(article)};\n"
        for number, article in enumerate(articles)
    ]
    head = 'import type { NewsArticle, WithContext } from "schema-dts";\n'
    (folder / "articles.ts").write_text(head + "".join(lines), encoding="utf-8")
    project = {"compilerOptions": _OPTIONS, "files": ["articles.ts"]}
    (folder / "tsconfig.json").write_text(json.dumps(project), encoding="utf-8")
    command: list[str | Path] = [
        "node",
        _MODULES / "typescript/lib/tsc.js",
        "--pretty",
        "false",
        "--project",
    ]
    done = subprocess.run([*command, folder], stdout=subprocess.PIPE, text=True, check=False)
    return done.stdout.splitlines() or [f"ended with {done.returncode}"] * bool(done.returncode)
