"""Validates documents against the schema that they name."""

from datetime import datetime
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from results.json_schema import json_schema
from wirewatch.commands.schema import by_name

FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time", raises=ValueError)
def is_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json_schema(by_name()[name]), format_checker=FORMATS)


def checked(document: dict[str, Any]) -> dict[str, Any]:
    """The document, if it conforms to its schema; its marks and spans must match texts in it."""
    validator(document["schema"].split("/")[1]).validate(document)
    for hit in hits_of(document):
        check_marks(hit)
    return document


def hits_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    if document["schema"].startswith("wirewatch/hit/"):
        return [document]
    return document.get("hits", [])  # type: ignore[no-any-return]


def check_marks(hit: dict[str, Any]) -> None:
    shown = hit["snippet"] or {"text": "", "marks": []}
    for text, marks in ((hit["article"]["title"], hit["title_marks"]), (shown["text"], shown["marks"])):
        for mark in marks:
            assert text[mark["start"] : mark["end"]].strip(), (text, mark)
