import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator, ValidationError
from samples.documents import checked

from results.article import Article
from results.json_schema import json_schema, schema_name
from results.parts import Head
from wirewatch.commands.schema import DOCUMENTS, by_name, printed

FOLDER = Path(__file__).parents[3] / "docs/schema"
KINDS = pytest.mark.parametrize("kind", DOCUMENTS, ids=schema_name)


@KINDS
def test_the_schemas_in_docs_are_up_to_date(kind: type[msgspec.Struct]) -> None:
    file = FOLDER / f"{schema_name(kind).split('/')[1]}.json"
    assert file.read_text() == printed(kind), f"run: wirewatch schema {file.stem} > docs/schema/{file.name}"


def test_docs_keep_no_schema_that_is_gone() -> None:
    assert {file.stem for file in FOLDER.glob("*.json")} == set(by_name())


@KINDS
def test_each_is_a_schema_of_documents_that_name_it(kind: type[msgspec.Struct]) -> None:
    schema = json_schema(kind)
    Draft202012Validator.check_schema(schema)
    assert schema["properties"]["schema"]["enum"] == [schema_name(kind)]
    assert "schema" in schema["required"]
    assert schema["description"]


def test_fields_are_described_by_their_docstrings() -> None:
    schema = json_schema(Article)
    assert schema["properties"]["fetched"]["format"] == "date-time"
    assert schema["properties"]["seen"]["description"] == "When it was first seen in a feed."
    assert "named" in schema["$defs"]["Entity"]["properties"]["count"]["description"]


def test_an_article_has_all_that_its_head_has() -> None:
    whole, head = json_schema(Article), json_schema(Head)
    assert set(head["properties"]) <= set(whole["properties"])
    for part, of_head in (("Topic", "TopicName"), ("Entity", "EntityName")):
        assert set(head["$defs"][of_head]["properties"]) <= set(whole["$defs"][part]["properties"])


@pytest.mark.parametrize(
    "wrong", [{"kind": 1}, {"position": "x"}, {"schema": "wirewatch/error/2"}, {"query": None, "kind": None}]
)
def test_a_document_that_violates_its_schema_is_caught(wrong: dict[str, Any]) -> None:
    right = {
        "schema": "wirewatch/error/1",
        "kind": "query",
        "message": "m",
        "query": "a (b",
        "position": 2,
    }
    assert checked(json.loads(json.dumps(right)))
    with pytest.raises(ValidationError):
        checked({**right, **wrong})
