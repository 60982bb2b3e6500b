"""The bill of materials of a release, in CycloneDX's JSON (`make dist`).

It names the packages with their hashes, each library that they can need on any platform, as
locked, and which library requires which. `scope` is `optional` for what only an extra needs.
The same packages and locks give the same bytes: it holds no moment and no serial number.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import dateline
from support import locks
from support.paths import ROOT

_TOOL = ROOT / ".cache/release"
_SELF = f"pkg:pypi/dateline@{dateline.__version__}"
_VALIDATE = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read())
sys.exit(fault and str(fault))
"""


def bill(packages: Iterable[Path]) -> str:
    """Return the bill of materials of a wheel and a source distribution."""
    libraries = locks.required(locks.PROJECT, [*locks.read(locks.FOLDER / "dev.txt")])
    always = {one.name for one in locks.read(locks.FOLDER / "run.txt")}
    command = ["-m", "cyclonedx_py", "requirements", "-", "--output-reproducible", "--no-validate"]
    command += ["--sv=1.6", f"--pyproject={ROOT / 'pyproject.toml'}"]
    made = json.loads(_run(command, "\n".join(one.text for one in libraries)))
    component = made["metadata"]["component"]
    component |= {"bom-ref": _SELF, "purl": _SELF, "version": dateline.__version__}
    component["externalReferences"] = [_file(package) for package in packages]
    by_purl = {_purl(one): one for one in libraries}
    for part in made["components"]:
        _amend(part, by_purl[part["purl"]], always)
    made["dependencies"] = _graph(libraries)
    return f"{json.dumps(made, indent=2, sort_keys=True)}\n"


def validate(text: str) -> None:
    """Raise CalledProcessError if a text breaks CycloneDX's strict schema."""
    _run(["-c", _VALIDATE], text)


def _amend(part: dict[str, Any], library: locks.Locked, always: set[str]) -> None:
    part["bom-ref"] = part["purl"]
    part["scope"] = "required" if library.name in always else "optional"
    del part["description"]
    if library.marker:
        part["description"] = f"Only where {library.marker}"


def _graph(libraries: Sequence[locks.Locked]) -> list[dict[str, Any]]:
    """Return what the project and each library require themselves."""
    parents = {locks.PROJECT: [_SELF]}
    for one in libraries:
        parents.setdefault(one.name, []).append(_purl(one))
    return [
        {"ref": ref, "dependsOn": [_purl(one) for one in libraries if parent in one.required_by]}
        for parent, refs in parents.items()
        for ref in refs
    ]


def _file(package: Path) -> dict[str, Any]:
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    hashes = [{"alg": "SHA-256", "content": digest}]
    return {"type": "distribution", "url": package.name, "hashes": hashes}


def _purl(library: locks.Locked) -> str:
    return f"pkg:pypi/{library.name}@{library.version}"


def _run(command: list[str], text: str) -> str:
    variables = {**os.environ, "PYTHONPATH": str(_TOOL)}
    variables.pop("SOURCE_DATE_EPOCH", None)  # else the moment would be in it
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *command],
        input=text,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.stderr.write(done.stderr)
        done.check_returncode()
    return done.stdout


if __name__ == "__main__":
    made = bill(sorted((ROOT / "dist").iterdir()))
    validate(made)
    Path(sys.argv[1]).write_text(made, "utf-8")
