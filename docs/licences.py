"""Makes docs/licences.md: the licences of all packages that wirewatch needs, and of the data that come with it.

python -m docs.licences                 write the page
python -m docs.licences --into SBOM     add the data, and licences that are not told, to a CycloneDX document (JSON)
"""

import hashlib
import importlib.metadata
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements-run.lock"
"""All that an installation may need, on any system and Python."""
ALLOWED = frozenset({
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "ISC", "MIT", "MIT-0", "MIT-CMU"),
    *("PSF-2.0", "Unlicense", "Zlib"),
    # Of libraries that are installed beside wirewatch, unchanged, and may be exchanged by whoever installs them.
    *("LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later", "MPL-2.0"),
})  # fmt: skip
"""What a package may be licensed under (SPDX)."""
ALLOWED_FOR_DATA = frozenset(
    {"Apache-2.0", "CC-BY-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0", "CC0-1.0", "MIT", "Unicode-3.0"}
)
_READ = {
    "chardetng-py": "MIT",
    "elastic-transport": "Apache-2.0",
    "jinja2": "BSD-3-Clause",
    "justext": "BSD-2-Clause",
    "markdown-it-py": "MIT",
    "mdurl": "MIT",
    "pebble": "LGPL-3.0-only",
    "protobuf": "BSD-3-Clause",
    "uvloop": "MIT OR Apache-2.0",
}
"""Licences that were read in the package itself, since its metadata has no SPDX expression."""
_ELSEWHERE: dict[str, str] = {
    "backports-zstd": "PSF-2.0",
    "colorama": "BSD-3-Clause",
    "fasttext-predict": "MIT",
    "fasttext-predict-v2": "MIT",
    "numpy": "BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0",
    "psutil": "BSD-3-Clause",
    "sniffio": "MIT OR Apache-2.0",
    "typing-extensions": "PSF-2.0",
    "tzdata": "Apache-2.0",
    "uvloop": "MIT OR Apache-2.0",
}
"""Of packages that some systems or Pythons do without, or have another version of."""
_SPDX = {
    "Apache 2.0": "Apache-2.0",
    "CC BY 4.0": "CC-BY-4.0",
    "CC BY-SA 3.0": "CC-BY-SA-3.0",
    "CC BY-SA 4.0": "CC-BY-SA-4.0",
    "CC0": "CC0-1.0",
    "MIT": "MIT",
    "Unicode License v3": "Unicode-3.0",
}
"""How LICENCES.md spell what SPDX has an identifier for."""
_MODELS = (".npz", ".ftz")
_HEAD = """# Licences

wirewatch itself: MIT ([LICENSE](../LICENSE)). This page is made by `python -m docs.licences`; a test holds it against a list of
licences that are accepted. `.ci/sbom` writes all that an installation is made of as CycloneDX, with versions and hashes.

## Packages

What pip installs for wirewatch, on some systems fewer; `requirements-run.lock` has versions and hashes. None is copied into
this repository. Copyleft is found in libraries only (LGPL, MPL), which stay files of their own: whoever passes an installation
on (a container image, say) passes on their licences, offers their sources, and leaves them exchangeable.

| package | licence (SPDX) |
|---|---|
"""
_DATA_HEAD = """
## Data and models that come with wirewatch

Every other file was written for it (MIT). CC BY and CC BY-SA ask to name the source: whoever passes the files on keeps the
`LICENCES.md` beside them.

| file | from | licence |
|---|---|---|
"""


@dataclass(frozen=True)
class Package:
    """A package, by its normalised name, and its licence as an SPDX expression."""

    name: str
    licence: str


@dataclass(frozen=True)
class Data:
    """A file from elsewhere, by its path, and what LICENCES.md beside it says of it; `licence` as an SPDX identifier, or ''."""

    file: str
    origin: str
    licence: str


