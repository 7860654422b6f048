"""docs/licences.md, and whether all licences in it are accepted."""

import hashlib
import json
import sys

import pytest
from samples.places import ROOT

from docs import licences
from docs.licences import ALLOWED_FOR_DATA, bundled, is_allowed, of_wheel, packages, page, with_data


def test_the_page_is_up_to_date() -> None:
    assert (ROOT / "docs/licences.md").read_text("utf-8") == page(), "python -m docs.licences"


def test_every_package_has_a_licence_that_is_accepted() -> None:
    refused = [one for one in packages() if not is_allowed(one.licence)]
    assert not refused
    assert len(packages()) > 50


@pytest.mark.parametrize(
    ("expression", "accepted"),
    [
        ("MIT", True),
        ("Apache-2.0 AND MIT", True),
        ("MPL-1.1 OR GPL-2.0-only OR LGPL-2.1-or-later", True),
        ("GPL-3.0-only", False),
        ("MIT AND GPL-3.0-only", False),
        ("AGPL-3.0-only OR SSPL-1.0", False),
        ("", False),
    ],
)
def test_a_licence_is_accepted_if_some_choice_is(expression: str, accepted: bool) -> None:
    assert is_allowed(expression) is accepted


def test_a_package_whose_licence_cannot_be_told_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lock = tmp_path_factory.mktemp("lock") / "lock"
    lock.write_text("no-such-package==1.0\n")
    monkeypatch.setattr(licences, "LOCK", lock)
    with pytest.raises(LookupError, match="no-such-package is not installed"):
        packages()
    lock.write_text("jinja2==1.0\n")
    monkeypatch.setattr(licences, "_READ", {})
    with pytest.raises(LookupError, match="jinja2 says"):
        packages()


def test_every_model_and_list_from_elsewhere_has_its_origin() -> None:
    named = {one.file for one in bundled()}
    models = {
        path.relative_to(ROOT).as_posix()
        for pattern in ("data/*.npz", "data/*.ftz")
        for path in of_wheel(pattern)
    }
    assert models
    assert models <= named
    for one in bundled():
        assert (ROOT / one.file).is_file()
        assert one.origin
        assert not one.licence or one.licence in ALLOWED_FOR_DATA


def test_data_join_the_packages_of_an_sbom(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    sbom = tmp_path_factory.mktemp("sbom") / "sbom.json"
    sbom.write_text(json.dumps({"specVersion": "1.6", "components": [{"name": "click"}]}))
    monkeypatch.setattr(sys, "argv", ["licences", "--into", str(sbom)])
    licences.main()
    document = json.loads(sbom.read_text())
    assert document == with_data({"specVersion": "1.6", "components": [{"name": "click"}]})
    found = {one["name"]: one for one in document["components"]}
    assert set(found) == {"click", *(one.file for one in bundled())}
    model = found["enrich/data/lid.176.ftz"]
    assert model["type"] == "machine-learning-model"
    assert model["licenses"] == [{"license": {"id": "CC-BY-SA-3.0"}}]
    content = (ROOT / "enrich/data/lid.176.ftz").read_bytes()
    assert model["hashes"][0]["content"] == hashlib.sha256(content).hexdigest()


def test_a_package_that_does_not_tell_its_licence_gets_it_in_the_sbom() -> None:
    told = {"name": "uvloop", "licenses": [{"license": {"id": "MIT"}}]}
    document = with_data({"components": [{"name": "chardetng_py"}, told, {"name": "unheard-of"}]})
    assert document["components"][:3] == [
        {"name": "chardetng_py", "licenses": [{"expression": "MIT"}]},
        told,
        {"name": "unheard-of"},
    ]
