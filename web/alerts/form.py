"""The form of an alert: from its fields to the keys of alerts.toml, and back."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from multidict import MultiMapping

from stream.errors import FieldError
from web.access.person import person

TEXTS = ("name", "query", "updates", "within", "failing_for", "quiet", "zone", "throttle", "digest_at")
LISTS = ("sources", "languages")
"""Written with commas between them."""
CHOICES: Mapping[str, Sequence[str]] = {
    "about": ("articles", "edits", "sources"),
    "severity": ("info", "warning", "critical"),
    "of": ("articles", "outlets"),
    "same_story": ("", "yes", "no"),
    "digest": ("", "hourly", "daily"),
}
"""Each with its default first."""
CHANGES = (
    *("headline", "correction", "number", "name", "removed", "added", "text"),
    *("paywalled", "withdrawn", "restored"),
)
_DEFAULTS = {"within": "1h", "failing_for": "6h", "zone": "UTC", "digest_at": "08:00", "at_least": "1"}
_MOST_DIGITS = 6


class Fields(msgspec.Struct, frozen=True):
    """What the form shows: a text a field, and the boxes that are ticked."""

    texts: Mapping[str, str]
    channels: tuple[str, ...] = ("file",)
    changes: tuple[str, ...] = ()
    each: bool = False
    to: str = ""
    """A URL that it is sent to besides."""


def fields_of(table: Mapping[str, Any]) -> Fields:
    """The form that shows an alert."""
    texts = {name: str(table.get(name, _DEFAULTS.get(name, ""))) for name in (*TEXTS, "at_least")}
    texts |= {name: ", ".join(table.get(name, ())) for name in LISTS}
    texts |= {name: str(table.get(name, known[0])) for name, known in CHOICES.items()}
    same = table.get("same_story")
    texts["same_story"] = "" if same is None else ("yes" if same else "no")
    return Fields(
        texts,
        tuple(table.get("channels", ("file",))),
        tuple(table.get("changes", ())),
        each=not table.get("first_in_story", True),
    )


def fields_from(posted: MultiMapping[str]) -> Fields:
    """What a person has filled in."""
    shown = fields_of({})
    texts = {name: posted.get(name, default).strip() for name, default in shown.texts.items()}
    return Fields(
        texts,
        tuple(posted.getall("channels", [])) if "sent" in posted else shown.channels,
        tuple(posted.getall("changes", [])),
        each="each" in posted,
        to=posted.get("to", "").strip(),
    )


def check_addresses(urls: Sequence[str]) -> None:
    """Raise FieldError if whoever asks may not add addresses to send to: this server calls them from within its network."""
    if urls and not person().may("admin"):
        raise FieldError(
            "the alert", "to", "only an admin adds an address to send to; choose one of the channels"
        )


def table_of(fields: Fields) -> dict[str, Any]:
    """The alert of a form: the keys that differ from their defaults; raises FieldError for what is no number."""
    blank, texts = fields_of({}).texts, fields.texts
    table: dict[str, Any] = {
        name: texts[name] for name in ("about", *TEXTS) if texts[name] and texts[name] != blank[name]
    }
    table |= {name: texts[name] for name in ("severity", "of", "digest") if texts[name] != blank[name]}
    table |= {name: found for name in LISTS if (found := _listed(texts[name]))}
    if texts["at_least"] not in ("", "1"):
        table["at_least"] = _number(texts["at_least"])
    if texts["same_story"]:
        table["same_story"] = texts["same_story"] == "yes"
    if fields.each:
        table["first_in_story"] = False
    if fields.changes:
        table["changes"] = list(fields.changes)
    if fields.channels != ("file",):
        table["channels"] = list(fields.channels)
    return table


def _listed(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise FieldError("the alert", "at_least", "expected a whole number from 1 to 1,000")
    return int(text)