def main() -> None:
    """Write the page, or add the data to a document."""
    if "--into" in sys.argv:
        file = Path(sys.argv[sys.argv.index("--into") + 1])
        file.write_text(json.dumps(with_data(json.loads(file.read_text("utf-8"))), indent=2), "utf-8")
        return
    (ROOT / "docs/licences.md").write_text(page(), "utf-8")
    print("wrote docs/licences.md")


def page() -> str:
    """The page."""
    packages_ = (f"| {one.name} | {one.licence} |\n" for one in packages())
    data = (f"| `{one.file}` | {one.origin} | {one.licence or 'none of its own'} |\n" for one in bundled())
    return "".join((_HEAD, *packages_, _DATA_HEAD, *data))


def packages() -> list[Package]:
    """All packages of the lock. Raises LookupError for one whose licence can't be told."""
    names = re.findall(r"^([\w.-]+)==", LOCK.read_text("utf-8"), re.MULTILINE)
    return [Package(name, _licence(name)) for name in sorted(set(names))]


def _licence(name: str) -> str:
    if known := _READ.get(name) or _ELSEWHERE.get(name):
        return known
    try:
        said = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        raise LookupError(
            f"{name} is not installed: add its licence to _ELSEWHERE in docs/licences.py"
        ) from None
    text = said.get("License-Expression") or said.get("License") or ""
    try:
        return canonicalize_license_expression(_SPDX.get(text, text))
    except InvalidLicenseExpression:
        raise LookupError(
            f"{name} says {text[:60]!r}, which is no SPDX expression: read its licence, and add it to _READ in docs/licences.py"
        ) from None


def is_allowed(expression: str, allowed: frozenset[str] = ALLOWED) -> bool:
    """Whether an SPDX expression leaves a choice that is allowed. One with brackets is refused: nobody has needed it yet."""
    choices = (choice.split(" AND ") for choice in expression.split(" OR "))
    return any(all(one in allowed for one in choice) for choice in choices)


def bundled() -> list[Data]:
    """The files from elsewhere that the LICENCES.md of the data folders name. Raises LookupError for a licence unknown here."""
    return [one for table in sorted(of_wheel("data/LICENCES.md")) for one in _of(table)]


def of_wheel(pattern: str) -> list[Path]:
    """The files that the wheel has, by the end of their path."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    folders = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    return sorted(file for folder in folders for file in (ROOT / folder).rglob(pattern))


def _of(table: Path) -> Iterator[Data]:
    for files, origin, licence in re.findall(
        r"^\| (.*`.*) \| (.*) \|(.*)\|$", table.read_text("utf-8"), re.MULTILINE
    ):
        for name in re.findall(r"`([\w.]+)`", files):
            path = table.with_name(name).relative_to(ROOT)
            yield Data(path.as_posix(), origin, _identifier(licence.partition(",")[0].strip(), table))


def _identifier(licence: str, table: Path) -> str:
    if licence and licence not in _SPDX:
        raise LookupError(f"{table}: {licence!r}: add its SPDX identifier to _SPDX in docs/licences.py")
    return _SPDX.get(licence, "")


def with_data(document: dict[str, Any]) -> dict[str, Any]:
    """A CycloneDX document with the bundled data among its components, and the licences that packages' metadata lack."""
    told = map(_with_licence, document.get("components", ()))
    return {**document, "components": [*told, *map(_component, bundled())]}


def _with_licence(component: dict[str, Any]) -> dict[str, Any]:
    name = re.sub(r"[-_.]+", "-", component["name"]).lower()
    known = _READ.get(name) or _ELSEWHERE.get(name)
    if component.get("licenses") or not known:
        return component
    return {**component, "licenses": [{"expression": known}]}


def _component(data: Data) -> dict[str, Any]:
    content = (ROOT / data.file).read_bytes()
    found = {
        "type": "machine-learning-model" if data.file.endswith(_MODELS) else "data",
        "bom-ref": data.file,
        "name": data.file,
        "description": data.origin,
        "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(content).hexdigest()}],
    }
    return found | ({"licenses": [{"license": {"id": data.licence}}]} if data.licence else {})


if __name__ == "__main__":
    main()
